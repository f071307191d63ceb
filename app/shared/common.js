// @ts-check
// What all components share; it is put in front of each one's own script.

/** @typedef {(what: string, value: unknown) => void} Send */

/**
 * A row of a table of keys: as they are printed in the overlay, what they do, and by the name of a key its act. An act that
 * returns false leaves the key to the next row, and to others. ``keys.py`` reads the first two from the script's text.
 * @template C
 * @typedef {[printed: string, words: string, acts: Record<string, (component: C, event: KeyboardEvent) => unknown>]} KeyRow
 */

/**
 * A component in the browser; what listens and waits ends with it.
 * @template Data what the component keeps of what Python sends
 */
export class Component {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Data} what was sent last; there before anything can be pressed or clicked */
    this.data;
    /** @type {Send} */
    this.send = () => {};
    this.ending = new AbortController();
  }

  /**
   * An element that the component's HTML has.
   * @param {string} selector
   * @returns {any}
   */
  find(selector) { return this.root.querySelector(selector); }

  /**
   * @param {string} selector
   * @returns {NodeListOf<any>}
   */
  all(selector) { return this.root.querySelectorAll(selector); }

  /**
   * Listen for as long as the component is there.
   * @param {EventTarget} target
   * @param {string} kind
   * @param {(event: any) => void} act
   * @param {boolean} [capture]
   */
  on(target, kind, act, capture = false) {
    target.addEventListener(kind, act, { capture, signal: this.ending.signal });
  }

  /** The element of the component that has the focus. @returns {any} */
  focused() { return /** @type {ShadowRoot} */ (this.root.getRootNode()).activeElement; }

  /** @param {any} data what Python sends; most keep it as it is */
  update(data) { this.data = data; }

  stop() { this.ending.abort(); }
}

/**
 * Do what tables of keys have for an event.
 * @template C
 * @param {KeyRow<C>[]} rows
 * @param {C} component
 * @param {KeyboardEvent} event
 */
export function pressed(rows, component, event) {
  if (event.defaultPrevented || event.altKey) return;
  const control = event.ctrlKey || event.metaKey;
  // Caps Lock turns z into Z: of keys that go with Control, Shift alone decides.
  const letter = control && event.key.length === 1 ? event.key[event.shiftKey ? "toUpperCase" : "toLowerCase"]() : event.key;
  const key = `${control ? "Control+" : ""}${letter}`;
  for (const name of event.shiftKey ? [`Shift+${key}`, key] : [key])
    for (const [, , acts] of rows)
      if (Object.hasOwn(acts, name) && acts[name](component, event) !== false) return event.preventDefault();
}

/**
 * Define a component: one object of class Kind for each mounted element, kept over reruns so that focus and cursor stay.
 * @template {{ send: Send, update(data: any): void, stop(): void }} C
 * @param {new (parent: HTMLElement) => C} Kind
 */
export function defineComponent(Kind) {
  /** @type {WeakMap<HTMLElement, { instance: C, page: string }>} */
  const instances = new WeakMap();
  /** @param {{ data: unknown, parentElement: HTMLElement, setTriggerValue: Send }} from what Streamlit gives */
  return ({ data, parentElement, setTriggerValue }) => {
    const { instance, page } = instances.get(parentElement) ?? { instance: new Kind(parentElement), page: location.pathname };
    instances.set(parentElement, { instance, page });
    // Drop events from a page that is being left: Streamlit would rerun one of its fragments instead of the new page.
    instance.send = (what, value) => whenIdle(() => {
      if (page !== location.pathname || !parentElement.isConnected) return;
      setTriggerValue(what, { value, address: here(), travels: bus.travels });
      bus.unsent += 1;
      setTimeout(() => { bus.unsent -= 1; }, FLUSH);
    });
    instance.update(data);
    return () => {
      instance.stop();
      instances.delete(parentElement);
    };
  };
}

/** Whether a script of the page runs. */
export function running() { return streamlit().dataset.testScriptState === "running"; }

/** Streamlit's root, which tells whether a script runs. */
function streamlit() { return /** @type {HTMLElement} */ (document.querySelector("[data-testid=stApp]")); }

const MAX_WAIT = 1000; // milliseconds for which what is sent waits for a run to end; the server lets it wait as well
const FLUSH = 5; // milliseconds after which Streamlit has sent what was set: it does so by a timer, which takes up to four

/**
 * Act once no script runs, one message at a time. Streamlit drops what a run has drawn that ends in the moment in which a
 * fragment is asked for: the page would stay blank. And it sends all that is set at a time under one fragment: the others'
 * parts of the page would stay as they are.
 * @param {() => void} act
 */
function whenIdle(act) {
  bus.outbox.push(act);
  if (bus.outbox.length > 1) return;
  if (!running()) return queueMicrotask(deliver);
  const done = () => {
    watch.disconnect();
    clearTimeout(timer);
    deliver();
  };
  const watch = new MutationObserver(() => { if (!running()) done(); });
  const timer = setTimeout(done, MAX_WAIT);
  watch.observe(streamlit(), { attributes: true, attributeFilter: ["data-test-script-state"] });
}

function deliver() {
  try {
    if (!bus.unsent) bus.outbox.shift()?.();
  } finally {
    if (bus.outbox.length) setTimeout(deliver, FLUSH);
  }
}

/** One request at a time; keys pressed meanwhile are not lost but wait, a few of them. */
export class Requests {
  /**
   * @param {HTMLElement} root
   * @param {(what: any) => boolean | "shown"} send gets what was asked for and returns whether it sent anything; "shown" if
   *   the answer is on the screen already and the server only follows
   */
  constructor(root, send) {
    this.root = root;
    this.send = send;
    /** @type {unknown[]} */
    this.waiting = [];
    this.open = false;
  }

  /** @param {unknown} what */
  ask(what) {
    if (this.open) {
      if (this.waiting.length < 4) this.waiting.push(what);
      return;
    }
    const sent = this.send(what);
    if (sent === "shown") this.follow();
    else if (sent) this.wait(() => this.root.setAttribute("aria-busy", "true"));
  }

  /** What was asked for is on the screen, however it was asked; the server follows. */
  follow() {
    this.root.removeAttribute("aria-busy");
    this.wait(() => { this.root.dataset.following = ""; });
  }

  /** @param {() => void} mark */
  wait(mark) {
    mark();
    this.open = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.done(), 5000);
  }

  done() {
    clearTimeout(this.timer);
    this.open = false;
    this.root.removeAttribute("aria-busy");
    delete this.root.dataset.following;
    if (this.waiting.length) this.ask(this.waiting.shift());
  }
}

/**
 * An element. Text from data goes in as text, never as markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [name] its class
 * @param {string | number} [text]
 */
export function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = String(text);
  return element;
}

/** The view that is on the screen, as an address. */
export function here() {
  return location.pathname + location.search;
}

/** @param {number} n */
export function number(n) {
  return n.toLocaleString("en");
}

/**
 * A glyph's tags and note, the label that a person says it really has (empty for none), and why its label is doubtful.
 * @typedef {{ tags: string[], note: string, correction: string, remark?: string }} Annotation
 */

/**
 * Edits of one browser that the server has not acknowledged yet, numbered.
 * @typedef {{ about: string, client: string, number: number, pending: any[] }} PendingEdits
 */

/** @type {Readonly<Annotation>} */
export const NO_ANNOTATION = { tags: [], note: "", correction: "" };

/**
 * The state that the components of a page share; each component has its own shadow root.
 * @typedef {object} Bus
 * @property {number | null} current the glyph under the cursor
 * @property {number[]} chosen those picked out
 * @property {{ label: string, name: string, shown: string, codes: string }[]} candidates what the glyph may be, likeliest first
 * @property {Map<number, Annotation>} known what the server says of glyphs
 * @property {(id: number) => Annotation} annotation the same for one glyph, with pending edits applied
 * @property {Map<string, number>} left the glyph that a page was left for, by its address: Back stands on it again
 * @property {number} travels how often the browser went to another address by itself (see address.py)
 * @property {(() => void)[]} outbox messages that wait for a script to end, in their order
 * @property {number} unsent messages that Streamlit has and has not sent
 * @property {boolean} going whether a step of the history is under way
 * @property {string | URL | null} next where to go after it
 * @property {import("./preview.js").AskPreview | null} preview shows what a choice leads to, on a page that can
 * @property {Map<string, PendingEdits>} [pendingEdits] by what they are about
 */
const tab = /** @type {{ glyphcoreBus?: EventTarget & Bus }} */ (/** @type {unknown} */ (window));
/** @type {EventTarget & Bus} */
export const bus = (tab.glyphcoreBus ??= Object.assign(new EventTarget(), {
  current: null, chosen: [], candidates: [], known: new Map(), left: new Map(), travels: 0, outbox: [], unsent: 0,
  going: false, next: null,
  preview: null,
  annotation: (/** @type {number} */ id) => bus.known.get(id) ?? NO_ANNOTATION,
}));
const STORAGE_KEY = "glyphcore unsent"; // in the tab's storage
const MAX_ANNOTATIONS = 5000;
const MAX_STEP = 10_000; // milliseconds after which a page that does not come no longer holds up the next one

/**
 * Go to an address of the app without a reload, as one step of the history. Streamlit asks the server for the page of the
 * address as it does for Back and Forward, parameters and all; what the page writes into its address while it comes up
 * replaces this step instead of adding one. One step at a time: a page that comes up late would write into the address of
 * the next one. Of those asked for meanwhile, the last one is gone to.
 * @param {string | URL} address
 */
export function navigate(address) {
  // Streamlit sends by a timer. Sent after the new page was asked for, a message would name the old one and empty the page.
  if (bus.unsent) return void setTimeout(() => navigate(address), FLUSH);
  if (bus.going) {
    bus.next = address;
    return;
  }
  const { pathname, search, href } = new URL(address, location.href);
  if (href !== location.href) history.pushState({}, "", pathname + search);
  const root = streamlit();
  let ran = false;
  const arrived = () => {
    watch.disconnect();
    clearTimeout(timer);
    bus.going = false;
    const { next } = bus;
    bus.next = null;
    if (next) navigate(next);
  };
  const watch = new MutationObserver(() => {
    if (root.dataset.testScriptState === "running") ran = true;
    else if (ran) arrived();
  });
  const timer = setTimeout(arrived, MAX_STEP);
  bus.going = true;
  watch.observe(root, { attributes: true, attributeFilter: ["data-test-script-state"] });
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

// Once a browser tab, whichever component comes first: links stay in the session, and changes are not left behind.
if (!bus.pendingEdits) {
  bus.pendingEdits = new Map(JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "[]"));
  sessionStorage.removeItem(STORAGE_KEY);
  window.addEventListener("click", follow, true);
  window.addEventListener("popstate", travelled, true);
  window.addEventListener("beforeunload", leave);
}

/**
 * Who reloads finds what has not arrived on the page that comes next, which sends it again; who closes the tab is asked.
 * @param {BeforeUnloadEvent} event
 */
function leave(event) {
  const kept = [...(bus.pendingEdits ?? [])].filter(([, { pending }]) => pending.length);
  if (!kept.length) return sessionStorage.removeItem(STORAGE_KEY);
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(kept));
  event.preventDefault();
}

/**
 * The browser goes to another address by itself. Streamlit asks for its page once it has sent what it has to send.
 * @param {PopStateEvent} event
 */
function travelled(event) {
  if (bus.unsent) {
    event.stopImmediatePropagation();
    setTimeout(() => window.dispatchEvent(new PopStateEvent("popstate", { state: event.state })), FLUSH);
  } else bus.travels += 1;
}

/** @param {MouseEvent} event */
function follow(event) {
  const path = /** @type {Element[]} */ (event.composedPath());
  const link = /** @type {HTMLAnchorElement | undefined} */ (path.find((element) => element.matches?.("a[href]")));
  const modified = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!link || modified || link.target === "_blank" || link.hasAttribute("download")) return;
  if (new URL(link.href).origin !== location.origin) return;
  event.preventDefault();
  event.stopPropagation();
  // A bare link to another page goes on with what this session looked at there; a bare address is the page's default.
  const bare = !link.search && link.pathname !== location.pathname;
  navigate(bare ? `${link.href}?continue=1` : link.href);
}

/**
 * Unacknowledged edits, keyed by the fingerprint of the database or font that they are about. They outlive a component: the
 * next page that is about the same database sends the edits that were made just before a page was left.
 * @param {string} about
 * @returns {PendingEdits}
 */
export function pendingEdits(about) {
  const all = (bus.pendingEdits ??= new Map());
  const client = crypto.getRandomValues(new Uint32Array(2)).join("-");
  if (!all.has(about)) all.set(about, { about, client, number: 0, pending: [] });
  return /** @type {PendingEdits} */ (all.get(about));
}

/**
 * Store tags, notes and remarks of glyphs. Remarks come with a page of glyphs, and stay when only tags change.
 * @param {number[]} ids
 * @param {Record<string, Annotation>} annotations
 * @param {Record<string, string>} [remarks]
 */
export function storeAnnotations(ids, annotations, remarks) {
  if (bus.known.size > MAX_ANNOTATIONS) bus.known.clear();
  for (const id of ids) {
    const remark = remarks ? remarks[id] : bus.known.get(id)?.remark;
    bus.known.set(id, { ...(annotations[id] ?? NO_ANNOTATION), remark });
  }
  bus.dispatchEvent(new Event("known"));
}

/** @type {Record<string, string>} */
const TAG_SIGNS = { mislabelled: "!", ambiguous: "?", "design outlier": "◇" };

/** @param {string} tag */
export function tagSign(tag) { return TAG_SIGNS[tag] ?? "#"; }

/** The element that has the focus, inside all shadow roots. */
export function deepest() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

/** Whether keys are letters just now, not commands. */
export function typing() {
  const element = deepest();
  return Boolean(element?.closest("input, textarea, select, [contenteditable], [role=combobox], [role=slider], dialog[open]"));
}

/**
 * Keys are for a component when it has the focus, or when nothing has.
 * @param {HTMLElement} root
 */
export function listens(root) {
  return document.activeElement === document.body || Boolean(/** @type {ShadowRoot} */ (root.getRootNode()).activeElement);
}

/**
 * Show a character, or its code points where no font of this computer has it.
 * @param {Element} element
 * @param {string} text
 * @param {string} codes
 */
export function character(element, text, codes) {
  const drawn = Boolean(text) && [...text].every((letter) => drawable(letter));
  element.textContent = drawn ? text : codes.replaceAll("U+", "");
  element.classList.toggle("codes", !drawn);
  element.classList.toggle("long", drawn && [...codes.split("+U")].length > 2);
}

/** @type {Map<string, any>} */
const known = new Map();
const CHARACTER_FONTS = '40px "Noto Naskh Arabic", Amiri, "Scheherazade New", "Geeza Pro", "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';

const canvas = /** @type {OffscreenCanvasRenderingContext2D} */ (
  new OffscreenCanvas(64, 64).getContext("2d", { willReadFrequently: true }));
const UNASSIGNED = "\u{10FFFE}";

/**
 * A character without a glyph is drawn as the same box as a code point that no font can have.
 * @param {string} text
 */
function drawable(text) {
  if (!known.has(text)) {
    canvas.font = CHARACTER_FONTS;
    const picture = (/** @type {string} */ letter) => {
      canvas.clearRect(0, 0, 64, 64);
      canvas.fillText(letter, 8, 44);
      return canvas.getImageData(0, 0, 64, 64).data.join();
    };
    const sameWidth = canvas.measureText(text).width === canvas.measureText(UNASSIGNED).width;
    if (sameWidth && !known.has(UNASSIGNED)) known.set(UNASSIGNED, picture(UNASSIGNED));
    const invisible = /[\p{Format}\p{Separator}]/u.test(text);
    known.set(text, invisible || !sameWidth || picture(text) !== known.get(UNASSIGNED));
  }
  return known.get(text);
}

/**
 * A data URL as a short URL: a long one would be copied into the style of every card.
 * @param {string} [dataUrl]
 */
export function shortUrl(dataUrl) {
  if (!dataUrl) return "";
  const [head, body] = dataUrl.split(",");
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: head.slice(5).split(";")[0] }));
}
