// The map: puts a moving map in the place of the drawn one. Its figures are those of the list on the page; without this
// script, without WebGL and on paper the drawn map and the list stay as they are.

const root = document.getElementById("map");
// Dark enough on every colour of the map, in both brightnesses of the page.
const CHOSEN = "#0658b8";
const HATCHES = { 1: [[0, 8, 16, 8]], 2: [[0, 16, 16, 0]], 3: [[0, 16, 16, 0], [0, 0, 16, 16]] };

const style = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The rows of the list: unit, tone, sign, name. */
const rows = () => [...document.querySelectorAll("#map-list tr[data-unit]")].map((row) => ({ row, ...row.dataset }));

function hasWebGl() {
  try {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  } catch {
    return false;
  }
}

/** An expression that answers for the unit of a feature: groups are pairs of an answer and its units. */
function match(property, groups, otherwise) {
  const sound = groups.filter(([, keys]) => keys.length > 0);
  if (sound.length === 0) return otherwise;
  return ["match", ["get", property], ...sound.flatMap(([answer, keys]) => [keys, answer]), otherwise];
}

/** Units by what they have in common. */
function grouped(list, what) {
  const groups = new Map();
  for (const each of list) groups.set(each[what], [...(groups.get(each[what]) ?? []), each.unit]);
  return [...groups];
}

function hatch(lines) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = "rgb(0 0 0 / 30%)";
  for (const [x, y, toX, toY] of lines) {
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(toX, toY);
    pen.stroke();
  }
  return pen.getImageData(0, 0, 16, 16);
}

/** A sign and a name as a picture: the page's own letters, so that every mark of Vietnamese is there. */
function label(sign, name) {
  const scale = 2;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const fonts = ['700 15px "Be Vietnam Pro", sans-serif', '500 12px "Be Vietnam Pro", sans-serif'];
  const lines = [sign, name].map((text, index) => ({ text, font: fonts[index] })).filter(({ text }) => text);
  let width = 0;
  for (const line of lines) {
    pen.font = line.font;
    width = Math.max(width, pen.measureText(line.text).width);
  }
  canvas.width = Math.ceil(width + 8) * scale;
  canvas.height = (lines.length * 18 + 4) * scale;
  pen.scale(scale, scale);
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  lines.forEach(({ text, font }, index) => {
    const at = [canvas.width / scale / 2, 11 + index * 18];
    pen.font = font;
    pen.lineWidth = 4;
    pen.strokeStyle = "rgb(255 255 255 / 92%)";
    pen.strokeText(text, ...at);
    pen.fillStyle = "#1a1a1a";
    pen.fillText(text, ...at);
  });
  return [pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: scale }];
}

async function begin() {
  const { library, worker, tiles, bounds, property } = root.dataset;
  if (!hasWebGl()) return;
  const { Map: Moving, NavigationControl, setWorkerUrl } = await import(library);
  setWorkerUrl(new URL(worker, location.href).href);
  await document.fonts.ready;
  const [west, south, east, north] = bounds.split(",").map(Number);
  const level = { p: 1, d: 2, k: 3 }[property];
  const source = { source: "units" };
  const none = ["==", ["get", property], "\u0000"];
  const line = (id, color, width, filter) => ({ id, type: "line", ...source, "source-layer": "border", filter, layout: { "line-join": "round" }, paint: { "line-color": color, "line-width": width } });
  const around = (id, color, width) => ({ id, type: "line", ...source, "source-layer": "area", filter: none, paint: { "line-color": color, "line-width": width } });
  root.classList.add("vx-map-live");
  // Names appear where there is room for them: at once when they are few, else when one comes nearer.
  const whole = Math.log2(Math.min(root.clientWidth * 360 / (east - west), root.clientHeight * 340 / (north - south)) / 512);

  /** What the list says, as expressions of the map's style. */
  function said() {
    const list = rows();
    const keys = list.map(({ unit }) => unit);
    const tones = grouped(list, "tone");
    const hatched = tones.filter(([tone]) => tone in HATCHES);
    const sign = match("k", grouped(list, "sign"), "");
    return {
      color: match(property, tones.map(([tone, units]) => [style(`--vx-tone-${tone}`), units]), "rgba(0,0,0,0.05)"),
      hatched: match(property, [[true, hatched.flatMap(([, units]) => units)]], false),
      hatch: match(property, hatched.map(([tone, units]) => [`hatch-${tone}`, units]), "hatch-1"),
      signed: ["all", ["==", ["get", "l"], level], match("k", [[true, keys]], false)],
      sign: ["step", ["zoom"], ["concat", "sign|", sign], whole + (keys.length > 24 ? 1.3 : -1), ["concat", "unit|", ["get", "k"], "|", sign]],
    };
  }
  const first = said();
  const map = new Moving({
    container: root,
    bounds: [west, south, east, north],
    fitBoundsOptions: { padding: 24 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    cooperativeGestures: false,
    maxZoom: 15,
    locale: { "NavigationControl.ZoomIn": root.dataset.zoomIn, "NavigationControl.ZoomOut": root.dataset.zoomOut, "Map.Title": root.dataset.label },
    style: {
      version: 8,
      sources: { units: { type: "vector", tiles: [location.origin + tiles], minzoom: 0, maxzoom: 12 } },
      layers: [
        { id: "fill", type: "fill", ...source, "source-layer": "area", paint: { "fill-color": first.color, "fill-antialias": false } },
        // Borders of the shown level and above; those below it would say that there is more to see than there is.
        line("communes", "#6b6b6b", 0.6, ["all", ["==", ["get", "r"], 3], ["literal", level >= 3]]),
        line("districts", "#4a4a4a", level >= 3 ? 1.4 : 0.8, ["all", ["==", ["get", "r"], 2], ["literal", level >= 2]]),
        line("provinces", "#2d2d2d", level >= 2 ? 2 : 1, ["==", ["get", "r"], 1]),
        around("near", CHOSEN, 2),
        around("chosen", CHOSEN, 4),
      ],
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.getCanvas().setAttribute("aria-label", root.dataset.label);
  /** Pictures for all that the list says, before anything asks for them. */
  function prepare() {
    for (const [name, lines] of Object.entries(HATCHES)) if (!map.hasImage(`hatch-${name}`)) map.addImage(`hatch-${name}`, hatch(lines));
    for (const { unit, name, sign } of rows()) {
      const pictures = [[`sign|${sign}`, ""], [`unit|${unit}|${sign}`, name.split(",")[0]]];
      for (const [id, words] of pictures) if (!map.hasImage(id)) map.addImage(id, ...label(sign, words));
    }
  }

  /** Paints what the list says by now. */
  function paint() {
    const now = said();
    prepare();
    map.setPaintProperty("fill", "fill-color", now.color);
    map.setFilter("hatch", now.hatched);
    map.setPaintProperty("hatch", "fill-pattern", now.hatch);
    map.setFilter("signs", now.signed);
    map.setLayoutProperty("signs", "icon-image", now.sign);
  }

  /** Shows a unit beside the map, with the links of its row. */
  function choose(key, zooms) {
    const found = rows().find(({ unit }) => unit === key);
    map.setFilter("chosen", key ? ["==", ["get", property], key] : none);
    const panel = document.getElementById("map-unit");
    if (!found || !panel) return;
    const title = document.createElement("h2");
    title.textContent = found.name;
    const figure = document.createElement("p");
    figure.append(...[...found.row.cells[1].childNodes].map((node) => node.cloneNode(true)));
    const links = document.createElement("p");
    const unit = found.row.cells[0].querySelector("a").cloneNode(true);
    unit.textContent = root.dataset.open;
    const further = [...found.row.cells[2].querySelectorAll("a")];
    links.append(unit, ...further.flatMap((link) => [" · ", link.cloneNode(true)]));
    panel.replaceChildren(title, figure, links);
    if (!zooms) return;
    const box = boxOf(key);
    if (box) map.fitBounds(box, { padding: 80, maxZoom: 12 });
  }

  /** What is known of a unit's bounds from the tiles that are there. */
  function boxOf(key) {
    const parts = map.querySourceFeatures("units", { sourceLayer: "area", filter: ["==", ["get", property], key] });
    const box = [180, 90, -180, -90];
    const walk = (/** @type {any} */ at) => {
      if (typeof at[0] === "number") {
        box[0] = Math.min(box[0], at[0]); box[1] = Math.min(box[1], at[1]);
        box[2] = Math.max(box[2], at[0]); box[3] = Math.max(box[3], at[1]);
      } else at.forEach(walk);
    };
    for (const part of parts) walk(part.geometry.coordinates);
    return parts.length > 0 ? box : undefined;
  }

  const unitAt = (/** @type {any} */ point) => map.queryRenderedFeatures(point, { layers: ["fill"] })[0]?.properties[property];
  const home = () => map.fitBounds([west, south, east, north], { padding: 24 });

  map.on("load", () => {
    prepare();
    map.addLayer({ id: "hatch", type: "fill", ...source, "source-layer": "area", filter: first.hatched, paint: { "fill-pattern": first.hatch } }, "communes");
    map.addLayer({ id: "signs", type: "symbol", ...source, "source-layer": "name", filter: first.signed, layout: { "icon-image": first.sign, "icon-padding": 2 } });
    map.on("click", ({ point }) => choose(unitAt(point), false));
    map.on("mousemove", ({ point }) => {
      const key = unitAt(point);
      map.getCanvas().style.cursor = key ? "pointer" : "";
      map.setFilter("near", key ? ["==", ["get", property], key] : none);
    });
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") choose(unitAt(map.project(map.getCenter())), false);
      else if (event.key === "Escape") home();
      else return;
      event.preventDefault();
    });
    if (root.dataset.pointsScript) import(root.dataset.pointsScript).then(({ show }) => show(map, root));
    // For tests, and for whoever looks with the eyes of a program: the map stands.
    map.once("idle", () => { root.dataset.drawn = "yes"; });
  });

  // The list leads to the map: what has the focus there is outlined here.
  document.addEventListener("focusin", ({ target }) => {
    const row = target instanceof Element ? target.closest("#map-list tr[data-unit]") : null;
    if (row && map.isStyleLoaded()) choose(row.dataset.unit, false);
  });
  const find = document.getElementById("map-find");
  find?.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  find?.addEventListener("change", () => {
    const found = rows().find(({ name }) => name === find.value.trim());
    if (found) choose(found.unit, true);
  });
  slide(paint);
}

/** A slider over the days of the layer, beside the field that does the same. */
function slide(paint) {
  const day = document.getElementById("map-day");
  if (!(day instanceof HTMLSelectElement)) return;
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", className: "vx-days", min: "0", max: String(day.options.length - 1) });
  const place = () => { slider.value = String(day.options.length - 1 - day.selectedIndex); slider.setAttribute("aria-valuetext", day.selectedOptions[0]?.text ?? ""); };
  slider.setAttribute("aria-label", root.dataset.slider);
  place();
  root.closest(".vx-map-page").before(slider);
  let asked = 0;
  slider.addEventListener("input", async () => {
    day.selectedIndex = day.options.length - 1 - Number(slider.value);
    place();
    const form = /** @type {HTMLFormElement} */ (document.getElementById("map-controls"));
    const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
    const mine = ++asked;
    const answer = await fetch(address);
    if (!answer.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["map-list", "map-legend", "map-points", "map-situation"]) {
      const fresh = page.getElementById(id);
      if (fresh) document.getElementById(id)?.replaceWith(fresh);
    }
    const drawn = page.querySelector("#map > svg");
    if (drawn) root.querySelector(":scope > svg")?.replaceWith(drawn);
    history.replaceState(null, "", address);
    paint();
    document.dispatchEvent(new Event("map-painted"));
  });
}

if (root) begin();
