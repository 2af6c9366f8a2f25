// Starts the server with the demo and Chromium, and collects what a page complains about.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const START_SECONDS_MAX = 60;
const WAIT_MS_MAX = 15_000;
// Without these, Chromium calls on its maker's hosts at every start.
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A port of the loopback address that nobody uses now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

function needed(name, meaning) {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name} to ${meaning}, or run: cargo xtask test --only browser`);
  return value;
}

/** The server with a fresh demo; `stop` ends it and removes its data. @param {number} [at] its port
 * @param {string[]} [flags] more of its settings */
export async function startServer(at, flags = []) {
  const binary = needed("VX_BIN", "the path of the binary vungxanh");
  const folder = await mkdtemp(join(tmpdir(), "vungxanh-browser-"));
  const port = at ?? await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(binary, ["demo", "--data", folder, "--port", String(port), ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => { output = (output + text).slice(-20_000); });
  }
  let ended;
  const end = new Promise((resolve) => {
    child.once("error", (error) => { ended = String(error); resolve(); });
    child.once("exit", (code, signal) => { ended ??= `exit ${code ?? signal}`; resolve(); });
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    const timer = setTimeout(kill, 5_000);
    child.kill("SIGTERM");
    await end;
    clearTimeout(timer);
    process.removeListener("exit", kill);
    await rm(folder, { recursive: true, force: true });
  };

  const deadline = Date.now() + START_SECONDS_MAX * 1000;
  while (!ended && Date.now() < deadline) {
    const answer = await fetch(`${url}/healthz`).catch(() => null);
    if (answer?.ok) return { url, stop, output: () => output };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const why = ended ?? `no answer in ${START_SECONDS_MAX} s`;
  await stop();
  throw new Error(`the server did not start: ${why}\n${output}`);
}

export function startBrowser() {
  const executablePath = needed("CHROMIUM", "the path of Chromium");
  return chromium.launch({ executablePath, headless: true, args: FLAGS });
}

/** A page of its own session; `problems` fills with errors of the console, scripts and CSP. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ baseURL: url, locale: "vi-VN", timezoneId: "Asia/Ho_Chi_Minh", ...options });
  context.setDefaultTimeout(WAIT_MS_MAX);
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(`script: ${error.message}`));
  // Chromium reports a broken content security policy and a missing file as errors of the console.
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on("requestfailed", (request) => {
    // A navigation ends the requests of the page before it.
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") problems.push(`request: ${request.url()} ${why}`);
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== url) problems.push(`foreign host: ${request.url()}`);
  });
  return { page, problems, close: () => context.close() };
}

/** Signs in on the login page. */
export async function signIn(page, login, password) {
  await page.goto("/login");
  await page.fill('[name="login"]', login);
  await page.fill('[name="password"]', password);
  await Promise.all([
    page.waitForURL((address) => address.pathname !== "/login"),
    page.click('form:has([name="password"]) [type="submit"]'),
  ]);
}

/** How many pixels the page is wider than the window. */
export async function overflow(page) {
  // Not window.innerWidth: on a phone it grows with a page that is too wide.
  return await page.evaluate(() => document.documentElement.scrollWidth) - page.viewportSize().width;
}

/** The password of every account of the demo. */
export const PASSWORD = "vungxanh2021";
export const OFFICE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Shows the page on both widths; neither may be wider than the window. */
export async function fits(page) {
  const before = page.viewportSize();
  for (const size of [OFFICE, PHONE]) {
    await page.setViewportSize(size);
    await page.evaluate(() => document.fonts.ready);
    const wider = await overflow(page);
    assert.ok(wider <= 0, `${page.url()} is ${wider} px wider than a window of ${size.width}`);
  }
  await page.setViewportSize(before);
}

/** Presses a button or follows a link, and waits for the page it leads to. */
export async function go(page, control) {
  await Promise.all([page.waitForEvent("load"), control.click()]);
}

export const button = (page, name) => page.getByRole("button", { name });
export const menu = (page) => page.locator(".vx-top details.vx-menu > summary");

export async function signOut(page) {
  await menu(page).click();
  await button(page, "Đăng xuất").click();
  await page.waitForURL((address) => address.pathname === "/login");
}

/** The words of the page, on one line. */
export const words = async (page) => (await page.locator("main").innerText()).replace(/\s+/g, " ");

export async function says(page, ...expected) {
  const all = await words(page);
  for (const text of expected) assert.ok(all.includes(text), `“${text}” is not on ${page.url()}:\n${all}`);
}

const registered = [];

/** Names a test; it gets `{ page, problems, browser, url }`, and fails on any problem left at its end. */
export function test(name, work, options = {}) {
  registered.push({ name, work, options });
}

export const tests = () => registered;
