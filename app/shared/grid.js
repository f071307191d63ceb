// The glyph grid: one sprite as a mask, so that glyphs take the theme's text colour; roving focus; keys of its own.
// Cards are made once and only their attributes change afterwards: a rebuilt card would lose the keyboard.

import { Requests, bus, character, here, know, listens, make, mounted, navigate, number, tagSign } from "./common.js";
import { Held, ready } from "./prefetch.js";

class Grid {
  constructor(parent) {
    this.root = parent.querySelector(".glyphs");
    this.list = this.root.querySelector(".cards");
    this.place = this.root.querySelector(".place");
    this.current = this.root.querySelector(".current");
    this.buttons = this.root.querySelectorAll("button[data-page]");
    this.cards = [];
    this.active = 0;
    this.requests = new Requests(this.root, (page) => this.turn(page));
    this.held = new Held(12, (page) => URL.revokeObjectURL(page.url));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.chosen = new Set();
    this.list.addEventListener("click", (event) => this.click(event));
    this.onMarks = () => this.cards.forEach((card) => this.signs(card));
    this.onAll = () => this.choose(this.page.items.map((item) => item.id), true);
    this.onNone = () => this.choose([...this.chosen], false);
    bus.addEventListener("marks", this.onMarks);
    bus.addEventListener("all", this.onAll);
    bus.addEventListener("none", this.onNone);
    this.list.addEventListener("focusin", (event) => {
      const card = event.target.closest(".card");
      if (card) this.mark(this.cards.indexOf(card));
    });
    this.list.addEventListener("mouseover", (event) => {
      const card = event.target.closest(".card");
      if (card) this.say(this.cards.indexOf(card));
    });
    this.list.addEventListener("mouseleave", () => this.say(this.active));
    for (const button of this.buttons) button.addEventListener("click", () => this.requests.ask(button.dataset.page));
  }

  stop() {
    this.held.clear();
    document.removeEventListener("keydown", this.onKey);
    bus.removeEventListener("marks", this.onMarks);
    bus.removeEventListener("all", this.onAll);
    bus.removeEventListener("none", this.onNone);
    bus.current = null;
    bus.chosen = [];
    bus.dispatchEvent(new Event("chosen")); // tags are for no glyph now
  }

  update({ shown, near, columns, thumb, cursor, inspect, marks, remarks }) {
    Object.assign(this, { columns, thumb, inspect });
    const parcels = [shown, ...near], pages = parcels.map((parcel) => this.held.take(parcel));
    const [page] = pages;
    if (!page) return this.send("ahead", []); // lost: asked for again, which leaves the address as it is
    for (const each of pages) if (each) ready(each);
    const fresh = pages.filter((each, i) => i === 0 || parcels[i].whole);
    know(fresh.flatMap(({ items }) => items.map((item) => item.id)), marks, remarks);
    if (page !== this.page) this.show(page, cursor);
    this.root.dataset.held = this.held.all.size;
    this.requests.done();
    const alone = page.pages.next === null && page.pages.previous === null;
    this.held.wish(shown.key, near.length || alone, this.requests, (keys) => this.send("ahead", keys));
  }

  show(page, cursor) {
    const before = this.page;
    const standing = before?.items[this.active]?.id;
    this.page = page;
    const { items, position, total, selection } = page;
    while (this.cards.length < items.length) this.cards.push(this.make());
    if (before && before.selection !== selection) this.chosen.clear();
    this.cards.forEach((card, i) => this.fill(card, items[i], i));
    this.place.textContent = `${number(position + 1)}–${number(position + items.length)} of ${number(total)}`;
    for (const button of this.buttons) {
      const target = page.pages[button.dataset.page];
      button.disabled = target === null || target === page.start;
    }
    const wanted = before?.start === page.start ? standing : cursor ?? (before ? null : bus.left.get(here()));
    this.mark(Math.max(0, items.findIndex((item) => item.id === wanted)));
    if (listens(this.root)) this.cards[this.active].focus({ preventScroll: true });
  }

  make() {
    const card = make("button", "card");
    card.type = "button";
    card.tabIndex = -1;
    for (const name of ["glyph", "line", "p", "tags", "tick"]) card.append((card[name] = make("span", name)));
    card.tick.textContent = "✓";
    for (const name of ["truth", "arrow", "pred", "sign"])
      card.line.append((card[name] = make(name === "truth" || name === "pred" ? "bdi" : "span", name)));
    card.arrow.textContent = "→";
    this.list.append(card);
    return card;
  }

  fill(card, item, i) {
    card.hidden = !item;
    if (!item) return;
    card.dataset.kind = item.kind;
    card.dataset.id = item.id;
    const { columns, thumb, page } = this;
    card.glyph.style.maskImage = page.url ? `url(${page.url})` : "none";
    card.glyph.style.maskSize = `${columns * thumb}px auto`;
    card.glyph.style.maskPosition = `${-(i % columns) * thumb}px ${-Math.floor(i / columns) * thumb}px`;
    card.glyph.classList.toggle("blank", !page.url);
    character(card.truth, item.truth, item.codes);
    character(card.pred, item.pred, item.predCodes);
    card.arrow.hidden = card.pred.hidden = item.kind === "right";
    card.sign.textContent = item.sign;
    card.p.textContent = item.p.toFixed(3);
    const read = item.kind === "right" ? "read rightly" : `read as ${item.predName}, ${item.words}`;
    card.words = `${item.truthName}, ${read}, confidence ${item.p.toFixed(2)}, ${item.family}`;
    this.signs(card);
  }

  // What people said, and whether the card is chosen: attributes and two small texts, nothing is drawn anew.
  signs(card) {
    if (card.hidden) return;
    const id = Number(card.dataset.id);
    const { tags, note } = bus.mark(id);
    const chosen = this.chosen.has(id);
    const text = [...new Set(tags.map(tagSign))].join("") + (note ? "✎" : "");
    if (card.tags.textContent !== text) card.tags.textContent = text;
    card.classList.toggle("chosen", chosen);
    const said = [...tags.map((tag) => `tagged ${tag}`), ...(note ? [`note: ${note}`] : [])];
    card.title = said.join("\n");
    card.setAttribute("aria-label", [card.words, ...said, ...(chosen ? ["chosen"] : [])].join(", "));
  }

  mark(i) {
    this.active = Math.max(0, Math.min(i, this.page.items.length - 1));
    for (const card of [this.marked, this.cards[this.active]]) {
      if (!card) continue;
      card.tabIndex = card === this.cards[this.active] ? 0 : -1;
      card.classList.toggle("active", card.tabIndex === 0);
    }
    this.marked = this.cards[this.active];
    this.say(this.active);
    this.tell();
  }

  tell() {
    bus.current = this.page.items[this.active]?.id ?? null;
    bus.chosen = [...this.chosen];
    bus.dispatchEvent(new Event("chosen"));
  }

  choose(ids, on) {
    for (const id of ids) on ? this.chosen.add(id) : this.chosen.delete(id);
    this.cards.forEach((card) => this.signs(card));
    this.tell();
  }

  click(event) {
    const card = event.target.closest(".card");
    if (!card) return;
    const i = this.cards.indexOf(card), id = Number(card.dataset.id);
    if (event.shiftKey) {
      const [low, high] = [this.anchor ?? i, i].sort((a, b) => a - b);
      this.choose(this.page.items.slice(low, high + 1).map((item) => item.id), true);
    } else if (event.ctrlKey || event.metaKey) this.choose([id], !this.chosen.has(id));
    else this.open(card);
    this.anchor = i;
  }

  // The line under the grid names in words what the small signs on a card mean.
  say(i) {
    const item = this.page.items[i];
    this.current.replaceChildren();
    if (!item) return;
    const part = (text, name) => this.current.append(make("span", name, text));
    part(`#${item.id}`, "dim");
    part(item.truthName, "strong");
    part(item.codes, "code");
    part(`${item.sign} ${item.kind === "right" ? "read rightly" : item.words}`, item.kind);
    if (item.kind !== "right") {
      part(item.predName, "strong");
      part(item.predCodes, "code");
    }
    part(`p ${item.p.toFixed(3)}`, "dim");
    part(item.family, "dim");
  }

  focused() {
    return Boolean(this.root.getRootNode().activeElement);
  }

  open(card) {
    if (!card) return;
    const address = new URL(this.inspect, location.href);
    address.searchParams.set("glyph", card.dataset.id);
    bus.left.set(here(), Number(card.dataset.id));
    navigate(address);
  }

  // A page that is here is shown at once.
  turn(name) {
    const { pages, start, selection } = this.page, target = pages[name];
    if (target === null || target === start) return false;
    const page = this.held.find(selection, target);
    if (page) this.show(page, null);
    this.send("turn", { start: target, held: this.held.keys() });
    return page ? "shown" : true;
  }

  perRow() {
    const top = this.cards[0].offsetTop;
    const next = this.cards.findIndex((card) => card.offsetTop !== top);
    return next < 1 ? this.page.items.length : next;
  }

  key(event) {
    if (event.defaultPrevented || event.altKey || !listens(this.root)) return;
    const all = (event.ctrlKey || event.metaKey) && event.key === "a" && !event.shiftKey;
    if ((event.ctrlKey || event.metaKey) && !all) return;
    const row = this.page.items.length ? this.perRow() : 1;
    const last = this.page.items.length - 1;
    const steps = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, Home: -this.active, End: last - this.active,
    };
    const pages = { n: "next", PageDown: "next", p: "previous", PageUp: "previous", "<": "first", ">": "last" };
    if (all) this.onAll();
    else if (event.key === "x" && last >= 0) this.pick();
    else if (event.key === "Escape" && this.chosen.size) this.onNone();
    else if (event.key in pages) this.requests.ask(pages[event.key]);
    else if (event.key in steps && last >= 0) this.step(steps[event.key]);
    else if (event.key === "Enter" && !this.focused() && last >= 0) this.open(this.cards[this.active]);
    else return;
    event.preventDefault();
  }

  pick() {
    const { id } = this.page.items[this.active];
    this.choose([id], !this.chosen.has(id));
    this.anchor = this.active;
  }

  step(by) {
    const target = this.active + by;
    if (target < 0 || target >= this.page.items.length) return;
    this.mark(target);
    this.cards[target].focus();
  }
}

export default mounted(Grid);
