import { writeFile, readFile } from "node:fs/promises";
import { openPage, overflow, signIn, startBrowser } from "./rig.mjs";
const url = "http://127.0.0.1:8831";
const out = "/tmp/exchange-scratch/shots";
const browser = await startBrowser();
for (const width of [1440, 390]) {
  const phone = width < 600 ? { isMobile: true, hasTouch: true } : {};
  const { page, problems, close } = await openPage(browser, url, { viewport: { width, height: width < 600 ? 844 : 900 }, locale: "vi-VN", ...phone });
  await signIn(page, "vanphong", "vungxanh2021");
  const shot = async (name) => { await page.evaluate(() => document.fonts.ready); console.log(name, width, "wider", await overflow(page), problems.splice(0)); await page.screenshot({ path: `${out}/${name}-${width}.png`, fullPage: true }); };
  await page.goto("/reports");
  const link = await page.$$eval("a", (all) => all.filter((a) => a.textContent.includes("Báo cáo nhanh") && /reports\/[0-9a-f-]{36}$/.test(a.href)).map((a) => a.href)[0]);
  await page.goto(link);
  await shot("board");
  await page.goto(`${link}/import`);
  await shot("import");
  const sent = await (await page.request.get(`${link}/table/csv?unit=94/&on=2021-09-12`)).text();
  const lines = sent.split("\r\n");
  lines[2] = lines[2].replace(/2021-09-12;[^;]*;/, "2021-09-12;ba ca;");
  lines[3] = lines[3].replace("2021-09-12", "2021-08-12");
  lines[4] = lines[5];
  lines[7] = lines[7].replace(/2021-09-12;[^;]*;/, "2021-09-12;77;");
  lines[8] = lines[8].replace(/2021-09-12;.*/, "2021-09-12;1;9;0;1;1;1;1;1;1;1;1;1");
  for (let n = 9; n < 40; n++) lines[n] = lines[n].replace(/2021-09-12;.*/, `2021-09-13;${n};1;0;1;1;1;1;1;1;1;1;1`);
  lines.push("99999;UBND xã Không Có;2021-09-12;1;1");
  await page.setInputFiles("input[name=file]", { name: "số liệu tỉnh.csv", mimeType: "text/csv", buffer: Buffer.from(lines.join("\r\n")) });
  await page.click("form[action$='/import/review'] button[type=submit]");
  await page.waitForSelector(".vx-figures");
  await shot("review");
  if (width === 1440) {
    await page.check("input[name=corrects]");
    await page.fill("textarea[name=reason]", "Đối chiếu lại với CDC");
    await page.click("form[action$='/import'] button[type=submit]");
    await page.waitForTimeout(500);
    await shot("running");
    await page.waitForTimeout(6000);
    await page.reload();
    await shot("done");
    await page.goto(`${link}/sum?unit=94/&on=2021-09-12`);
    await page.evaluate(() => { for (const box of document.querySelectorAll("main details")) box.open = true; });
    await shot("sum");
  } else {
    await page.goto(`${link}/import`);
    await page.click("tbody a");
    await shot("done");
  }
  await page.goto("/papers");
  await shot("papers");
  await close();
}
await browser.close();
