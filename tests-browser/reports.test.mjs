// Reports by the clock, as officers do them: filled in with interruptions, sent, added up, and issued as a document.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { PASSWORD, button, fits, go, says, signIn, signOut, test } from "./rig.mjs";

const link = (page, name) => page.getByRole("link", { name });

test("a report that was begun is there again after the page was left, and is sent", async ({ page }) => {
  await signIn(page, "xa.canbo", PASSWORD);
  await page.goto("/reports");
  await fits(page);
  await go(page, page.locator("a.vx-row", { hasText: "Báo cáo nhanh hằng ngày của cấp xã" }).first());
  await fits(page);
  const enter = page.url();
  const first = page.locator('[name="f0"]');
  await first.fill("4");
  await page.locator("[data-kept]", { hasText: "Đã giữ trên thiết bị này" }).waitFor();
  // The battery was empty: the page is opened anew.
  await page.goto("/reports");
  await page.goto(enter);
  assert.equal(await first.inputValue(), "4");
  await says(page, "Đã điền lại nội dung nhập dở");
  await fits(page);
  // What was begun can be dropped, and is begun anew.
  await Promise.all([page.waitForEvent("load"), button(page, "Bỏ nội dung nhập dở").click()]);
  assert.equal(await first.inputValue(), "");
  await first.fill("2");
  await go(page, button(page, "Gửi báo cáo"));
  await says(page, "Đã gửi", "Bản 1");
  await fits(page);
  // Nothing of what was sent is filled in again: a correction begins with what was sent.
  await go(page, link(page, /Đính chính/).first());
  assert.equal(await first.inputValue(), "2");
  assert.equal(await page.locator("[data-kept]").innerText(), "");
});

test("a sum becomes a document with number, Word and PDF", async ({ page }) => {
  await signIn(page, "syt.giamdoc", PASSWORD);
  await page.goto("/reports");
  await go(page, page.locator("main").getByRole("link", { name: "Vật tư, ô-xy y tế hằng ngày" }).first());
  await go(page, link(page, "Tổng hợp số liệu"));
  await fits(page);
  const sum = page.url();
  await go(page, button(page, "Lập báo cáo"));
  await says(page, "Đã lập dự thảo báo cáo");
  await fits(page);
  await go(page, button(page, "Lưu và xem trước").first());
  await says(page, "đọc lại khớp");
  await page.locator("img.vx-sheet").first().evaluate((image) => image.decode());
  await fits(page);
  await go(page, button(page, "Trình ký"));
  await go(page, button(page, "Ký ban hành"));
  await go(page, button(page, "Cấp số và phát hành"));
  await fits(page);
  const number = await page.locator(".vx-line strong").innerText();
  assert.match(number, /^\d+\/BC-SYT$/);
  for (const [name, magic] of [["PDF", "%PDF"], ["Word (.docx)", "PK"]]) {
    const [file] = await Promise.all([page.waitForEvent("download"), link(page, name).first().click()]);
    assert.ok((await readFile(await file.path(), "latin1")).startsWith(magic), name);
  }
  await page.goto(sum);
  await says(page, number, "Đã phát hành");
  await signOut(page);
  // The committee to which it is addressed has it among its dispatches.
  await signIn(page, "vanphong", PASSWORD);
  await page.goto(`/directives?q=${encodeURIComponent(number)}`);
  await says(page, number);
});
