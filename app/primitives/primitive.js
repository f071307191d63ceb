// @ts-check
// The details of one primitive: its numbers, its examples, its confusions, and its frequency on the grid. The board of all
// primitives (codebook.js) chooses the primitive.

import { Component, make, number, shortUrl } from "../shared/common.js";
import { CELL, GRID, brush, paint } from "../shared/paint.js";

/** @typedef {{ target: number, read: number, n: number, share: string, distance: number }} Confusion */

/**
 * A cell of a glyph: the glyph's index on the sprite, and the offset of the raster in the thumbnail.
 * @typedef {{ glyph: number, cell: number, other: number, place: number, shift: [top: number, left: number] }} Example
 */

/**
 * The primitive in the detail view.
 * @typedef {object} One
 * @property {number} id
 * @property {[name: string, value: string, meaning: string][]} numbers
 * @property {number} glyphs number of glyphs that use the primitive
 * @property {number[]} where number of times that the primitive was read in each cell of the grid
 * @property {string} sprite
 * @property {Example[]} right
 * @property {Example[]} taken examples of other primitives that were read as this one
 * @property {Example[]} missed
 * @property {Confusion[]} instead
 * @property {Confusion[]} really
 * @property {[id: number, distance: number][]} near
 */

/**
 * Data from Python. Shares are thousandths, -1 for an unknown share. Lists of primitives count from 0.
 * @typedef {object} Data
 * @property {string} patches patches of the whole codebook
 * @property {number[]} ids IDs of the primitives on the board
 * @property {number[]} use
 * @property {boolean} judged whether there are pictures, so that cells can be judged
 * @property {number[]} accuracy
 * @property {number[]} recall
 * @property {number[]} dead
 * @property {number[]} duplicate
 * @property {number[]} badly
 * @property {Confusion[] | null} pairs confusions in place of the board
 * @property {One | null} one
 * @property {number} columns thumbnails per row
 * @property {number} thumb pixels per thumbnail
 * @property {string} browse
 * @property {string} pattern cell pattern of the selection
 * @property {string} inspect
 */

/** @extends {Component<Data>} */
export class ChosenPrimitive extends Component {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.heat = this.find(".heat");
    this.cell = 0;
    this.most = 0; // the largest count of a cell
    this.patches = new Uint8Array();
    this.sprite = "";
    /** @type {number | undefined} the previously shown primitive */
    this.before = undefined;
  }

  /** @param {One} one */
  detail(one) {
    const ink = getComputedStyle(this.root).getPropertyValue("--st-text-color").trim();
    this.find(".name").textContent = `Primitive ${one.id}`;
    this.find(".patch").setAttribute("aria-label", `Patch of primitive ${one.id}`);
    paint(this.find(".patch"), this.patch(one.id), ink);
    this.find(".numbers").replaceChildren(...one.numbers.flatMap(([name, value, meaning]) => {
      const term = make("dt", "", name);
      term.title = meaning;
      return [term, make("dd", "", value)];
    }));
    const all = this.find(".all");
    all.textContent = `${counted(one.glyphs, "glyph")} →`;
    all.title = "Browse the glyphs that use it  b";
    this.aim(all, `any=${one.id}`);
    all.hidden = !one.glyphs;
    this.most = Math.max(...one.where);
    if (one.id !== this.before) this.cell = one.where.indexOf(this.most);
    this.before = one.id;
    this.point(this.cell);
    URL.revokeObjectURL(this.sprite);
    this.sprite = shortUrl(one.sprite);
    /** @type {[string, string, Example[], (example: Example) => string][]} */
    const rows = [
      ["✓ Predicted correctly", "right", one.right, () => ""],
      ["✗ Predicted, but the target is another", "wrong", one.taken, (example) => `target ${example.other}`],
      ["✗ Target, but predicted as another", "wrong", one.missed, (example) => `as ${example.other}`],
    ];
    this.find(".examples").replaceChildren(...rows.filter((row) => row[2].length && one.sprite).map((row) => this.row(...row)));
    this.find(".confused").hidden = !one.instead.length && !one.really.length;
    this.find(".instead").replaceChildren(...one.instead.slice(0, 4).map((confusion) => this.pair(confusion, confusion.read)));
    this.find(".really").replaceChildren(...one.really.slice(0, 4).map((confusion) => this.pair(confusion, confusion.target)));
    this.find(".near").replaceChildren(...one.near.map(([id, distance]) => this.tile(id, `${distance.toFixed(2)}`)));
  }

  /**
   * @param {string} title
   * @param {string} kind
   * @param {Example[]} examples
   * @param {(example: Example) => string} words
   */
  row(title, kind, examples, words) {
    const row = make("div", "row");
    const list = make("div", "thumbs");
    for (const example of examples) {
      const link = make("a", "example");
      const { columns, thumb, inspect } = this.data;
      link.href = `${inspect}&glyph=${example.glyph}`;
      link.dataset.glyph = String(example.glyph);
      link.title = `Inspect glyph ${example.glyph}`;
      link.setAttribute("aria-label", `Glyph ${example.glyph}, ${this.where(example.cell)}, ${words(example) || "predicted correctly"}`);
      const picture = make("span", "picture"), ring = make("span", `ring ${kind}`);
      picture.style.maskImage = `url(${this.sprite})`;
      picture.style.maskSize = `${columns * thumb}px auto`;
      picture.style.maskPosition = `${-(example.place % columns) * thumb}px ${-Math.floor(example.place / columns) * thumb}px`;
      const cell = thumb / GRID;
      ring.style.top = `${example.shift[0] + Math.floor(example.cell / GRID) * cell}px`;
      ring.style.left = `${example.shift[1] + (example.cell % GRID) * cell}px`;
      link.append(picture, ring);
      if (words(example)) link.append(make("span", "dim", words(example)));
      list.append(link);
    }
    row.append(make("h3", "", title), list);
    return row;
  }

  /** @param {number} id */
  patch(id) { return this.patches.subarray(id * 64, id * 64 + 64); }

  /**
   * A patch that can be chosen, with text below it.
   * @param {number} id
   * @param {string} [words]
   */
  tile(id, words) {
    const button = make("button", "tile");
    button.type = "button";
    button.dataset.choose = String(id);
    button.title = `Show primitive ${id}`;
    const canvas = make("canvas", "");
    canvas.width = canvas.height = CELL;
    paint(canvas, this.patch(id), getComputedStyle(this.root).getPropertyValue("--st-text-color").trim());
    const text = make("span", "id", `#${id}`);
    if (words) text.append(make("span", "dim", words));
    button.append(canvas, text);
    return button;
  }

  /**
   * One side of a confusion, and a link to its glyphs.
   * @param {Confusion} confusion
   * @param {number} id
   */
  pair(confusion, id) {
    const line = make("div", "pair");
    line.append(this.tile(id), this.confusion(confusion), make("span", "dim", id === confusion.read ? confusion.share : ""));
    return line;
  }

  /** @param {Confusion} confusion */
  confusion(confusion) {
    const link = make("a", "confusion", counted(confusion.n, "cell"));
    link.setAttribute("aria-label", `${confusion.target} predicted as ${confusion.read}, ${counted(confusion.n, "cell")}`);
    link.title = `Glyphs with a cell whose target is ${confusion.target} and whose prediction is ${confusion.read}`;
    this.aim(link, `any=${confusion.target}>${confusion.read}`);
    return link;
  }

  /**
   * @param {HTMLAnchorElement} link
   * @param {string} cells
   */
  aim(link, cells) {
    link.href = `${this.data.browse}&cells=${encodeURIComponent(`${this.data.pattern} ${cells}`.trim())}`;
    link.dataset.cells = cells;
  }

  // --- the heat map

  /**
   * Return the cell of the heat map under the mouse.
   * @param {MouseEvent} event
   */
  spot(event) {
    const box = this.heat.getBoundingClientRect();
    /** @type {(value: number, start: number, size: number) => number} */
    const at = (value, start, size) => Math.max(0, Math.min(GRID - 1, Math.floor(((value - start) / size) * GRID)));
    return at(event.clientY, box.top, box.height) * GRID + at(event.clientX, box.left, box.width);
  }

  /** @param {number} cell */
  where(cell) { return `row ${Math.floor(cell / GRID)}, column ${cell % GRID}`; }

  /**
   * Move the cursor of the heat map to a cell. Returns the name of the cell in a pattern.
   * @param {number} cell
   */
  point(cell) {
    this.cell = cell;
    const where = this.data.one?.where ?? [];
    const count = where[cell] ?? 0, total = where.reduce((a, b) => a + b, 0);
    this.find(".spot").textContent = `${this.where(cell)}: ${number(count)}`
      + (total ? `, ${((100 * count) / total).toFixed(1)}%` : "");
    this.warm();
    return `${Math.floor(cell / GRID)},${cell % GRID}`;
  }

  warm() {
    const canvas = this.find(".heat canvas");
    const density = window.devicePixelRatio || 1, side = 160, step = side / GRID;
    canvas.width = canvas.height = side * density;
    const context = brush(canvas);
    context.scale(density, density);
    const style = getComputedStyle(this.root);
    context.fillStyle = style.getPropertyValue("--right").trim();
    this.data.one?.where.forEach((count, cell) => {
      if (!count) return;
      context.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / this.most);
      context.fillRect((cell % GRID) * step + 0.5, Math.floor(cell / GRID) * step + 0.5, step - 1, step - 1);
    });
    context.globalAlpha = 1;
    context.strokeStyle = style.getPropertyValue("--st-primary-color").trim();
    context.lineWidth = 1.5;
    context.strokeRect((this.cell % GRID) * step, Math.floor(this.cell / GRID) * step, step, step);
  }
}

/**
 * @param {number} n
 * @param {string} what
 */
function counted(n, what) {
  return `${number(n)} ${what}${n === 1 ? "" : "s"}`;
}
