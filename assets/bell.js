// @ts-check
// The bell at the top: one stream of events for all tabs of a browser; without this file the count is that of the page.

/** @typedef {{ unread: number, shown: string, said: string, news: boolean }} Count */

const STREAM = "/notices/stream";
const WAIT_MS = { first: 15_000, most: 600_000 };

const title = document.title;
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("vx-bell") : null;

/** @param {Count} count */
function show(count) {
  const bell = document.querySelector("[data-bell]");
  const number = document.querySelector("[data-bell-count]");
  if (!(bell instanceof HTMLElement) || !(number instanceof HTMLElement)) return;
  number.textContent = count.shown;
  number.hidden = count.unread === 0;
  bell.setAttribute("aria-label", count.said);
  bell.title = count.said;
  document.title = count.unread > 0 && document.hidden ? `(${count.shown}) ${title}` : title;
  const said = document.querySelector("[data-bell-said]");
  if (said && count.news) said.textContent = count.said;
}

/** Follows the stream until `ended`. A refusal makes it come back later and later.
 * @param {AbortSignal} [ended] */
function follow(ended) {
  let wait = WAIT_MS.first;
  /** @type {EventSource | null} */
  let source = null;
  const open = () => {
    if (ended?.aborted) return;
    source = new EventSource(STREAM);
    source.addEventListener("bell", (event) => {
      wait = WAIT_MS.first;
      const count = JSON.parse(event.data);
      show(count);
      tabs?.postMessage(count);
    });
    source.addEventListener("error", () => {
      // The browser comes back by itself after a break, not after a refusal.
      if (source?.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, WAIT_MS.most);
    });
  };
  open();
  ended?.addEventListener("abort", () => source?.close());
  // A page that is left must not hold its connection until the browser notices.
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
}

/** Where tabs cannot agree on one, only the one that is looked at listens. */
function followWhileSeen() {
  /** @type {AbortController | null} */
  let listening = null;
  const look = () => {
    if (document.hidden) {
      listening?.abort();
      listening = null;
    } else if (!listening) {
      listening = new AbortController();
      follow(listening.signal);
    }
  };
  document.addEventListener("visibilitychange", look);
  look();
}

tabs?.addEventListener("message", (event) => show(event.data));
document.addEventListener("visibilitychange", () => { if (!document.hidden) document.title = title; });
if (document.querySelector("[data-bell]")) {
  if (tabs && "locks" in navigator) {
    // The tab that holds the lock listens for all; when it closes, the next one has it.
    navigator.locks.request("vx-bell", () => new Promise(() => follow()));
  } else followWhileSeen();
}
