// The bell as people see it: live, in every tab of a browser, and with settings that fit a telephone.
import assert from "node:assert/strict";
import { PASSWORD, openPage, overflow, signIn, test } from "./rig.mjs";

/** The number on the bell. */
const bell = async (page) => (await page.locator("[data-bell-count]").isHidden() ? "0" : page.innerText("[data-bell-count]"));

/** Waits until the bell shows something else. */
const changed = (page, from) => page.waitForFunction((before) => {
  const number = document.querySelector("[data-bell-count]");
  return (number?.hidden ? "0" : number?.textContent) !== before;
}, from);

test("a page left open after its session ended does not complain when its bell comes back", async ({ page }) => {
  await signIn(page, "xa.chutich", PASSWORD);
  await page.context().clearCookies();
  const ended = await page.evaluate(() => new Promise((resolve) => {
    const stream = new EventSource("/notices/stream");
    stream.onerror = () => resolve(stream.readyState === EventSource.CLOSED);
  }));
  assert.equal(ended, true, "the browser does not ask again and again by itself");
});

test("another browser acts, and the bell of this one changes in all its tabs", async ({ page, browser, url }) => {
  await signIn(page, "syt.canbo", PASSWORD);
  // Notices of the demo's weeks are made while the program begins to serve.
  await page.waitForFunction(() => document.querySelector("[data-bell-count]")?.hidden === false);
  await page.goto("/notices?state=unread");
  const before = await bell(page);
  const sent = await page.locator("main .vx-rows a").first().getAttribute("href");
  const tab = await page.context().newPage();
  await tab.goto("/notices");
  assert.equal(await bell(tab), before);

  const other = await openPage(browser, url);
  try {
    // Somebody of the unit opens the dispatch: nobody else of it needs to be told any more.
    await signIn(other.page, "syt.giamdoc", PASSWORD);
    await other.page.goto(sent ?? "");
    await changed(page, before);
    await changed(tab, before);
    assert.equal(await bell(page), String(Number(before) - 1));
    assert.equal(await page.getAttribute("[data-bell]", "aria-label"), `Thông báo: ${Number(before) - 1} chưa đọc`.replace("Thông báo: 0 chưa đọc", "Thông báo: không có thông báo chưa đọc"));
    assert.deepEqual(other.problems, []);
  } finally {
    await other.close();
  }

  // Reading one here changes the other tab; taking it back too.
  await tab.goto("/notices?state=unread");
  const now = await bell(page);
  if (now !== "0") {
    await tab.click("form[action$='/read'] button >> nth=-1");
    await tab.waitForURL((address) => address.searchParams.get("said") === "notices-said-read");
    await changed(page, now);
    const read = await bell(page);
    await tab.click("main button:has-text('Hoàn tác')");
    await changed(page, read);
    assert.equal(await bell(page), now);
  }
  await tab.close();
});

test("settings of notices are kept and fit a phone", async ({ page }) => {
  await signIn(page, "xa.canbo", PASSWORD);
  for (const path of ["/notices", "/notices/settings"]) {
    await page.goto(path);
    assert.ok(await overflow(page) <= 0, `${path} is wider than the phone`);
  }
  assert.match(await page.innerText("#contacts"), /Quản trị hệ thống chưa thiết lập cách gửi này/);
  await page.fill("[name=quiet_from]", "21:30");
  await page.check("[name=pick][value='work/sms']");
  await page.selectOption("[name=digest]", "60");
  await page.click("text=Lưu cài đặt");
  await page.waitForURL("**said=notices-said-saved");
  assert.equal(await page.inputValue("[name=quiet_from]"), "21:30");
  assert.ok(await page.isChecked("[name=pick][value='work/sms']"));
  assert.equal(await page.inputValue("[name=digest]"), "60");
}, { viewport: { width: 390, height: 844 } });
