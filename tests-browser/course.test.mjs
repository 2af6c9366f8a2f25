// The course of the epidemic and the flash briefing: charts that lead somewhere, tables that say the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

for (const [name, viewport] of [["office", OFFICE], ["telephone", PHONE]]) {
  test(`course (${name}): a chart is looked at closely, read by keys and pointer, zoomed and kept as a picture`, async ({ page }) => {
    await signIn(page, "vanphong", PASSWORD);
    await page.goto("/zones/course?unit=94/");
    for (const place of ["#course-curve", "#course-r", "#course-calendar", "#course-commitments"]) {
      const box = page.locator(`${place} [data-chart]`);
      const [drawn, live, said] = [".vx-chart", "[data-chart-live]", "[data-chart-said]"].map((part) => box.locator(part));
      await box.locator("[data-chart-open]").click();
      const canvas = live.locator("canvas").first();
      await canvas.waitFor();
      assert.ok(!(await drawn.isVisible()), `${place}: one of both is seen`);
      assert.equal(await overflow(page), 0);
      // The keys begin at the newest day, and say what the mark of the drawing says.
      await live.press("ArrowLeft");
      const [words, href] = [await said.locator("a").textContent(), await said.locator("a").getAttribute("href")];
      const marks = await box.locator("[data-mark]").evaluateAll((all) => all.map((one) => [one.getAttribute("aria-label"), one.getAttribute("href"), one.dataset.mark]));
      const newest = Math.max(...marks.filter(([, , mark]) => mark.startsWith("0 ")).map(([, , mark]) => Number(mark.split(" ")[1])));
      assert.deepEqual([words, href], marks.find(([, , mark]) => mark === `0 ${newest}`).slice(0, 2), place);
      // The pointer says what it is over.
      const at = await canvas.boundingBox();
      await page.mouse.move(at.x + at.width * 0.6, at.y + at.height - 100);
      const over = await said.locator("a").textContent();
      assert.ok(marks.some(([words]) => words === over), over);
      // The wheel with Ctrl zooms.
      const before = await canvas.evaluate((one) => one.toDataURL());
      await page.keyboard.down("Control");
      await page.mouse.wheel(0, -400);
      await page.keyboard.up("Control");
      await page.waitForFunction(([one, before]) => one.toDataURL() !== before, [await canvas.elementHandle(), before]);
      const download = page.waitForEvent("download");
      await box.locator("[data-chart-save]").click();
      const picture = await download;
      assert.match(picture.suggestedFilename(), /^[a-z0-9-]+\.png$/);
      assert.deepEqual([...readFileSync(await picture.path()).subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
      await page.emulateMedia({ media: "print" });
      assert.deepEqual([await drawn.isVisible(), await live.isVisible()], [true, false], `${place}: paper has the drawing`);
      await page.emulateMedia({ media: "screen" });
      await box.locator("[data-chart-close]").click();
      assert.ok(await drawn.isVisible(), `${place}: the drawing is back`);
    }
  }, { viewport });
}

test("course: a closer look that cannot be loaded says so, and the drawing stays", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto("/zones/course?unit=94/");
  // Half of the file came: a module without what it should have.
  await page.route("**/echarts*", (route) => route.fulfill({ contentType: "text/javascript", body: "export const half = 1;" }));
  const box = page.locator("#course-curve [data-chart]");
  await box.locator("[data-chart-open]").click();
  await box.locator("[data-chart-failed]").waitFor();
  assert.ok(await box.locator(".vx-chart").isVisible());
  assert.ok(await box.locator("[data-chart-open]").isEnabled());
}, { viewport: PHONE });

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
