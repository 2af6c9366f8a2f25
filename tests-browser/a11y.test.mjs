// Every page of the program, for several people, against axe-core: nothing serious or critical, nothing wider than the
// window. The pages are asked from the program itself and the records found by following links, so that a page added
// tomorrow is looked at without a word here.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { OFFICE, PASSWORD, PHONE, openPage, overflow, signIn, test } from "./rig.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// Records of one kind differ in state: so many of each are looked at.
const SAMPLES_MAX = 3;
// Not pages: the stream of the bell, what leads on at once (also to a sign-on provider, which has a test of its own), what programs ask for, and files.
const LEFT_OUT = /^\/prefer$|^\/notices\/stream$|^\/login\/single|^\/reports\/\{id\}\/of$|^\/map\/tile\/|^\/public\/alerts|^\/api\/|\.(csv|ics|xlsx|json)$|\/files?(\/|$)/;

const ROUTES = execFileSync(process.env.VX_BIN, ["routes"], { encoding: "utf8" })
  .trim().split("\n").map((line) => JSON.parse(line))
  .filter(({ method, path }) => method === "GET" && !LEFT_OUT.test(path));
// Fixed words before places: /units/new is not a unit.
const PATTERNS = ROUTES
  .map(({ path }) => ({ path, fits: new RegExp(`^${path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\*\w+\}/g, ".+").replace(/\{\w+\}/g, "[^/]+")}$`) }))
  .sort((a, b) => a.path.split("{").length - b.path.split("{").length);
const routeOf = (pathname) => PATTERNS.find(({ fits }) => fits.test(pathname))?.path;

// Pages of records that the demo does not have: the preview and the drawn pages of a document (a button, and pictures), an import of a folder or of figures, figures of a task with targets, an edition of boundaries and its rejected features, the document of a decision on zones, rejected rows of imports, a form that was brought as a file.
const WITHOUT_RECORD = ["/reports/forms/{code}/toml", "/boundaries/{id}", "/boundaries/{id}/file", "/papers/{id}/preview", "/papers/{id}/page/{n}", "/directives/import/{id}", "/reports/{id}/imports/{import}", "/reports/{id}/import/rejected/{kind}", "/tasks/{id}/tallies", "/tasks/{id}/progress/{kind}", "/zones/import/rejected/{kind}", "/sites/import/rejected/{kind}", "/zones/decisions/{id}"];

/** Whatever of a kind no page of any of these people has led to so far. */
const reached = new Set();

/** Follows links from page to page and hands each one to `look`, a few of every kind. */
async function everyPage(page, look) {
  const seen = new Map();
  const waiting = ROUTES.map(({ path }) => path).filter((path) => !path.includes("{"));
  const looked = [];
  while (waiting.length > 0) {
    const path = waiting.shift();
    const { pathname, search } = new URL(path, page.url());
    const route = routeOf(pathname);
    if (!route) continue;
    const known = seen.get(route) ?? [];
    if (known.includes(pathname + search) || known.length >= SAMPLES_MAX) continue;
    // Files are downloads, and what this person may not see is not there: neither is a page to look at.
    const answer = await page.request.get(pathname + search, { maxRedirects: 0 });
    const kind = answer.headers()["content-type"] ?? "";
    if (answer.status() < 400) reached.add(route);
    if (answer.status() >= 300 || !kind.startsWith("text/html")) continue;
    seen.set(route, [...known, pathname + search]);
    await page.goto(pathname + search);
    looked.push(pathname + search);
    await look(page);
    // In a picture an href is an object; the attribute is the same everywhere.
    for (const link of await page.$$eval("a[href]", (links) => links.map((link) => new URL(link.getAttribute("href") ?? "", document.baseURI).href))) {
      const { origin, pathname: to, search: query } = new URL(link);
      if (origin === new URL(page.url()).origin && !query.includes("next=")) waiting.push(to + query);
    }
  }
  return looked;
}

/** What axe finds on the page, as lines; the serious ones are kept in `found`. */
async function judge(page, found, known) {
  await page.evaluate(() => document.fonts.ready);
  const wider = await overflow(page);
  if (wider > 0) found.push(`${page.url()} is ${wider} px wider than a window of ${page.viewportSize().width}`);
  // Everything that is folded away is looked at as well.
  await page.evaluate(() => { for (const box of document.querySelectorAll("main details")) box.open = true; });
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, impact, help, nodes } of violations) {
    const line = `${impact} ${id}: ${help}\n    ${nodes.slice(0, 3).map((node) => `${node.target} ${node.html.slice(0, 160)}\n      ${(node.failureSummary ?? "").split("\n").slice(1, 3).join(" ")}`).join("\n    ")}`;
    if (impact === "serious" || impact === "critical") found.push(`${new URL(page.url()).pathname}\n  ${line}`);
    else if (!known.has(id)) {
      known.add(id);
      console.log(`  ${impact} (only told): ${id} on ${new URL(page.url()).pathname}: ${help}`);
    }
  }
}

async function prefer(page, lang, theme) {
  const { origin } = new URL(page.url());
  await page.context().addCookies([{ name: "vx_lang", value: lang, url: origin }, { name: "vx_theme", value: theme, url: origin }]);
}

/** Looks at every page of a person. */
function everyPageOf(login, lang, theme, viewport) {
  test(`axe: ${login ?? "nobody"}, ${lang}, ${theme}, ${viewport.width} px`, async ({ page, problems }) => {
    const [found, known] = [[], new Set()];
    if (login) await signIn(page, login, PASSWORD);
    else await page.goto("/login");
    await prefer(page, lang, theme);
    const looked = await everyPage(page, (each) => judge(each, found, known));
    if (login) {
      // A page that is not there is a page too.
      await page.goto("/there-is-no-such-page");
      await judge(page, found, known);
      problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes("404 (Not Found)")));
    }
    console.log(`  ${looked.length} pages`);
    assert.equal(found.length, 0, `\n${found.join("\n")}`);
  }, { viewport, reducedMotion: "reduce" });
}

everyPageOf(null, "vi", "light", PHONE);
everyPageOf("vanphong", "vi", "light", OFFICE);
everyPageOf("vanphong", "en", "dark", PHONE);
everyPageOf("quantri", "vi", "dark", OFFICE);
everyPageOf("xa.canbo", "vi", "light", PHONE);

test("axe: the longest name of a unit fits a telephone", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  const [head, ...rows] = (await (await page.request.get("/units.csv")).text()).trim().split("\n").map((line) => line.split(","));
  const column = (name) => head.findIndex((each) => each.replace(/^\uFEFF/, "") === name);
  const [key, full] = [column("key"), column("full_name")];
  const longest = rows.reduce((one, other) => ((other[full] ?? "").length > (one[full] ?? "").length ? other : one));
  assert.ok(longest[full].length > 30, longest[full]);
  const found = [];
  for (const path of [`/units/${longest[key]}`, `/units?q=${encodeURIComponent(longest[full].replaceAll('"', ""))}`, `/search?q=${encodeURIComponent(longest[full].replaceAll('"', ""))}`]) {
    await page.goto(path);
    await judge(page, found, new Set());
  }
  assert.equal(found.length, 0, found.join("\n"));
}, { viewport: PHONE });

test("axe: charts that are looked at closely", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto("/zones/course?unit=94/");
  for (const box of await page.locator("[data-chart]").all()) {
    await box.locator("[data-chart-open]").click();
    await box.locator("canvas").first().waitFor();
  }
  const found = [];
  await judge(page, found, new Set());
  assert.equal(found.length, 0, found.join("\n"));
}, { viewport: PHONE });

test("axe: no page was left out", async () => {
  const left = ROUTES.map(({ path }) => path).filter((path) => !reached.has(path) && !WITHOUT_RECORD.includes(path));
  assert.deepEqual(left, [], "no page of these people leads there");
});
