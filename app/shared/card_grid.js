// @ts-check
// A page of glyphs as cards with thumbnails from one sprite: page turns, the card with the keyboard cursor, and the keys.
// Cards are created once, and later only their attributes change: a new card element would lose the keyboard focus.

import { Component, Requests, listens, make, number, pressed } from "./common.js";

/** @typedef {"first" | "previous" | "next" | "last"} Turn */

/**
 * @template Item
 * @typedef {object} CardPage
 * @property {Item[]} items
 * @property {number} position index of the first item in the selection
 * @property {number} total
 * @property {Record<Turn, number | null>} pages the first glyphs of the other pages
 */

/** @typedef {HTMLButtonElement & { glyph: HTMLElement }} Card a card; its child elements are members */

/** @type {import("./common.js").KeyRow<CardGrid<any, any, any>>[]} */
export const CARD_KEYS = [
  ["← → ↑ ↓", "move", {
    ArrowRight: (grid) => grid.walk(1), ArrowLeft: (grid) => grid.walk(-1),
    ArrowDown: (grid) => grid.walk(grid.perRow()), ArrowUp: (grid) => grid.walk(-grid.perRow()),
  }],
  ["Home End", "first, last glyph of the page", {
    Home: (grid) => grid.walk(-grid.active), End: (grid) => grid.walk(grid.page.items.length - 1 - grid.active),
  }],
  ["n p  PgDn PgUp", "next, previous page", {
    n: (grid) => grid.requests.ask("next"), PageDown: (grid) => grid.requests.ask("next"),
    p: (grid) => grid.requests.ask("previous"), PageUp: (grid) => grid.requests.ask("previous"),
  }],
  ["< >", "first, last page", {
    "<": (grid) => grid.requests.ask("first"), ">": (grid) => grid.requests.ask("last"),
  }],
];

/**
 * @template Data
 * @template {{ id: number }} Item
 * @template {Card} Kind
 * @extends {Component<Data>}
 */
export class CardGrid extends Component {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.list = this.find(".cards");
    this.placeText = this.find(".place");
    this.turns = this.all("button[data-page]");
    /** @type {Kind[]} */
    this.cards = [];
    /** @type {CardPage<Item>} */
    this.page;
    this.active = 0;
    /** @type {Kind | undefined} the card with the keyboard cursor */
    this.cursorCard = undefined;
    this.requests = new Requests(root, (page) => this.turn(page));
    this.on(document, "keydown", (event) => this.key(event));
    this.on(this.list, "focusin", (event) => this.at(event) >= 0 && this.moveCursor(this.at(event)));
    for (const button of this.turns) this.on(button, "click", () => this.requests.ask(button.dataset.page));
  }

  // --- overridden by each kind of grid

  /** @returns {import("./common.js").KeyRow<any>[]} */
  keys() { return CARD_KEYS; }

  /** Append the child elements to a card. @param {Kind} card */
  buildCard(card) { card.append(card.glyph); }

  /**
   * Show an item on a card.
   * @param {Kind} _card
   * @param {Item} _item
   */
  fill(_card, _item) {}

  // --- a page

  /**
   * Show a page. The sprite has ``columns`` thumbnails a row, each shown with ``side`` pixels.
   * @param {CardPage<Item>} page
   * @param {{ url: string, columns: number, side: number }} sprite
   */
  showPage(page, sprite) {
    this.page = page;
    const { items, position, total, pages } = page;
    while (this.cards.length < items.length) this.cards.push(this.make());
    this.cards.forEach((card, i) => {
      card.hidden = i >= items.length;
      if (card.hidden) return;
      card.dataset.id = String(items[i].id);
      thumbnail(card.glyph, i, sprite);
      this.fill(card, items[i]);
    });
    const last = position + items.length;
    this.placeText.textContent = items.length ? `${number(position + 1)}–${number(last)} of ${number(total)}` : "nothing here";
    for (const button of this.turns) {
      const target = pages[/** @type {Turn} */ (button.dataset.page)];
      button.disabled = target === null || target === this.start();
    }
  }

  /** The first glyph of the page. */
  start() { return this.page.items[0]?.id; }

  /** The glyph under the keyboard cursor. @returns {Item | undefined} */
  item() { return this.page.items[this.active]; }

  make() {
    const card = /** @type {Kind} */ (make("button", "card"));
    card.type = "button";
    card.tabIndex = -1;
    card.glyph = make("span", "glyph");
    this.buildCard(card);
    this.list.append(card);
    return card;
  }

  /**
   * Request another page. Returns whether that page exists.
   * @param {Turn} name
   * @returns {boolean | "shown"}
   */
  turn(name) {
    const target = this.page.pages[name];
    if (target === null || target === this.start()) return false;
    this.send("turn", target);
    return true;
  }

  // --- the keyboard cursor

  /** The index of the card that an event belongs to; -1 outside the cards. @param {{ target: Element }} event */
  at(event) { return this.cards.indexOf(/** @type {Kind} */ (event.target.closest(".card"))); }

  /** @param {number} i */
  moveCursor(i) {
    this.active = Math.max(0, Math.min(i, this.page.items.length - 1));
    const card = this.cards[this.active];
    for (const other of [this.cursorCard, card]) {
      if (!other) continue;
      other.tabIndex = other === card ? 0 : -1;
      other.classList.toggle("active", other === card);
    }
    this.cursorCard = card;
  }

  perRow() {
    const [first] = this.cards;
    const next = this.cards.findIndex((card) => card.offsetTop !== first.offsetTop && !card.hidden);
    return next < 1 ? this.page.items.length : next;
  }

  /** Move the cursor by ``by`` cards, if the page has any. @param {number} by */
  walk(by) {
    if (!this.page.items.length) return false;
    this.step(by);
    return true;
  }

  /** @param {number} by */
  step(by) {
    const target = this.active + by;
    if (target < 0 || target >= this.page.items.length) return;
    this.moveCursor(target);
    this.cards[target].focus();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.focused()?.localName === "input") return; // the input field handles its own keys
    if (listens(this.root)) pressed(this.keys(), this, event);
  }
}

/**
 * Show the i-th thumbnail of a sprite as a mask, so that glyphs take the theme's text colour.
 * @param {HTMLElement} element
 * @param {number} i
 * @param {{ url: string, columns: number, side: number }} sprite
 */
function thumbnail(element, i, { url, columns, side }) {
  element.style.maskImage = url ? `url(${url})` : "none";
  element.style.maskSize = `${columns * side}px auto`;
  element.style.maskPosition = `${-(i % columns) * side}px ${-Math.floor(i / columns) * side}px`;
  element.classList.toggle("blank", !url);
}

/**
 * Append elements with these names as classes. Returns them by name.
 * @template {string} Name
 * @param {HTMLElement} element
 * @param {Record<Name, "span" | "bdi">} tags
 */
export function parts(element, tags) {
  const made = /** @type {Record<Name, HTMLElement>} */ ({});
  for (const name of /** @type {Name[]} */ (Object.keys(tags))) element.append((made[name] = make(tags[name], name)));
  return made;
}
