// A chart looked at closely: the drawing of the server gives way to one that can be zoomed, read label by label and kept
// as a picture. Nothing is loaded before somebody asks for it; without this script the drawing, its links and the table
// say the same.

const live = new Map();
/** Pixels that a label needs at the least to be touched. */
const LABEL_MIN = 12;
/** Height of the title of a picture. */
const TITLE = 52;
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

/** The colours that the page has now. */
function tones(drawn) {
  const of = (row) => {
    const mark = drawn.querySelector(`.vx-row-${row}`);
    return mark && getComputedStyle(mark).getPropertyValue("stroke");
  };
  const style = getComputedStyle(drawn);
  return { ink: style.color, of, type: style.fontFamily };
}

/** The end of an interval, its other end, and the line between them. */
function whisker(ink) {
  return (_, api) => {
    const [x, low] = api.coord([api.value(0), api.value(1)]);
    const high = api.coord([api.value(0), api.value(2)])[1];
    const arm = Math.min(5, api.size([1, 0])[0] * 0.25);
    const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: ink, lineWidth: 1.4 } });
    return { type: "group", children: [line(x, low, x, high), line(x - arm, low, x + arm, low), line(x - arm, high, x + arm, high)] };
  };
}

/** The options with what is no plain value: tones of the page, signs in cells, figures as the page's language writes them. */
function dressed(options, { ink, of, type }) {
  options.textStyle = { color: ink, fontFamily: type };
  if (options.legend) options.legend.textStyle = { color: ink };
  for (const axis of [options.xAxis, options.yAxis]) {
    axis.axisLabel = { ...axis.axisLabel, color: ink };
    axis.axisLine = { lineStyle: { color: ink } };
    if (axis.type === "value") {
      axis.axisLabel.formatter = (value) => number.format(value);
      axis.splitLine = { lineStyle: { color: ink, opacity: 0.2 } };
    }
  }
  for (const zoom of options.dataZoom) zoom.textStyle = { color: ink };
  for (const row of options.series) {
    const tone = row.ink ? ink : of(row.row);
    if (tone) {
      row.itemStyle = { ...row.itemStyle, color: tone, borderColor: tone };
      row.lineStyle = { ...row.lineStyle, color: tone };
      if (row.hollow) row.itemStyle = { ...row.itemStyle, borderWidth: 1, borderType: row.ink ? "dashed" : "solid", decal: { symbol: "none" }, color: see(tone) };
      if (row.areaStyle) row.areaStyle.color = tone;
    }
    if (row.markLine) row.markLine.lineStyle = { color: ink, type: "dashed", width: 1.4 };
    if (row.whisker) row.renderItem = whisker(ink);
    if (row.signs) row.label.formatter = ({ value }) => row.signs[value[2]];
  }
  return options;
}

/** The same tone, seen through. */
function see(tone) {
  const parts = tone.match(/[\d.]+/g) ?? [0, 0, 0];
  return `rgba(${parts.slice(0, 3).join(",")},0.2)`;
}

/** Says what is at a place, and where its rows are. */
function say(box, row, at) {
  const shown = live.get(box);
  const mark = box.querySelector(`[data-mark="${row} ${at}"]`) ?? box.querySelector(`[data-mark="${row} 0"]`);
  if (!mark || (shown.row === row && shown.at === at)) return;
  Object.assign(shown, { row, at });
  const link = document.createElement("a");
  link.href = mark.getAttribute("href");
  link.textContent = mark.getAttribute("aria-label");
  box.querySelector("[data-chart-said]").replaceChildren(link);
}

/** Follows the pointer and the arrow keys. */
function follow(box, chart, options) {
  const cells = options.yAxis.type === "category";
  const [columns, rows] = [options.xAxis.data.length, cells ? options.yAxis.data.length : 1];
  const point = ({ offsetX, offsetY }) => {
    const place = [offsetX, offsetY];
    if (!chart.containPixel("grid", place)) return;
    const [at, row] = chart.convertFromPixel("grid", place);
    say(box, cells ? Math.round(row) : 0, Math.round(at));
  };
  chart.getZr().on("mousemove", point);
  chart.getZr().on("click", point);
  chart.getDom().addEventListener("keydown", (event) => {
    const shown = live.get(box);
    const [across, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (event.key === "Enter") box.querySelector("[data-chart-said] a")?.click();
    if (across === undefined || (down && !cells)) return;
    event.preventDefault();
    const within = (value, n) => Math.max(0, Math.min(n - 1, value));
    const at = within((shown.at ?? columns) + across, columns);
    const row = within((shown.row ?? 0) + down, rows);
    say(box, row, at);
    const [x, y] = chart.convertToPixel("grid", [at, cells ? row : 0]);
    chart.dispatchAction({ type: "showTip", x, y: cells ? y : y - 4 });
  });
}

/** Draws it, in the tones that the page has now. */
async function open(box) {
  const { init } = await import(box.dataset.library);
  const drawn = box.querySelector(".vx-chart");
  const options = dressed(JSON.parse(box.querySelector("[data-options]").textContent), tones(drawn));
  const place = box.querySelector("[data-chart-live]");
  box.dataset.open = "yes";
  const [n, room] = [options.xAxis.data.length, Math.floor((place.clientWidth - (options.legend ? 60 : 190)) / LABEL_MIN)];
  if (options.newest && n > room) for (const zoom of options.dataZoom) Object.assign(zoom, { startValue: n - room, endValue: n - 1 });
  const height = options.legend ? 400 : options.yAxis.data.length * 22 + 84;
  const chart = init(place, null, { renderer: "canvas", height });
  chart.setOption(options);
  const sized = new ResizeObserver(() => chart.resize());
  sized.observe(place);
  live.set(box, { chart, sized });
  follow(box, chart, options);
}

function close(box) {
  const shown = live.get(box);
  shown?.sized.disconnect();
  shown?.chart.dispose();
  live.delete(box);
  delete box.dataset.open;
  box.querySelector("[data-chart-said]").textContent = box.dataset.hint;
}

/** A picture as it stands, with what it shows and of which day, on the page's own ground. */
function save(box) {
  const { chart } = live.get(box);
  const { color, backgroundColor } = getComputedStyle(document.body);
  const [{ top }] = chart.getOption().grid;
  const place = chart.getDom().getAttribute("aria-label");
  const subtext = `${document.querySelector("h1").textContent.trim()}. ${box.dataset.until}`;
  const title = { show: true, left: 8, top: 8, itemGap: 6, text: place, subtext, textStyle: { color, fontSize: 16, lineHeight: 22 }, subtextStyle: { color, fontSize: 12, lineHeight: 16 } };
  chart.dispatchAction({ type: "updateAxisPointer", currTrigger: "leave" });
  chart.setOption({ title, grid: { top: top + TITLE }, dataZoom: [{}, { show: false }] });
  const link = document.createElement("a");
  link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor });
  link.download = `${box.dataset.name}.png`;
  link.click();
  chart.setOption({ title: { show: false }, grid: { top }, dataZoom: [{}, { show: true }] });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-chart-open], [data-chart-close], [data-chart-save]");
  const box = button?.closest("[data-chart]");
  if (!box) return;
  if (button.matches("[data-chart-save]")) return save(box);
  if (button.matches("[data-chart-close]")) {
    close(box);
    return box.querySelector("[data-chart-open]").focus();
  }
  const said = box.querySelector("[data-chart-failed]");
  said.hidden = true;
  button.disabled = true;
  try {
    await open(box);
    box.querySelector("[data-chart-live]").focus();
  } catch (error) {
    console.warn(error);
    close(box);
    said.hidden = false;
  }
  button.disabled = false;
});

// Another theme has other tones.
new MutationObserver(() => {
  for (const box of [...live.keys()]) {
    close(box);
    open(box);
  }
}).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
