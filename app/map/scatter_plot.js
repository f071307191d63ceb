// @ts-check
// The drawing of the map: points with colours and shapes, the section in view, and glyphs in place of points if only few
// points are in view. Markers are drawn once per colour and copied. A glyph is unpacked from bits when it is first in view.

import { Component, bytes, drawable, make, number } from "../shared/common.js";
import { brush } from "../shared/paint.js";
import { clusters } from "./clusters.js";
import { SHAPES, TILE, glyph, marker, markersOf, spread } from "./markers.js";
import { PointLayer } from "./point_layer.js";
import { pointsOf } from "./points.js";

const NEAR_ENOUGH = 1.7;
const FEW = 150; // visible points in view that show pictures at any zoom factor
const LONGEST_LEGEND = 12;
const MOST_WITHOUT_WEBGL = 60_000; // points that are drawn one by one
const MOST_TILES = 3000;
const CLUSTER_SIDE = 24; // squares of the grid for names of clusters, along an axis of the view
const NAME_SIZE = 20;
const NO_PICTURE = new Uint8Array(); // of a glyph whose picture was requested and does not exist

/** @typedef {import("./points.js").Column} Column */
/** @typedef {import("./points.js").Colouring} Colouring */
/** @typedef {import("./points.js").Label} Label */
/** @typedef {[x: number, y: number]} Point a position in map units */

/**
 * Data from Python. ``points`` is null if the tab has the points of this version already, ``chosen`` if it has the set of the
 * address; ``pictures`` has 512 bytes for each of its ids.
 * @typedef {{
 *   version: string, points: import("./points.js").SentPoints | null,
 *   colours: Record<string, string>, palette: { series: string[], outcome: string[], other: string },
 *   pictures: { ids: number[], bits: string } | null, state: { colour: Colouring, find: string, at: string, ids: string },
 *   chosen: number[] | null, acknowledged: string, within: string, links: Record<"glyph" | "chosen" | "wrong", string> }} Data
 */

/** @typedef {CanvasRenderingContext2D} Context */

/** @extends {Component<Data>} */
export class ScatterPlot extends Component {
  /** @param {HTMLElement} root */
  constructor(root) {
    super(root);
    this.stage = this.find(".stage");
    /** @type {HTMLCanvasElement} */
    this.canvas = this.find(".stage > .marks");
    this.layer = new PointLayer(this.find(".stage > .points"));
    /** @type {import("./points.js").Points | null} */
    this.points = null;
    this.select = this.find(".colour");
    this.search = this.find(".find");
    this.legend = this.find(".legend");
    // Points: their number, positions, glyphs, probabilities and other columns.
    this.n = 0;
    /** @type {Float32Array} */
    this.x = new Float32Array();
    /** @type {Float32Array} */
    this.y = new Float32Array();
    /** @type {Float64Array} */
    this.ids = new Float64Array();
    /** @type {Uint8Array} */
    this.p = new Uint8Array();
    this.columns = /** @type {Record<Column, Uint16Array>} */ ({});
    this.visible = new Uint8Array();
    this.bright = this.visible; // whether each point is drawn in full colour
    /** @type {Uint8Array | null} whether each point is selected; null if all points are selected */
    this.within = null;
    this.count = 0; // number of visible points
    this.faded = false; // whether some points are faint
    this.turn = 0; // number of changes of the points' look
    this.dotsFor = ""; // the look and the section that the points were drawn for
    /** @type {Uint32Array} */
    this.rank = new Uint32Array(); // a random order: we do not choose which pictures appear if only few have room
    /** @type {Map<number, Uint8Array>} bits of the pictures that have come, by point */
    this.bits = new Map();
    /** @type {Map<number, number>} points by glyph */
    this.pointOf = new Map();
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
    this.ink = this.ground = this.letters = "";
    this.radius = 0; // of a point, in pixels
    this.size = 0; // side of a picture in pixels
    this.pictures = false;
    this.waiting = 0;
    /** @type {ReturnType<typeof markersOf> | null} */
    this.markers = null;
    /** @type {Map<number, OffscreenCanvas>} */
    this.tiles = new Map();
    /** @type {number[]} points in view that have room for a picture */
    this.apart = [];
    /** @type {import("./clusters.js").Cluster[] | null} null until they are looked for */
    this.clusters = null;
  }

  // Interaction, implemented in map.js.

  /**
   * @param {number[]} _chosen
   * @param {Point[] | null} [_outline]
   */
  choose(_chosen, _outline) {}

  tell() {}

  drawLegend() {}

  /**
   * Show the points of another layout; false if they have to be sent.
   * @param {Data} data
   */
  read(data) {
    const points = pointsOf(data.version);
    if (!points) return false;
    this.points = points;
    ({ n: this.n, x: this.x, y: this.y, ids: this.ids, p: this.p, columns: this.columns, rank: this.rank } = points);
    this.pointOf.clear();
    for (let i = 0; i < this.n; i++) this.pointOf.set(this.ids[i], i);
    this.visible = new Uint8Array(this.n).fill(1);
    this.layer.setPlaces(this.x, this.y);
    this.readSelection();
    this.select.replaceChildren(
      ...Object.entries(data.colours).map(([name, title]) => {
        const option = make("option", "", title);
        option.value = name;
        return option;
      }),
    );
    const method = points.about.method ? `${points.about.method}, ` : "";
    const sample = `a sample of ${number(points.n)} of ${number(points.total)} glyphs, by split and label`;
    const share = points.n < points.total ? sample : `all ${number(points.n)} glyphs`;
    const drawn = this.layer.works() || this.n <= MOST_WITHOUT_WEBGL ? "" :
      `; without a graphics card, ${number(MOST_WITHOUT_WEBGL)} of them are drawn`;
    this.find(".sampled").textContent = method + share + drawn;
    this.tiles.clear();
    this.bits.clear();
    this.cursor = -1;
    this.choose([]);
    this.search.value = data.state.find;
    this.colourBy(data.state.colour, true);
    const at = data.state.at.split(",").map(Number);
    this.fit(true);
    if (at.length === 3 && at.every(Number.isFinite) && at[2] >= 0.5 && at[2] <= 400)
      [this.cx, this.cy, this.factor] = at;
    this.draw();
    return true;
  }

  /** Read the points of the selection from bits. */
  readSelection() {
    const bits = bytes(this.data.within);
    this.within = bits.length ? Uint8Array.from({ length: this.n }, (_, i) => (bits[i >> 3] >> (7 - (i & 7))) & 1) : null;
  }

  /** Show another selection. */
  narrow() {
    this.readSelection();
    this.highlight(this.search.value, true);
  }

  /**
   * Keep pictures that have come.
   * @param {{ ids: number[], bits: string }} pictures
   */
  keep({ ids, bits }) {
    const all = bytes(bits), length = (TILE * TILE) / 8;
    if (this.bits.size > 4 * MOST_TILES) this.bits.clear();
    ids.forEach((id, k) => {
      const i = this.pointOf.get(id);
      const picture = all.subarray(k * length, (k + 1) * length);
      if (i !== undefined) this.bits.set(i, picture.some(Boolean) ? picture : NO_PICTURE);
    });
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
    const words = this.points?.words[name] ?? [];
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
    const layers = kinds.map((_, k) => (rest.length ? (k + 1) % kinds.length : k));
    const starts = new Uint32Array(kinds.length + 1);
    for (const kind of this.kind) starts[layers[kind] + 1] += 1;
    for (let k = 1; k <= kinds.length; k++) starts[k] += starts[k - 1];
    this.order = new Uint32Array(this.n);
    for (let i = 0; i < this.n; i++) this.order[starts[layers[this.kind[i]]]++] = i;
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
    const words = /** @type {import("./points.js").SentPoints["words"]} */ (this.points?.words);
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
    this.count = count;
    this.clusters = null;
    this.brighten();
    this.find(".found").textContent = count < this.n ? `${number(count)} of ${number(this.n)} points` : "";
    this.draw();
    if (!silent) this.tell();
  }

  /** Show which points are faint: those that are not visible, and beside a chosen set without a lasso all others. */
  brighten() {
    const set = this.chosen.length > 0 && !this.outline;
    this.bright = set ? new Uint8Array(this.n) : this.visible;
    if (set) for (const i of this.chosen) this.bright[i] = this.visible[i];
    this.faded = set || this.count < this.n;
    this.stage.toggleAttribute("data-faded", this.faded);
    this.turn += 1;
    this.layer.setVisible(this.bright);
    this.draw();
  }

  repaint() {
    this.ink = getComputedStyle(this.root).color;
    this.ground = getComputedStyle(this.stage).backgroundColor;
    this.letters = getComputedStyle(this.root).getPropertyValue("--marks") || "sans-serif";
    this.markers = null;
    this.turn += 1;
    this.tiles.clear();
    if (this.kinds) this.layer.setKinds(this.kind, this.order, this.kinds);
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
    return this.where(this.inside());
  }

  /** The visible points that pass a test. @param {(i: number) => boolean} passes */
  where(passes) {
    const found = [];
    for (let i = 0; i < this.n; i++) if (this.visible[i] && passes(i)) found.push(i);
    return found;
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
    const ratio = devicePixelRatio || 1, context = this.wiped(this.canvas, ratio);
    this.pictures = this.factor >= NEAR_ENOUGH || this.count < FEW;
    this.size = Math.max(28, Math.min(60, 24 + 6 * Math.log2(Math.max(1, this.factor))));
    this.dots(ratio);
    if (this.pictures) this.glyphs(context);
    else this.names(context);
    this.frames(context);
    const path = this.lasso ?? this.outline;
    if (path && path.length > 1) this.loop(context, path);
  }

  /**
   * The empty drawing area of a canvas that covers the stage.
   * @param {HTMLCanvasElement} canvas
   * @param {number} ratio
   */
  wiped(canvas, ratio) {
    const { clientWidth, clientHeight } = this.stage, [w, h] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const context = brush(canvas);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
    return context;
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
   * Draw the points, which have a canvas of their own: they stay while the cursor or a lasso moves over them.
   * @param {number} ratio
   */
  dots(ratio) {
    // Of many points each is small, or they would cover each other.
    const least = this.n > 20_000 ? 1.3 : 2.1;
    const radius = Math.max(least, Math.min(5, 0.8 * least * this.factor ** 0.35));
    this.radius = radius;
    const scale = this.scale(), { clientWidth: width, clientHeight: height } = this.stage;
    const wanted = [this.cx, this.cy, scale, width, height, ratio, this.turn, this.layer.works()].join();
    if (this.dotsFor === wanted) return;
    this.dotsFor = wanted;
    this.stage.dataset.drawnBy = this.layer.works() ? "webgl" : "canvas";
    if (this.layer.works()) return this.layer.draw({ cx: this.cx, cy: this.cy, scale, width, height, ratio, radius }, this.faded);
    if (this.markers?.radius !== radius || this.markers.ratio !== ratio) this.markers = markersOf(this.kinds ?? [], radius, ratio);
    const { side, normal, faint } = this.markers;
    const [ox, oy] = [width / 2 - this.cx * scale - side / 2, height / 2 - this.cy * scale - side / 2];
    const inside = this.inside(20), context = this.wiped(this.layer.plainCanvas(), ratio);
    const dots = (/** @type {number} */ visible, /** @type {OffscreenCanvas[]} */ from) => {
      for (const i of this.order)
        if (this.bright[i] === visible && this.rank[i] < MOST_WITHOUT_WEBGL && inside(i))
          context.drawImage(from[this.kind[i]], this.x[i] * scale + ox, this.y[i] * scale + oy, side, side);
    };
    if (this.faded) dots(0, faint);
    dots(1, normal);
  }

  /**
   * Draw pictures in place of the points that have room for one.
   * @param {Context} context
   */
  glyphs(context) {
    const scale = this.scale(), half = this.size / 2;
    const [w, h] = [this.stage.clientWidth / 2 / scale, this.stage.clientHeight / 2 / scale];
    const view = { left: this.cx - w, right: this.cx + w, top: this.cy - h, bottom: this.cy + h };
    this.apart = spread(this.x, this.y, this.rank, this.visible, this.size / scale, view);
    for (const i of this.apart) {
      if (!this.bits.get(i)?.length) continue; // its point stays
      const [x, y] = this.screen(i);
      context.globalAlpha = 0.86;
      context.fillStyle = this.ground;
      context.fillRect(x - half, y - half, this.size, this.size);
      context.globalAlpha = 1;
      this.put(context, i, this.tile(i), this.size);
    }
  }

  /**
   * Draw the names of clusters that have room; the largest first.
   * @param {Context} context
   */
  names(context) {
    this.clusters ??= clusters(this.x, this.y, this.columns.label, this.visible, CLUSTER_SIDE);
    /** @type {[x: number, y: number, width: number][]} */
    const taken = [];
    context.font = `${NAME_SIZE}px ${this.letters}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 4;
    context.lineJoin = "round";
    context.strokeStyle = this.ground;
    context.fillStyle = this.ink;
    const scale = this.scale(), { clientWidth, clientHeight } = this.stage;
    for (const { x, y, label } of this.clusters) {
      const [name, shown] = this.points?.words.label[label] ?? ["", ""];
      const text = [...shown].every((letter) => drawable(letter)) && shown ? shown : name, width = Math.max(NAME_SIZE, context.measureText(text).width);
      const [cx, cy] = [(x - this.cx) * scale + clientWidth / 2, (y - this.cy) * scale + clientHeight / 2];
      if (taken.some(([ox, oy, other]) => Math.abs(ox - cx) < (width + other) / 2 + 4 && Math.abs(oy - cy) < 1.3 * NAME_SIZE)) continue;
      taken.push([cx, cy, width]);
      context.strokeText(text, cx, cy);
      context.fillText(text, cx, cy);
    }
  }

  /**
   * Draw squares around the chosen points, and a circle around the point under the cursor.
   * @param {Context} context
   */
  frames(context) {
    const half = (this.pictures ? this.size : 2 * this.radius + 4) / 2 + 2;
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
   * A glyph in its colour, centred in its tile. A cross marks a wrongly read glyph, in addition to the colour.
   * @param {number} i
   */
  tile(i) {
    let tile = this.tiles.get(i);
    if (!tile) {
      if (this.tiles.size > MOST_TILES) this.tiles.clear();
      const plain = this.colour === "outcome" && !this.columns.outcome[i];
      tile = glyph(this.bits.get(i) ?? new Uint8Array(), plain ? this.ink : this.kinds?.[this.kind[i]].colour ?? this.ink);
      if (this.columns.outcome[i] === 2) {
        marker(brush(tile), "cross", this.data.palette.outcome[2], TILE - 8, TILE - 8, 6);
      }
      this.tiles.set(i, tile);
    }
    return tile;
  }
}
