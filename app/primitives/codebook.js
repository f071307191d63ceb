// @ts-check
// The codebook on one canvas, and the chosen primitive beside it. A move of the cursor chooses after a short rest, so that a
// held arrow key sends only one request.

import { Requests, bytes, defineComponent, listens, make, number, pressed, typing } from "../shared/common.js";
import { CELL, GRID, brush, rgb } from "../shared/paint.js";
import { ChosenPrimitive } from "./primitive.js";

const REST = 180;
const SCALES = [6, 4, 3, 2];

/** @type {import("../shared/common.js").KeyRow<Codebook>[]} */
export const KEYS = [
  ["← → ↑ ↓", "move from primitive to primitive; in the heat map from cell to cell", {
    ArrowRight: (book) => book.move(1, 0), ArrowLeft: (book) => book.move(-1, 0),
    ArrowDown: (book) => book.move(0, 1), ArrowUp: (book) => book.move(0, -1),
  }],
  ["Home End", "first, last primitive", { Home: (book) => book.jump(0), End: (book) => book.jump(book.data.ids.length - 1) }],
  ["Enter b", "browse the glyphs that use the primitive; in the heat map: in that cell", {
    Enter: (book) => book.enter(), b: (book) => book.browseAt((id) => `any=${id}`),
  }],
  ["B", "browse the glyphs in which the primitive is misread", {
    B: (book) => book.data.judged && book.browseAt((id) => `any=${id}>*`),
  }],
];

/** @typedef {import("./primitive.js").Data} Data */

export class Codebook extends ChosenPrimitive {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".codebook")));
    this.heatmap = this.find(".board");
    this.canvas = this.find(".board canvas");
    this.place = 0; // index of the primitive under the cursor, on the board
    /** @type {ReturnType<Codebook["layout"]>} */
    this.shape = { side: 1, step: 1, down: 1, columns: 1, rows: 1, width: 1 };
    this.dead = this.duplicate = this.badly = /** @type {Set<number>} */ (new Set());
    /** @type {{ ink: string, patches: Uint8Array, canvas: OffscreenCanvas } | undefined} */
    this.drawn = undefined;
    /** @type {ReturnType<typeof setTimeout> | 0} set while the cursor has not come to rest */
    this.timer = 0;
    this.requests = new Requests(this.root, (id) => this.choose(id));
    this.on(document, "keydown", (event) => this.key(event));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.heatmap);
    this.on(this.heatmap, "mousemove", (event) => this.say(this.under(event) ?? this.place));
    this.on(this.heatmap, "mouseleave", () => this.say(this.place));
    this.on(this.heatmap, "click", (event) => this.go(this.under(event)));
    this.on(this.heat, "mousemove", (event) => this.point(this.spot(event)));
    this.on(this.heat, "click", (event) => this.browse(`${this.point(this.spot(event))}=${this.data.one?.id}`));
    this.on(this.root, "click", (event) => this.follow(event));
  }

  stop() {
    super.stop();
    clearTimeout(this.timer);
    URL.revokeObjectURL(this.sprite);
    this.observer.disconnect();
  }

  /** @param {Data} data */
  update(data) {
    const other = this.data?.patches !== data.patches;
    this.data = data;
    if (other) this.patches = bytes(data.patches);
    this.dead = new Set(data.dead);
    this.duplicate = new Set(data.duplicate);
    this.badly = new Set(data.badly);
    const pairs = data.pairs !== null;
    for (const name of [".board", ".legend", ".line"]) this.find(name).hidden = pairs;
    for (const name of [".pairs", ".meaning"]) this.find(name).hidden = !pairs;
    const nothing = !(data.pairs ?? data.ids).length;
    this.find(".nothing").hidden = !nothing;
    this.find(".nothing").textContent = !nothing ? "" : !pairs ? "There are no primitives of this kind. Choose another kind above."
      : data.judged ? "No cell was misread." : "Without the pictures of the glyphs, the misread cells are unknown.";
    this.find(".one").hidden = !data.one;
    if (data.one && !this.timer) this.place = Math.max(0, data.ids.indexOf(data.one.id));
    this.draw();
    this.say(this.place);
    if (data.pairs) this.list(data.pairs);
    if (data.one) this.detail(data.one);
    if (document.activeElement === document.body && !pairs) this.heatmap.focus({ preventScroll: true });
    this.requests.done();
  }

  // --- the board

  // Return the layout with the largest scale at which all patches fit on the screen.
  layout() {
    const width = this.heatmap.clientWidth, tall = Math.max(320, window.innerHeight - 265);
    const count = this.data.ids.length;
    const layouts = SCALES.map((scale) => {
      const side = CELL * scale, step = side + 6, down = side + 10;
      const columns = Math.max(1, Math.floor(width / step));
      return { side, step, down, columns, rows: Math.max(1, Math.ceil(count / columns)), width };
    });
    return layouts.find(({ rows, down }) => rows * down <= tall) ?? layouts[layouts.length - 1];
  }

  draw() {
    if (!this.data || this.heatmap.hidden || !this.heatmap.clientWidth) return;
    const shape = (this.shape = this.layout());
    const density = window.devicePixelRatio || 1;
    const height = shape.rows * shape.down + 2;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(shape.width * density);
    this.canvas.height = Math.round(height * density);
    const context = brush(this.canvas);
    context.scale(density, density);
    context.imageSmoothingEnabled = false;
    const colour = (/** @type {string} */ name) => getComputedStyle(this.root).getPropertyValue(name).trim();
    const [paper, right, wrong, text] = ["--st-secondary-background-color", "--right", "--wrong", "--st-text-color"].map(colour);
    const patchSheet = this.patchSheet(text);
    const most = Math.log1p(Math.max(1, ...this.data.use));
    this.data.ids.forEach((id, place) => {
      const [x, y] = this.corner(place);
      const i = id - 1, use = this.data.use[i];
      context.fillStyle = paper;
      context.fillRect(x, y, shape.side, shape.side);
      context.globalAlpha = this.dead.has(i) ? 0.3 : 1;
      context.drawImage(patchSheet, 0, id * CELL, CELL, CELL, x, y, shape.side, shape.side);
      context.globalAlpha = 1;
      if (use) {
        const long = Math.max(1, (shape.side * Math.log1p(use)) / most);
        const share = Math.min(...[this.data.accuracy[i], this.data.recall[i]].map((value) => (value < 0 ? 1 : value / 1000)));
        context.fillStyle = right;
        context.fillRect(x, y + shape.side + 1.5, long, 2.5);
        context.fillStyle = wrong;
        context.fillRect(x + long * share, y + shape.side + 1.5, long * (1 - share), 2.5);
      }
      if (this.badly.has(i)) {
        const corner = shape.side * 0.36;
        context.fillStyle = wrong;
        context.beginPath();
        context.moveTo(x + shape.side - corner, y); context.lineTo(x + shape.side, y);
        context.lineTo(x + shape.side, y + corner);
        context.fill();
      }
      if (this.duplicate.has(i)) {
        context.fillStyle = text;
        for (const dy of [0, 3]) context.fillRect(x + shape.side + 0.5, y + shape.side - 5 + dy, 4, 1.5);
      }
    });
    const chosen = this.data.ids.indexOf(this.timer ? this.data.ids[this.place] : this.data.one?.id ?? -1);
    if (chosen >= 0) {
      const [x, y] = this.corner(chosen);
      context.strokeStyle = colour("--st-primary-color");
      context.lineWidth = 2;
      context.strokeRect(x - 2, y - 2, shape.side + 4, shape.side + 7.5);
    }
  }

  /**
   * Return all patches in the colour of the ink, one below the other; drawn once per colour.
   * @param {string} ink
   */
  patchSheet(ink) {
    if (this.drawn?.ink === ink && this.drawn.patches === this.patches) return this.drawn.canvas;
    const count = this.patches.length / 64;
    const picture = new ImageData(CELL, CELL * count);
    const [r, g, b] = rgb(ink);
    for (let i = 0; i < count * 64; i++) picture.data.set([r, g, b, this.patches[i]], i * 4);
    const canvas = new OffscreenCanvas(CELL, CELL * count);
    brush(canvas).putImageData(picture, 0, 0);
    this.drawn = { ink, patches: this.patches, canvas };
    return canvas;
  }

  /** @param {number} place */
  corner(place) {
    const { columns, step, down } = this.shape;
    return [(place % columns) * step + 3, Math.floor(place / columns) * down + 3];
  }

  /**
   * Return the index of the primitive under the mouse; null outside the primitives.
   * @param {MouseEvent} event
   */
  under(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / this.shape.step);
    const place = Math.floor((event.clientY - box.top) / this.shape.down) * this.shape.columns + column;
    return column >= 0 && column < this.shape.columns && place >= 0 && place < this.data.ids.length ? place : null;
  }

  /**
   * Write one line about the primitive under the cursor.
   * @param {number} place
   */
  say(place) {
    const id = this.data.ids[place];
    const line = this.find(".current");
    line.replaceChildren();
    if (id === undefined) return;
    const i = id - 1, part = (/** @type {string} */ text, /** @type {string} */ name) => line.append(make("span", name, text));
    const share = (/** @type {number} */ value) => (value < 0 ? "–" : `${(value / 10).toFixed(1)}%`);
    part(`#${id}`, "strong");
    part(this.data.use[i] ? `predicted in ${number(this.data.use[i])} cells` : "never predicted", "");
    if (this.data.judged) {
      part(`accuracy ${share(this.data.accuracy[i])}`, "");
      part(`recall ${share(this.data.recall[i])}`, "");
    }
    if (this.badly.has(i)) part("✗ poorly predicted", "wrong");
    if (this.duplicate.has(i)) part("= near duplicate", "dim");
  }

  /**
   * Move the cursor to a primitive. The detail view follows when the cursor rests.
   * @param {number | null} place
   */
  go(place, wait = 0) {
    if (place === null || place < 0 || place >= this.data.ids.length) return;
    this.place = place;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.requests.waiting = [];
      this.requests.ask(this.data.ids[this.place]);
    }, wait);
    this.draw();
    this.say(place);
  }

  /** @param {number} id */
  choose(id) {
    if (id === this.data.one?.id) return false;
    this.send("choose", id);
    return true;
  }

  /** @param {import("./primitive.js").Confusion[]} pairs */
  list(pairs) {
    this.find(".pairs").replaceChildren(...pairs.map((pair) => {
      const line = make("div", "pair");
      line.setAttribute("role", "listitem");
      line.append(
        this.tile(pair.target), make("span", "arrow", "→"), this.tile(pair.read), this.confusion(pair),
        make("span", "dim", pair.share), make("span", "dim", pair.distance.toFixed(2)),
      );
      return line;
    }));
  }

  /**
   * A plain click stays in this session. A click with a modifier key opens the address in a new tab.
   * @param {MouseEvent & { target: Element }} event
   */
  follow(event) {
    const target = /** @type {HTMLElement | null} */ (event.target.closest("[data-choose], a[data-cells], a[data-glyph]"));
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { choose, cells, glyph } = target.dataset;
    if (choose) {
      const place = this.data.ids.indexOf(Number(choose));
      if (place >= 0) this.place = place;
      this.requests.ask(Number(choose));
    } else if (cells) this.browse(cells);
    else this.send("open", { glyph: Number(glyph) });
  }

  /** @param {string} cells */
  browse(cells) { if (this.data.one) this.send("open", { cells }); }

  // --- keys

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!typing() && listens(this.root)) pressed(KEYS, this, event);
  }

  onHeat() { return this.focused() === this.heat; }

  /**
   * @param {number} across
   * @param {number} down
   */
  move(across, down) { return this.onHeat() ? this.shift(across, down) : this.jump(this.place + across + down * this.shape.columns); }

  /** @param {number} place */
  jump(place) { return !this.heatmap.hidden && this.go(place, REST); }

  enter() {
    if (this.onHeat()) return this.browse(`${this.point(this.cell)}=${this.data.one?.id}`);
    const focus = this.focused();
    return (!focus || focus === this.heatmap) && this.browseAt((id) => `any=${id}`);
  }

  /** @param {(id: number) => string} pattern returns a cell pattern for the primitive under the cursor */
  browseAt(pattern) { return !this.heatmap.hidden && this.browse(pattern(this.data.ids[this.place])); }

  /**
   * @param {number} across
   * @param {number} down
   */
  shift(across, down) {
    const column = (this.cell % GRID) + across, row = Math.floor(this.cell / GRID) + down;
    if (column >= 0 && row >= 0 && column < GRID && row < GRID) this.point(row * GRID + column);
  }
}

export default defineComponent(Codebook);
