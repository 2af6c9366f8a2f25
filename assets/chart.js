// A chart looked at closely: the drawing of the server gives way to one that can be zoomed, read mark by mark and kept as
// a picture. Nothing is loaded before somebody asks for it; without this script the drawing, its links and the table say
// the same.

/** What is open, by its box: the chart, how to end it, and the mark that is told. */
const live = new Map();
const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });
const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
/** Room beside the days: figures of a scale in pixels, names of rows in hundredths of the width at the most. */
const SCALE = 60;
const NAMES = 30;
/** Lines of the title of a picture, in pixels, and how wide a letter is. */
const LINE = 16;
const LETTER = 6.5;
/** Below this many pixels the names of a legend stand below each other, each as high as this. */
const NARROW = 600;
const LEGEND = 24;
let failures = 0;

/** A colour of the page, which may be said in ways that a canvas library does not know, by its three parts. */
function plain(colour, seen = 1) {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${seen})`;
}

/** The colours that the page has now: of text, of the ground, and of what is drawn. */
function tones(box) {
  const drawn = box.querySelector(".vx-chart");
  const ink = getComputedStyle(drawn).color;
  const of = (name) => {
    const mark = drawn.querySelector(`.${name}`);
    return mark ? getComputedStyle(mark).stroke : ink;
  };
  const ground = getComputedStyle(box.closest(".vx-panel") ?? document.body).backgroundColor;
  const tone = ({ row, ink: isInk, late }) => (late ? of("vx-beyond") : isInk ? ink : of(`vx-row-${row}`));
  return { ink: plain(ink), ground: plain(ground), tone, type: getComputedStyle(drawn).fontFamily };
}

/** The ends of an interval and the line between them. */
function whisker(ink) {
  return (_, api) => {
    const [x, low] = api.coord([api.value(0), api.value(1)]);
    const high = api.coord([api.value(0), api.value(2)])[1];
    const arm = Math.min(5, api.size([1, 0])[0] * 0.25);
    const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: ink, lineWidth: 1.4 } });
    return { type: "group", children: [line(x, low, x, high), line(x - arm, low, x + arm, low), line(x - arm, high, x + arm, high)] };
  };
}

/** Gives options what is no plain value: tones of the page, signs in cells, figures as the page's language writes them. */
function dress(option, { ink, ground, tone, type }, width) {
  option.textStyle = { color: ink, fontFamily: type };
  if (option.legend) Object.assign(option.legend, { textStyle: { color: ink }, pageTextStyle: { color: ink }, pageIconColor: ink, pageIconInactiveColor: plain(ink, 0.3) });
  for (const axis of [option.xAxis, option.yAxis]) {
    axis.axisLabel = { ...axis.axisLabel, color: ink };
    axis.axisLine = { lineStyle: { color: ink } };
    if (axis.type === "value") {
      axis.axisLabel.formatter = (value) => number.format(value);
      axis.splitLine = { lineStyle: { color: ink, opacity: 0.2 } };
    } else if (axis.inverse) axis.axisLabel.width = Math.min(axis.axisLabel.width, (width * NAMES) / 100);
  }
  for (const zoom of option.dataZoom) zoom.textStyle = { color: ink };
  for (const piece of option.visualMap?.pieces ?? []) piece.color ??= plain(tone(piece), piece.hollow ? 0.25 : 1);
  for (const row of option.series) {
    if (row.signs) {
      row.label = { color: ground, ...row.label, formatter: ({ value }) => row.signs[value[2]] };
      row.itemStyle = { borderColor: ground, borderWidth: 1 };
      row.emphasis = { itemStyle: { borderColor: ink, borderWidth: 2 } };
      // A dash stands on the ground itself.
      row.data = row.data.map((value) => (row.signs[value[2]] === "–" ? { value, label: { color: ink } } : value));
      continue;
    }
    const colour = plain(tone(row));
    row.lineStyle = { ...row.lineStyle, color: colour };
    row.itemStyle = row.hollow ? { color: plain(tone(row), 0.2), borderColor: colour, borderWidth: 1, borderType: row.ink ? "dashed" : "solid" } : { color: colour };
    if (row.symbol?.startsWith("path")) row.itemStyle = { borderColor: colour, borderWidth: 1.4 };
    if (row.areaStyle) row.areaStyle.color = colour;
    if (row.markLine) row.markLine.lineStyle = { color: ink, type: "dashed", width: 1.4 };
    if (row.whisker) row.renderItem = whisker(ink);
  }
}

/** Says what the mark of a row and a label says, and leads where it leads. */
function say(box, row, at) {
  const shown = live.get(box);
  const place = { label: `0 ${at}`, cell: `${row} ${at}`, row: `${row} 0` }[shown.marks];
  const mark = box.querySelector(`[data-mark="${place}"]`);
  if (!mark || shown.mark === mark) return;
  shown.mark = mark;
  const said = box.querySelector("[data-chart-said]");
  const link = said.querySelector("a") ?? document.createElement("a");
  link.href = mark.getAttribute("href");
  link.textContent = mark.getAttribute("aria-label");
  if (!link.isConnected) said.replaceChildren(link);
}

/** Opens what the told mark leads to, in another tab where the browser's keys ask for it. */
function lead(box, { ctrlKey, metaKey, shiftKey }) {
  const link = box.querySelector("[data-chart-said] a");
  link?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
}

/** Follows pointer and keys. */
function follow(box, { chart, option, marks, signal }) {
  const [place, cells] = [chart.getDom(), marks !== "label"];
  const [columns, rows] = [option.xAxis.data.length, cells ? option.yAxis.data.length : 1];
  const within = (value, n) => Math.max(0, Math.min(n - 1, Math.round(value)));
  let [at, row, pointer] = [columns, 0, "mouse"];
  const point = ({ offsetX, offsetY }) => {
    if (!chart.containPixel("grid", [offsetX, offsetY])) return false;
    const [across, down] = chart.convertFromPixel("grid", [offsetX, offsetY]);
    [at, row] = [within(across, columns), cells ? within(down, rows) : 0];
    say(box, row, at);
    return true;
  };
  chart.getZr().on("mousemove", point);
  // A mouse opens what it points at; a finger reads first, and opens by the words.
  chart.getZr().on("click", (event) => {
    if (point(event) && pointer === "mouse") lead(box, event.event);
  });
  place.addEventListener("pointerdown", (event) => (pointer = event.pointerType), { capture: true, signal });
  // Without Ctrl the wheel is the page's: the library would keep it.
  for (const wheel of ["wheel", "mousewheel"]) {
    place.addEventListener(wheel, (event) => event.ctrlKey || event.stopPropagation(), { capture: true, passive: true, signal });
  }
  const shownNow = () => {
    const { startValue, endValue } = chart.getOption().dataZoom[0];
    return [startValue, endValue];
  };
  const span = (from, n) => {
    const startValue = within(from, columns - n + 1);
    chart.dispatchAction({ type: "dataZoom", startValue, endValue: startValue + n - 1 });
  };
  const show = () => {
    const [first, last] = shownNow();
    if (at < first || at > last) span(at < first ? at : at - (last - first), last - first + 1);
    say(box, row, at);
    if (cells) {
      chart.dispatchAction({ type: "downplay", seriesIndex: 0 });
      const dataIndex = option.series[0].data.findIndex((one) => (one.value ?? one)[0] === at && (one.value ?? one)[1] === row);
      chart.dispatchAction({ type: "highlight", seriesIndex: 0, dataIndex });
    } else {
      const [x, y] = chart.convertToPixel("grid", [at, 0]);
      chart.dispatchAction({ type: "showTip", x, y: y - 4 });
    }
  };
  place.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Home: [-columns, 0], End: [columns, 0] };
    const zooms = { "+": 0.5, "=": 0.5, "-": 2 };
    if (event.key === "Enter") return lead(box, event);
    if (event.key in zooms) {
      const [first, last] = shownNow();
      const n = within((last - first + 1) * zooms[event.key], columns + 1) || 1;
      span(Math.min(at, columns - 1) - n / 2, n);
    } else if (event.key in moves && (cells || moves[event.key][0])) {
      const [across, down] = moves[event.key];
      [at, row] = [within(at + across, columns), within(row + down, rows)];
      show();
    } else return;
    event.preventDefault();
  }, { signal });
}

/** Draws it, in the tones that the page has now. */
function open(box, { init }) {
  const place = box.querySelector("[data-chart-live]");
  const ending = new AbortController();
  box.dataset.open = "yes";
  let { option, height, marks, label_min: least } = JSON.parse(box.querySelector("[data-options]").textContent);
  dress(option, tones(box), place.clientWidth);
  const beside = marks === "label" ? SCALE : 30 + option.yAxis.axisLabel.width;
  const [n, room] = [option.xAxis.data.length, Math.max(1, Math.floor((place.clientWidth - beside) / least))];
  if (n > room) for (const zoom of option.dataZoom) Object.assign(zoom, { startValue: n - room, endValue: n - 1 });
  // Where names stand beside each other they would be paged: a picture has no pages.
  if (option.legend && place.clientWidth < NARROW) {
    const more = (option.legend.data.length - 1) * LEGEND;
    Object.assign(option.legend, { type: "plain", orient: "vertical", left: 8 });
    option.grid.bottom += more;
    height += more;
  }
  const chart = init(place, null, { renderer: "canvas", height });
  const shown = { chart, option, height, marks, signal: ending.signal, end: () => ending.abort() };
  live.set(box, shown);
  ending.signal.addEventListener("abort", () => chart.dispose());
  chart.setOption(option);
  const sized = new ResizeObserver(() => place.clientWidth && chart.resize({ width: place.clientWidth }));
  sized.observe(place);
  ending.signal.addEventListener("abort", () => sized.disconnect());
  follow(box, shown);
}

function close(box) {
  live.get(box)?.end();
  live.delete(box);
  delete box.dataset.open;
  box.querySelector("[data-chart-said]").textContent = box.dataset.hint;
}

/** A picture as it stands, with what it shows, of where and of when, on the page's own ground. */
function save(box) {
  const { chart, option, height } = live.get(box);
  const { ink: color, ground: backgroundColor } = tones(box);
  const width = chart.getWidth() - 24;
  const [text, subtext] = [chart.getDom().getAttribute("aria-label"), box.dataset.subject];
  const lines = subtext.split("\n").reduce((sum, line) => sum + Math.ceil((line.length * LETTER) / width), 0);
  const room = 36 + lines * LINE;
  const style = (fontSize, lineHeight) => ({ color, width, overflow: "break", fontSize, lineHeight });
  const title = { show: true, left: 8, top: 6, padding: [4, 4], itemGap: 4, text, subtext, textStyle: style(16, 22), subtextStyle: style(12, LINE) };
  chart.dispatchAction({ type: "updateAxisPointer", currTrigger: "leave" });
  chart.dispatchAction({ type: "downplay", seriesIndex: 0 });
  chart.resize({ height: height + room });
  chart.setOption({ title, grid: { top: option.grid.top + room }, dataZoom: [{}, { show: false }] });
  const link = document.createElement("a");
  link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor });
  link.download = `${box.dataset.name}.png`;
  link.click();
  chart.setOption({ title: { show: false }, grid: { top: option.grid.top }, dataZoom: [{}, { show: true }] });
  chart.resize({ height });
}

/** Loads what draws, once for all boxes. A load that failed is remembered by the browser under its address. */
function library(box) {
  const address = new URL(box.dataset.library, location.href);
  if (failures) address.searchParams.set("again", failures);
  return import(address);
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
  const status = box.querySelector("[data-chart-status]");
  if (live.has(box) || status.textContent === box.dataset.loading) return;
  status.textContent = box.dataset.loading;
  try {
    const loaded = await library(box);
    const waits = [button, document.body].includes(document.activeElement);
    open(box, loaded);
    // Whoever went on to something else meanwhile stays there.
    if (waits) box.querySelector("[data-chart-live]").focus();
    status.textContent = "";
  } catch (error) {
    failures += 1;
    console.warn(error);
    close(box);
    status.textContent = box.dataset.failed;
  }
});
