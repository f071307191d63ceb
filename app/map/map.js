// @ts-check
// The map's interaction. All of it happens in the browser. The server only gets the state for the link, the glyph to inspect,
// and the glyphs to browse.

import { character, listens, make, defineComponent, navigate, number, pressed } from "../shared/common.js";
import { brush } from "../shared/paint.js";
import { TILE, glyph, marker } from "./markers.js";
import { keepPoints } from "./points.js";
import { ScatterPlot } from "./scatter_plot.js";

const REST = 150; // milliseconds after which the hand rests
const MOST_PICTURES = 500; // of a request
const PATIENCE = 5000; // milliseconds after which pictures may be requested again

/** @type {import("../shared/common.js").KeyRow<GlyphMap>[]} */
export const KEYS = [
  ["← → ↑ ↓", "next glyph in that direction", {
    ArrowRight: (map) => map.step(1, 0), ArrowLeft: (map) => map.step(-1, 0),
    ArrowDown: (map) => map.step(0, 1), ArrowUp: (map) => map.step(0, -1),
  }],
  ["Shift and arrows", "move the map", {
    "Shift+ArrowRight": (map) => map.pan(-80, 0), "Shift+ArrowLeft": (map) => map.pan(80, 0),
    "Shift+ArrowDown": (map) => map.pan(0, -80), "Shift+ArrowUp": (map) => map.pan(0, 80),
  }],
  ["+ −  0", "zoom; show everything", {
    "+": (map) => map.zoom(1.6, ...map.middle()), "=": (map) => map.zoom(1.6, ...map.middle()),
    "-": (map) => map.zoom(1 / 1.6, ...map.middle()), 0: (map) => map.fit(),
  }],
  ["l", "lasso on or off; Shift and dragging draws one, too", { l: (map) => map.arm(!map.armed) }],
  ["Ctrl+A", "choose the glyphs in view", { "Control+a": (map) => map.choose(map.inView()) }],
  ["b", "browse the chosen glyphs", { b: (map) => map.browse(false) }],
  ["Enter", "inspect", { Enter: (map) => map.onPoint() && map.inspect(map.ids[map.cursor]) }],
  ["c", "next colouring", { c: (map) => map.nextColour() }],
  ["Esc", "choose nothing", { Escape: (map) => map.leave() }],
];

export class GlyphMap extends ScatterPlot {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".map")));
    const find = this.find.bind(this);
    this.tip = find(".tip");
    this.armed = false; // whether dragging draws a lasso
    /** @type {{ x: number, y: number, moved: number, lasso: boolean } | null} */
    this.drag = null;
    this.fresh = false; // whether the choice was made here and is not sent yet
    /** @type {string | null} token of the last message, until the server has acknowledged it */
    this.awaited = null;
    /** @type {string | undefined} key of the chosen glyphs of the address that were shown last */
    this.shown = undefined;
    /** @type {"chosen" | "wrong" | null} the glyphs to browse once they have an address */
    this.going = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.telling = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.looking = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.patience = undefined;
    this.asked = false; // whether pictures have been requested and have not come yet
    this.unpacking = ""; // version of the points that are being unpacked
    this.drawn = ""; // version of the points that are drawn
    const on = this.on.bind(this);
    this.on(document, "keydown", (event) => this.key(event));
    on(this.canvas, "pointerdown", (event) => this.down(event));
    on(this.canvas, "pointermove", (event) => this.move(event));
    on(this.canvas, "pointerup", (event) => this.up(event));
    on(this.canvas, "pointercancel", (event) => this.up(event));
    on(this.canvas, "pointerleave", () => !this.drag && this.point(-1));
    on(this.canvas, "wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...this.place(event));
    });
    on(find(".lasso"), "click", () => this.arm(!this.armed));
    on(find(".closer"), "click", () => this.zoom(1.6));
    on(find(".further"), "click", () => this.zoom(1 / 1.6));
    on(find(".fit"), "click", () => this.fit());
    on(find(".browse"), "click", () => this.browse(false));
    on(find(".wrongs"), "click", () => this.browse(true));
    on(find(".clear"), "click", () => this.choose([]));
    on(find(".view"), "click", () => this.choose(this.inView()));
    on(this.select, "change", () => this.colourBy(this.select.value));
    on(this.search, "input", () => this.highlight(this.search.value));
    on(this.search, "keydown", (event) => event.stopPropagation());
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.stage);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    on(this.scheme, "change", () => setTimeout(() => this.repaint(), 100));
  }

  stop() {
    super.stop();
    clearTimeout(this.telling);
    clearTimeout(this.looking);
    clearTimeout(this.patience);
    this.resized.disconnect();
  }

  /** @param {import("./scatter_plot.js").Data} data */
  update(data) {
    const before = this.data;
    const first = this.drawn !== data.version;
    this.data = first ? { ...data, chosen: data.chosen ?? before?.chosen ?? null } : data; // they may come before the points
    const narrowed = before?.within !== data.within;
    if (first && !this.read(data)) return this.obtain(data);
    this.drawn = data.version;
    if (!first && narrowed) this.narrow();
    if (data.pictures && data.pictures !== before?.pictures) {
      this.asked = false;
      clearTimeout(this.patience);
      this.keep(data.pictures);
      if (this.cursor >= 0) this.point(this.cursor, true);
    }
    this.follow(this.data, first);
  }

  /**
   * Unpack the points that have come, or request them.
   * @param {import("./scatter_plot.js").Data} data
   */
  obtain(data) {
    if (data.points) {
      this.unpacking = data.version;
      keepPoints(data.version, data.points).then(() => {
        this.unpacking = "";
        if (!this.ending.signal.aborted) this.update({ ...this.data, points: null });
      });
    } else if (this.unpacking !== data.version) this.send("points", true);
  }

  paint() {
    super.paint();
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.requestPictures(), REST);
  }

  /** Request the pictures that are in view and have not come yet, once the hand rests. */
  requestPictures() {
    if (this.asked || !this.n) return;
    const wanted = this.pictures ? this.apart.filter((i) => !this.bits.has(i)) : [];
    if (this.cursor >= 0 && !this.bits.has(this.cursor)) wanted.unshift(this.cursor);
    if (!wanted.length) return;
    this.asked = true;
    this.patience = setTimeout(() => { this.asked = false; }, PATIENCE); // a run that was cut off brings none
    this.send("pictures", wanted.slice(0, MOST_PICTURES).map((i) => this.ids[i]));
  }

  /**
   * Show the chosen glyphs of the address, unless the user has made a newer choice that the address does not have yet.
   * @param {import("./scatter_plot.js").Data} data
   * @param {boolean} first
   */
  follow(data, first) {
    if (data.acknowledged === this.awaited) this.awaited = null;
    const settled = !this.fresh && !this.awaited;
    if (data.chosen && (first || (settled && data.state.ids !== this.shown))) this.take(data.chosen);
    if (settled) this.shown = data.state.ids;
    if (this.going && settled) this.go();
  }

  drawLegend() {
    this.legend.replaceChildren(
      ...(this.kinds ?? []).map((kind, k) => {
        const button = make("button");
        button.type = "button";
        const picture = make("canvas");
        picture.width = picture.height = 28;
        marker(brush(picture), kind.shape, kind.colour, 14, 14, 9);
        button.append(picture, make("span", "what", kind.title), make("span", "count", number(kind.count)));
        button.title = kind.title;
        button.setAttribute("aria-pressed", String(this.alone.has(k)));
        button.addEventListener("click", () => {
          this.alone.has(k) ? this.alone.delete(k) : this.alone.add(k);
          button.setAttribute("aria-pressed", String(this.alone.has(k)));
          this.highlight(this.search.value, true);
        });
        return button;
      }),
    );
  }

  // Pointer events.

  /**
   * @param {MouseEvent} event
   * @returns {[x: number, y: number]}
   */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {import("./scatter_plot.js").Point}
   */
  world(x, y) {
    const scale = this.scale();
    return [this.cx + (x - this.stage.clientWidth / 2) / scale, this.cy + (y - this.stage.clientHeight / 2) / scale];
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.stage.focus({ preventScroll: true });
    const [x, y] = this.place(event);
    this.drag = { x, y, moved: 0, lasso: this.armed || event.shiftKey };
    if (this.drag.lasso) this.lasso = [this.world(x, y)];
    this.stage.classList.toggle("moving", !this.drag.lasso);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const [x, y] = this.place(event);
    if (!this.drag) {
      this.point(this.nearest(x, y));
      return;
    }
    const [dx, dy] = [x - this.drag.x, y - this.drag.y];
    this.drag.moved += Math.abs(dx) + Math.abs(dy);
    [this.drag.x, this.drag.y] = [x, y];
    if (this.drag.moved > 3) this.point(-1);
    if (this.drag.lasso) {
      this.lasso?.push(this.world(x, y));
      this.draw();
    } else if (this.drag.moved > 3) this.pan(dx, dy);
  }

  /** @param {PointerEvent} event */
  up(event) {
    const drag = this.drag;
    this.drag = null;
    this.stage.classList.remove("moving");
    if (!drag) return;
    const path = this.lasso;
    this.lasso = null;
    if (path && path.length > 2 && drag.moved > 8) {
      this.choose(this.caught(path), path);
      this.arm(false);
    } else if (drag.moved <= 3 && event.type === "pointerup") {
      const i = this.nearest(...this.place(event));
      if (i >= 0) this.inspect(this.ids[i]);
    }
    this.draw();
  }

  /**
   * Return the visible points inside a lasso.
   * @param {import("./scatter_plot.js").Point[]} path
   */
  caught(path) {
    const corners = path.filter(([x, y], i) => !i || Math.hypot(x - path[i - 1][0], y - path[i - 1][1]) * this.scale() > 1);
    const xs = corners.map(([x]) => x), ys = corners.map(([, y]) => y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    return this.where((i) => {
      const [x, y] = [this.x[i], this.y[i]];
      if (x < left || x > right || y < top || y > bottom) return false;
      let odd = false;
      for (let k = 0, j = corners.length - 1; k < corners.length; j = k++) {
        if (ys[k] > y !== ys[j] > y && x < ((xs[j] - xs[k]) * (y - ys[k])) / (ys[j] - ys[k]) + xs[k]) odd = !odd;
      }
      return odd;
    });
  }

  /**
   * Return the visible point nearest to a position on the screen; -1 if no point is near.
   * @param {number} x
   * @param {number} y
   */
  nearest(x, y) {
    const [wx, wy] = this.world(x, y);
    const reach = (this.pictures ? this.size * 0.6 : 9) / this.scale();
    let [best, least] = [-1, reach * reach];
    for (let i = 0; i < this.n; i++) {
      if (!this.visible[i]) continue;
      const far = (this.x[i] - wx) ** 2 + (this.y[i] - wy) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  /**
   * @param {number} i
   * @param {boolean} [again] whether its picture has come since
   */
  point(i, again) {
    if (i === this.cursor && !again) return;
    this.cursor = i;
    this.tip.hidden = i < 0;
    this.canvas.style.cursor = i < 0 ? "" : "pointer";
    this.draw();
    if (i < 0) return;
    const picture = this.tip.querySelector("canvas");
    picture.width = picture.height = 2 * TILE;
    const bits = this.bits.get(i);
    picture.hidden = !bits?.length;
    const context = brush(picture);
    context.imageSmoothingEnabled = false;
    if (bits?.length) context.drawImage(glyph(bits, this.ink), 0, 0, 2 * TILE, 2 * TILE);
    this.tip.querySelector(".words").replaceChildren(...this.lines(i));
    const [x, y] = this.screen(i);
    const [w, h] = [this.stage.clientWidth, this.stage.clientHeight];
    const gap = (this.pictures ? this.size / 2 : 6) + 8;
    const box = this.tip.getBoundingClientRect();
    this.tip.style.left = `${x + gap + box.width < w ? x + gap : Math.max(4, x - gap - box.width)}px`;
    this.tip.style.top = `${Math.max(4, Math.min(h - box.height - 4, y - box.height / 2))}px`;
  }

  /**
   * The tooltip lines about a point.
   * @param {number} i
   */
  lines(i) {
    const words = /** @type {import("./points.js").SentPoints["words"]} */ (this.points?.words), { label, pred, family, split, outcome } = this.columns;
    const line = (/** @type {(Node | string)[]} */ ...parts) => {
      const made = make("div");
      made.append(...parts);
      return made;
    };
    const letter = (/** @type {import("./scatter_plot.js").Label} */ label) => {
      const made = make("bdi");
      character(made, label[1], label[2]);
      return made;
    };
    const truth = words.label[label[i]], read = words.pred[pred[i]], kind = ["right", "near", "wrong"][outcome[i]];
    const sure = make("span", "dim", ` p ${(this.p[i] / 255).toFixed(2)}`);
    const verdict = make("span", kind, kind === "right" ? "✓ predicted correctly" : `${kind === "near" ? "≈" : "✗"} predicted as `);
    const origin = [words.family[family[i]], words.split[split[i]], `#${this.ids[i]}`];
    return [
      line(letter(truth), ` ${truth[0]} `, make("span", "code", truth[2])),
      kind === "right" ? line(verdict, sure) : line(verdict, letter(read), ` ${read[0]}`, sure),
      line(make("span", "dim", origin.filter(Boolean).join(" · "))),
    ];
  }

  // The chosen glyphs.

  /** @param {boolean} armed */
  arm(armed) {
    this.armed = armed;
    this.stage.classList.toggle("drawing", armed);
    this.find(".lasso").setAttribute("aria-pressed", String(armed));
  }

  /**
   * @param {number[]} chosen
   * @param {import("./scatter_plot.js").Point[] | null} [outline] the lasso around them
   */
  choose(chosen, outline = null) {
    if (!chosen.length && !this.chosen.length) return;
    this.fresh = true;
    this.show(chosen, outline);
    this.tell();
  }

  /**
   * Show the chosen glyphs of the address. If the last lasso holds exactly these glyphs, it stays on screen.
   * @param {number[]} ids
   */
  take(ids) {
    const chosen = ids.map((id) => this.pointOf.get(id) ?? -1).filter((i) => i >= 0), wanted = new Set(chosen);
    const same = chosen.length === this.chosen.length && this.chosen.every((i) => wanted.has(i));
    this.show(chosen, same ? this.outline : null);
  }

  /**
   * @param {number[]} chosen
   * @param {import("./scatter_plot.js").Point[] | null} outline
   */
  show(chosen, outline) {
    this.chosen = chosen;
    this.outline = outline;
    const wrong = chosen.filter((i) => this.columns.outcome[i]).length;
    const find = this.find.bind(this);
    const words = `${number(chosen.length)} chosen · ✗ ${number(wrong)}`;
    find(".chosen").textContent = chosen.length ? words : "Nothing chosen";
    for (const name of [".browse", ".clear"]) find(name).disabled = !chosen.length;
    find(".wrongs").disabled = !wrong;
    if (this.bright !== this.visible || (chosen.length && !outline)) this.brighten();
    this.draw();
  }

  /**
   * Open the chosen glyphs in Browse. The choice must get its own address first.
   * @param {boolean} wrong whether to open only the wrongly read glyphs
   */
  browse(wrong) {
    if (!this.chosen.length) return;
    this.going = wrong ? "wrong" : "chosen";
    if (this.fresh) this.report();
    else if (!this.awaited) this.go();
  }

  go() {
    if (this.going && this.data.state.ids) navigate(this.data.links[this.going]);
    this.going = null;
  }

  /** @param {number} id */
  inspect(id) {
    const address = new URL(this.data.links.glyph, location.href);
    address.searchParams.set("glyph", String(id));
    navigate(address);
  }

  // Update the link after a pause of the user.
  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.report(), 600);
  }

  report() {
    clearTimeout(this.telling);
    const whole = Math.abs(this.factor - 1) < 0.01 && Math.abs(this.cx - 0.5) < 0.005 && Math.abs(this.cy - 0.5) < 0.005;
    const at = whole ? "" : [this.cx.toFixed(4), this.cy.toFixed(4), this.factor.toFixed(2)].join(",");
    const ids = this.fresh ? this.chosen.map((i) => this.ids[i]) : null;
    this.fresh = false;
    this.awaited = crypto.randomUUID?.() ?? String(Math.random());
    this.send("state", { colour: this.colour, find: this.search.value.trim(), at, ids, token: this.awaited });
  }

  // Key events.

  /** @param {KeyboardEvent} event */
  key(event) {
    const focus = this.focused();
    if (listens(this.root) && focus !== this.search && focus !== this.select) pressed(KEYS, this, event);
  }

  /** Whether Enter opens the glyph under the cursor and does not press a button. */
  onPoint() { return this.cursor >= 0 && this.focused()?.localName !== "button"; }

  nextColour() {
    const names = /** @type {import("./scatter_plot.js").Colouring[]} */ (Object.keys(this.data.colours));
    this.colourBy(names[(names.indexOf(this.colour) + 1) % names.length]);
  }

  leave() {
    this.choose([]);
    this.arm(false);
    this.point(-1);
  }

  /** @returns {[] | [x: number, y: number]} */
  middle() {
    return this.cursor >= 0 ? this.screen(this.cursor) : [];
  }

  /**
   * Move to the next glyph in a direction: a near glyph that is not far off the axis.
   * @param {number} dx
   * @param {number} dy
   */
  step(dx, dy) {
    const from = this.cursor >= 0 ? [this.x[this.cursor], this.y[this.cursor]] : [this.cx, this.cy];
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < this.n; i++) {
      if (!this.visible[i] || i === this.cursor) continue;
      const [ex, ey] = [this.x[i] - from[0], this.y[i] - from[1]];
      const [along, aside] = [ex * dx + ey * dy, Math.abs(ex * dy) + Math.abs(ey * dx)];
      if (along <= 0 && this.cursor >= 0) continue;
      const cost = this.cursor >= 0 ? along + 2.5 * aside : Math.hypot(ex, ey);
      if (cost < least) [best, least] = [i, cost];
    }
    if (best < 0) return;
    const [x, y] = [this.x[best], this.y[best]];
    if (!this.inside(-30)(best)) {
      [this.cx, this.cy] = [x, y];
      this.tell();
    }
    this.point(best);
  }
}

export default defineComponent(GlyphMap);
