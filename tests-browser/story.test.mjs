// One dispatch from the drop zone to the confirmed result, as officers do it: in Chromium, with mouse and keyboard.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { OFFICE, PASSWORD, button, fits, go, menu, openPage, says, signIn, signOut, test, words } from "./rig.mjs";

const DISPATCH = new URL("fixtures/9100.txt", import.meta.url);

/** The state and timeliness under the title of a record. */
const line = (page) => page.locator(".vx-line").innerText();

test("a dispatch becomes work and the work is confirmed", async ({ page }) => {
  // The login page names the accounts; the keyboard is enough.
  await page.goto("/login");
  await says(page, PASSWORD, "vanphong", "Trần Ngọc Lan", "xa.canbo", "Sơn Thị Mỹ");
  await fits(page);
  await page.locator("#login:focus").waitFor();
  await page.keyboard.type("vanphong");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL((address) => address.pathname === "/");
  await says(page, "hỏa tốc chưa tiếp nhận");
  await fits(page);

  // Dropped like a file from the desktop; it is sent at once.
  await go(page, page.getByRole("navigation").getByRole("link", { name: "Văn bản", exact: true }));
  await fits(page);
  const text = await readFile(DISPATCH, "utf8");
  const dropped = await page.evaluateHandle((content) => {
    const data = new DataTransfer();
    data.items.add(new File([content], "9100.txt", { type: "text/plain" }));
    return data;
  }, text);
  await page.dispatchEvent(".vx-drop", "dragover", { dataTransfer: dropped });
  await page.locator(".vx-drop-over").waitFor();
  await Promise.all([page.waitForURL(/\/directives\/[0-9a-f-]{36}/), page.dispatchEvent(".vx-drop", "drop", { dataTransfer: dropped })]);
  const directive = new URL(page.url()).pathname;

  // The text with its marks on the left, what was read on the right.
  await says(page, "9100/UBND-VX", "rà soát người về từ vùng dịch", "HỎA TỐC", "13/9/2021", "UBND xã Xuân Hòa");
  for (const kind of ["number", "date", "lead", "deadline"]) {
    const mark = page.locator(`.vx-paper mark[data-kind="${kind}"]`).first();
    const colour = await mark.evaluate((element) => getComputedStyle(element).backgroundColor);
    const paper = await page.locator(".vx-paper").evaluate((element) => getComputedStyle(element).backgroundColor);
    assert.notEqual(colour, paper, `the mark ${kind} is not tinted`);
  }
  assert.match(await page.locator('.vx-paper mark[data-kind="deadline"]').first().innerText(), /17h00 ngày 15\/9\/2021/);
  await fits(page);

  // A mark leads to its card, a card to its mark; the keyboard goes round the findings.
  await page.locator('.vx-paper mark[data-kind="lead"]', { hasText: "UBND xã Xuân Hòa" }).last().click();
  const card = page.locator(".vx-pane .vx-clause.vx-here");
  await card.waitFor();
  assert.match(await card.innerText(), /danh sách người về từ vùng dịch/);
  assert.equal(await page.locator(".vx-here").count(), 1, "one card is highlighted");
  const findings = page.locator(".vx-finding:not(.vx-finding-settled)");
  if (await findings.count() > 0) {
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("n");
    assert.ok(await findings.first().evaluate((element) => element.contains(document.activeElement)), "n goes to the first finding");
  }

  await go(page, button(page, "Xác nhận và giao 2 nhiệm vụ"));
  await says(page, "Đã giao 2 nhiệm vụ đến các đơn vị", "Đã giao việc");
  assert.equal(new URL(page.url()).pathname, directive);
  await fits(page);
  await signOut(page);

  // The commune finds it among its work by keyboard: j to the row, Enter opens it.
  await signIn(page, "xa.canbo", PASSWORD);
  await fits(page);
  await go(page, page.getByRole("navigation").getByRole("link", { name: "Việc của tôi" }));
  await fits(page);
  const row = page.locator(".vx-rows > li", { hasText: "danh sách người về từ vùng dịch" }).filter({ hasText: "9100/UBND-VX" });
  assert.equal(await row.count(), 1);
  const rows = await page.locator("[data-rows] > *").count();
  for (let step = 0; step < rows; step += 1) {
    await page.keyboard.press("j");
    if (await row.evaluate((element) => element.classList.contains("vx-at"))) break;
  }
  await Promise.all([page.waitForURL(/\/tasks\/[0-9a-f-]{36}$/), page.keyboard.press("Enter")]);
  const task = new URL(page.url()).pathname;
  assert.match(await line(page), /Chưa tiếp nhận/);
  await fits(page);

  await go(page, button(page, "Tiếp nhận nhiệm vụ"));
  assert.match(await line(page), /Đã tiếp nhận/);
  await page.getByLabel("Nội dung").fill("Đang lập danh sách, đã xong 2 ấp");
  await go(page, button(page, "Ghi tiến độ"));
  assert.match(await line(page), /Đang thực hiện/);
  await page.getByLabel("Chọn tệp").setInputFiles({
    name: "danh-sach.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 synthetic"),
  });
  await go(page, button(page, "Gửi minh chứng"));
  await page.getByRole("link", { name: "danh-sach.pdf" }).waitFor();
  await fits(page);
  await page.getByLabel("Kết quả thực hiện").fill("Đã lập danh sách 5 ấp");
  await go(page, button(page, "Gửi báo cáo hoàn thành"));
  assert.match(await line(page), /Chờ xác nhận/);
  await fits(page);
  await signOut(page);

  // Who assigned it sees the evidence and confirms.
  await signIn(page, "vanphong", PASSWORD);
  await page.goto(directive);
  await go(page, page.getByRole("link", { name: /Chờ xác nhận: 1/ }));
  await fits(page);
  await go(page, page.locator(".vx-rows").getByRole("link", { name: /danh sách người về từ vùng dịch/ }));
  assert.equal(new URL(page.url()).pathname, task);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "danh-sach.pdf" }).click()]);
  assert.equal(await readFile(await file.path(), "utf8"), "%PDF-1.4 synthetic");
  await says(page, "Đã lập danh sách 5 ấp");
  await fits(page);
  await go(page, button(page, "Xác nhận hoàn thành"));
  assert.match(await line(page), /Hoàn thành/);
  const history = await page.locator(".vx-history").innerText();
  for (const said of ["Trần Ngọc Lan", "Sơn Thị Mỹ", "Đang lập danh sách, đã xong 2 ấp", "Đã lập danh sách 5 ấp"]) {
    assert.ok(history.includes(said), `“${said}” is not in the history:\n${history}`);
  }
  assert.ok(history.indexOf("Đã lập danh sách 5 ấp") < history.indexOf("Đang lập danh sách"), "the newest comes first");
  await fits(page);
}, { viewport: OFFICE });

test("language and brightness stay as chosen", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  const root = page.locator("html");
  assert.equal(await root.getAttribute("lang"), "vi");
  await page.goto("/tasks?state=all&q=c%C3%A1ch%20ly");
  await menu(page).click();
  await go(page, page.getByRole("link", { name: "English" }));
  assert.equal(await root.getAttribute("lang"), "en");
  const { pathname, searchParams } = new URL(page.url());
  assert.deepEqual([pathname, searchParams.get("state"), searchParams.get("q")], ["/tasks", "all", "cách ly"], "the same list");
  await menu(page).click();
  await go(page, page.getByRole("link", { name: /dark/i }));
  for (const path of ["/", "/inbox", "/tasks/calendar", "/units", "/directives"]) {
    await page.goto(path);
    assert.deepEqual([await root.getAttribute("lang"), await root.getAttribute("data-bs-theme")], ["en", "dark"]);
    const [paper, ink] = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      const canvas = new OffscreenCanvas(1, 1).getContext("2d");
      return [backgroundColor, color].map((each) => {
        canvas.fillStyle = each;
        canvas.fillRect(0, 0, 1, 1);
        return Math.max(...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3));
      });
    });
    assert.ok(paper < 80 && ink > 180, `${path}: paper ${paper}, ink ${ink}`);
    await fits(page);
  }
  // They belong to the person's browser, so that they outlive the session.
  await menu(page).click();
  await go(page, button(page, "Sign out"));
  assert.deepEqual([await root.getAttribute("lang"), await root.getAttribute("data-bs-theme")], ["en", "dark"]);
}, { viewport: OFFICE });

test("the search finds units typed without marks, dispatches and tasks", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  const find = async (text) => {
    await page.keyboard.press("/");
    await page.locator("input[type=search]:focus").waitFor();
    await page.keyboard.type(text);
    await Promise.all([page.waitForURL((address) => address.pathname === "/search" && address.searchParams.get("q") === text), page.keyboard.press("Enter")]);
    await page.waitForLoadState();
    await fits(page);
  };
  await find("my xuyen");
  await page.locator('main a[href^="/units/"]', { hasText: "Mỹ Xuyên" }).first().waitFor();

  // A dispatch by its number and a task by its words, both of the demo.
  await page.goto("/directives?state=issued");
  const label = (await page.locator('main tbody a[href^="/directives/"]').first().innerText()).match(/\d+[^\s]*/)[0];
  await find(label);
  await page.locator('main a[href^="/directives/"]', { hasText: label }).first().waitFor();
  await page.goto("/tasks");
  const title = await page.locator(".vx-row-title").first().evaluate((element) => element.firstChild.textContent.trim());
  const some = title.split(/\s+/).slice(0, 5).join(" ");
  await find(some);
  await page.locator('main a[href^="/tasks/"]', { hasText: some }).first().waitFor();
}, { viewport: OFFICE });

test("reading and plain forms work without scripts", async ({ page }) => {
  await signIn(page, "huyen.canbo", PASSWORD);
  for (const path of ["/", "/inbox", "/tasks", "/tasks/calendar", "/units", "/search?q=ke%20sach"]) {
    const answer = await page.goto(path);
    assert.equal(answer.status(), 200, path);
    assert.ok((await words(page)).length > 40, path);
  }
  await page.goto("/tasks?state=assigned");
  await go(page, page.locator(".vx-row").first());
  assert.match(await line(page), /Chưa tiếp nhận/);
  await page.locator("main summary", { hasText: "Đôn đốc" }).click();
  await page.getByLabel("Nội dung đôn đốc").fill("Tiếp nhận trước 17 giờ hôm nay");
  await go(page, button(page, "Đôn đốc"));
  await says(page, "Đã gửi nội dung đôn đốc", "Tiếp nhận trước 17 giờ hôm nay");
}, { javaScriptEnabled: false, viewport: OFFICE });

test("a dispatch is sent without scripts", async ({ page }) => {
  await signIn(page, "vanphong", PASSWORD);
  await page.goto("/directives");
  const text = (await readFile(DISPATCH, "utf8")).replace("9100", "9101");
  await page.locator('.vx-drop input[type="file"]').setInputFiles({ name: "9101.txt", mimeType: "text/plain", buffer: Buffer.from(text) });
  await go(page, button(page, "Gửi"));
  await says(page, "9101/UBND-VX");
}, { javaScriptEnabled: false, viewport: OFFICE });
