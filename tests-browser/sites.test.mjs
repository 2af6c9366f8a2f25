// Sites: marks over the map by kind, told beside it and listed below; a list and a picture without script.
import assert from "node:assert/strict";
import { OFFICE, PASSWORD, PHONE, signIn, test } from "./rig.mjs";

test("map: sites are chosen by kind, marked, told and listed", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto("/map?within=94&layer=level&sites=hospital");
  await page.locator("#map[data-drawn=yes][data-points]").waitFor({ timeout: 60_000 });
  const rows = page.locator("#map-points tr[data-point]");
  const hospitals = await rows.count();
  assert.ok(hospitals > 3, "the demo has hospitals");
  assert.equal(Number(await page.locator("#map").getAttribute("data-points")), hospitals);
  // Another kind without a new page; the address says so, and paper would show it.
  await page.locator('input[name="sites"][value="checkpoint"]').check();
  await page.waitForFunction((n) => Number(document.getElementById("map")?.dataset.points) > n, hospitals);
  assert.match(page.url(), /sites=checkpoint&sites=hospital/);
  assert.equal(await rows.count(), await page.locator("svg.vx-drawn .vx-point").count());
  // What has the focus in the list is told beside the map, with its telephone and the way to its page.
  const first = rows.first().locator("a").first();
  await first.focus();
  assert.equal(await page.locator("#map-point h2").innerText(), await first.innerText());
  assert.equal(await page.locator('#map-point a[href^="tel:0299300"]').count(), 1);
  await page.locator('#map-point a[href^="/sites/"]').click();
  await page.locator("h1").waitFor();
  assert.match(page.url(), /\/sites\/[0-9a-f-]{36}$/);
}, { viewport: OFFICE });

test("map: without script sites are a picture and a list", async ({ page }) => {
  await signIn(page, "huyen.canbo", PASSWORD);
  await page.goto("/map?within=943");
  await page.locator("details.vx-points > summary").click();
  await page.locator('input[name="sites"][value="market"]').check();
  await page.locator('#map-controls button[type="submit"]').click();
  const rows = page.locator("#map-points tr[data-point]");
  assert.equal(await rows.count(), 2, "An Lạc Thôn and Xuân Hòa");
  assert.equal(await page.locator("svg.vx-drawn .vx-point").count(), 2);
}, { viewport: PHONE, javaScriptEnabled: false });
