import assert from "node:assert/strict";
import { overflow, test } from "./rig.mjs";

test("the login page loads", async ({ page }) => {
  const answer = await page.goto("/login");
  assert.equal(answer.status(), 200);
  assert.match(await page.title(), /Vùng Xanh/);
  assert.match(answer.headers()["content-security-policy"] ?? "", /default-src/);
  await page.evaluate(() => document.fonts.ready);
  assert.equal(await page.evaluate(() => document.fonts.check('15px "Be Vietnam Pro"', "ế")), true);
  assert.equal(await page.getByLabel("Tên đăng nhập").count(), 1);
  assert.equal(await page.getByLabel("Mật khẩu", { exact: true }).count(), 1);
});

test("the login page fits a phone", async ({ page }) => {
  await page.goto("/login");
  assert.ok(await overflow(page) <= 0, "the page is wider than the phone");
}, { viewport: { width: 390, height: 844 } });

test("the login page works without scripts", async ({ page }) => {
  await page.goto("/login");
  assert.equal(await page.locator('form[method="post" i] input[type="password"]').count(), 1);
}, { javaScriptEnabled: false });
