// @ts-check
// Both primitive grids of one glyph side by side: the drawing, the cell under the cursor, and the text about that cell. The
// gallery (flips.js) chooses the glyph and draws everything around the grids.

import { bytes, make } from "../shared/common.js";
import { CELL, GRID, SIZE, brush, hue, paint, rgb } from "../shared/paint.js";

export const LETTERS = ["A", "B"];

/**
 * Patches of both codebooks as Python sends them: a single text if both codebooks are the same.
 * @typedef {{ patches: string[], used: number[], names: [string, string] }} Patches
 */

/** @typedef {{ id: number, cells: string, drawn: boolean }} Glyph the part of a flip that the grids need */

/** @typedef {ReturnType<typeof unpack>} Grids the cells with ink in both grids */

/** @type {import("../shared/common.js").KeyRow<{ grids: TwoGrids }>[]} */
export const GRID_KEYS = [
  ["← → ↑ ↓", "in the grids: move over cells", {
    ArrowRight: ({ grids }) => grids.walk(1, 0), ArrowLeft: ({ grids }) => grids.walk(-1, 0),
    ArrowDown: ({ grids }) => grids.walk(0, 1), ArrowUp: ({ grids }) => grids.walk(0, -1),
  }],
  ["f", "go to the grids; Esc goes back to the glyphs", {
    f: ({ grids }) => grids.board.focus({ preventScroll: true }), Escape: ({ grids }) => grids.focused() && grids.leave(),
  }],
  ["x", "next cell that differs", { x: ({ grids }) => grids.nextDiffering() }],
  ["g r c w", "show the glyph, the predicted patches, colours, differing cells", {
    g: ({ grids }) => grids.show({ picture: "glyph" }), r: ({ grids }) => grids.show({ picture: "patches" }),
    c: ({ grids }) => grids.show({ layer: "colours" }), w: ({ grids }) => grids.show({ layer: "differ" }),
  }],
];

export class TwoGrids {
  /**
   * @param {HTMLElement} root
   * @param {() => void} leave returns the focus to the glyphs
   */
  constructor(root, leave) {
    this.root = root;
    this.leave = leave;
    this.board = this.find(".boards");
    /** @type {NodeListOf<HTMLCanvasElement>} */
    this.canvases = root.querySelectorAll(".boards canvas");
    this.picture = "glyph";
    /** @type {Record<string, boolean>} */
    this.layers = { colours: false, differ: true };
    this.cell = 0;
    this.step = 1; // pixels per cell
    /** @type {Glyph} */
    this.item;
    /** @type {Grids} */
    this.grid;
    /** @type {Map<number, Uint8Array>[]} patches of A and B by primitive */
    this.books = [];
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.board);
    this.canvases.forEach((canvas) => canvas.addEventListener("mousemove", (event) => this.hover(event, canvas)));
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-picture], [data-layer]")))
      button.addEventListener("click", () => this.show(button.dataset));
  }

  /**
   * @param {string} selector
   * @returns {any}
   */
  find(selector) { return this.root.querySelector(selector); }

  stop() { this.observer.disconnect(); }

  focused() { return /** @type {ShadowRoot} */ (this.root.getRootNode()).activeElement === this.board; }

  /**
   * Read the patches of both codebooks and the names of the checkpoints.
   * @param {Patches} data
   */
  read({ patches, used, names }) {
    const books = patches.map((text) => {
      const grey = bytes(text);
      return new Map(used.map((id, i) => [id, grey.subarray(i * 64, i * 64 + 64)]));
    });
    this.books = [books[0], books[books.length - 1]];
    this.rule = books.length === 1 ? "differ" : "are right in only one grid (different codebooks)";
    this.root.querySelectorAll(".boards figcaption").forEach((caption, side) => {
      caption.replaceChildren(make("b", "", `${LETTERS[side]} `), make("bdi", "", names[side]));
    });
  }

  /**
   * Show a glyph. If it is the same glyph as before, the cursor stays on its cell.
   * @param {Glyph} item
   */
  open(item) {
    const fresh = this.item?.id !== item.id || this.grid?.text !== item.cells;
    this.item = item;
    if (fresh) this.grid = unpack(item.cells);
    if (!item.drawn) this.picture = "patches";
    const { cells, differ } = this.grid;
    if (fresh) this.cell = cells.find((_, k) => differ[k]) ?? cells[0] ?? 0;
    this.find(".score").textContent = `${cells.filter((_, k) => differ[k]).length} of ${cells.length} cells ${this.rule}`;
    this.mirror();
    this.draw();
    this.say();
  }

  /**
   * Move over the cells if the grids have the focus. Returns whether they have it.
   * @param {number} across
   * @param {number} down
   */
  walk(across, down) {
    if (!this.focused()) return false;
    this.point((this.cell % GRID) + across, Math.floor(this.cell / GRID) + down);
    return true;
  }

  draw() {
    const side = this.canvases[0].parentElement?.clientWidth;
    if (!this.grid || !side) return;
    const ratio = window.devicePixelRatio || 1;
    const step = Math.floor((side * ratio) / GRID), full = step * GRID;
    this.step = step / ratio;
    const style = getComputedStyle(this.root);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const ink = rgb(colour("--st-text-color"));
    this.canvases.forEach((canvas, model) => {
      if (canvas.width !== full) canvas.width = canvas.height = full;
      canvas.style.width = canvas.style.height = `${full / ratio}px`;
      const context = brush(canvas), small = new OffscreenCanvas(SIZE, SIZE);
      context.clearRect(0, 0, full, full);
      brush(small).putImageData(this.pixels(model, ink), 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, full, full);
      /** @type {(cell: number) => [number, number, number, number]} */
      const box = (cell) => [(cell % GRID) * step, Math.floor(cell / GRID) * step, step, step];
      if (this.layers.colours) {
        context.globalAlpha = 0.42;
        this.grid.cells.forEach((cell, k) => {
          context.fillStyle = hue(this.grid.ids[model][k]);
          context.fillRect(...box(cell));
        });
        context.globalAlpha = 1;
      }
      context.fillStyle = colour("--line");
      for (let i = 0; i <= GRID; i++) {
        context.fillRect(Math.min(i * step, full - 1), 0, 1, full);
        context.fillRect(0, Math.min(i * step, full - 1), full, 1);
      }
      /** @type {(cell: number, width: number, name: string, inset: number) => void} */
      const frame = (cell, width, name, inset) => {
        const [x, y] = box(cell);
        context.lineWidth = width;
        context.strokeStyle = colour(name);
        context.strokeRect(x + inset, y + inset, step - 2 * inset, step - 2 * inset);
      };
      if (this.layers.differ)
        this.grid.cells.forEach((cell, k) => this.grid.differ[k] && frame(cell, 1.5 * ratio, this.right(model, k) ? "--right" : "--wrong", 1.2 * ratio));
      frame(this.cell, 4 * ratio, "--st-background-color", 0);
      frame(this.cell, 2 * ratio, "--st-primary-color", 0);
    });
  }

  /**
   * Whether a model is right in the k-th cell with ink.
   * @param {number} model
   * @param {number} k
   */
  right(model, k) { return this.item.drawn && this.grid.ids[model][k] === this.grid.targets[model][k]; }

  /**
   * @param {number} model
   * @param {Iterable<number>} ink
   */
  pixels(model, [r, g, b]) {
    const picture = new ImageData(SIZE, SIZE);
    this.grid.cells.forEach((cell, k) => {
      const patch = this.picture === "glyph" ? this.grid.own(k) : this.patch(model, k);
      const left = (cell % GRID) * CELL, top = Math.floor(cell / GRID) * CELL;
      for (let i = 0; i < 64; i++)
        picture.data.set([r, g, b, patch[i] * 0.86], ((top + (i >> 3)) * SIZE + left + (i & 7)) * 4);
    });
    return picture;
  }

  /**
   * The patch that a model reads in the k-th cell.
   * @param {number} model
   * @param {number} k
   */
  patch(model, k) { return this.books[model].get(this.grid.ids[model][k]) ?? new Uint8Array(CELL * CELL); }

  say() {
    const k = this.grid.cells.indexOf(this.cell);
    const row = Math.floor(this.cell / GRID), column = this.cell % GRID;
    const ink = getComputedStyle(this.root).getPropertyValue("--st-text-color").trim();
    /** @type {(name: string, patch: Uint8Array) => HTMLElement} */
    const tile = (name, patch) => {
      const figure = make("figure"), canvas = make("canvas", "tile");
      canvas.width = canvas.height = CELL;
      paint(canvas, patch, ink);
      figure.append(canvas, make("figcaption", "", name));
      return figure;
    };
    const line = this.find("#flip-cell");
    if (k < 0) {
      this.find(".patches").replaceChildren(...[0, 1, 2].map(() => tile("–", new Uint8Array(64))));
      line.textContent = `Row ${row}, column ${column}: empty, decided by the pixels.`;
      return;
    }
    const { ids, targets, sure } = this.grid;
    const { drawn } = this.item;
    const words = LETTERS.map((letter, model) => {
      const sign = !drawn ? "" : this.right(model, k) ? "✓ " : `✗ target ${targets[model][k]}, `;
      return `${letter} ${ids[model][k]} ${sign}p ${(sure[model][k] / 255).toFixed(2)}`;
    });
    this.find(".patches").replaceChildren(
      ...(drawn ? [tile("cell", this.grid.own(k))] : []),
      ...LETTERS.map((letter, model) => tile(`${letter} ${ids[model][k]}`, this.patch(model, k))));
    line.textContent = `Row ${row}, column ${column}: ${words.join("; ")}.`;
  }

  mirror() {
    /** @type {(selector: string) => NodeListOf<HTMLButtonElement>} */
    const buttons = (selector) => this.root.querySelectorAll(selector);
    for (const button of buttons("[data-picture]")) {
      button.setAttribute("aria-checked", String(button.dataset.picture === this.picture));
      button.disabled = !this.item.drawn;
    }
    for (const button of buttons("[data-layer]"))
      button.setAttribute("aria-pressed", String(this.layers[button.dataset.layer ?? ""]));
  }

  /**
   * Show another picture, or switch a layer on or off.
   * @param {{ picture?: string, layer?: string }} what
   */
  show({ picture, layer }) {
    if (picture && this.item.drawn) this.picture = picture;
    if (layer) this.layers[layer] = !this.layers[layer];
    this.mirror();
    this.draw();
  }

  /**
   * @param {MouseEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  hover(event, canvas) {
    const box = canvas.getBoundingClientRect();
    this.point(Math.floor((event.clientX - box.left) / this.step), Math.floor((event.clientY - box.top) / this.step));
  }

  /**
   * @param {number} column
   * @param {number} row
   */
  point(column, row) {
    if (column < 0 || row < 0 || column >= GRID || row >= GRID || this.cell === row * GRID + column) return;
    this.cell = row * GRID + column;
    this.draw();
    this.say();
  }

  nextDiffering() {
    const { cells, differ } = this.grid;
    const differing = cells.filter((_, k) => differ[k]);
    const cell = differing.find((other) => other > this.cell) ?? differing[0];
    if (cell !== undefined) this.point(cell % GRID, Math.floor(cell / GRID));
  }
}

/**
 * Unpack the data that flips.py packs.
 * @param {string} text
 */
function unpack(text) {
  const data = bytes(text);
  const cells = [];
  for (let i = 0; i < 256; i++) if ((data[i >> 3] >> (7 - (i & 7))) & 1) cells.push(i);
  const k = cells.length, words = 32 + 8 * k, rest = words + 8 * k;
  const numbers = new Uint16Array(data.buffer, words, 4 * k);
  const row = (/** @type {number} */ i) => numbers.subarray(i * k, (i + 1) * k);
  const own = (/** @type {number} */ i) => Uint8Array.from({ length: 64 }, (_, j) => 255 * ((data[32 + 8 * i + (j >> 3)] >> (7 - (j & 7))) & 1));
  return {
    text, cells, own, ids: [row(0), row(1)], targets: [row(2), row(3)],
    sure: [data.subarray(rest, rest + k), data.subarray(rest + k, rest + 2 * k)], differ: data.subarray(rest + 2 * k),
  };
}
