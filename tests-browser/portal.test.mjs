// The public portal: looked up, answered, seen on the map, found by position, without script; what offices write for it.
import assert from "node:assert/strict";
import { OFFICE, PASSWORD, PHONE, fits, go, says, signIn, test, words } from "./rig.mjs";

for (const [name, options] of [["telephone", { viewport: PHONE }], ["desk", { viewport: OFFICE }], ["telephone without script", { viewport: PHONE, javaScriptEnabled: false }]]) {
  test(`portal: looked up, answered and seen on the map (${name})`, async ({ page }) => {
    await page.goto("/public");
    await says(page, "Nơi bạn ở thuộc mức nguy cơ nào?", "1022");
    await page.fill("#q", "xuan hoa");
    await go(page, page.locator("form.look button[type=submit]"));
    assert.match(new URL(page.url()).pathname, /^\/public\/units\/31534$/, "one answer is the answer");
    await says(page, "Xã Xuân Hòa", "Gọi ai", "0299 000 0004", "Số ca theo ngày");
    assert.equal(await page.locator("a.call[href='tel:02990000004']").count(), 1);

    // Several of a name, and the answer of one that was decided.
    await page.goto("/public?q=ke+sach");
    assert.ok((await page.locator("ul.hits a").count()) > 1);
    await page.goto("/public/units/31675");
    await says(page, "Vùng cam", "Được làm gì ở đây", "Karaoke", "Không được", "9023/QĐ-BCĐ");
    await go(page, page.locator("#eatery dt a"));
    await says(page, "Mở quán ăn", "Hạn chế");

    // The map is a picture with links, and the list says the same.
    await page.goto("/public/map");
    assert.equal(await page.locator("svg.map .area").count(), 109);
    const link = page.locator("svg.map a[aria-label*='Vùng cam']").first();
    const label = await link.getAttribute("aria-label");
    const to = await link.getAttribute("href");
    const row = page.locator(`ul.hits li:has(a[href="${to}"])`).first();
    assert.match((await row.innerText()).replace(/\s+/g, " "), /Vùng cam/, label);
    await page.goto(to);
    await says(page, "Vùng cam");
  }, options);
}

test("portal: found by position, which stays in the browser", async ({ page, problems }) => {
  await page.context().grantPermissions(["geolocation"]);
  await page.context().setGeolocation({ latitude: 9.87, longitude: 105.93 });
  const sent = [];
  page.on("request", (request) => sent.push(request.url() + (request.postData() ?? "")));
  await page.goto("/public");
  await Promise.all([page.waitForURL(/\/public\/units\/\d+/), page.locator("[data-position] button").click()]);
  assert.match(await words(page), /^Tỉnh Sóc Trăng › (Huyện|Thị xã|Thành phố) /);
  assert.ok(sent.every((request) => !/105\.9|9\.87/.test(request)), sent.join("\n"));
  await page.context().setGeolocation({ latitude: 21.03, longitude: 105.85 });
  await page.goto("/public");
  await page.locator("[data-position] button").click();
  await page.locator("[data-position] [role=status]", { hasText: "nằm ngoài địa bàn" }).waitFor();
  assert.deepEqual(problems, []);
}, { viewport: PHONE });

test("portal: in English, and every page fits both widths", async ({ page }) => {
  for (const path of ["/public?lang=en", "/public/units/31675?lang=en", "/public/activities?lang=en", "/public/numbers?lang=en", "/public/decisions?lang=en", "/public/announcements?lang=en", "/public/directory?lang=en", "/public/data?lang=en"]) {
    await page.goto(path);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await fits(page);
  }
  await says(page, "CC BY 4.0", "Small numbers");
  await page.goto("/public/units/31675?lang=en");
  await go(page, page.getByRole("link", { name: "Map", exact: true }));
  assert.equal(await page.locator("html").getAttribute("lang"), "en", "links keep the language of the address");
});

test("portal: in Khmer, every page fits both widths and has its letters", async ({ page }) => {
  const fonts = [];
  page.on("request", (request) => { if (request.resourceType() === "font") fonts.push(request.url()); });
  await page.goto("/public");
  await page.evaluate(() => document.fonts.ready);
  assert.deepEqual(fonts, [], "Vietnamese pages load no letters");
  await go(page, page.getByRole("link", { name: "ភាសាខ្មែរ" }));
  await says(page, "កន្លែងដែលអ្នករស់នៅស្ថិតក្នុងកម្រិតហានិភ័យណា?", "1022");
  for (const path of ["/public", "/public?q=ke+sach", "/public/units/94", "/public/units/31675", "/public/activities", "/public/activities/eatery?unit=31675", "/public/map", "/public/numbers", "/public/decisions", "/public/announcements", "/public/directory", "/public/data", "/public/widget/31675", "/public/embed?unit=31675"]) {
    await page.goto(`${path}${path.includes("?") ? "&" : "?"}lang=km`);
    assert.equal(await page.locator("html").getAttribute("lang"), "km");
    assert.ok(await page.evaluate(async () => { await document.fonts.ready; return document.fonts.check('16px "Noto Sans Khmer"', "ខ្មែរ"); }), path);
    await fits(page);
  }
  assert.equal(new Set(fonts.filter((url) => url.includes("noto-sans-khmer"))).size, 2, fonts.join("\n"));
  // A name is looked up as it is written on signs, and the answer stays in the language.
  await page.goto("/public?lang=km");
  await page.fill("#q", "xuan hoa");
  await go(page, page.locator("form.look button[type=submit]"));
  assert.match(page.url(), /\/public\/units\/31534\?lang=km$/);
  await go(page, page.getByRole("link", { name: "Tiếng Việt" }));
  await says(page, "Xã Xuân Hòa", "Gọi ai");
}, { viewport: PHONE });

test("portal: an office makes an announcement and takes it back", async ({ page }) => {
  await signIn(page, "tttt", PASSWORD);
  await page.goto("/publications");
  await go(page, page.getByRole("link", { name: "Công bố thông báo" }));
  await page.fill("[name=title]", "Phun khử khuẩn chợ Kế Sách");
  await page.fill("[name=body]", "Chợ nghỉ một buổi.");
  await go(page, page.getByRole("button", { name: "Công bố thông báo" }));
  await says(page, "Đã công bố thông báo", "Phun khử khuẩn chợ Kế Sách");
  await go(page, page.getByRole("link", { name: "Phun khử khuẩn chợ Kế Sách" }));
  await fits(page);
  await page.locator("summary", { hasText: "Rút thông báo" }).click();
  await page.fill("[action$='/retract'] [name=reason]", "Đổi ngày");
  await go(page, page.locator("[action$='/retract'] button"));
  await says(page, "Đã rút");
}, { viewport: PHONE });
