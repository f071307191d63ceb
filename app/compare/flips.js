// A page of flips and both grids of the chosen one. All grids of a page come with it, so that the cursor moves without
// asking; the server hears of the glyph that it rests on, for the link.

import { Requests, character, listens, make, mounted, number, shortUrl } from "../shared/common.js";
import { LETTERS, TwoGrids } from "./grid_pair.js";

class Flips {
  constructor(parent) {
    this.root = parent.querySelector(".flips");
    this.list = this.find(".cards");
    this.grids = new TwoGrids(this.root);
    this.cards = [];
    this.active = 0;
    this.requests = new Requests(this.root, (page) => this.turn(page));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    const card = (event) => this.cards.indexOf(event.target.closest(".card"));
    this.list.addEventListener("focusin", (event) => card(event) >= 0 && this.mark(card(event)));
    this.list.addEventListener("dblclick", () => this.open());
    for (const button of this.root.querySelectorAll("[data-page]"))
      button.addEventListener("click", () => this.requests.ask(button.dataset.page));
    this.find(".inspect").addEventListener("click", () => this.open());
  }

  find(selector) { return this.root.querySelector(selector); }

  stop() {
    clearTimeout(this.resting);
    URL.revokeObjectURL(this.sprite);
    document.removeEventListener("keydown", this.onKey);
    this.grids.stop();
  }

  update(data) {
    const before = this.data;
    this.data = data;
    const count = data.items.length;
    if (before?.sprite !== data.sprite) {
      URL.revokeObjectURL(this.sprite);
      this.sprite = shortUrl(data.sprite);
    }
    this.grids.read(data);
    while (this.cards.length < count) this.cards.push(this.make());
    this.cards.forEach((card, i) => this.fill(card, data.items[i], i));
    const last = data.position + count;
    this.find(".place").textContent = `${number(data.position + 1)}–${number(last)} of ${number(data.total)}`;
    this.find(".order").textContent = data.order;
    for (const button of this.root.querySelectorAll("[data-page]")) {
      const target = data.pages[button.dataset.page];
      button.disabled = target === null || target === data.items[0].id;
    }
    const kept = before?.items[this.active]?.id;
    const same = before?.items[0]?.id === data.items[0].id && before.items.length === count && before.order === data.order;
    const wanted = data.items.findIndex((item) => item.id === (same ? kept : data.cursor));
    this.resting = clearTimeout(this.resting);
    this.mark(Math.max(0, wanted), false);
    if (before && !same && this.focused()) this.cards[this.active].focus({ preventScroll: true });
    this.requests.done();
    if (this.opening === data.cursor && this.opening === this.item().id) this.open();
    this.opening = null;
  }

  make() {
    const card = make("button", "card");
    card.type = "button";
    card.append((card.glyph = make("span", "glyph")), (card.truth = make("bdi", "truth")));
    card.read = LETTERS.map((letter) => {
      const reading = make("span", "reading");
      reading.append(make("span", "letter", letter), (reading.sign = make("span", "sign")), (reading.char = make("bdi", "char")));
      card.append(reading);
      return reading;
    });
    this.list.append(card);
    return card;
  }

  fill(card, item, i) {
    card.hidden = !item;
    if (!item) return;
    card.dataset.id = item.id;
    const { columns, thumb } = this.data;
    card.glyph.style.maskImage = this.sprite ? `url(${this.sprite})` : "none";
    card.glyph.style.maskSize = `${columns * thumb}px auto`;
    card.glyph.style.maskPosition = `${-(i % columns) * thumb}px ${-Math.floor(i / columns) * thumb}px`;
    card.glyph.classList.toggle("blank", !this.sprite);
    character(card.truth, item.truth, item.codes);
    item.read.forEach((its, side) => {
      const { [side]: reading } = card.read;
      reading.dataset.kind = its.kind;
      reading.sign.textContent = its.sign;
      character(reading.char, its.shown, its.codes);
      reading.char.hidden = its.kind === "right";
    });
    const said = item.read.map((its, side) => `${LETTERS[side]} reads ${its.kind === "right" ? "rightly" : `${its.name}, ${its.words}`}`);
    card.setAttribute("aria-label", `${item.name}, ${said.join(", ")}, ${item.family}`);
  }

  mark(i, tell = true) {
    const { items } = this.data;
    const moved = this.active !== i;
    this.active = Math.max(0, Math.min(i, items.length - 1));
    this.cards.forEach((card, k) => {
      card.tabIndex = k === this.active ? 0 : -1;
      card.classList.toggle("active", k === this.active);
    });
    this.detail(items[this.active]);
    if (!tell || !moved) return;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send("stay", items[this.active].id), 600);
  }

  detail(item) {
    const char = make("bdi", "char");
    character(char, item.truth, item.codes);
    this.find(".title").replaceChildren(char, make("span", "name", item.name), make("span", "code", item.codes),
      make("span", "dim", `#${item.id} · ${item.family}${item.split ? ` · ${item.split}` : ""}`));
    this.find(".readings tbody").replaceChildren(...item.read.map((its, side) => {
      const row = make("tr", its.kind);
      const read = make("bdi", "char");
      character(read, its.shown, its.codes);
      const cells = [make("b", "", LETTERS[side]), make("bdi", "", this.data.names[side]), make("span", "sign", its.sign), read,
        make("span", "name", its.name), make("span", "dim", `p ${its.p.toFixed(3)}`)];
      row.append(...cells.map((each) => { const cell = make("td"); cell.append(each); return cell; }));
      return row;
    }));
    this.grids.open(item);
  }

  item() { return this.data.items[this.active]; }

  focused() { return Boolean(this.root.getRootNode().activeElement); }

  // The glyph is in this page's link before the page is left: the back button returns to it.
  open() {
    const { id } = this.item();
    clearTimeout(this.resting);
    if (this.data.cursor === id) return this.send("open", id);
    this.opening = id;
    this.send("stay", id);
  }

  turn(name) {
    const target = this.data.pages[name];
    if (target === null || target === this.data.items[0].id) return false;
    this.send("turn", target);
    return true;
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !listens(this.root)) return;
    const pages = { n: "next", PageDown: "next", p: "previous", PageUp: "previous", "<": "first", ">": "last" };
    const inside = this.root.getRootNode().activeElement, { board } = this.grids;
    if (event.key in pages) this.requests.ask(pages[event.key]);
    else if (event.key === "Enter" && (!inside || inside === board || inside.matches(".card"))) this.open();
    else if (inside === board && event.key === "Escape") this.cards[this.active].focus({ preventScroll: true });
    else if (!this.grids.key(event.key, inside === board) && (inside === board || !this.walk(event.key))) return;
    event.preventDefault();
  }

  // Whether the cursor went on over the glyphs.
  walk(key) {
    if (!/^(Arrow|Home$|End$)/.test(key)) return false;
    const last = this.data.items.length - 1, top = this.cards[0].offsetTop;
    const next = this.cards.findIndex((card) => card.offsetTop !== top && !card.hidden);
    const row = next < 1 ? last + 1 : next;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, Home: -this.active, End: last - this.active }[key];
    const target = this.active + by;
    if (target >= 0 && target <= last) this.cards[target].focus();
    return true;
  }
}

export default mounted(Flips);
