// Runs every *.test.mjs here, or those named, one after the other against one server with the demo.
// The last line is `N passed, N failed`.
import { mkdir, readdir } from "node:fs/promises";
import { openPage, startBrowser, startServer, tests } from "./rig.mjs";

const folder = new URL(".", import.meta.url);
const named = process.argv.slice(2);
const files = (await readdir(folder)).filter((file) => file.endsWith(".test.mjs")).sort();
for (const file of files) {
  if (named.length === 0 || named.some((name) => file.startsWith(name))) await import(new URL(file, folder));
}

const server = await startServer();
const browser = await startBrowser();
let passed = 0;
const failed = [];
try {
  for (const { name, work, options } of tests()) {
    const start = Date.now();
    const { page, problems, close } = await openPage(browser, server.url, options);
    try {
      await work({ page, problems, browser, url: server.url });
      if (problems.length > 0) throw new Error(`the page complained:\n  ${problems.join("\n  ")}`);
      passed += 1;
      console.log(`PASS ${name} (${Date.now() - start} ms)`);
    } catch (error) {
      const said = `FAIL ${name}\n${error.stack ?? error}`;
      failed.push(said);
      console.log(said);
      await mkdir(new URL("failures/", folder), { recursive: true });
      const picture = new URL(`failures/${name.replace(/[^\p{L}\p{N}]+/gu, "-")}.png`, folder).pathname;
      await page.screenshot({ path: decodeURIComponent(picture) })
        .then(() => console.log(`at ${page.url()}, picture: ${decodeURIComponent(picture)}`), () => {});
    } finally {
      await close();
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
// Whoever sees only the end of a log should see why.
if (failed.length > 0) console.log(`\nlast output of the server:\n${server.output()}\n\n${failed.join("\n\n")}`);
console.log(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length > 0 || passed === 0 ? 1 : 0;
