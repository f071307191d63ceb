// @ts-check
// One glyph under its 16×16 primitives, and the panel beside it. Text repeats the content of each picture.

import { Component, Requests, bus, bytes, defineComponent, listens, make, number, pressed, shortUrl, storeAnnotations, typing } from "../shared/common.js";
import { GRID, SIZE } from "../shared/paint.js";
import { PageCache, decodeSprite } from "../shared/prefetch.js";
import { CellCanvas, counted } from "./cell_canvas.js";
import { CellBox } from "./cell.js";
import { editPanel, fixPanel, overlayOf, problemPanel, sensitivityPanel, waitingPanel } from "./model_panels.js";
import { bdi, patchTable, candidatesPanel, drawPredictions, familiesPanel, modelsPanel, nearPanel } from "./panels.js";

const PANELS = {
  "": candidatesPanel, edit: editPanel, sensitivity: sensitivityPanel, fix: fixPanel, models: modelsPanel,
  near: nearPanel, families: familiesPanel,
};
const BLANK = new Uint8Array(64);

/** @typedef {import("../shared/grid.js").Item} Item */
/** @typedef {{ label: string, name: string, shown: string, codes: string }} Named a label with its display texts */
/** @typedef {Item & { cosine: number, n: number, right: number }} Near a similar glyph, or a glyph of a family */
/** @typedef {[cell: number, id: number]} Edit */

/**
 * The prediction of one checkpoint for the glyph.
 * @typedef {{ file: string, row: Item, top: (Named & { p: number, truth: boolean })[], primitive: number[], p: number[],
 *   differs: number[], translated: boolean, used: number[], patches: string, patchTable?: Map<number, Uint8Array> }} CheckpointPrediction
 */

/**
 * The data of the open panel (panels.py). Each kind of panel has some of these members.
 * @typedef {object} Panel
 * @property {keyof typeof PANELS} kind
 * @property {string} [waits] the name of the model file that must be loaded first
 * @property {string} [problem] the reason why the panel is empty
 * @property {string} remark
 * @property {number[]} [used] primitives that the panel shows besides the glyph's own
 * @property {string} [patches] the patches of these primitives
 * @property {(Named & { truth: boolean, before: number, after: number, rank_before: number, rank_after: number })[]} moves
 * @property {Record<number, number[]>} offered edit: primitives that look like a cell, by cell
 * @property {number} primitives size of the codebook
 * @property {(Named & { p: number, truth: boolean })[]} watched sensitivity: the labels whose probability is shown
 * @property {any} cells sensitivity: the cells that were made EMPTY; fix: number of cells with ink
 * @property {number[][]} after sensitivity: probabilities without each of these cells
 * @property {((Named & { truth: boolean }) | null)[]} becomes sensitivity: the new label without each cell, if it changes
 * @property {any} right fix: whether the reading is right already; families: number of right glyphs
 * @property {Named} goal fix
 * @property {Edit[]} edits fix
 * @property {boolean} enough fix: whether these edits make the model read the truth
 * @property {number} p fix
 * @property {number} singles fix: number of tried edits of one cell
 * @property {number} wider fix: number of tried edits of several cells
 * @property {number} depth fix: most cells in a tried edit
 * @property {number} others fix: number of other edits of this size that work too
 * @property {{ file: string, name: string, chosen: boolean }[]} files models
 * @property {CheckpointPrediction[]} predictions models
 * @property {Near[]} items near, families
 * @property {string} sprite near, families
 * @property {string} scope near
 * @property {number} total families
 * @property {number} glyphs families
 * @property {boolean} known families: whether the families are known
 */

/**
 * A glyph (``glyph_data`` of inspector.py), and its place in the selection.
 * @typedef {object} GlyphData
 * @property {string} selection
 * @property {number} start the id of the glyph
 * @property {string} sprite
 * @property {string} [url]
 * @property {HTMLImageElement} [picture]
 * @property {{ inside: boolean, position: number, total: number, previous: number | null, next: number | null }} place
 * @property {Item} row
 * @property {string} raster packed bits in base64; empty without a picture
 * @property {number[]} target target primitives; empty without a picture
 * @property {number[]} primitive
 * @property {number[]} runnerUp
 * @property {number[]} p
 * @property {number[]} distance
 * @property {number[]} used primitives that are shown
 * @property {string} patches the patches of these primitives
 * @property {{ right: number, total: number }} cells
 * @property {(Named & { p: number, truth: boolean, examples: number[] })[]} candidates
 * @property {import("./cell.js").Row[]} numbers
 * @property {import("./cell.js").Row[]} facts
 * @property {boolean} drawable whether there is an outline
 */

/**
 * The settings of the inspector.
 * @typedef {object} View
 * @property {number} columns thumbnails per row of a sprite
 * @property {number} thumb pixels per thumbnail
 * @property {{ panel: string, edits: Edit[], others: string[], near: string } & Record<string, unknown>} state
 * @property {Panel} panel
 * @property {import("./cell_canvas.js").Outline | null} outline
 */

/**
 * Data from Python.
 * @typedef {object} Sent
 * @property {import("../shared/prefetch.js").Prefetched<GlyphData>} shown
 * @property {import("../shared/prefetch.js").Prefetched<GlyphData>[]} near
 * @property {import("../shared/common.js").ReadAnnotations} annotations
 * @property {Record<string, string>} remarks
 * @property {View} view
 */

/** @type {import("../shared/common.js").KeyRow<Inspector>[]} */
export const KEYS = [
  ["n p  ] [  j k", "next, previous glyph", {
    n: (inspector) => inspector.requests.ask("next"), p: (inspector) => inspector.requests.ask("previous"),
    "]": (inspector) => inspector.requests.ask("next"), "[": (inspector) => inspector.requests.ask("previous"),
    j: (inspector) => inspector.requests.ask("next"), k: (inspector) => inspector.requests.ask("previous"),
  }],
  ["Esc", "back to the selection", { Escape: (inspector) => inspector.requests.ask("back") }],
  ["1 … 5", "correct the label to that candidate", {
    1: (inspector) => inspector.really(0), 2: (inspector) => inspector.really(1), 3: (inspector) => inspector.really(2),
    4: (inspector) => inspector.really(3), 5: (inspector) => inspector.really(4),
  }],
  ["← → ↑ ↓", "move from cell to cell", {
    ArrowRight: (inspector) => inspector.move(1, 0), ArrowLeft: (inspector) => inspector.move(-1, 0),
    ArrowDown: (inspector) => inspector.move(0, 1), ArrowUp: (inspector) => inspector.move(0, -1),
  }],
  ["x", "next wrong cell", { x: (inspector) => inspector.nextWrong() }],
  ["b", "browse the glyphs with this primitive in this cell", { b: (inspector) => inspector.box.browse(false) }],
  ["g r s v", "show the glyph, the predicted patches, the target patches, the outline", {
    g: (inspector) => inspector.choose("glyph"), r: (inspector) => inspector.choose("primitive"),
    s: (inspector) => inspector.choose("target"), v: (inspector) => inspector.choose("outline"),
  }],
  ["c i w", "show colours, IDs, wrong cells", {
    c: (inspector) => inspector.toggle("colours"), i: (inspector) => inspector.toggle("ids"),
    w: (inspector) => inspector.toggle("wrong"),
  }],
  ["q", "candidates; capital letters open the other panels:", { q: (inspector) => inspector.open("") }],
  ["E S F", "edit, sensitivity, fix", {
    E: (inspector) => inspector.open("edit"), S: (inspector) => inspector.open("sensitivity"),
    F: (inspector) => inspector.open("fix"),
  }],
  ["M N L", "models, nearest glyphs, families of the label", {
    M: (inspector) => inspector.open("models"), N: (inspector) => inspector.open("near"),
    L: (inspector) => inspector.open("families"),
  }],
  ["Enter", "edit: choose what the cell becomes; fix: apply", { Enter: (inspector) => inspector.onCanvas() && inspector.enter() }],
  ["Del y Y", "edit: the cell becomes EMPTY, its runner-up, its target", {
    Delete: (inspector) => inspector.become(0), Backspace: (inspector) => inspector.become(0),
    y: (inspector) => inspector.become(inspector.runnerUp(inspector.cell)),
    Y: (inspector) => inspector.become(inspector.data.target[inspector.cell]),
  }],
  ["z Z", "edit: undo, reset", {
    z: (inspector) => inspector.editing() && inspector.undo(), Z: (inspector) => inspector.editing() && inspector.reset(),
  }],
];

/** @extends {Component<GlyphData & View>} */
export class Inspector extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".inspector")));
    this.panel = this.find(".right-side");
    this.cellCanvas = new CellCanvas(this);
    this.box = new CellBox(this);
    this.picture = "glyph";
    /** @type {Record<string, boolean>} */
    this.layers = { colours: true, ids: false, wrong: true };
    this.cell = -1; // the cell under the cursor
    /** @type {number | undefined} the cell that is selected again when the mouse leaves the board */
    this.pinned = undefined;
    this.watched = 0; // index of the label whose probability the sensitivity panel shows
    /** @type {Map<number, number>} primitives by cell */
    this.edited = new Map();
    /** @type {Map<string, string | undefined>} sprites by kind of thumbnail */
    this.sprites = new Map();
    this.ink = new Uint8Array(SIZE * SIZE);
    /** @type {Map<number, Uint8Array>} by primitive */
    this.patch = new Map();
    /** @type {boolean[]} */
    this.occupied = [];
    /** @type {boolean[]} */
    this.wrong = [];
    /** @type {number[]} predicted primitives with the edits applied */
    this.grid = [];
    /** @type {import("./model_panels.js").Overlay} */
    this.overlay = null;
    this.requests = new Requests(this.root, (where) => this.go(where));
    /** @type {PageCache<GlyphData>} */
    this.pageCache = new PageCache(8, (glyph) => URL.revokeObjectURL(glyph.url ?? ""));
    this.on(document, "keydown", (event) => this.key(event));
    const canvas = this.cellCanvas.box;
    canvas.addEventListener("mousemove", (/** @type {MouseEvent} */ event) => this.point(this.cellCanvas.at(event)));
    canvas.addEventListener("mouseleave", () => this.point(this.pinned ?? this.cell));
    canvas.addEventListener("click", () => { this.pinned = this.cell; });
    for (const button of this.all("[data-go]")) button.addEventListener("click", () => this.requests.ask(button.dataset.go));
    for (const button of this.all("[data-picture]"))
      button.addEventListener("click", () => this.choose(button.dataset.picture));
    for (const button of this.all("[data-layer]")) button.addEventListener("click", () => this.toggle(button.dataset.layer));
    for (const tab of this.all("[data-panel]")) tab.addEventListener("click", () => this.open(tab.dataset.panel));
  }

  colours() {
    const style = getComputedStyle(this.root);
    return (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  }

  stop() {
    super.stop();
    this.pageCache.clear();
    URL.revokeObjectURL(this.sprites.get("near-card") ?? "");
    bus.current = null;
    bus.candidates = [];
    URL.revokeObjectURL(this.find(".save").href);
    this.cellCanvas.stop();
  }

  /** @param {Sent} data */
  update({ shown, near, annotations, remarks, view }) {
    const entries = [shown, ...near], glyphs = entries.map((entry) => this.pageCache.resolve(entry));
    const [glyph] = glyphs;
    if (!glyph) return this.send("ahead", []); // cache miss: request the glyph again; the address stays
    for (const content of glyphs) if (content) decodeSprite(content);
    storeAnnotations(glyphs.flatMap((content) => content?.start ?? []), annotations, remarks);
    this.show({ ...glyph, ...view });
    this.root.dataset.cached = String(this.pageCache.all.size);
    this.requests.done();
    const alone = view.panel.kind || view.outline || (glyph.place.next === null && glyph.place.previous === null);
    this.pageCache.requestAhead(shown.key, near.length || alone, this.requests, (keys) => this.send("ahead", keys));
  }

  /** @param {GlyphData & View} data */
  show(data) {
    const other = this.data?.row.id !== data.row.id;
    const opened = other || this.data.panel.kind !== data.panel.kind;
    this.data = data;
    if (other) this.decodeGlyph();
    this.applyPanel();
    this.picture = this.pictureOf(data);
    this.mirror();
    this.heading();
    this.find(".score").textContent = this.score();
    if (opened && this.edited.size) this.cell = this.pinned = [...this.edited.keys()].at(-1) ?? -1;
    else if (other) this.cell = this.pinned = this.firstWrong(-1) ?? Math.max(0, this.occupied.indexOf(true));
    this.fill();
    this.cellCanvas.show(data.outline);
    this.save();
    this.point(this.cell);
    if (document.activeElement === document.body) this.cellCanvas.box.focus({ preventScroll: true });
    bus.current = data.row.id;
    bus.chosen = [];
    bus.candidates = data.candidates;
    bus.dispatchEvent(new Event("chosen"));
  }

  /**
   * The picture on the canvas: the outline if the user requested it, else the previously chosen picture.
   * @param {GlyphData & View} data
   */
  pictureOf({ outline, raster }) {
    if (outline) return "outline";
    if (!raster) return "primitive";
    return this.picture === "outline" ? "glyph" : this.picture;
  }

  score() {
    const { outline, raster, cells: { right, total } } = this.data;
    if (outline) return counted(outline);
    return raster && total ? `${right} of ${total} cells right (${Math.round((100 * right) / total)}%)` : "";
  }

  // Decode the data of a glyph's cells, once per glyph.
  decodeGlyph() {
    const { data } = this;
    const bits = bytes(data.raster);
    this.ink = new Uint8Array(SIZE * SIZE);
    for (let i = 0; i < bits.length * 8; i++) this.ink[i] = (bits[i >> 3] >> (7 - (i & 7))) & 1;
    this.patch = patchTable(data.used, data.patches);
    this.occupied = data.primitive.map((id, i) => (data.raster ? data.target[i] !== 0 : id !== 0));
    this.wrong = data.primitive.map((id, i) => Boolean(data.raster) && this.occupied[i] && id !== data.target[i]);
  }

  // Apply the data of the open panel to the cells.
  applyPanel() {
    const { panel, state } = this.data;
    if (panel.kind === "edit" || panel.kind === "fix")
      for (const [id, patch] of patchTable(panel.used ?? [], panel.patches ?? "")) this.patch.set(id, patch);
    this.edited = new Map(panel.kind === "edit" ? state.edits : panel.kind === "fix" ? panel.edits : []);
    this.grid = this.data.primitive.map((id, i) => this.edited.get(i) ?? id);
    this.overlay = overlayOf(panel, this.watched);
  }

  /** @param {number | undefined} id */
  patchOf(id) { return this.patch.get(id ?? -1) ?? BLANK; }

  heading() {
    const { row, place } = this.data;
    this.find(".place").textContent = place.inside
      ? `${number(place.position + 1)} of ${number(place.total)}` : `outside the selection of ${number(place.total)}`;
    this.find("[data-go=previous]").disabled = place.previous === null;
    this.find("[data-go=next]").disabled = place.next === null;
    const title = this.find(".title");
    title.dataset.kind = row.kind;
    title.replaceChildren(
      bdi("char", { shown: row.truth, codes: row.codes }), make("span", "name", row.truthName), make("span", "code", row.codes),
      ...(row.kind === "right" ? [] : [
        make("span", "arrow", "→"), bdi("char pred", { shown: row.pred, codes: row.predCodes }),
        make("span", "name pred", row.predName), make("span", "code", row.predCodes),
      ]),
      make("span", "verdict", `${row.sign} ${row.words}`),
      make("span", "dim", `p ${row.p.toFixed(3)}`),
    );
  }

  fill() {
    const { panel, url } = this.data;
    URL.revokeObjectURL(this.sprites.get("near-card") ?? "");
    this.sprites = new Map([["example", url], ["near-card", shortUrl(panel.sprite)]]);
    const key = this.focused()?.dataset?.key;
    const draw = panel.waits ? waitingPanel : panel.problem ? problemPanel : PANELS[panel.kind];
    this.panel.replaceChildren(...draw(this));
    this.root.dataset.panel = panel.kind;
    this.panel.setAttribute("aria-label", this.find(`[data-panel="${panel.kind}"]`).textContent);
    if (key !== undefined) /** @type {HTMLElement[]} */ ([...this.panel.querySelectorAll("[data-key]")]).find((element) => element.dataset.key === key)?.focus();
  }

  save() {
    const { outline } = this.data, link = this.find(".save");
    URL.revokeObjectURL(link.href);
    link.hidden = !outline;
    if (!outline) return;
    link.href = URL.createObjectURL(new Blob([outline.file], { type: "image/svg+xml" }));
    link.download = outline.name;
  }

  /** @param {number} cell */
  point(cell) {
    if (cell < 0) return;
    this.cell = cell;
    this.cellCanvas.draw();
    this.box.show(cell);
    if (this.data.panel.kind === "models") drawPredictions(this);
  }

  /**
   * Correct the label of the glyph to one of its candidates. The tag bar stores the correction.
   * @param {number} place index of the candidate, from 0
   */
  really(place) {
    const candidate = this.data.candidates[place];
    if (!candidate) return false;
    bus.dispatchEvent(new CustomEvent("really", { detail: candidate.label }));
  }

  /** Move to the next wrong cell, or say that there is none. */
  nextWrong() {
    const cell = this.firstWrong(this.cell);
    if (cell !== null) return this.pin(cell);
    this.find(".score").textContent = this.data.raster ? "✓ no cell is wrong" : "no picture: no cell has a target";
  }

  /**
   * The next wrong cell after a cell, in reading order.
   * @param {number} after
   */
  firstWrong(after) {
    for (let i = 1; i <= this.wrong.length; i++) {
      const cell = (after + i) % this.wrong.length;
      if (this.wrong[cell]) return cell;
    }
    return null;
  }

  /** @param {string} picture */
  choose(picture) {
    if (picture === "outline" ? !this.data.drawable : !this.data.raster && picture !== "primitive") return;
    this.requestChange(() => ({ outline: picture === "outline" }));
    if (picture === "outline") return;
    this.picture = picture;
    this.cellCanvas.show(null);
    this.cellCanvas.draw();
    this.mirror();
  }

  /** @param {string} layer */
  toggle(layer) {
    this.layers[layer] = !this.layers[layer];
    this.cellCanvas.draw();
    this.mirror();
  }

  /** @param {number} which */
  watch(which) {
    this.watched = which;
    this.applyPanel();
    this.fill();
    this.point(this.cell);
  }

  mirror() {
    const { data } = this;
    for (const button of this.all("[data-picture]"))
      button.setAttribute("aria-checked", String(button.dataset.picture === this.picture));
    for (const button of this.all("[data-layer]")) button.setAttribute("aria-pressed", String(this.layers[button.dataset.layer]));
    for (const tab of this.all("[data-panel]")) tab.setAttribute("aria-selected", String(tab.dataset.panel === data.state.panel));
    for (const button of this.all("[data-layer]")) button.disabled = this.picture === "outline";
    this.find("[data-layer=wrong]").disabled ||= !data.raster;
    this.find("[data-picture=target]").disabled = !data.raster;
    this.find("[data-picture=outline]").disabled = !data.drawable;
  }

  /**
   * Request the next or previous glyph, a glyph by id, or a change of the state. A change is computed when its request leaves
   * the queue, from the state at that time.
   * @param {(() => Record<string, unknown>) | number | string} where
   * @returns {boolean | "shown"}
   */
  go(where) {
    if (typeof where === "function") {
      const change = where(), { state } = this.data;
      const same = Object.keys(change).every((key) => JSON.stringify(change[key]) === JSON.stringify(state[key]));
      if (!same) this.send("state", { ...change, cached: this.pageCache.keys() }); // an unchanged state would bring no answer
      return !same;
    }
    const { place, panel, outline, state, selection } = this.data;
    const to = where === "previous" ? place.previous : where === "next" ? place.next : where;
    if (to === null) return false;
    // A cached glyph is shown at once. An open panel needs more data and waits for the answer.
    const glyph = panel.kind === "" && !outline && typeof to === "number" && this.pageCache.find(selection, to);
    if (glyph) this.show({ ...this.data, ...glyph, state: { ...state, edits: [] } });
    this.send("go", { to, cached: this.pageCache.keys() });
    return glyph ? "shown" : true;
  }

  /** @param {() => Record<string, unknown>} change */
  requestChange(change) { this.requests.ask(change); }

  open(/** @type {string} */ panel) { this.requestChange(() => ({ panel })); }

  /**
   * @param {number} cell
   * @param {number} id
   */
  edit(cell, id) {
    if (!Number.isInteger(id) || id < 0 || id >= this.data.panel.primitives) return;
    this.pinned = cell;
    this.requestChange(() => {
      const others = this.data.state.edits.filter((edit) => edit[0] !== cell);
      return { edits: id === this.data.primitive[cell] ? others : [...others, [cell, id]] };
    });
  }

  undo() { this.requestChange(() => ({ edits: this.data.state.edits.slice(0, -1) })); }

  reset() { this.requestChange(() => ({ edits: [] })); }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (listens(this.root) && !typing()) pressed(KEYS, this, event);
  }

  onCanvas() { return this.focused() === this.cellCanvas.box; }

  /** Whether the edit panel is open and works. */
  editing() { return this.data.panel.kind === "edit" && !this.data.panel.problem; }

  /** Continue from the board with the action of the open panel. Returns whether the panel has one. */
  enter() {
    const { panel } = this.data;
    if (panel.kind === "fix" && panel.edits?.length) this.requestChange(() => ({ panel: "edit", edits: panel.edits }));
    else if (this.editing()) this.find(".become button")?.focus();
    else return false;
    return true;
  }

  /** @param {number} cell the cell; returns its second-best primitive if the model predicted ink in the cell */
  runnerUp(cell) { return this.data.primitive[cell] ? this.data.runnerUp[cell] : undefined; }

  /** @param {number | undefined} id the new primitive of the cell; returns whether the cell can be edited */
  become(id) {
    if (!this.editing() || id === undefined) return false;
    this.edit(this.cell, id);
    return true;
  }

  /**
   * @param {number} across
   * @param {number} down
   */
  move(across, down) {
    const column = (this.cell % GRID) + across, row = Math.floor(this.cell / GRID) + down;
    if (column >= 0 && row >= 0 && column < GRID && row < GRID) this.pin(row * GRID + column);
  }

  /** @param {number | null} cell */
  pin(cell) {
    if (cell === null) return;
    this.pinned = cell;
    this.point(cell);
  }
}

export default defineComponent(Inspector);
