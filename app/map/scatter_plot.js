// @ts-check
// The drawing of the map: points with colours and shapes, the section in view, and glyphs in place of points if only few
// points are in view. Markers are drawn once per colour and copied. A glyph is unpacked from bits when it is first in view.

import { Component, make, number } from "../shared/common.js";
import { brush } from "../shared/paint.js";
import { SHAPES, TILE, glyph, marker, markersOf, spread } from "./markers.js";

const NEAR_ENOUGH = 1.7;
const LONGEST_LEGEND = 12;

/** @typedef {"label" | "pred" | "family" | "class" | "split" | "outcome"} Column */
/** @typedef {"family" | "class" | "split" | "outcome"} Colouring */
/** @typedef {[words: string, shown: string, codes: string]} Label */
/** @typedef {[x: number, y: number]} Point a position in map units */

/**
 * Data from Python: columns as base64, and the strings that they index.
 * @typedef {Record<Column | "xy" | "id" | "p", string> & {
 *   n: number, total: number, version: string, about: { method?: string },
 *   words: Record<"label" | "pred", Label[]> & Record<Colouring, string[]>,
 *   colours: Record<string, string>, palette: { series: string[], outcome: string[], other: string },
 *   thumbnails: string | null, state: { colour: Colouring, find: string, at: string, ids: string }, chosen: number[],
 *   acknowledged: string, within: string, links: Record<"glyph" | "chosen" | "wrong", string> }} Data
 */

/** @typedef {CanvasRenderingContext2D} Context */

/** @extends {Component<Data>} */
export class ScatterPlot extends Component {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.stage = this.find(".stage");
    /** @type {HTMLCanvasElement} */
    this.canvas = this.find(".stage > canvas");
    this.select = this.find(".colour");
    this.search = this.find(".find");
    this.legend = this.find(".legend");
    // Points: their number, positions, glyphs, probabilities and other columns.
    this.n = 0;
    this.x = this.y = new Float32Array();
    this.ids = new Float64Array();
    this.p = new Uint8Array();
    this.columns = /** @type {Record<Column, Uint16Array>} */ ({});
    this.visible = new Uint8Array();
    /** @type {Uint8Array | null} whether each point is selected; null if all points are selected */
    this.within = null;
    this.faded = false; // whether some points are not visible
    this.turn = 0; // number of changes of the visible points
    this.shuffled = new Uint32Array();
    /** @type {Uint8Array | null} bits of all pictures */
    this.bits = null;
    // Categories: the coloured column, its categories, the categories shown alone, and the category of each point.
    /** @type {Colouring} */
    this.colour = "outcome";
    /** @type {import("./markers.js").Kind[] | undefined} */
    this.kinds = undefined;
    /** @type {Set<number>} */
    this.alone = new Set();
    this.kind = new Uint8Array();
    this.order = new Uint32Array(); // the order in which points are drawn
    // The chosen points, the lasso around them, and the lasso that is being drawn.
    /** @type {number[]} */
    this.chosen = [];
    /** @type {Point[] | null} */
    this.outline = null;
    /** @type {Point[] | null} */
    this.lasso = null;
    this.cursor = -1;
    // The section in view: its centre, and its zoom factor (1 shows everything).
    this.cx = this.cy = 0.5;
    this.factor = 1;
    // Cached drawings, which are copied.
    this.ink = this.ground = "";
    this.size = 0; // side of a picture in pixels
    this.pictures = false;
    this.waiting = 0;
    /** @type {ReturnType<typeof markersOf> | null} */
    this.markers = null;
    /** @type {Map<number, OffscreenCanvas>} */
    this.tiles = new Map();
    this.spreadFor = "";
    this.apart = new Uint8Array();
  }

  // Interaction, implemented in map.js.

  /**
   * @param {number[]} _chosen
   * @param {Point[] | null} [_outline]
   */
  choose(_chosen, _outline) {}

  tell() {}

  drawLegend() {}

  /** @param {Data} data */
  read(data) {
    const bytes = (/** @type {Column | "xy" | "id" | "p"} */ name) => Uint8Array.from(atob(data[name]), (letter) => letter.charCodeAt(0)).buffer;
    const xy = new Uint16Array(bytes("xy"));
    this.n = data.n;
    this.x = Float32Array.from({ length: this.n }, (_, i) => xy[2 * i] / 65535);
    this.y = Float32Array.from({ length: this.n }, (_, i) => 1 - xy[2 * i + 1] / 65535);
    this.ids = new Float64Array(bytes("id"));
    this.p = new Uint8Array(bytes("p"));
    for (const name of /** @type {Column[]} */ (["label", "pred", "family", "class", "split", "outcome"]))
      this.columns[name] = new Uint16Array(bytes(name));
    this.visible = new Uint8Array(this.n).fill(1);
    this.readSelection();
    // A random order, so that we do not choose which pictures appear if only few have room; the same order every time.
    const chance = (/** @type {number} */ i) => Math.imul(i + 1, 2654435761) >>> 0;
    this.shuffled = Uint32Array.from({ length: this.n }, (_, i) => i).sort((a, b) => chance(a) - chance(b));
    this.select.replaceChildren(
      ...Object.entries(data.colours).map(([name, title]) => {
        const option = make("option", "", title);
        option.value = name;
        return option;
      }),
    );
    const method = data.about.method ? `${data.about.method}, ` : "";
    const sample = `a sample of ${number(data.n)} of ${number(data.total)} glyphs, by split and label`;
    const share = data.n < data.total ? sample : `all ${number(data.n)} glyphs`;
    this.find(".sampled").textContent = method + share;
    this.tiles.clear();
    this.bits = null;
    this.cursor = -1;
    this.choose([]);
    this.search.value = data.state.find;
    this.colourBy(data.state.colour, true);
    const at = data.state.at.split(",").map(Number);
    this.fit(true);
    if (at.length === 3 && at.every(Number.isFinite) && at[2] >= 0.5 && at[2] <= 400)
      [this.cx, this.cy, this.factor] = at;
    this.draw();
  }

  /** Read the points of the selection from bits. */
  readSelection() {
    const bits = Uint8Array.from(atob(this.data.within), (letter) => letter.charCodeAt(0));
    this.within = bits.length ? Uint8Array.from({ length: this.n }, (_, i) => (bits[i >> 3] >> (7 - (i & 7))) & 1) : null;
  }

  /** Show another selection. */
  narrow() {
    this.readSelection();
    this.highlight(this.search.value, true);
  }

  /** @param {string} text */
  async unpack(text) {
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    this.bits = new Uint8Array(await new Response(stream).arrayBuffer());
    this.tiles.clear();
    this.draw();
  }

  // Colours and categories.

  /**
   * @param {Colouring} name
   * @param {boolean} [silent]
   */
  colourBy(name, silent) {
    this.colour = name;
    this.select.value = name;
    this.alone.clear();
    const column = this.columns[name];
    const words = this.data.words[name];
    const counts = new Array(words.length).fill(0);
    for (const value of column) counts[value] += 1;
    const order = words.map((_, i) => i).filter((i) => counts[i]);
    if (name !== "outcome") order.sort((a, b) => counts[b] - counts[a]);
    const shown = order.length > LONGEST_LEGEND ? order.slice(0, LONGEST_LEGEND - 1) : order;
    const { series, outcome, other } = this.data.palette;
    const kinds = shown.map((i, k) => ({
      title: words[i], count: counts[i],
      colour: name === "outcome" ? outcome[i] : series[k % series.length],
      shape: name === "outcome" ? ["disc", "diamond", "cross"][i] : SHAPES[Math.floor(k / series.length) % SHAPES.length],
    }));
    const kindOf = new Uint8Array(words.length).fill(kinds.length);
    shown.forEach((i, k) => (kindOf[i] = k));
    const rest = order.slice(shown.length);
    if (rest.length)
      kinds.push({
        title: `${rest.length} others`, count: rest.reduce((sum, i) => sum + counts[i], 0), colour: other, shape: "disc",
      });
    this.kinds = kinds;
    this.kind = Uint8Array.from(column, (value) => kindOf[value]);
    // Rare points come on top: outcomes in the order of the legend, wrong last; other columns the most frequent first.
    this.order = Uint32Array.from({ length: this.n }, (_, i) => i).sort((a, b) => {
      const [ka, kb] = [this.kind[a], this.kind[b]];
      const last = kinds.length - (rest.length ? 1 : 0);
      return (ka >= last ? -1 : ka) - (kb >= last ? -1 : kb) || a - b;
    });
    this.drawLegend();
    this.repaint();
    this.highlight(this.search.value, true);
    if (!silent) this.tell();
  }

  /**
   * Highlight points that pass the selection, the search and the legend. All other points fade, and a lasso ignores them.
   * @param {string} text
   * @param {boolean} [silent]
   */
  highlight(text, silent) {
    const wanted = text.trim().toLowerCase();
    const { words } = this.data;
    const code = /^(u\+|0x)?[0-9a-f]{4,6}$/.test(wanted) ? `U+${wanted.replace(/^(u\+|0x)/, "").toUpperCase()}` : null;
    const bare = (/** @type {string} */ shown) => shown.replace(/[\u200d\u0640\u25cc]/g, "");
    const fits = (/** @type {Label} */ [name, shown, codes]) =>
      name.toLowerCase().includes(wanted.replaceAll("_", " ")) || bare(shown) === text.trim() || codes === code;
    const label = words.label.map((name) => !wanted || fits(name));
    const family = words.family.map((name) => wanted.length > 1 && name.toLowerCase().includes(wanted));
    let count = 0;
    for (let i = 0; i < this.n; i++) {
      const matches = label[this.columns.label[i]] || family[this.columns.family[i]];
      this.visible[i] = matches && (this.within?.[i] ?? 1) && (!this.alone.size || this.alone.has(this.kind[i])) ? 1 : 0;
      count += this.visible[i];
    }
    this.faded = count < this.n;
    this.turn += 1;
    this.find(".found").textContent = this.faded ? `${number(count)} of ${number(this.n)} points` : "";
    this.draw();
    if (!silent) this.tell();
  }

  repaint() {
    this.ink = getComputedStyle(this.root).color;
    this.ground = getComputedStyle(this.stage).backgroundColor;
    this.markers = null;
    this.tiles.clear();
    this.draw();
  }

  // The section: cx, cy is the centre in map units; factor 1 shows everything.

  /** @param {boolean} [silent] */
  fit(silent) {
    [this.cx, this.cy, this.factor] = [0.5, 0.5, 1];
    if (silent) return;
    this.draw();
    this.tell();
  }

  scale() {
    return Math.min(this.stage.clientWidth, this.stage.clientHeight) * 0.94 * this.factor;
  }

  /**
   * @param {number} by
   * @param {number} [x]
   * @param {number} [y]
   */
  zoom(by, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    const before = this.scale();
    const [mx, my] = [x - this.stage.clientWidth / 2, y - this.stage.clientHeight / 2];
    const [wx, wy] = [this.cx + mx / before, this.cy + my / before];
    this.factor = Math.max(0.8, Math.min(400, this.factor * by));
    const after = this.scale();
    [this.cx, this.cy] = [wx - mx / after, wy - my / after];
    this.draw();
    this.tell();
  }

  /**
   * @param {number} dx
   * @param {number} dy
   */
  pan(dx, dy) {
    const scale = this.scale();
    this.cx = Math.max(-0.1, Math.min(1.1, this.cx - dx / scale));
    this.cy = Math.max(-0.1, Math.min(1.1, this.cy - dy / scale));
    this.draw();
    this.tell();
  }

  /**
   * The position of a point on the screen.
   * @param {number} i
   * @returns {[x: number, y: number]}
   */
  screen(i) {
    const scale = this.scale();
    const { clientWidth, clientHeight } = this.stage;
    return [(this.x[i] - this.cx) * scale + clientWidth / 2, (this.y[i] - this.cy) * scale + clientHeight / 2];
  }

  /** Return a function that tells whether a point is in view, or at most ``margin`` pixels outside. */
  inside(margin = 0) {
    const scale = this.scale();
    const [w, h] = [this.stage.clientWidth / 2 + margin, this.stage.clientHeight / 2 + margin];
    return (/** @type {number} */ i) => Math.abs(this.x[i] - this.cx) * scale <= w && Math.abs(this.y[i] - this.cy) * scale <= h;
  }

  inView() {
    const inside = this.inside();
    return Array.from({ length: this.n }, (_, i) => i).filter((i) => this.visible[i] && inside(i));
  }

  // Drawing.

  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.paint();
    });
  }

  paint() {
    if (!this.n || !this.kinds || !this.stage.clientWidth) return;
    const ratio = devicePixelRatio || 1;
    const [w, h] = [this.stage.clientWidth, this.stage.clientHeight];
    if (this.canvas.width !== Math.round(w * ratio) || this.canvas.height !== Math.round(h * ratio)) {
      this.canvas.width = Math.round(w * ratio);
      this.canvas.height = Math.round(h * ratio);
    }
    const context = brush(this.canvas);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    const here = this.order.filter(this.inside(20));
    const lit = this.faded ? here.filter((i) => this.visible[i]) : here;
    this.pictures = Boolean(this.bits) && (this.factor >= NEAR_ENOUGH || lit.length < 150);
    this.dots(context, ratio, here, lit);
    if (this.pictures) this.glyphs(context, lit);
    this.frames(context);
    const path = this.lasso ?? this.outline;
    if (path && path.length > 1) this.loop(context, path);
  }

  /**
   * Draw a picture with the given side, centred on a point.
   * @param {Context} context
   * @param {number} i
   * @param {CanvasImageSource} picture
   * @param {number} side
   */
  put(context, i, picture, side) {
    const [x, y] = this.screen(i);
    context.drawImage(picture, x - side / 2, y - side / 2, side, side);
  }

  /**
   * @param {Context} context
   * @param {number} ratio
   * @param {Uint32Array} here
   * @param {Uint32Array} lit the visible points among them
   */
  dots(context, ratio, here, lit) {
    const radius = Math.max(2.1, Math.min(5, 1.7 * this.factor ** 0.35));
    if (this.markers?.radius !== radius || this.markers.ratio !== ratio) this.markers = markersOf(this.kinds ?? [], radius, ratio);
    const { side, normal, faint } = this.markers;
    const scale = this.scale();
    const [ox, oy] = [this.stage.clientWidth / 2 - this.cx * scale - side / 2, this.stage.clientHeight / 2 - this.cy * scale - side / 2];
    /** @type {(some: Uint32Array, from: OffscreenCanvas[]) => void} */
    const dots = (points, from) => points.forEach((i) =>
      context.drawImage(from[this.kind[i]], this.x[i] * scale + ox, this.y[i] * scale + oy, side, side));
    if (this.faded) dots(here.filter((i) => !this.visible[i]), faint);
    dots(lit, normal);
  }

  /**
   * Draw pictures in place of the points that have room for one.
   * @param {Context} context
   * @param {Uint32Array} lit
   */
  glyphs(context, lit) {
    this.size = Math.max(28, Math.min(60, 24 + 6 * Math.log2(Math.max(1, this.factor))));
    const shown = this.spread(this.scale()), half = this.size / 2;
    for (const i of lit.filter((point) => shown[point])) {
      const [x, y] = this.screen(i);
      context.globalAlpha = 0.86;
      context.fillStyle = this.ground;
      context.fillRect(x - half, y - half, this.size, this.size);
      context.globalAlpha = 1;
      this.put(context, i, this.tile(i), this.size);
    }
  }

  /**
   * Draw squares around the chosen points, and a circle around the point under the cursor.
   * @param {Context} context
   */
  frames(context) {
    const half = (this.pictures ? this.size : this.markers?.side ?? 0) / 2 + 2;
    context.strokeStyle = this.ink;
    context.lineWidth = 1;
    if (!this.outline && this.chosen.length < 600)
      for (const i of this.chosen.filter(this.inside(20))) {
        const [x, y] = this.screen(i);
        context.strokeRect(x - half, y - half, 2 * half, 2 * half);
      }
    if (this.cursor < 0) return;
    const [x, y] = this.screen(this.cursor);
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, half + 3, 0, 7);
    context.stroke();
  }

  /**
   * Draw a lasso, given its points in map units.
   * @param {Context} context
   * @param {Point[]} path
   */
  loop(context, path) {
    const scale = this.scale(), { clientWidth, clientHeight } = this.stage;
    context.beginPath();
    for (const [x, y] of path) context.lineTo((x - this.cx) * scale + clientWidth / 2, (y - this.cy) * scale + clientHeight / 2);
    context.closePath();
    context.strokeStyle = this.ink;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 0.06;
    context.fillStyle = this.ink;
    context.fill();
    context.globalAlpha = 1;
  }

  /**
   * Return which points have room for a picture. The result does not depend on the position of the section.
   * @param {number} scale
   */
  spread(scale) {
    const key = `${scale} ${this.size} ${this.turn}`;
    if (this.spreadFor !== key) {
      this.spreadFor = key;
      this.apart = spread(this.x, this.y, this.shuffled, this.visible, this.size / scale);
    }
    return this.apart;
  }

  /**
   * A glyph in its colour, centred in its tile. A cross marks a wrongly read glyph, in addition to the colour.
   * @param {number} i
   */
  tile(i) {
    let tile = this.tiles.get(i);
    if (!tile) {
      if (this.tiles.size > 3000) this.tiles.clear();
      const plain = this.colour === "outcome" && !this.columns.outcome[i];
      tile = glyph(this.bits ?? new Uint8Array(), i, plain ? this.ink : this.kinds?.[this.kind[i]].colour ?? this.ink);
      if (this.columns.outcome[i] === 2) {
        marker(brush(tile), "cross", this.data.palette.outcome[2], TILE - 8, TILE - 8, 6);
      }
      this.tiles.set(i, tile);
    }
    return tile;
  }
}
