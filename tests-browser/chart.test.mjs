// Charts looked at closely: what keys, pointer, wheel and finger do, and the picture that is kept.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { OFFICE, PASSWORD, PHONE, overflow, signIn, test } from "./rig.mjs";

const PROVINCE = "94/";
/** A commune of the demo: one row of levels, green on its last days. */
const COMMUNE = "94/943/31534/";
const GREEN = [0x0f, 0xa5, 0x7f];
const CHARTS = ["curve", "r", "calendar", "commitments"];

/** Opens a chart of the course of a place; its box and parts. */
async function opened(page, name, unit = PROVINCE) {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto(`/zones/course?unit=${unit}`);
  return look(page, name);
}

async function look(page, name) {
  const box = page.locator(`#course-${name} [data-chart]`);
  const part = (selector) => box.locator(selector);
  const [drawn, live, said, canvas] = [part(".vx-chart"), part("[data-chart-live]"), part("[data-chart-said]"), part("canvas").first()];
  await part("[data-chart-open]").click();
  await canvas.waitFor();
  const marks = await part("[data-mark]").evaluateAll((all) => all.map((one) => ({ words: one.getAttribute("aria-label"), href: one.getAttribute("href"), mark: one.dataset.mark })));
  const told = async () => ({ words: await said.locator("a").textContent(), href: await said.locator("a").getAttribute("href") });
  return { box, part, drawn, live, said, canvas, marks, told };
}

/** A place in the window over the days of a chart. */
async function over(canvas, share) {
  await canvas.evaluate((one) => one.scrollIntoView({ block: "center", behavior: "instant" }));
  const { x, y, width } = await canvas.boundingBox();
  return [x + width * share, y + 60];
}

for (const [name, viewport] of [["office", OFFICE], ["telephone", PHONE]]) {
  test(`closer look (${name}): it takes the place of the drawing, and the page stays as wide as the window`, async ({ page }) => {
    await signIn(page, "vanphong", PASSWORD);
    await page.goto(`/zones/course?unit=${PROVINCE}`);
    for (const chart of CHARTS) {
      const { part, drawn } = await look(page, chart);
      assert.ok(!(await drawn.isVisible()), chart);
      assert.equal(await overflow(page), 0, chart);
      await part("[data-chart-close]").click();
      assert.ok(await drawn.isVisible(), chart);
    }
  }, { viewport });
}

test("closer look: keys tell the marks of the drawing, the newest first", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto(`/zones/course?unit=${PROVINCE}`);
  for (const chart of CHARTS) {
    const { live, marks, told } = await look(page, chart);
    const first = marks.filter(({ mark }) => mark.startsWith("0 "));
    await live.press("ArrowLeft");
    const { words, href } = first.at(-1);
    assert.deepEqual(await told(), { words, href }, chart);
  }
}, { viewport: OFFICE });

test("closer look: a key moves by one day however often it was opened", async ({ page }) => {
  const { part, live, canvas, marks, told } = await opened(page, "curve");
  await part("[data-chart-close]").click();
  await part("[data-chart-open]").click();
  await canvas.waitFor();
  await live.press("End");
  await live.press("ArrowLeft");
  assert.equal((await told()).words, marks.at(-2).words);
}, { viewport: OFFICE });

test("closer look: keys go to days that are not shown", async ({ page }) => {
  const { live, marks, told, canvas } = await opened(page, "curve");
  await live.press("Home");
  assert.equal((await told()).words, marks[0].words);
  await page.mouse.move(...await over(canvas, 0.5));
  const middle = marks.map(({ words }) => words).indexOf((await told()).words);
  assert.ok(middle > 3 && middle < 25, `day ${middle} of ${marks.length} stands in the middle`);
}, { viewport: PHONE });

test("closer look: the pointer tells what it is over, up to the edge", async ({ page }) => {
  const { canvas, marks, told } = await opened(page, "curve");
  await page.mouse.move(...await over(canvas, 0.5));
  const middle = marks.map(({ words }) => words).indexOf((await told()).words);
  assert.ok(Math.abs(middle - marks.length / 2) < 4, `day ${middle} of ${marks.length} stands in the middle`);
  const [x, y] = await over(canvas, 1);
  await page.mouse.move(x - 13, y);
  assert.equal((await told()).words, marks.at(-1).words);
}, { viewport: OFFICE });

test("closer look: the wheel is the page's, with Ctrl it zooms", async ({ page }) => {
  const { canvas, told } = await opened(page, "curve");
  const [near, far] = [await over(canvas, 0.2), await over(canvas, 0.95)];
  await page.mouse.move(...far);
  const { words } = await told();
  await page.mouse.move(...near);
  const top = await page.evaluate(() => scrollY);
  await page.mouse.wheel(0, 120);
  await page.waitForFunction((top) => scrollY > top, top);
  await page.mouse.wheel(0, -120);
  await page.waitForFunction((top) => scrollY === top, top);
  const whole = await canvas.evaluate((one) => one.toDataURL());
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -600);
  await page.waitForFunction(([one, whole]) => one.toDataURL() !== whole, [await canvas.elementHandle(), whole]);
  await page.keyboard.up("Control");
  // Days spread out around the pointer: farther off the same place is another day.
  await page.mouse.move(...far);
  assert.notEqual((await told()).words, words);
}, { viewport: OFFICE });

test("closer look: keys zoom as well", async ({ page }) => {
  const { live, canvas } = await opened(page, "curve");
  await live.press("End");
  const before = await canvas.evaluate((one) => one.toDataURL());
  await live.press("+");
  await page.waitForFunction(([one, before]) => one.toDataURL() !== before, [await canvas.elementHandle(), before]);
}, { viewport: OFFICE });

test("closer look: a mouse opens the rows of what it points at", async ({ page }) => {
  const { canvas, told } = await opened(page, "calendar");
  const place = await over(canvas, 0.7);
  await page.mouse.move(...place);
  const { href } = await told();
  await page.mouse.click(...place);
  await page.waitForURL((address) => address.pathname + address.search === href);
}, { viewport: OFFICE });

test("closer look: a finger reads first, and opens by the words", async ({ page }) => {
  const { canvas, said, told } = await opened(page, "curve");
  const address = page.url();
  await page.touchscreen.tap(...await over(canvas, 0.6));
  await said.locator("a").waitFor();
  assert.equal(page.url(), address);
  const { href } = await told();
  await said.locator("a").tap();
  await page.waitForURL((address) => address.pathname + address.search === href);
}, { viewport: PHONE, hasTouch: true, isMobile: true });

test("closer look: a chart of one row is kept as a picture with its row and its title", async ({ page }) => {
  const { part, canvas } = await opened(page, "calendar", COMMUNE);
  const { height } = await canvas.boundingBox();
  const download = page.waitForEvent("download");
  await part("[data-chart-save]").click();
  const picture = await download;
  assert.match(picture.suggestedFilename(), /^lich-cap-do-xa-[a-z-]+-2021-09-\d\d\.png$/);
  const bytes = readFileSync(await picture.path()).toString("base64");
  const [green, tall] = await page.evaluate(async ([bytes, green]) => {
    const image = new Image();
    image.src = `data:image/png;base64,${bytes}`;
    await image.decode();
    const pen = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height }).getContext("2d");
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.width, image.height);
    let n = 0;
    for (let at = 0; at < data.length; at += 4) n += green.every((part, index) => Math.abs(data[at + index] - part) < 3);
    return [n / (image.width * image.height), image.height / 2];
  }, [bytes, GREEN]);
  assert.ok(green > 0.03, `${green} of the picture is the row`);
  assert.ok(tall >= height + 50, `${tall} is as high as the chart and its title`);
  // What is seen is as before.
  assert.equal((await canvas.boundingBox()).height, height);
}, { viewport: OFFICE });

test("closer look: paper has the drawing", async ({ page }) => {
  const { drawn, live } = await opened(page, "curve");
  await page.emulateMedia({ media: "print" });
  assert.deepEqual([await drawn.isVisible(), await live.isVisible()], [true, false]);
}, { viewport: OFFICE });

test("closer look: where it cannot be loaded the drawing stays, and the next press loads it", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto(`/zones/course?unit=${PROVINCE}`);
  let asked = 0;
  await page.route("**/echarts*", (route) => (asked++ === 0 ? route.fulfill({ contentType: "text/javascript", body: "export const half = ;" }) : route.continue()));
  const box = page.locator("#course-curve [data-chart]");
  await box.locator("[data-chart-open]").click();
  await box.locator("[data-chart-status]", { hasText: "Chưa mở được" }).waitFor();
  assert.ok(await box.locator(".vx-chart").isVisible());
  await box.locator("[data-chart-open]").click();
  await box.locator("canvas").first().waitFor();
}, { viewport: PHONE });
