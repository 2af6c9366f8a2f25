// Second factor and single sign-on as people meet them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PASSWORD, freePort, overflow, signIn, startServer, test } from "./rig.mjs";

/** The code that a telephone with this secret shows. @param {string} secret in Base32 @param {number} [at] in ms */
function codeOf(secret, at = Date.now()) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(" ", "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("a second factor is set up, asked for, and taken away", async ({ page }) => {
  await signIn(page, "xa.chutich", PASSWORD);
  await page.goto("/security");
  assert.ok(await overflow(page) <= 0, "the overview is wider than the phone");
  await page.click("text=Bật xác thực hai lớp");
  await page.fill("#current", PASSWORD);
  await page.click("main button[type=submit]");
  await page.waitForSelector("svg[role=img]");
  assert.ok(await overflow(page) <= 0, "the picture is wider than the phone");
  await page.click("text=Không quét được?");
  const secret = await page.innerText("#secret");
  await page.fill("#code", codeOf(secret));
  await page.click("text=Xác nhận mã");
  await page.waitForSelector("#codes");
  const codes = await page.locator("#codes li").allInnerTexts();
  assert.equal(codes.length, 10);
  assert.ok(await overflow(page) <= 0, "the recovery codes are wider than the phone");
  await page.click("text=Đã cất giữ");
  await page.waitForURL("**/security");

  // The password leads to the code; a code is taken once, so the next one is typed.
  await page.context().clearCookies();
  await signIn(page, "xa.chutich", PASSWORD);
  assert.equal(new URL(page.url()).pathname, "/login/code");
  assert.ok(await overflow(page) <= 0, "the page for the code is wider than the phone");
  await page.goto("/inbox");
  assert.equal(new URL(page.url()).pathname, "/login/code", "nothing is open before the code");
  await page.fill("#code", codeOf(secret, Date.now() + 30_000));
  await page.click("main form[action='/login/code'] button[type=submit]");
  await page.waitForURL((address) => address.pathname !== "/login/code");
  await page.goto("/inbox");
  assert.equal(new URL(page.url()).pathname, "/inbox");

  // A recovery code turns it off again.
  await page.goto("/security/factor");
  await page.click("summary:has-text('Tắt xác thực hai lớp')");
  await page.fill("#current-remove", PASSWORD);
  await page.fill("#code-remove", codes[0]);
  await page.click("button:has-text('Tắt xác thực hai lớp')");
  await page.waitForURL("**/security?said=*");
  assert.match(await page.innerText("#factor"), /Chưa bật/);
}, { viewport: { width: 390, height: 844 } });

/** A provider, and a server with a demo that knows it. */
async function withProvider(work, browser) {
  const folder = await mkdtemp(join(tmpdir(), "vungxanh-provider-"));
  const [port, providerPort] = [await freePort(), await freePort()];
  const site = `http://127.0.0.1:${port}`;
  const issuer = `http://127.0.0.1:${providerPort}`;
  const secret = join(folder, "secret");
  await writeFile(secret, "a secret of the test\n", { mode: 0o600 });
  const script = new URL("provider.mjs", import.meta.url).pathname;
  const provider = spawn(process.execPath, [script, String(providerPort), `${site}/login/single/done`, `${site}/login`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const kill = () => provider.kill("SIGKILL");
  process.once("exit", kill);
  let server;
  try {
    await new Promise((resolve, reject) => {
      provider.stdout.once("data", resolve);
      provider.once("exit", () => reject(new Error("the provider did not start")));
    });
    server = await startServer(port, [
      "--public-url", site, "--oidc-issuer", issuer, "--oidc-client-id", "vungxanh", "--oidc-secret-file", secret, "--oidc-only",
    ]);
    const context = await browser.newContext({ baseURL: site, locale: "vi-VN" });
    context.setDefaultTimeout(15_000);
    try {
      await work({ page: await context.newPage(), site, issuer, stopProvider: kill });
    } finally {
      await context.close();
    }
  } finally {
    await server?.stop();
    kill();
    process.removeListener("exit", kill);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Signs in at the provider, which asks whether it may tell. */
async function atProvider(page, name) {
  await page.click("text=Đăng nhập một lần (SSO)");
  await page.fill("input[name=login]", name);
  await page.fill("input[name=password]", "x");
  await page.click("button[type=submit]");
  await page.waitForSelector("text=Authorize");
  await page.click("button[type=submit]");
}

test("single sign-on opens the account that was linked, and no other", async ({ browser }) => {
  await withProvider(async ({ page, site, issuer, stopProvider }) => {
    // Whom nobody linked, the provider's word opens nothing.
    await page.goto("/login?next=/inbox");
    await atProvider(page, "can-bo-17");
    await page.waitForSelector("[role=alert]");
    assert.match(await page.innerText("[role=alert]"), /chưa được liên kết/);

    // A password is for administrators alone; one of them links.
    await page.fill('[name="login"] >> nth=0', "xa.canbo");
    await page.fill('[name="password"] >> nth=0', PASSWORD);
    await page.click('form:has(#password) [type="submit"]');
    await page.waitForSelector("[role=alert]");
    assert.match(await page.innerText("[role=alert]"), /đăng nhập bằng hệ thống đăng nhập một lần/);
    await page.goto("/login");
    await page.fill("#login", "quantri");
    await page.fill("#password", PASSWORD);
    await page.click('form:has(#password) [type="submit"]');
    await page.goto("/accounts?q=xa.canbo");
    await page.click("tbody th a");
    await page.click("summary:has-text('Liên kết đăng nhập một lần')");
    await page.fill("[name=subject]", "can-bo-17");
    await page.click("button:has-text('Liên kết đăng nhập một lần')");
    await page.waitForSelector("text=Đã liên kết đăng nhập một lần");

    // Now it opens, and leads where one wanted to go. The provider still knows the browser.
    await page.click(".vx-menu summary");
    await page.click(".vx-menu form[action='/logout'] button");
    await page.waitForURL("**/login?said=*");
    await page.goto("/login?next=/inbox");
    await page.click("text=Đăng nhập một lần (SSO)");
    await page.waitForURL(`${site}/inbox`);
    await page.goto("/security");
    assert.match(await page.innerText("#tries"), /Đăng nhập một lần/);

    // An answer that this browser did not ask for opens nothing.
    await page.click(".vx-menu summary");
    await page.click(".vx-menu form[action='/logout'] button");
    await page.waitForURL("**/login?said=*");
    await page.goto("/login/single/done?code=stolen&state=made-up");
    assert.match(await page.innerText("[role=alert]"), /quá hạn hoặc được bắt đầu ở trình duyệt khác/);

    // Out of the provider too.
    await page.goto("/login?said=accounts-said-signed-out");
    await page.click("text=Đăng xuất cả khỏi hệ thống đăng nhập một lần");
    assert.equal(new URL(page.url()).origin, issuer);
    await page.click("button[type=submit][value=yes]");
    await page.waitForURL(`${site}/login**`);

    // Away: said, and administrators still get in.
    stopProvider();
    await page.goto("/login");
    await page.click("text=Đăng nhập một lần (SSO)");
    await page.waitForSelector("[role=alert]");
    assert.match(await page.innerText("[role=alert]"), /không phản hồi/);
  }, browser);
});
