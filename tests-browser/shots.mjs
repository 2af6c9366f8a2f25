// Pictures of pages for looking at: 1440 and 390 px wide, light and dark, and in print.
//   node shots.mjs FOLDER [--url URL] [--login NAME --password WORD] [--lang en] [--theme light] PATH...
// Without --url it starts $VX_BIN with a fresh demo. Reports overflow and complaints per page.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openPage, overflow, signIn, startBrowser, startServer } from "./rig.mjs";

const text = { type: "string" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: text, login: text, password: text, lang: text, theme: text, width: text },
});
const [folder, ...paths] = positionals;
if (!folder || paths.length === 0) {
  console.log("node shots.mjs FOLDER [--url URL] [--login NAME --password WORD] [--lang en] [--theme light|dark|print] [--width 390] PATH...");
  process.exit(2);
}
const widths = values.width ? [Number(values.width)] : [1440, 390];
const themes = values.theme ? [values.theme] : ["light", "dark", "print"];
await mkdir(folder, { recursive: true });

const server = values.url ? { url: new URL(values.url).origin, stop: async () => {} } : await startServer();
const browser = await startBrowser();
let complaints = 0;
try {
  for (const width of widths) {
    const viewport = { width, height: width < 600 ? 844 : 900 };
    const phone = width < 600 ? { isMobile: true, hasTouch: true } : {};
    const locale = values.lang === "en" ? "en-GB" : "vi-VN";
    const { page, problems, close } = await openPage(browser, server.url, { viewport, locale, ...phone });
    if (values.lang) await page.goto(`/prefer?lang=${values.lang}&next=/login`);
    if (values.login) await signIn(page, values.login, values.password ?? "");
    for (const path of paths) {
      for (const theme of themes) {
        if (theme === "print" && width < 600) continue;
        problems.length = 0;
        await page.emulateMedia({ media: theme === "print" ? "print" : "screen", reducedMotion: "reduce" });
        const answer = await page.goto(path);
        const shade = theme === "dark" ? "dark" : "light";
        await page.evaluate((value) => { document.documentElement.dataset.bsTheme = value; }, shade);
        await page.evaluate(() => document.fonts.ready);
        const wider = await overflow(page);
        const name = `${path.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "home"}-${width}-${theme}.png`;
        await page.screenshot({ path: join(folder, name), fullPage: true });
        const notes = [...problems];
        if (answer && answer.status() >= 400) notes.push(`status ${answer.status()}`);
        if (wider > 0 && theme !== "print") notes.push(`${wider} px wider than the window`);
        complaints += notes.length;
        console.log(`${name}: ${notes.length === 0 ? "fine" : `\n  ${notes.join("\n  ")}`}`);
      }
    }
    await close();
  }
} finally {
  await browser.close();
  await server.stop();
}
console.log(`${complaints} complaints`);
