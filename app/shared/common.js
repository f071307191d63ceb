// @ts-check
// Code shared by all components. It is put in front of the script of each component.

/** @typedef {(what: string, value: unknown) => void} Send */

/**
 * A row of a table of keys: the keys as the overlay prints them, a description, and the handlers by key name. A handler that
 * returns false leaves the key to the next row and to other listeners. ``keys.py`` reads the first two from the script's text.
 * @template C
 * @typedef {[printed: string, words: string, acts: Record<string, (component: C, event: KeyboardEvent) => unknown>]} KeyRow
 */

/**
 * A component in the browser. Its listeners and timers end with it.
 * @template Data the part of Python's data that the component keeps
 */
export class Component {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    /** @type {Data} the data that Python sent last; set before the user can press or click anything */
    this.data;
    /** @type {Send} */
    this.send = () => {};
    this.ending = new AbortController();
  }

  /**
   * Return an element of the component's HTML.
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
   * Listen to events until the component is removed.
   * @param {EventTarget} target
   * @param {string} kind
   * @param {(event: any) => void} act
   * @param {boolean} [capture]
   */
  on(target, kind, act, capture = false) {
    target.addEventListener(kind, act, { capture, signal: this.ending.signal });
  }

  /** The focused element of the component. @returns {any} */
  focused() { return /** @type {ShadowRoot} */ (this.root.getRootNode()).activeElement; }

  /** @param {any} data data from Python; most components keep it unchanged */
  update(data) { this.data = data; }

  stop() { this.ending.abort(); }
}

/**
 * Call the handlers that tables of keys have for an event.
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
 * Define a component: one object of class Kind for each mounted element. The object survives reruns, so focus and cursor stay.
 * @template {{ send: Send, update(data: any): void, stop(): void }} C
 * @param {new (parent: HTMLElement) => C} Kind
 */
export function defineComponent(Kind) {
  /** @type {WeakMap<HTMLElement, { instance: C, page: string }>} */
  const instances = new WeakMap();
  /** @param {{ data: unknown, parentElement: HTMLElement, setTriggerValue: Send }} from arguments from Streamlit */
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

/** Whether a script of the page is running. */
export function running() { return streamlit().dataset.testScriptState === "running"; }

/** Streamlit's root element. Its data attribute tells whether a script is running. */
function streamlit() { return /** @type {HTMLElement} */ (document.querySelector("[data-testid=stApp]")); }

const MAX_WAIT = 1000; // most milliseconds that a message waits for the end of a run; the server delays it as well
const FLUSH = 5; // milliseconds until Streamlit has sent a trigger value: its timer takes up to four

/**
 * Act when no script is running, and send one message at a time. Streamlit drops the drawing of a run that ends at the moment
 * when a fragment is requested: the page would stay blank. Streamlit also sends all trigger values that are set together under
 * a single fragment: the parts of the page in other fragments would stay unchanged.
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

/** Sends one request at a time. Requests from keys pressed in the meantime wait in a short queue, so they are not lost. */
export class Requests {
  /**
   * @param {HTMLElement} root
   * @param {(what: any) => boolean | "shown"} send gets the request and returns whether it sent a message; "shown" if
   *   the answer is on the screen already and the server only follows
   */
  constructor(root, send) {
    this.root = root;
    this.send = send;
    /** @type {{ what: unknown, travels: number }[]} */
    this.waiting = [];
    this.open = false;
  }

  /** @param {unknown} what */
  ask(what) {
    if (this.open) {
      if (this.waiting.length < 4) this.waiting.push({ what, travels: bus.travels });
      return;
    }
    const sent = this.send(what);
    if (sent === "shown") this.follow();
    else if (sent) this.wait(() => this.root.setAttribute("aria-busy", "true"));
  }

  /** The requested content is on the screen already; the server follows. */
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
    // A request that sends nothing, as at the last page, must not keep the next one waiting for an answer: it would come with
    // Back, and undo it. One from before Back is not about what is shown now.
    for (let next = this.waiting.shift(); next; next = this.open ? undefined : this.waiting.shift())
      if (next.travels === bus.travels) this.ask(next.what);
  }
}

/**
 * Create an element. Text from data goes in as text, never as markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [name] the class of the element
 * @param {string | number} [text]
 */
export function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = String(text);
  return element;
}

/** The address of the current view. */
export function here() {
  return location.pathname + location.search;
}

/** @param {number} n */
export function number(n) {
  return n.toLocaleString("en");
}

/**
 * A glyph's tags and note, the label that a user says is correct (empty for none), and the reason to doubt its label.
 * @typedef {{ tags: string[], note: string, correction: string, remark?: string, at?: number }} Annotation
 */

/**
 * Annotations by glyph id, and the microsecond in which the server read them.
 * @typedef {{ at: number, of: Record<string, Annotation> }} ReadAnnotations
 */

/**
 * Edits of one browser that the server has not acknowledged yet, numbered, and the changes that undo each edit.
 * @typedef {{ about: string, client: string, number: number, pending: any[], undo?: any[][] }} PendingEdits
 */

/** @type {Readonly<Annotation>} */
export const NO_ANNOTATION = { tags: [], note: "", correction: "" };

/**
 * The state that the components of a page share; each component has its own shadow root.
 * @typedef {object} Bus
 * @property {number | null} current the glyph under the cursor
 * @property {unknown} grid the grid of the current and the chosen glyphs
 * @property {number[]} chosen the chosen glyphs
 * @property {{ label: string, name: string, shown: string, codes: string }[]} candidates most probable first
 * @property {Map<number, Annotation>} known annotations of glyphs, as the server knows them
 * @property {(id: number) => Annotation} annotation the annotation of one glyph, with pending edits applied
 * @property {Map<string, number>} left the glyph that the user opened, by the page's address: Back puts the cursor on it again
 * @property {number} travels number of the browser's own navigations (see address.py)
 * @property {(() => void)[]} outbox messages that wait for the end of a script, in order
 * @property {number} unsent number of messages that were handed to Streamlit and not sent yet
 * @property {boolean} going whether a step of the history is under way, or waits until all messages are sent
 * @property {string | URL | null} next the address to navigate to after that step
 * @property {import("./preview.js").AskPreview | null} preview previews the result of a choice, on a page with previews
 * @property {Map<string, PendingEdits>} [pendingEdits] by the database or font that they belong to
 */
const tab = /** @type {{ glyphcoreBus?: EventTarget & Bus }} */ (/** @type {unknown} */ (window));
/** @type {EventTarget & Bus} */
export const bus = (tab.glyphcoreBus ??= Object.assign(new EventTarget(), {
  current: null, grid: null, chosen: [], candidates: [], known: new Map(), left: new Map(), travels: 0, outbox: [], unsent: 0,
  going: false, next: null,
  preview: null,
  annotation: (/** @type {number} */ id) => bus.known.get(id) ?? NO_ANNOTATION,
}));
const STORAGE_KEY = "glyphcore unsent"; // in the session storage of the tab
const MAX_ANNOTATIONS = 5000;
const MAX_STEP = 10_000; // milliseconds; after them, a page that does not appear no longer delays the next page

/**
 * Navigate to an address of the app without a reload, as one step of the history. Streamlit requests the page of the address
 * with its parameters, as it does for Back and Forward. While the page starts, each address that it writes replaces this step
 * and does not add a step. Only one step runs at a time: a slow page would write into the address of the next page. If several
 * addresses are requested during a step, the last one wins.
 * @param {string | URL} address
 */
export function navigate(address) {
  if (bus.going) {
    bus.next = address;
    return;
  }
  bus.going = true;
  // Streamlit sends by a timer. A message sent after the request for the new page would name the old page and empty the page.
  if (bus.unsent) return void setTimeout(() => proceed(address), FLUSH);
  const { pathname, search, href } = new URL(address, location.href);
  if (href !== location.href) history.pushState({}, "", pathname + search);
  const root = streamlit();
  let ran = false;
  const arrived = () => {
    watch.disconnect();
    clearTimeout(timer);
    proceed();
  };
  const watch = new MutationObserver(() => {
    if (root.dataset.testScriptState === "running") ran = true;
    else if (ran) arrived();
  });
  const timer = setTimeout(arrived, MAX_STEP);
  watch.observe(root, { attributes: true, attributeFilter: ["data-test-script-state"] });
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

/**
 * End the current step. Navigate to the address that waited, if there is one, then to the address that was requested last.
 * @param {string | URL} [waited]
 */
function proceed(waited) {
  const { next } = bus;
  bus.going = false;
  bus.next = null;
  if (waited) navigate(waited);
  if (next) navigate(next);
}

// Once per browser tab, in the first component that starts: links stay in the session, and pending edits are not lost.
if (!bus.pendingEdits) {
  bus.pendingEdits = new Map(JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "[]"));
  sessionStorage.removeItem(STORAGE_KEY);
  window.addEventListener("click", follow, true);
  window.addEventListener("popstate", travelled, true);
  window.addEventListener("beforeunload", leave);
}

/**
 * A reload keeps the pending edits for the next page, which sends them again. Before the tab closes, the browser asks the user.
 * @param {BeforeUnloadEvent} event
 */
function leave(event) {
  const kept = [...(bus.pendingEdits ?? [])].filter(([, { pending }]) => pending.length);
  if (!kept.length) return sessionStorage.removeItem(STORAGE_KEY);
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(kept));
  event.preventDefault();
}

/**
 * The browser navigates by itself. Its page is requested only after Streamlit has sent all waiting messages.
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
  // A link without parameters to another page continues the session's last view there; a bare address shows the default view.
  const bare = !link.search && link.pathname !== location.pathname;
  navigate(bare ? `${link.href}?continue=1` : link.href);
}

/**
 * Unacknowledged edits, keyed by the fingerprint of their database or font. The edits outlive the component: if the user edits
 * and leaves the page at once, the next page about the same database sends the edits.
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
 * Store tags, notes and remarks of glyphs. Remarks come with a page of glyphs. They stay when only tags change. What was read
 * before the stored tags is left out: a page that was computed before a change may be drawn after it.
 * @param {number[]} ids
 * @param {ReadAnnotations} annotations
 * @param {Record<string, string>} [remarks]
 */
export function storeAnnotations(ids, annotations, remarks) {
  if (bus.known.size > MAX_ANNOTATIONS) bus.known.clear();
  for (const id of ids) {
    const known = bus.known.get(id), remark = remarks ? remarks[id] : known?.remark;
    const newest = known && (known.at ?? 0) > annotations.at ? known : { ...(annotations.of[id] ?? NO_ANNOTATION), at: annotations.at };
    bus.known.set(id, { ...newest, remark });
  }
  bus.dispatchEvent(new Event("known"));
}

/** @type {Record<string, string>} */
const TAG_SIGNS = { mislabelled: "!", ambiguous: "?", "design outlier": "◇" };

/** @param {string} tag */
export function tagSign(tag) { return TAG_SIGNS[tag] ?? "#"; }

/** The focused element, inside all shadow roots. */
export function deepest() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

/** Whether the user is typing text, so that keys are not commands. */
export function typing() {
  const element = deepest();
  return Boolean(element?.closest("input, textarea, select, [contenteditable], [role=combobox], [role=slider], dialog[open]"));
}

/**
 * Whether a component handles keys: it has the focus, or no element has the focus.
 * @param {HTMLElement} root
 */
export function listens(root) {
  return document.activeElement === document.body || Boolean(/** @type {ShadowRoot} */ (root.getRootNode()).activeElement);
}

/**
 * Show a character, or its code points if no font of this computer has the character.
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
 * Whether a font has a character. A missing character is drawn as the same box as a code point that no font can have.
 * @param {string} text
 */
export function drawable(text) {
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
 * A data URL as a short URL: a long URL would be copied into the style of every card.
 * @param {string} [dataUrl]
 */
export function shortUrl(dataUrl) {
  if (!dataUrl) return "";
  const [head, body] = dataUrl.split(",");
  return URL.createObjectURL(new Blob([bytes(body)], { type: head.slice(5).split(";")[0] }));
}

/** @param {string} text in base64 */
export function bytes(text) {
  const letters = atob(text), made = new Uint8Array(letters.length);
  for (let i = 0; i < made.length; i++) made[i] = letters.charCodeAt(i); // Uint8Array.from with a callback takes ten times as long
  return made;
}
