// @ts-check
// A page of flips, and both grids of the chosen glyph. The page brings the grids of all its glyphs, so that the cursor moves
// without requests. The server only gets the glyph on which the cursor rests, for the link.

import { CARD_KEYS, CardGrid, parts } from "../shared/card_grid.js";
import { character, make, defineComponent, shortUrl } from "../shared/common.js";
import { GRID_KEYS, LETTERS, TwoGrids } from "./grid_pair.js";

/**
 * A checkpoint's reading of a glyph.
 * @typedef {{ shown: string, name: string, codes: string, p: number, sign: string, kind: "right" | "near" | "wrong",
 *   words: string }} Reading
 */

/**
 * @typedef {object} Flip
 * @property {number} id
 * @property {string} truth
 * @property {string} name
 * @property {string} codes
 * @property {string} family
 * @property {string} split
 * @property {Reading[]} read the readings of A and B
 * @property {string} cells the cells of both grids, packed
 * @property {boolean} drawn whether there is a picture
 */

/**
 * Data from Python: a page of flips.
 * @typedef {import("../shared/card_grid.js").CardPage<Flip> & import("./grid_pair.js").Patches & {
 *   sprite: string, columns: number, thumb: number, order: string, cursor: number | null }} Data
 */

/**
 * @typedef {import("../shared/card_grid.js").Card & { truth: HTMLElement,
 *   read: (HTMLElement & Record<"sign" | "char", HTMLElement>)[] }} FlipCard
 */

/** @type {import("../shared/common.js").KeyRow<Flips>[]} */
export const KEYS = [
  ["Enter", "inspect with B", { Enter: (flips) => flips.onGlyph() && flips.open() }],
];

/** @extends {CardGrid<Data, Flip, FlipCard>} */
export class Flips extends CardGrid {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".flips")));
    this.grids = new TwoGrids(this.root, () => this.cards[this.active].focus({ preventScroll: true }));
    this.sprite = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    /** @type {number | null} a glyph to open once the link names it */
    this.opening = null;
    this.on(this.list, "dblclick", () => this.open());
    this.on(this.find(".inspect"), "click", () => this.open());
  }

  stop() {
    super.stop();
    clearTimeout(this.resting);
    URL.revokeObjectURL(this.sprite);
    this.grids.stop();
  }

  /** @param {Data} data */
  update(data) {
    /** @type {Data | undefined} */
    const before = this.data;
    this.data = data;
    if (before?.sprite !== data.sprite) {
      URL.revokeObjectURL(this.sprite);
      this.sprite = shortUrl(data.sprite);
    }
    this.grids.read(data);
    this.showPage(data, { url: this.sprite, columns: data.columns, side: data.thumb });
    this.find(".order").textContent = data.order;
    this.stand(data, before);
    this.requests.done();
    if (this.opening === data.cursor && this.opening === this.item()?.id) this.open();
    this.opening = null;
  }

  /**
   * Keep the cursor on its glyph if the page is the same, else put it on the glyph of the link.
   * @param {Data} data
   * @param {Data} [before]
   */
  stand({ items, order, cursor }, before) {
    const kept = before?.items[this.active]?.id;
    const same = before?.items[0]?.id === items[0].id && before.items.length === items.length && before.order === order;
    clearTimeout(this.resting);
    this.moveCursor(Math.max(0, items.findIndex((item) => item.id === (same ? kept : cursor))), false);
    if (before && !same && this.focused()) this.cards[this.active].focus({ preventScroll: true });
  }

  /** @param {FlipCard} card */
  buildCard(card) {
    super.buildCard(card);
    card.truth = make("bdi", "truth");
    card.read = LETTERS.map((letter) => {
      const reading = make("span", "reading");
      reading.append(make("span", "letter", letter));
      return Object.assign(reading, parts(reading, { sign: "span", char: "bdi" }));
    });
    card.append(card.truth, ...card.read);
  }

  /**
   * @param {FlipCard} card
   * @param {Flip} item
   */
  fill(card, item) {
    character(card.truth, item.truth, item.codes);
    item.read.forEach((prediction, side) => {
      const reading = card.read[side];
      reading.dataset.kind = prediction.kind;
      reading.sign.textContent = prediction.sign;
      character(reading.char, prediction.shown, prediction.codes);
      reading.char.hidden = prediction.kind === "right";
    });
    const predictions = item.read.map((prediction, side) => `${LETTERS[side]} predicts ${prediction.kind === "right" ? "correctly" : `${prediction.name}, ${prediction.words}`}`);
    card.setAttribute("aria-label", `${item.name}, ${predictions.join(", ")}, ${item.family}`);
  }

  /** @param {number} i */
  moveCursor(i, tell = true) {
    const moved = this.active !== i;
    super.moveCursor(i);
    const item = this.page.items[this.active];
    this.detail(item);
    if (!tell || !moved) return;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send("stay", item.id), 600);
  }

  /** @param {Flip} item */
  detail(item) {
    const char = make("bdi", "char");
    character(char, item.truth, item.codes);
    this.find(".title").replaceChildren(char, make("span", "name", item.name), make("span", "code", item.codes),
      make("span", "dim", `#${item.id} · ${item.family}${item.split ? ` · ${item.split}` : ""}`));
    this.find(".readings tbody").replaceChildren(...item.read.map((prediction, side) => {
      const row = make("tr", prediction.kind);
      const read = make("bdi", "char");
      character(read, prediction.shown, prediction.codes);
      const cells = [make("b", "", LETTERS[side]), make("bdi", "", this.data.names[side]), make("span", "sign", prediction.sign), read,
        make("span", "name", prediction.name), make("span", "dim", `p ${prediction.p.toFixed(3)}`)];
      row.append(...cells.map((content) => { const cell = make("td"); cell.append(content); return cell; }));
      return row;
    }));
    this.grids.open(item);
  }

  /** Whether keys belong to the glyph: no button and no other field has the focus. */
  onGlyph() {
    const focus = this.focused();
    return !focus || this.onGrids() || focus.matches(".card");
  }

  onGrids() { return this.focused() === this.grids.board; }

  /** Arrow keys move over the glyphs, except when the focus is in the grids. @param {number} by */
  walk(by) { return !this.onGrids() && super.walk(by); }

  /** Open a glyph. This page's link must name the glyph first, so that the back button returns to it. */
  open() {
    const { id } = this.page.items[this.active];
    clearTimeout(this.resting);
    if (this.data.cursor === id) return this.send("open", id);
    this.opening = id;
    this.send("stay", id);
  }

  /** @returns {import("../shared/common.js").KeyRow<any>[]} */
  keys() { return [...CARD_KEYS, ...KEYS, ...GRID_KEYS]; }
}

export default defineComponent(Flips);
