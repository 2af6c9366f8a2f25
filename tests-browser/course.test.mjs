// The course of the epidemic and the flash briefing: charts that lead somewhere, tables that say the same.
import assert from "node:assert/strict";
import { OFFICE, PASSWORD, PHONE, overflow, signIn, test } from "./rig.mjs";

for (const [name, viewport] of [["office", OFFICE], ["telephone", PHONE]]) {
  test(`course (${name}): charts fit, have their tables, and their marks lead to the rows`, async ({ page }) => {
    await signIn(page, "vanphong", PASSWORD);
    await page.goto("/zones/course?unit=94/");
    assert.equal(await overflow(page), 0);
    assert.ok(await page.locator(".vx-chart > svg").count() >= 4);
    const days = page.locator("#course-curve .vx-chart a");
    assert.equal(await days.count(), 60);
    await page.locator("#course-days > summary").click();
    assert.equal(await page.locator("#course-days tbody tr").count(), 60);
    // The newest mark and the first line of the table lead to the same rows.
    const href = await days.last().getAttribute("href");
    assert.equal(await page.locator("#course-days tbody tr a").first().getAttribute("href"), href);
    await page.goto(href);
    await page.locator("h1").waitFor();
    await page.goto("/briefing?unit=94/");
    assert.equal(await overflow(page), 0);
    await page.locator("#briefing-documents button[type=submit]").click();
    await page.waitForURL(/\/papers\//);
  }, { viewport });
}

test("course: the map moves by days on the layer of incidence", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto("/map?within=94&layer=incidence");
  await page.locator("#map[data-drawn=yes]").waitFor({ timeout: 60_000 });
  const slider = page.locator(".vx-days");
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL(/on=2021-09-12/);
  await page.locator("#map-legend", { hasText: "12/9/2021" }).waitFor();
}, { viewport: OFFICE });
