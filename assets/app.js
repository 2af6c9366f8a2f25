// @ts-check
// Comfort for the keyboard, the review page and uploads. Every page works without this file.
// All listeners sit on the document, so that parts exchanged by htmx need no set-up.

/** @param {Event} event @param {string} selector @returns {HTMLElement | null} */
const near = (event, selector) =>
  event.target instanceof Element ? event.target.closest(selector) : null;

/** @param {string} selector @param {ParentNode} [within] @returns {HTMLElement[]} */
const all = (selector, within = document) => [...within.querySelectorAll(selector)].filter((found) => found instanceof HTMLElement);

/** Marks one element of its kind, shows it, and gives it the focus where it can have it.
 * @param {HTMLElement} element @param {string} name */
function show(element, name) {
  for (const other of all(`.${name}`)) other.classList.remove(name);
  element.classList.add(name);
  element.scrollIntoView({ block: "nearest" });
}

// Lists: j and k move, Enter opens, x picks. The rows are the children of [data-rows].
/** @param {number} step */
function move(step) {
  const rows = all("[data-rows] > *").filter((row) => row.querySelector("a"));
  const at = rows.findIndex((row) => row.classList.contains("vx-at"));
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!next) return;
  show(next, "vx-at");
  next.querySelector("a")?.focus({ preventScroll: true });
}

// A page that is meant to be kept on paper has a button for it.
document.addEventListener("click", (event) => { if (near(event, "[data-print]")) window.print(); });

// Review: Enter or n goes to the next finding that is not settled, and round again after the last.
function nextFinding() {
  const open = all(".vx-finding:not(.vx-finding-settled)");
  const at = open.findIndex((finding) => finding.classList.contains("vx-here"));
  const next = open[(at + 1) % open.length];
  if (!next) return;
  show(next, "vx-here");
  const control = next.querySelector("input:not([type=hidden]), select, textarea, button, a");
  if (control instanceof HTMLElement) control.focus({ preventScroll: true });
  if (next.dataset.span) showSpan(next);
}

/** The bytes of the text that a card or mark stands for. @param {HTMLElement} element */
const spanOf = (element) => (element.dataset.span ?? "0-0").split("-").map(Number);

/** From a card to its words in the text, and back: the same data-span, or else the nearest that holds it.
 * @param {HTMLElement} from */
function showSpan(from) {
  const [start, end] = spanOf(from);
  const length = (/** @type {HTMLElement} */ element) => spanOf(element)[1] - spanOf(element)[0];
  const toCard = from.matches("mark");
  const fit = all(toCard ? "[data-span]:not(mark)" : "mark[data-span]").filter((other) => {
    const [first, last] = spanOf(other);
    return toCard ? first <= start && end <= last : start <= first && last <= end;
  });
  const other = toCard ? fit.sort((a, b) => length(a) - length(b))[0] : fit[0];
  if (!other) return;
  for (const shown of all(".vx-here")) if (shown !== from) shown.classList.remove("vx-here");
  for (let box = other.closest("details"); box; box = box.parentElement?.closest("details") ?? null) box.open = true;
  other.classList.add("vx-here");
  other.scrollIntoView({ block: "center" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    for (const menu of all("details.vx-menu[open]")) {
      menu.removeAttribute("open");
      menu.querySelector("summary")?.focus();
    }
  }
  if (document.querySelector("dialog[open]")) return;
  if (near(event, "input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const onControl = near(event, "a, button, summary, input");
  const search = all("input[type=search], [data-search]")[0];
  if (event.key === "/" && search) search.focus();
  else if (event.key === "?") showKeys();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "[") all("a[rel=prev]")[0]?.click();
  else if (event.key === "]") all("a[rel=next]")[0]?.click();
  else if (event.key === "x") all(".vx-at input[data-pick]")[0]?.click();
  else if (event.key === "Enter" && !onControl && all(".vx-at a")[0]) all(".vx-at a")[0]?.click();
  else if (event.key === "n" || (event.key === "Enter" && !onControl)) {
    if (all(".vx-finding").length === 0) return;
    nextFinding();
  } else return;
  event.preventDefault();
});

// The list of keys; the browser keeps the focus inside it, and gives it back when it closes.
function showKeys() {
  const keys = all("dialog#keys")[0];
  if (keys instanceof HTMLDialogElement && !keys.open) keys.showModal();
}

// Who comes back to a list finds the row they left it by.
const placeOf = () => `vx-at ${location.pathname}${location.search}`;
/** @param {HTMLElement | null} link */
function remember(link) {
  if (link instanceof HTMLAnchorElement) sessionStorage.setItem(placeOf(), link.href);
}
function comeBack() {
  const [visit] = performance.getEntriesByType("navigation");
  if (!(visit instanceof PerformanceNavigationTiming) || visit.type !== "back_forward") return;
  const left = sessionStorage.getItem(placeOf());
  const link = all("[data-rows] a").find((other) => other instanceof HTMLAnchorElement && other.href === left);
  const row = link?.closest("[data-rows] > *");
  if (!(row instanceof HTMLElement)) return;
  show(row, "vx-at");
  link?.focus({ preventScroll: true });
}
comeBack();

/** A menu closes when one turns to something else. @param {Event} event */
function leaveMenus(event) {
  for (const menu of all("details.vx-menu[open]")) {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute("open");
  }
}
document.addEventListener("focusin", leaveMenus);
document.addEventListener("click", (event) => {
  leaveMenus(event);
  if (near(event, "[data-keys]")) showKeys();
  remember(near(event, "[data-rows] a"));
  const spanned = near(event, "[data-span]");
  if (spanned && !near(event, "button, summary, a")) showSpan(spanned);
});

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.form) return;
  const form = input.form;
  const picks = all("input[data-pick]", form).filter((pick) => pick instanceof HTMLInputElement);
  if ("pickAll" in input.dataset) for (const pick of picks) pick.checked = input.checked;
  const picked = picks.filter((pick) => pick.checked);
  for (const count of all("[data-picked]", form)) count.textContent = String(picked.length);
  // What goes for none of the rows that are picked cannot be pressed; what goes for some says for how many.
  for (const button of all("button[name=do]", form)) {
    const n = picked.filter((pick) => pick.dataset.pick?.split(" ").includes(button.getAttribute("value") ?? "")).length;
    if (button instanceof HTMLButtonElement) button.disabled = picked.length > 0 && n === 0;
    for (const goes of all("[data-goes]", button)) goes.textContent = n > 0 && n < picked.length ? ` (${n})` : "";
  }
  const zone = near(event, "[data-drop]");
  if (input.type === "file" && zone) chosen(zone, input);
});

// Files: chosen or dropped on [data-drop], named in [data-names]; data-drop="submit" sends at once.
/** @param {HTMLElement} zone @param {HTMLInputElement} input */
function chosen(zone, input) {
  const names = all("[data-names]", zone)[0];
  names?.replaceChildren(...[...(input.files ?? [])].map((file) => {
    const item = document.createElement("li");
    item.textContent = `${file.name} (${Math.ceil(file.size / 1024).toLocaleString(document.documentElement.lang)} KB)`;
    return item;
  }));
  if (zone.dataset.drop === "submit" && input.files?.length) input.form?.requestSubmit();
}

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = near(event, "[data-drop]");
    const input = zone?.querySelector("input[type=file]");
    if (!(event instanceof DragEvent) || !zone || !(input instanceof HTMLInputElement)) return;
    event.preventDefault();
    zone.classList.toggle("vx-drop-over", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer?.files.length) return;
    input.files = event.dataTransfer.files;
    chosen(zone, input);
  });
}

// What is typed stays on this device until the server has it: [data-kept] in a form names the edition that is written, so
// that what was sent is never filled in again.
const KEPT_DAYS = 7;
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */
/** @param {HTMLFormElement} form @returns {Field[]} */
const typedIn = (form) => [...form.elements].flatMap((field) =>
  (field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement
    || (field instanceof HTMLInputElement && !["hidden", "file", "submit", "checkbox", "radio"].includes(field.type)))
    && field.name ? [field] : []);
/** @param {HTMLElement} line @param {string | undefined} said @param {number} at */
function tellKept(line, said, at) {
  const time = new Date(at).toLocaleString(document.documentElement.lang, { timeStyle: "short", dateStyle: "short" });
  line.replaceChildren((said ?? "").replace("@", time));
}
/** @param {HTMLElement} line */
function keep(line) {
  const form = line.closest("form");
  if (!form) return;
  const kept = { at: Date.now(), values: Object.fromEntries(typedIn(form).map((field) => [field.name, field.value])) };
  // A device without room for it, or told to keep nothing, goes on without.
  try { localStorage.setItem(`vx-kept ${line.dataset.kept}`, JSON.stringify(kept)); } catch { return; }
  tellKept(line, line.dataset.keptSaid, kept.at);
}
/** @type {number | undefined} */
let keeping;
document.addEventListener("input", (event) => {
  const line = all("[data-kept]", near(event, "form") ?? document.createElement("form"))[0];
  if (!line) return;
  clearTimeout(keeping);
  keeping = setTimeout(() => keep(line), 400);
});
function fillKept() {
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith("vx-kept "))) {
      const kept = JSON.parse(localStorage.getItem(key) ?? "null");
      if (!(Date.now() - kept?.at < KEPT_DAYS * 86_400_000)) localStorage.removeItem(key);
    }
    for (const line of all("form [data-kept]:not([data-kept-shown])")) {
      const form = line.closest("form");
      const kept = JSON.parse(localStorage.getItem(`vx-kept ${line.dataset.kept}`) ?? "null");
      const other = form && kept ? typedIn(form).filter((field) => kept.values[field.name] !== undefined && kept.values[field.name] !== field.value) : [];
      for (const field of other) field.value = kept.values[field.name];
      if (other.length === 0) continue;
      tellKept(line, line.dataset.keptFilled, kept.at);
      for (const drop of all("[data-kept-drop]", form ?? document)) drop.hidden = false;
    }
  } catch { /* nothing was kept */ }
}
fillKept();
document.addEventListener("click", (event) => {
  const line = near(event, "[data-kept-drop]")?.closest("form")?.querySelector("[data-kept]");
  if (!(line instanceof HTMLElement)) return;
  localStorage.removeItem(`vx-kept ${line.dataset.kept}`);
  location.reload();
});

// A second click sends nothing. The button is not disabled before the form has taken its value.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  for (const line of all("[data-kept]", form)) keep(line);
  event.submitter?.setAttribute("aria-busy", "true");
  const progress = all("[data-sending]", form)[0];
  if (progress) progress.textContent = progress.dataset.sending ?? "";
});

// A page that comes back from the history can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const button of all("[aria-busy=true]")) button.removeAttribute("aria-busy");
});
