// The map: drawn by the browser where it can, as a picture and a list where it cannot.
import assert from "node:assert/strict";
import { OFFICE, PASSWORD, PHONE, overflow, signIn, test } from "./rig.mjs";

/** The page with the map that moves, once it stands. */
async function map(page, path) {
  await page.goto(path);
  await page.locator("#map[data-drawn=yes]").waitFor({ timeout: 60_000 });
  return page.locator("#map canvas").first();
}

test("map: a province is drawn, chosen by keyboard and by its list", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  const canvas = await map(page, "/map?within=94&layer=overdue");
  assert.equal(await page.locator("#map-list tr[data-unit]").count(), 109);
  assert.ok(await page.locator("#map-schematic").isVisible(), "a fresh system says that this is no boundary");

  // By keyboard: Enter chooses what lies in the middle.
  await canvas.focus();
  await page.keyboard.press("Enter");
  const chosen = page.locator("#map-unit h2");
  await page.locator("#map-unit a").first().waitFor();
  assert.match(await chosen.innerText(), /^(Xã|Phường|Thị trấn) /);

  // By the list: what has the focus there is shown beside the map.
  const row = page.locator("#map-list tr[data-unit]").nth(5);
  await row.locator("a").first().focus();
  assert.equal(await chosen.innerText(), await row.getAttribute("data-name"));

  // By its name.
  await page.locator("#map-find").fill("Xã Xuân Hòa, Huyện Kế Sách");
  await page.locator("#map-find").press("Tab");
  assert.equal(await chosen.innerText(), "Xã Xuân Hòa, Huyện Kế Sách");
}, { viewport: OFFICE });

test("map: the layer of reports moves by days, and the address says which", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await map(page, "/map?within=94&layer=reports");
  const slider = page.locator(".vx-days");
  assert.match(await page.locator("#map-legend").innerText(), /13\/9\/2021/);
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL(/on=2021-09-12/);
  await page.locator("#map-legend", { hasText: "12/9/2021" }).waitFor();
  assert.equal(await page.locator("#map-day").inputValue(), "2021-09-12");
}, { viewport: OFFICE });

test("map: without script there are a picture and a list that say the same", async ({ page }) => {
  await signIn(page, "huyen.canbo", PASSWORD);
  await page.goto("/map");
  const rows = page.locator("#map-list tr[data-unit]");
  assert.equal(await rows.count(), 13, "the communes of one's district");
  assert.equal(await page.locator("svg.vx-drawn .vx-area").count(), 13);
  for (const row of await rows.all()) {
    const [name, sign] = [await row.getAttribute("data-name"), await row.getAttribute("data-sign")];
    assert.equal(await page.locator(`svg.vx-drawn a[aria-label^="${name}:"]`).count(), 1, name);
    const drawn = page.locator(`svg.vx-drawn text[data-sign-of="${await row.getAttribute("data-unit")}"]`);
    assert.equal((await drawn.evaluate((text) => text.firstChild?.textContent)) ?? "", sign, name);
  }
}, { viewport: PHONE, javaScriptEnabled: false });

test("map: on a telephone nothing is wider than the screen", async ({ page }) => {
  await signIn(page, "huyen.canbo", PASSWORD);
  await map(page, "/map");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
}, { viewport: PHONE });

for (const [name, viewport] of [["office", OFFICE], ["telephone", PHONE]]) {
  test(`map (${name}): the epidemic of the place stands beside the map and goes with the day`, async ({ page }) => {
    await signIn(page, "vanphong", PASSWORD);
    await map(page, "/map?within=94&layer=level");
    const panel = page.locator("#map-situation");
    assert.equal(await panel.locator(".vx-chart-small > svg").count(), 2, "curve and R");
    assert.match(await panel.innerText(), /ngày 12\/9\/2021/, "in the morning of the 13th");
    assert.equal(await overflow(page), 0);
    // Beside the map where there is room, below it where there is none.
    const [beside, drawn] = [await panel.boundingBox(), await page.locator("#map").boundingBox()];
    if (viewport === OFFICE) assert.ok(beside.x >= drawn.x + drawn.width && beside.y < drawn.y + drawn.height);
    else assert.ok(beside.y >= drawn.y + drawn.height);
    await page.locator(".vx-days").focus();
    for (let day = 0; day < 3; day++) await page.keyboard.press("ArrowLeft");
    await page.waitForURL(/on=2021-09-10/);
    await page.locator("#map-situation", { hasText: "ngày 10/9/2021" }).waitFor();
    assert.equal(await overflow(page), 0);

    // What is chosen leads to its course; the figures of the place stay.
    await page.locator("#map-find").fill("Xã Xuân Hòa, Huyện Kế Sách");
    await page.locator("#map-find").press("Tab");
    const course = page.locator("#map-unit a[href^='/zones/course?unit=94/943/31534/']");
    await course.waitFor();
    assert.match(await page.locator("#map-unit").innerText(), /Mở trang đơn vị/);
    await course.click();
    await page.locator("#course-curve").waitFor();
  }, { viewport });
}

test("map: without script the panel follows the form", async ({ page }) => {
  await signIn(page, "huyen.canbo", PASSWORD);
  await page.goto("/map");
  await page.locator("#map-day").selectOption("2021-09-11");
  await page.locator("#map-controls button[type=submit]").click();
  assert.match(await page.locator("#map-situation").innerText(), /ngày 11\/9\/2021/);
  assert.match(await page.locator("#map-situation h2").innerText(), /Kế Sách/);
}, { viewport: PHONE, javaScriptEnabled: false });
