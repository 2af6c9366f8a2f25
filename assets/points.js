// Points of the map: sites over whatever layer is shown. What they are comes from the address that the list below the map
// names; the list and the marks of the drawn map say the same without this script.

const NOTHING = { type: "FeatureCollection", features: [] };
const CHOSEN = "#0658b8";

/** The mark of a kind: its two letters on dark. */
function picture(sign) {
  const scale = 2;
  const [width, height] = [30, 22];
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.scale(scale, scale);
  pen.fillStyle = "#1d2b3a";
  pen.strokeStyle = "#fff";
  pen.lineWidth = 2;
  pen.beginPath();
  pen.roundRect(1, 1, width - 2, height - 2, 4);
  pen.fill();
  pen.stroke();
  pen.font = '700 12px "Be Vietnam Pro", sans-serif';
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = "#fff";
  pen.fillText(sign, width / 2, height / 2 + 0.5);
  return [pen.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: scale }];
}

/** A line of words, or of a link, where there is something to say. */
function line(words, href) {
  if (!words) return [];
  const paragraph = document.createElement("p");
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = words;
    paragraph.append(link);
  } else paragraph.textContent = words;
  return [paragraph];
}

/** Puts the points on the moving map and keeps them as the page asks for. */
export function show(map, root) {
  const form = document.getElementById("map-controls");
  const panel = document.getElementById("map-point");
  const untold = panel ? [...panel.childNodes] : [];
  let features = [];
  let asked = 0;
  map.addSource("points", { type: "geojson", data: NOTHING });
  map.addLayer({ id: "point-chosen", type: "circle", source: "points", filter: ["==", ["get", "id"], ""], paint: { "circle-radius": 20, "circle-color": "rgba(255,255,255,0.6)", "circle-stroke-color": CHOSEN, "circle-stroke-width": 4 } });
  map.addLayer({ id: "points", type: "symbol", source: "points", layout: { "icon-image": ["concat", "point|", ["get", "sign"]], "icon-allow-overlap": true, "icon-padding": 0 } });

  /** Reads what the list names. */
  async function load() {
    const address = document.getElementById("map-points")?.dataset.points;
    const mine = ++asked;
    const answer = address ? await fetch(address) : undefined;
    const found = answer?.ok ? await answer.json() : NOTHING;
    if (mine !== asked) return;
    features = found.features;
    for (const { properties: { sign } } of features) if (!map.hasImage(`point|${sign}`)) map.addImage(`point|${sign}`, ...picture(sign));
    map.getSource("points").setData(found);
    if (panel) {
      panel.hidden = !address;
      panel.replaceChildren(...untold);
    }
    map.setFilter("point-chosen", ["==", ["get", "id"], ""]);
    // For tests: so many points are there.
    root.dataset.points = String(features.length);
  }

  /** Tells of a point beside the map. */
  function tell(point) {
    if (!point || !panel) return;
    map.setFilter("point-chosen", ["==", ["get", "id"], point.id]);
    const title = document.createElement("h2");
    title.textContent = point.name;
    const telephone = point.telephone?.replace(/[^0-9+]/g, "");
    panel.replaceChildren(title, ...line(`${point.kind_name} · ${point.unit}`), ...line(point.address), ...line(point.telephone, `tel:${telephone}`), ...line(panel.dataset.open, point.href));
  }

  /** The page as its form asks for it by now: the list, and the drawn map for print. */
  async function again() {
    const address = `${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`;
    const mine = ++asked;
    const answer = await fetch(address);
    if (!answer.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const list = page.getElementById("map-points");
    if (list) document.getElementById("map-points")?.replaceWith(list);
    const drawn = page.querySelector("#map > svg");
    if (drawn) root.querySelector(":scope > svg")?.replaceWith(drawn);
    history.replaceState(null, "", address);
    load();
  }

  map.on("click", "points", ({ features: [found] }) => tell(found?.properties));
  form?.addEventListener("change", ({ target }) => { if (target instanceof HTMLInputElement && target.name === "sites") again(); });
  document.addEventListener("map-painted", load);
  // The list leads to the map: what has the focus there is marked here.
  document.addEventListener("focusin", ({ target }) => {
    const row = target instanceof Element ? target.closest("#map-points tr[data-point]") : null;
    if (row) tell(features.find(({ properties: { id } }) => id === row.dataset.point)?.properties);
  });
  load();
}
