// The parts of a browser that the app's scripts need and that these tests check. Import this file first.

import { webcrypto } from "node:crypto";
import { setMaxListeners } from "node:events";

setMaxListeners(0); // a component has many listeners, and one signal ends them all

// An element has every requested child: the browser tests check the HTML of components.
export class FakeElement extends EventTarget {
  constructor(tag = "div") {
    super();
    Object.assign(this, { localName: tag, children: [], attributes: new Map(), dataset: {}, named: new Map() });
    Object.assign(this, { parentElement: null, isConnected: true, className: "", hidden: false, textContent: "", tabIndex: 0, offsetTop: 0 });
    this.style = { setProperty: (name, value) => { this.style[name] = value; } };
    const has = (name) => this.className.split(" ").includes(name);
    this.classList = {
      contains: has,
      add: (name) => { if (!has(name)) this.className = `${this.className} ${name}`.trim(); },
      remove: (name) => { this.className = this.className.split(" ").filter((each) => each !== name).join(" "); },
      toggle: (name, on = !has(name)) => (on ? this.classList.add(name) : this.classList.remove(name)),
    };
  }

  querySelector(selector) {
    if (!this.named.has(selector)) this.named.set(selector, this.adopt(new FakeElement()));
    return this.named.get(selector);
  }

  querySelectorAll(selector) { return this.many?.[selector] ?? []; }
  adopt(child) { return Object.assign(child, { parentElement: this }); }
  append(...all) { this.children.push(...all.map((each) => (each instanceof FakeElement ? this.adopt(each) : each))); }
  prepend(...all) { this.children.unshift(...all.map((each) => this.adopt(each))); }
  replaceChildren(...all) { this.children = []; this.append(...all); }
  insertBefore(child, next) { this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, this.adopt(child)); }
  remove() { const all = this.parentElement?.children; all?.splice(all.indexOf(this), 1); }
  setAttribute(name, value) { this.attributes.set(name, String(value)); }
  getAttribute(name) { return this.attributes.get(name) ?? null; }
  hasAttribute(name) { return this.attributes.has(name); }
  removeAttribute(name) { this.attributes.delete(name); }
  getRootNode() { return { activeElement: page.activeElement === body ? null : page.activeElement }; }
  contains(other) { return other === this || Boolean(other?.parentElement && this.contains(other.parentElement)); }
  matches(selector) { return selector === this.localName || selector === `.${this.className.split(" ")[0]}`; }
  closest(selector) { return this.matches(selector) ? this : this.parentElement?.closest(selector) ?? null; }
  scrollIntoView() {}
  showPopover() {}
  hidePopover() {}
  getBoundingClientRect() { return { left: 0, right: 0, top: 0, bottom: 0, width: 0, height: 0 }; }
  get lastElementChild() { return this.children.at(-1); }
  focus() { page.activeElement = this; this.parentElement?.dispatchEvent(new Bubbled("focusin", this)); }
}

// An event as it reaches a parent.
export class Bubbled extends Event {
  constructor(kind, target, more = {}) {
    super(kind, { cancelable: true });
    Object.defineProperty(this, "target", { value: target });
    Object.assign(this, more);
  }
}

export class FakeCanvas extends FakeElement {
  getContext() {
    return { clearRect() {}, fillText() {}, measureText: (text) => ({ width: text.length }), getImageData: () => ({ data: [] }) };
  }
}

// The page as the scripts see it: Streamlit's root with the state of its script, and the focused element.
export const app = new FakeElement();
app.dataset.testScriptState = "notRunning";
const body = new FakeElement("body");
export const page = Object.assign(new EventTarget(), {
  body, activeElement: body, documentElement: new FakeElement("html"),
  createElement: (tag) => (tag === "canvas" ? new FakeCanvas(tag) : new FakeElement(tag)),
  querySelector: (selector) => (selector === "[data-testid=stApp]" ? app : null),
});

// Streamlit's script starts or ends; all observers are called.
const watching = new Set();
export function script(state) {
  app.dataset.testScriptState = state;
  for (const each of [...watching]) each();
}

class FakeObserver {
  constructor(act) { this.act = act; }
  observe() { watching.add(this.act); }
  disconnect() { watching.delete(this.act); }
}

// Addresses that were pushed.
export const pushed = [];
const place = { href: "http://localhost:8501/browse?set=test" };
for (const part of ["pathname", "search", "origin"]) Object.defineProperty(place, part, { get: () => new URL(place.href)[part] });

export function go(address) { place.href = new URL(address, place.href).href; }

const stored = new Map();
Object.assign(globalThis, {
  localStorage: { getItem: () => null, setItem() {} },
  sessionStorage: {
    getItem: (name) => stored.get(name) ?? null, setItem: (name, text) => { stored.set(name, text); },
    removeItem: (name) => { stored.delete(name); },
  },
  document: page, location: place, window: Object.assign(new EventTarget(), { devicePixelRatio: 1 }),
  history: { pushState: (state, title, address) => { pushed.push(address); go(address); } },
  MutationObserver: FakeObserver, ResizeObserver: FakeObserver, OffscreenCanvas: FakeCanvas,
  PopStateEvent: class extends Event {},
  Image: class { decode() { return Promise.resolve(); } },
});
Object.assign(window, { document: page });
globalThis.crypto ??= webcrypto; // node 18 has none
let made = 0;
URL.createObjectURL = () => `blob:${++made}`;
export const revoked = [];
URL.revokeObjectURL = (url) => revoked.push(url);

// Press a key; returns whether it was handled.
export function press(key, more = {}) {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }, more);
  page.dispatchEvent(event);
  return event.defaultPrevented;
}

// Wait until everything that is due at once is done.
export const settled = () => new Promise((done) => { setImmediate(done); });

// A clock for one test, which moves only when the returned function is called.
export function clock(t) {
  const { setTimeout, clearTimeout } = globalThis, due = new Map();
  let now = 0, last = 0;
  globalThis.setTimeout = (act, after = 0) => { due.set(++last, { act, at: now + after }); return last; };
  globalThis.clearTimeout = (timer) => { due.delete(timer); };
  t.after(() => Object.assign(globalThis, { setTimeout, clearTimeout }));
  return (milliseconds) => {
    const until = now + milliseconds;
    for (;;) {
      const [next] = [...due].filter(([, { at }]) => at <= until).sort((a, b) => a[1].at - b[1].at);
      if (!next) break;
      due.delete(next[0]);
      now = next[1].at;
      next[1].act();
    }
    now = until;
  };
}
