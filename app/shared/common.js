// What all components share; it is put in front of each one's own script.

// One object of class Kind a mounted component, kept over reruns so that focus and cursor stay where they are.
export function mounted(Kind) {
  const instances = new WeakMap();
  return ({ data, parentElement, setTriggerValue }) => {
    if (!instances.has(parentElement))
      instances.set(parentElement, Object.assign(new Kind(parentElement), { mountedAt: location.pathname }));
    const instance = instances.get(parentElement);
    // Events of a page that is no longer the address's are dropped: its fragments would run in place of the new page.
    instance.send = (what, value) => atRest(() => {
      if (instance.mountedAt === location.pathname) setTriggerValue(what, value);
    });
    instance.update(data);
    return () => {
      instance.stop();
      instances.delete(parentElement);
    };
  };
}

// Once no script runs. Streamlit drops what a run has drawn that ends in the moment in which a fragment is asked for: the
// page would stay blank.
const waiting = [];
function atRest(act) {
  waiting.push(act);
  const app = document.querySelector("[data-testid=stApp]");
  const rested = () => app.dataset.testScriptState !== "running";
  const all = () => { for (const each of waiting.splice(0)) each(); };
  if (waiting.length > 1) return;
  if (rested()) return queueMicrotask(all);
  const watch = new MutationObserver(() => {
    if (!rested()) return;
    watch.disconnect();
    all();
  });
  watch.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
}

// One request at a time; keys pressed meanwhile are not lost but wait, a few of them.
export class Requests {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.waiting = [];
  }

  // "send" gets what was asked for and returns whether it sent anything; "shown" if the answer is on the screen already
  // and the server only follows.
  ask(what) {
    if (this.open) {
      if (this.waiting.length < 4) this.waiting.push(what);
      return;
    }
    const sent = this.send(what);
    if (!sent) return;
    this.open = true;
    if (sent === "shown") this.root.dataset.following = "";
    else this.root.setAttribute("aria-busy", "true");
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

// Text from data goes in as text, never as markup.
export function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function here() {
  return location.pathname + location.search;
}

export function number(n) {
  return n.toLocaleString("en");
}

// What the components of a page tell each other; each lives behind a wall of its own.
// current: the glyph under the cursor; chosen: those picked out; known: what the server says of glyphs, by id;
// mark: the same of one glyph, with what was said here since; left: the glyph that a page was left for, by its address:
// Back stands on it again.
export const UNSAID = { tags: [], note: "" };
export const bus = (window.glyphcoreBus ??= Object.assign(new EventTarget(), {
  current: null, chosen: [], known: new Map(), left: new Map(), mark: (id) => bus.known.get(id) ?? UNSAID,
}));
const REMEMBERED = 5000;
const LONGEST_STEP = 10_000; // milliseconds after which a page that does not come no longer holds up the next one

// Go to an address of the app without a reload, as one step of the history. Streamlit asks the server for the page of the
// address as it does for Back and Forward, parameters and all; what the page writes into its address while it comes up
// replaces this step instead of adding one. One step at a time: a page that comes up late would write into the address of
// the next one. Of those asked for meanwhile, the last one is gone to.
export function navigate(address) {
  if (bus.going) {
    bus.next = address;
    return;
  }
  const { pathname, search, href } = new URL(address, location.href);
  if (href !== location.href) history.pushState({}, "", pathname + search);
  const app = document.querySelector("[data-testid=stApp]");
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
    if (app.dataset.testScriptState === "running") ran = true;
    else if (ran) arrived();
  });
  const timer = setTimeout(arrived, LONGEST_STEP);
  bus.going = true;
  watch.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
}

// What was said and has not arrived, by what it is about. It outlives a component: what was said just before a page was
// left is sent by the next one that is about the same.
if (!bus.unsent) {
  bus.unsent = new Map();
  window.addEventListener("click", (event) => {
    const link = event.composedPath().find((each) => each.matches?.("a[href]"));
    const elsewhere = !link || link.target === "_blank" || link.hasAttribute("download") || event.button || event.ctrlKey
      || event.metaKey || event.shiftKey || event.altKey || new URL(link.href).origin !== location.origin;
    if (elsewhere) return;
    event.preventDefault();
    event.stopPropagation();
    // A bare link to another page goes on with what this session looked at there; a bare address is the page's default.
    const bare = !link.search && link.pathname !== location.pathname;
    navigate(bare ? `${link.href}?continue=1` : link.href);
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if ([...bus.unsent.values()].some(({ pending }) => pending.length)) event.preventDefault();
  });
}
export function unsent(about) {
  if (!bus.unsent.has(about)) {
    const client = crypto.getRandomValues(new Uint32Array(2)).join("-");
    bus.unsent.set(about, { about, client, number: 0, pending: [] });
  }
  return bus.unsent.get(about);
}

// Tags, notes and remarks of some glyphs have come. Remarks go with a page of glyphs, and stay when only tags change.
export function know(ids, marks, remarks) {
  if (bus.known.size > REMEMBERED) bus.known.clear();
  for (const id of ids) {
    const remark = remarks ? remarks[id] : bus.known.get(id)?.remark;
    bus.known.set(id, { ...(marks[id] ?? UNSAID), remark });
  }
  bus.dispatchEvent(new Event("known"));
}

export function tagSign(tag) {
  return { mislabelled: "!", ambiguous: "?", "design outlier": "◇" }[tag] ?? "#";
}

// The element that has the focus, behind all walls.
export function deepest() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

// Whether keys are letters just now, not commands.
export function typing() {
  const element = deepest();
  return Boolean(element?.closest("input, textarea, select, [contenteditable], [role=combobox], [role=slider], dialog[open]"));
}

// Keys are for a component when it has the focus, or when nothing has.
export function listens(root) {
  return document.activeElement === document.body || Boolean(root.getRootNode().activeElement);
}

// Show a character, or its code points where no font of this computer has it.
export function character(element, text, codes) {
  const drawn = text && [...text].every((each) => drawable(each));
  element.textContent = drawn ? text : codes.replaceAll("U+", "");
  element.classList.toggle("codes", !drawn);
  element.classList.toggle("long", drawn && [...codes.split("+U")].length > 2);
}

const known = new Map();
const MARKS = '40px "Noto Naskh Arabic", Amiri, "Scheherazade New", "Geeza Pro", "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';

const canvas = new OffscreenCanvas(64, 64).getContext("2d", { willReadFrequently: true });
const NOBODYS = "\u{10FFFE}";

// A character without a glyph is drawn as the same box as a code point that no font can have.
function drawable(text) {
  if (!known.has(text)) {
    canvas.font = MARKS;
    const picture = (each) => {
      canvas.clearRect(0, 0, 64, 64);
      canvas.fillText(each, 8, 44);
      return canvas.getImageData(0, 0, 64, 64).data.join();
    };
    const sameWidth = canvas.measureText(text).width === canvas.measureText(NOBODYS).width;
    if (sameWidth && !known.has(NOBODYS)) known.set(NOBODYS, picture(NOBODYS));
    const invisible = /[\p{Format}\p{Separator}]/u.test(text);
    known.set(text, invisible || !sameWidth || picture(text) !== known.get(NOBODYS));
  }
  return known.get(text);
}

// A data URL as a short URL: a long one would be copied into the style of every card.
export function shortUrl(dataUrl) {
  if (!dataUrl) return "";
  const [head, body] = dataUrl.split(",");
  const bytes = Uint8Array.from(atob(body), (each) => each.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: head.slice(5).split(";")[0] }));
}
