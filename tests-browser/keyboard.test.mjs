// The program by keyboard alone: no click in this file.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { OFFICE, PASSWORD, signIn, test } from "./rig.mjs";

/** What has the focus, in a word or two. */
const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  return element ? `${element.tagName.toLowerCase()} ${(element.textContent ?? "").trim().slice(0, 60)}` : "";
});

/** Whoever presses keys must see where they are. */
async function showsFocus(page) {
  const seen = await page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return "nothing has the focus";
    const style = getComputedStyle(element);
    // A file field lies unseen over the zone that is outlined for it.
    const marked = [element, element.closest(".vx-drop")].some((each) => each && parseFloat(getComputedStyle(each).outlineWidth) > 0 && getComputedStyle(each).outlineStyle !== "none");
    const { width, height } = element.getBoundingClientRect();
    return marked && width > 0 && height > 0 ? "" : `${element.outerHTML.slice(0, 120)} shows no focus (${style.outlineStyle} ${style.outlineWidth})`;
  });
  assert.equal(seen, "");
}

const at = (page) => page.locator("[data-rows] > .vx-at");

async function press(page, key, times = 1) {
  for (let n = 0; n < times; n += 1) await page.keyboard.press(key);
}

/** Presses a key that leads to another page. */
async function go(page, key, pattern) {
  await Promise.all([page.waitForURL(pattern), page.keyboard.press(key)]);
  await page.waitForLoadState();
}

test("keyboard: through the inbox, into a task and back to the same row", async ({ page }) => {
  await signIn(page, "huyen.canbo", PASSWORD);
  await page.goto("/inbox");
  await press(page, "j", 3);
  await press(page, "k");
  assert.equal(await at(page).count(), 1);
  await showsFocus(page);
  const rows = page.locator("[data-rows] > *");
  const row = await at(page).evaluate((element) => [...document.querySelectorAll("[data-rows] > *")].indexOf(element));
  assert.equal(row, 1, "three down, one up");
  const task = await at(page).locator("a").first().getAttribute("href");
  await go(page, "Enter", `**${task}`);
  await page.goBack();
  await page.waitForLoadState();
  await at(page).waitFor();
  assert.equal(await rows.nth(row).locator("a").first().getAttribute("href"), task);
  assert.ok(await rows.nth(row).evaluate((element) => element.classList.contains("vx-at")), "the row one came from");
  await showsFocus(page);

  // k at the first row stays there.
  await press(page, "k", 5);
  assert.ok(await rows.first().evaluate((element) => element.classList.contains("vx-at")));
}, { viewport: OFFICE });

test("keyboard: rows are marked and dealt with together", async ({ page }) => {
  await signIn(page, "xa.canbo", PASSWORD);
  await page.goto("/inbox");
  const picks = await page.locator("[data-rows] input[data-pick]").count();
  assert.ok(picks > 0, "the demo leaves the commune something to acknowledge");
  assert.equal(await page.locator(".vx-bulk").isVisible(), false);
  const rows = await page.locator("[data-rows] > *").count();
  for (let step = 0; step < rows; step += 1) {
    await press(page, "j");
    if (await at(page).locator("input[data-pick]").count() > 0) break;
  }
  await press(page, "x");
  assert.equal(await page.locator("[data-rows] input[data-pick]:checked").count(), 1);
  assert.equal(await page.locator(".vx-bulk").isVisible(), true);
  assert.equal((await page.locator("[data-picked]").innerText()).trim(), "1");
  // Forward to the button of the bar and press it.
  for (let step = 0; step < 400; step += 1) {
    await press(page, "Tab");
    if (await page.evaluate(() => document.activeElement?.closest(".vx-bulk") !== null)) break;
  }
  await showsFocus(page);
  // The answer is the inbox as it is now, with what became of the press above it.
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  assert.equal(await page.locator("[data-rows] input[data-pick]").count(), picks - 1);
}, { viewport: OFFICE });

test("keyboard: Enter goes from finding to finding of a dispatch", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto("/directives");
  // Units that do not exist are asked for, each a finding.
  const text = (await readFile(new URL("fixtures/9100.txt", import.meta.url), "utf8"))
    .replace("9100", "9102").replace("1. UBND xã Xuân Hòa, huyện Kế Sách", "1. UBND huyện Mường Nhé").replace("2. UBND huyện Kế Sách", "2. UBND huyện Mường Tè");
  await Promise.all([
    page.waitForURL(/\/directives\/[0-9a-f-]{36}/),
    page.locator('input[type="file"]').setInputFiles({ name: "9102.txt", mimeType: "text/plain", buffer: Buffer.from(text) }),
  ]);
  await page.goto("/directives?state=received");
  await press(page, "j");
  await go(page, "Enter", /\/directives\/[0-9a-f-]{36}/);
  const open = await page.locator(".vx-finding:not(.vx-finding-settled)").count();
  assert.ok(open > 1, "the dispatch that waits has findings");
  const here = () => page.evaluate(() => [...document.querySelectorAll(".vx-finding:not(.vx-finding-settled)")].findIndex((finding) => finding.classList.contains("vx-here")));
  await press(page, "n");
  assert.equal(await here(), 0);
  await showsFocus(page);
  await press(page, "n");
  assert.equal(await here(), 1);
  await press(page, "n", open - 1);
  assert.equal(await here(), 0, "round again after the last");
  // Away from any control, Enter does the same.
  await page.evaluate(() => { if (document.activeElement instanceof HTMLElement) document.activeElement.blur(); });
  await press(page, "Enter");
  assert.equal(await here(), 1);
}, { viewport: OFFICE });

test("keyboard: skip link, search, menu and the list of keys", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto("/tasks");
  await press(page, "Tab");
  assert.match(await focused(page), /Chuyển đến nội dung chính/);
  await showsFocus(page);
  await press(page, "Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "main");

  // "/" leads to the search; there, keys are letters.
  await press(page, "/");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("type")), "search");
  await page.keyboard.type("jkx?n/");
  assert.equal(await page.evaluate(() => document.activeElement instanceof HTMLInputElement && document.activeElement.value), "jkx?n/");
  assert.equal(await at(page).count(), 0);
  assert.equal(await page.locator("dialog[open]").count(), 0);

  // Past the bell the menu opens by Enter, and closes by Escape or when one goes on.
  await press(page, "Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.hasAttribute("data-bell")), true);
  await press(page, "Tab");
  assert.match(await focused(page), /Trần Ngọc Lan/);
  await press(page, "Enter");
  assert.equal(await page.locator("details.vx-menu[open]").count(), 1);
  await press(page, "Tab");
  await showsFocus(page);
  await press(page, "Escape");
  assert.equal(await page.locator("details.vx-menu[open]").count(), 0);
  assert.match(await focused(page), /^summary/);
  await press(page, "Enter");
  for (let step = 0; step < 12 && await page.locator("details.vx-menu[open]").count() > 0; step += 1) await press(page, "Tab");
  assert.equal(await page.locator("details.vx-menu[open]").count(), 0, "it does not stay open behind one's back");

  // "?" lists the keys; while it is open the others do nothing, and the focus comes back.
  await page.evaluate(() => { if (document.activeElement instanceof HTMLElement) document.activeElement.blur(); });
  await press(page, "j");
  const before = await focused(page);
  await press(page, "?");
  await page.locator("dialog#keys[open]").waitFor();
  assert.match(await page.locator("dialog#keys").innerText(), /đến ô tìm kiếm/);
  await press(page, "j");
  assert.equal(await page.evaluate(() => [...document.querySelectorAll("[data-rows] > *")].findIndex((row) => row.classList.contains("vx-at"))), 0);
  await press(page, "Tab", 3);
  assert.equal(await page.evaluate(() => document.activeElement === document.body || document.querySelector("dialog")?.contains(document.activeElement)), true);
  await press(page, "Escape");
  assert.equal(await page.locator("dialog[open]").count(), 0);
  assert.equal(await focused(page), before);
}, { viewport: OFFICE });

test("keyboard: Tab goes through every page and out at the end", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto("/directives?state=received");
  const review = await page.locator("[data-rows] a").first().getAttribute("href");
  await page.goto("/tasks");
  const task = await page.locator("[data-rows] a").first().getAttribute("href");
  for (const path of ["/", "/inbox", "/directives", review, task, "/units", "/accounts", "/search?q=ke%20sach"]) {
    await page.goto(path);
    let [last, same] = [null, 0];
    const seen = new Set();
    for (let step = 0; step < 700; step += 1) {
      await press(page, "Tab");
      const here = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        element.dataset.tabbed ??= String(document.querySelectorAll("[data-tabbed]").length + 1);
        return element.dataset.tabbed;
      });
      if (here === null || (seen.has(here) && here === "1")) break;
      // A field for a day has parts of its own: day, month, year and the calendar.
      same = here === last ? same + 1 : 0;
      assert.ok(same < 6, `${path}: the focus is caught in ${await focused(page)}`);
      if (step < 40) await showsFocus(page);
      seen.add(here);
      last = here;
    }
    assert.ok(seen.size > 2, path);
  }
}, { viewport: OFFICE });
