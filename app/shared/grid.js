// @ts-check
// The grid of glyphs of a selection in Browse: the user chooses, tags and opens glyphs here.

import { CARD_KEYS, CardGrid, parts } from "./card_grid.js";
import { bus, character, here, storeAnnotations, listens, make, defineComponent, navigate, number, tagSign } from "./common.js";
import { PageCache, decodeSprite } from "./prefetch.js";
import { Preview } from "./preview.js";

/**
 * A glyph and its prediction (``item`` of grid.py).
 * @typedef {object} Item
 * @property {number} id
 * @property {string} truth
 * @property {string} pred
 * @property {string} truthName
 * @property {string} predName
 * @property {string} codes
 * @property {string} predCodes
 * @property {string} family
 * @property {number} p
 * @property {string} figure the value of the sort key, in words
 * @property {number} more number of hidden glyphs of its group
 * @property {string} sign
 * @property {"right" | "near" | "wrong"} kind
 * @property {string} words
 */

/** @typedef {import("./prefetch.js").Content & import("./card_grid.js").CardPage<Item>} Page */

/**
 * Data from Python.
 * @typedef {object} Data
 * @property {import("./prefetch.js").Prefetched<Page>} shown
 * @property {import("./prefetch.js").Prefetched<Page>[]} near
 * @property {number} columns thumbnails per row of a sprite
 * @property {number} thumb pixels per thumbnail
 * @property {number | null} cursor the glyph to put the cursor on
 * @property {string} acknowledged token of the last choice of filters that the run has handled
 * @property {string} inspect the address that opens a glyph
 * @property {import("./common.js").ReadAnnotations} annotations
 * @property {Record<string, string>} remarks
 */

/**
 * @typedef {import("./card_grid.js").Card & Record<"truth" | "arrow" | "pred" | "sign" | "figure" | "more" | "tags", HTMLElement>
 *   & { words: string }} GlyphCard
 */

/** @type {import("./common.js").KeyRow<Grid>[]} */
export const KEYS = [
  ["Enter", "inspect", { Enter: (grid) => !grid.focused() && grid.open() }],
  ["Space", "choose the glyph, or remove it from the chosen glyphs", { " ": (grid) => grid.pick() }],
  ["x", "next wrong glyph of the page", { x: (grid) => grid.nextWrong() }],
  ["h", "hide the family of this glyph", { h: (grid) => grid.hideFamily() }],
  ["+", "open the group: all glyphs of the family or confusion", { "+": (grid) => grid.openGroup() }],
  ["Shift+click", "choose up to here", {}],
  ["Ctrl+A", "choose the whole page", { "Control+a": (grid) => grid.chooseAll() }],
  ["b", "browse only the chosen glyphs", { b: (grid) => grid.browseChosen() }],
  ["Esc", "choose nothing", { Escape: (grid) => grid.chosen.size > 0 && grid.chooseNone() }],
];

const SIZE_KEY = "glyphcore card size"; // in the browser's storage: the card size is a personal preference

/** @extends {CardGrid<Data, Item, GlyphCard>} */
export class Grid extends CardGrid {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".glyphs")));
    this.current = this.find(".current");
    /** @type {Page} */
    this.page;
    /** @type {PageCache<Page>} */
    this.pageCache = new PageCache(12, (page) => URL.revokeObjectURL(page.url ?? ""));
    /** @type {Data} the data of the last run */
    this.brought;
    /** @type {Preview<Data>} */
    this.preview = new Preview((data) => this.draw(data, true), () => this.draw(this.brought));
    /** @type {import("./preview.js").AskPreview} */
    this.askPreview = (address, token) => this.preview.ask(address, token);
    bus.preview = this.askPreview;
    this.on(window, "popstate", () => this.preview.end());
    /** @type {Set<number>} */
    this.chosen = new Set();
    /** @type {number | undefined} the index at which a Shift+click range starts */
    this.anchor = undefined;
    this.size = this.find(".size");
    if (this.size) this.size.value = localStorage.getItem(SIZE_KEY) ?? this.size.value;
    if (this.size) this.on(this.size, "input", () => this.resize());
    this.on(this.list, "click", (event) => this.click(event));
    this.on(this.list, "keyup", (event) => event.key === " " && event.preventDefault()); // Space would also open the glyph
    this.on(this.list, "mouseover", (event) => this.at(event) >= 0 && this.describe(this.at(event)));
    this.on(this.list, "mouseleave", () => this.describe(this.active));
    this.on(bus, "annotations", () => this.cards.forEach((card) => this.signs(card)));
    this.on(bus, "all", () => this.chooseAll());
    this.on(bus, "none", () => this.chooseNone());
    this.on(bus, "only", () => this.browseChosen());
  }

  /**
   * Show a page with thumbnails of the size that the slider sets.
   * @param {Page} page
   * @param {{ url: string, columns: number, side: number }} sprite
   */
  showPage(page, sprite) {
    this.sprite = sprite;
    const side = Number(this.size?.value) || sprite.side;
    this.root.style.setProperty("--side", `${side}px`);
    super.showPage(page, { ...sprite, side });
  }

  /** The slider was moved: show the same page with larger or smaller thumbnails. */
  resize() {
    localStorage.setItem(SIZE_KEY, this.size.value);
    if (this.sprite) this.showPage(this.page, this.sprite);
  }

  /** Exclude the family of the glyph under the cursor from the selection. */
  hideFamily() {
    const item = this.page?.items[this.active];
    if (item) this.send("hide", item.id);
  }

  /** Show the hidden glyphs of the group that a glyph represents. Returns whether there are any. */
  openGroup(i = this.active) {
    const item = this.page?.items[i];
    if (!item?.more) return false;
    this.send("group", item.id);
    return true;
  }

  stop() {
    super.stop();
    this.preview.end();
    if (bus.preview === this.askPreview) bus.preview = null;
    this.pageCache.clear();
    if (bus.grid !== this) return; // the grid that comes in its place is there already
    bus.grid = null;
    bus.current = null;
    bus.chosen = [];
    bus.dispatchEvent(new Event("chosen")); // tag keys apply to no glyph now
  }

  /** @param {Data} data */
  update(data) {
    this.brought = data;
    if (!this.preview.outdates(data.acknowledged)) this.draw(data);
  }

  /**
   * @param {Data} data
   * @param {boolean} [preview] whether this is a preview, and its run is still to come
   */
  draw(data, preview) {
    this.data = data;
    const { shown, near, cursor, annotations, remarks } = data;
    const entries = [shown, ...near], pages = entries.map((entry) => this.pageCache.resolve(entry));
    const [page] = pages;
    if (!page) return this.send("ahead", []); // cache miss: request the page again; the address stays
    for (const content of pages) if (content) decodeSprite(content);
    const fresh = pages.filter((_, i) => i === 0 || entries[i].content);
    storeAnnotations(fresh.flatMap((content) => content?.items.map((item) => item.id) ?? []), annotations, remarks);
    if (page !== this.page) this.show(page, cursor);
    this.root.dataset.cached = String(this.pageCache.all.size);
    if (preview) return this.requests.follow();
    this.requests.done();
    const alone = page.pages.next === null && page.pages.previous === null;
    this.pageCache.requestAhead(shown.key, near.length || alone, this.requests, (keys) => this.send("ahead", keys));
  }

  /**
   * @param {Page} page
   * @param {number | null} cursor
   */
  show(page, cursor) {
    /** @type {Page | undefined} */
    const before = this.page;
    const standing = before?.items[this.active]?.id;
    if (before && before.selection !== page.selection) this.chosen.clear();
    this.showPage(page, { url: page.url ?? "", columns: this.data.columns, side: this.data.thumb });
    const wanted = before?.start === page.start ? standing : cursor ?? (before ? null : bus.left.get(here()));
    this.moveCursor(Math.max(0, page.items.findIndex((item) => item.id === wanted)));
    if (listens(this.root)) this.cards[this.active].focus({ preventScroll: true });
  }

  /** @param {GlyphCard} card */
  buildCard(card) {
    card.append(card.glyph);
    const { line, figure, more, tags, tick } = parts(card, { line: "span", figure: "span", more: "span", tags: "span", tick: "span" });
    const words = parts(line, { truth: "bdi", arrow: "span", pred: "bdi", sign: "span" });
    words.arrow.textContent = "→";
    tick.textContent = "✓";
    more.title = "Show the other glyphs of this group  +";
    Object.assign(card, { figure, more, tags, ...words });
  }

  /**
   * @param {GlyphCard} card
   * @param {Item} item
   */
  fill(card, item) {
    card.dataset.kind = item.kind;
    character(card.truth, item.truth, item.codes);
    character(card.pred, item.pred, item.predCodes);
    card.arrow.hidden = card.pred.hidden = item.kind === "right";
    card.sign.textContent = item.sign;
    card.figure.textContent = item.figure;
    card.more.textContent = item.more ? `+${number(item.more)}` : "";
    const read = item.kind === "right" ? "predicted correctly" : `predicted as ${item.predName}, ${item.words}`;
    card.words = `${item.truthName}, ${read}, ${item.figure}, ${item.family}${item.more ? `, and ${number(item.more)} more of its group` : ""}`;
    this.signs(card);
  }

  /**
   * Show annotations and the chosen state on a card: only attributes and two small texts change, no redraw.
   * @param {GlyphCard} card
   */
  signs(card) {
    if (card.hidden) return;
    const id = Number(card.dataset.id);
    const { tags, note, correction } = bus.annotation(id);
    const chosen = this.chosen.has(id);
    const text = [...new Set(tags.map(tagSign))].join("") + (note ? "✎" : "") + (correction ? "=" : "");
    if (card.tags.textContent !== text) card.tags.textContent = text;
    card.classList.toggle("chosen", chosen);
    const really = correction ? [`corrected to ${correction.replaceAll("_", " ")}`] : [];
    const descriptions = [...really, ...tags.map((tag) => `tagged ${tag}`), ...(note ? [`note: ${note}`] : [])];
    card.title = descriptions.join("\n");
    card.setAttribute("aria-label", [card.words, ...descriptions, ...(chosen ? ["chosen"] : [])].join(", "));
  }

  /** @param {number} i */
  moveCursor(i) {
    super.moveCursor(i);
    this.describe(this.active);
    this.publishSelection();
  }

  publishSelection() {
    bus.grid = this;
    bus.current = this.item()?.id ?? null;
    bus.chosen = [...this.chosen];
    bus.dispatchEvent(new Event("chosen"));
  }

  /**
   * @param {number[]} ids
   * @param {boolean} on
   */
  choose(ids, on) {
    for (const id of ids) on ? this.chosen.add(id) : this.chosen.delete(id);
    this.cards.forEach((card) => this.signs(card));
    this.publishSelection();
  }

  chooseAll() { this.choose(this.page.items.map((item) => item.id), true); }

  chooseNone() { this.choose([...this.chosen], false); }

  /** Make the chosen glyphs the selection of all pages. Returns whether any are chosen. */
  browseChosen() {
    if (!this.chosen.size) return false;
    this.send("only", [...this.chosen]);
    return true;
  }

  /** @param {MouseEvent & { target: Element }} event */
  click(event) {
    const i = this.at(event);
    if (i < 0) return;
    const { id } = this.page.items[i];
    if (event.shiftKey) {
      const [low, high] = [this.anchor ?? i, i].sort((a, b) => a - b);
      this.choose(this.page.items.slice(low, high + 1).map((item) => item.id), true);
    } else if (event.ctrlKey || event.metaKey) this.choose([id], !this.chosen.has(id));
    else if (event.target.closest(".more")) this.openGroup(i);
    else this.open(i);
    this.anchor = i;
  }

  /**
   * Describe a glyph in the line under the grid: in words, what the small signs on its card mean.
   * @param {number} i
   */
  describe(i) {
    const item = this.page.items[i];
    this.current.replaceChildren();
    if (!item) return;
    const part = (/** @type {string} */ text, /** @type {string} */ name) => this.current.append(make("span", name, text));
    part(`#${item.id}`, "dim");
    part(item.truthName, "strong");
    part(item.codes, "code");
    part(`${item.sign} ${item.kind === "right" ? "predicted correctly" : item.words}`, `outcome ${item.kind}`);
    if (item.kind !== "right") {
      part(item.predName, "strong");
      part(item.predCodes, "code");
    }
    part(`p ${item.p.toFixed(3)}`, "dim");
    part(item.family, "dim");
    this.current.title = [...this.current.children].map((child) => child.textContent).join("  ");
  }

  /** Open a glyph in Inspect. Returns whether there is a glyph. */
  open(i = this.active) {
    const item = this.page.items[i];
    if (!item) return false;
    const address = new URL(this.data.inspect, location.href);
    address.searchParams.set("glyph", String(item.id));
    bus.left.set(here(), item.id);
    navigate(address);
    return true;
  }

  /**
   * Request another page. A cached page is shown at once.
   * @param {import("./card_grid.js").Turn} name
   */
  turn(name) {
    const { pages, start, selection } = this.page, target = pages[name];
    if (target === null || target === start) return false;
    const page = this.pageCache.find(selection, target);
    if (page) this.show(page, null);
    this.send("turn", { start: target, cached: this.pageCache.keys() });
    return page ? "shown" : true;
  }

  pick() {
    const item = this.item();
    if (!item) return false;
    this.choose([item.id], !this.chosen.has(item.id));
    this.anchor = this.active;
    return true;
  }

  /** Move to the next glyph that was read wrongly, wrapping around the page. Returns whether there is one. */
  nextWrong() {
    const { items } = this.page;
    for (let i = 1; i <= items.length; i++) {
      const place = (this.active + i) % items.length;
      if (items[place].kind !== "right") return this.walk(place - this.active);
    }
    return false;
  }

  /** @returns {import("./common.js").KeyRow<any>[]} */
  keys() { return [...KEYS, ...CARD_KEYS]; }
}

export default defineComponent(Grid);
