// What comes out of the printer: no menus, nothing to press, black on white, the filter in words, who printed it and when.
import assert from "node:assert/strict";
import { PASSWORD, signIn, test } from "./rig.mjs";

/** Whatever of a page in print should not be on paper, as lines. */
const unfit = (page) => page.evaluate(() => {
  const lines = [];
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().height > 0;
  const word = (element) => `${element.tagName.toLowerCase()}.${element.className} “${(element.textContent ?? "").trim().slice(0, 40)}”`;
  for (const element of document.querySelectorAll("button, .btn, header, footer, .vx-drop, input[type=checkbox], input[type=file], textarea")) {
    if (seen(element)) lines.push(`to be pressed: ${word(element)}`);
  }
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  for (const element of document.querySelectorAll("main *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (!own || !seen(element)) continue;
    canvas.fillStyle = getComputedStyle(element).color;
    canvas.fillRect(0, 0, 1, 1);
    if (Math.max(...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)) > 130) lines.push(`pale: ${word(element)} ${getComputedStyle(element).color}`);
  }
  for (const head of document.querySelectorAll("table:has(thead) thead")) {
    if (seen(head) && getComputedStyle(head).display !== "table-header-group") lines.push("a head that does not repeat");
  }
  const panes = [...document.querySelectorAll(".vx-pane, .vx-panel")].filter(seen).filter((pane) => !pane.querySelector(".vx-panel"));
  for (const [index, pane] of panes.entries()) {
    const next = panes[index + 1];
    if (next && !pane.contains(next) && !next.contains(pane) && next.getBoundingClientRect().top < pane.getBoundingClientRect().top + pane.scrollHeight - 2) lines.push(`${word(next)} lies on ${word(pane)}`);
  }
  return [...new Set(lines)].slice(0, 8);
});

for (const theme of ["light", "dark"]) {
  test(`print: every kind of page, from a ${theme} screen`, async ({ page, url }) => {
    await signIn(page, "vanphong", PASSWORD);
    await page.context().addCookies([{ name: "vx_theme", value: theme, url }]);
    const first = async (list) => {
      await page.goto(list);
      return page.locator("[data-rows] a").first().getAttribute("href");
    };
    const [task, issued] = [await first("/tasks"), await first("/directives?state=issued")];
    for (const path of ["/", "/inbox", "/tasks?seen=overdue", "/tasks/board", task, "/directives?state=issued", issued, "/accounts?role=office", "/units?kind=district&within=94"]) {
      await page.emulateMedia({ media: "screen" });
      await page.goto(path);
      await page.emulateMedia({ media: "print" });
      await page.setViewportSize({ width: 700, height: 1000 });
      assert.deepEqual(await unfit(page), [], path);
      assert.match(await page.locator(".vx-printed").innerText(), /In lúc \d\d:\d\d .*người in: Trần Ngọc Lan/, path);
      assert.ok((await page.pdf({ format: "A4" })).length > 5_000, path);
    }
    // What the list was narrowed to stands on the paper, what it was not narrowed to does not.
    await page.goto("/tasks?seen=overdue");
    const fields = page.locator(".vx-filters > label").filter({ visible: true });
    const said = (await fields.locator("select option:checked").allInnerTexts()).join(" · ");
    assert.match(said, /Quá hạn/);
    assert.doesNotMatch(said, /Mọi độ khẩn/);
  });
}
