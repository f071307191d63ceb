// One glyph under its 16×16 primitives, and the panel beside it. What a picture says is also said in words.

import { Requests, bus, know, listens, make, mounted, number, shortUrl, typing } from "../shared/common.js";
import { GRID, SIZE, bytes } from "../shared/paint.js";
import { Held, ready } from "../shared/prefetch.js";
import { Board, counted } from "./board.js";
import { CellBox } from "./cell.js";
import {
  editPanel, fixPanel, overlayOf, problemPanel, sensitivityPanel, signed, waitingPanel,
} from "./model_panels.js";
import { bdi, book, candidatesPanel, drawOpinions, familiesPanel, modelsPanel, nearPanel } from "./panels.js";

const DRAWN = {
  "": candidatesPanel, edit: editPanel, sensitivity: sensitivityPanel, fix: fixPanel, models: modelsPanel,
  near: nearPanel, families: familiesPanel,
};
const BLANK = new Uint8Array(64);

class Inspector {
  constructor(parent) {
    this.root = parent.querySelector(".inspector");
    this.panel = this.find(".right-side");
    this.board = new Board(this);
    this.box = new CellBox(this);
    this.picture = "glyph";
    this.layers = { colours: true, ids: false, wrong: true };
    this.cell = null;
    this.watched = 0;
    this.edited = new Map();
    this.sheets = new Map();
    this.requests = new Requests(this.root, (where) => this.go(where));
    this.held = new Held(8, (glyph) => URL.revokeObjectURL(glyph.url));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    const board = this.board.box;
    board.addEventListener("mousemove", (event) => this.point(this.board.at(event)));
    board.addEventListener("mouseleave", () => this.point(this.pinned ?? this.cell));
    board.addEventListener("click", () => { this.pinned = this.cell; });
    for (const button of this.all("[data-go]")) button.addEventListener("click", () => this.requests.ask(button.dataset.go));
    for (const button of this.all("[data-picture]"))
      button.addEventListener("click", () => this.choose(button.dataset.picture));
    for (const button of this.all("[data-layer]")) button.addEventListener("click", () => this.toggle(button.dataset.layer));
    for (const tab of this.all("[data-panel]")) tab.addEventListener("click", () => this.open(tab.dataset.panel));
  }

  find(selector) { return this.root.querySelector(selector); }
  all(selector) { return this.root.querySelectorAll(selector); }

  colours() {
    const style = getComputedStyle(this.root);
    return (name) => style.getPropertyValue(name).trim();
  }

  stop() {
    this.held.clear();
    URL.revokeObjectURL(this.sheets.get("near-card"));
    bus.current = null;
    URL.revokeObjectURL(this.find(".save").href);
    document.removeEventListener("keydown", this.onKey);
    this.board.stop();
  }

  update({ shown, near, said, view }) {
    const parcels = [shown, ...near], glyphs = parcels.map((parcel) => this.held.take(parcel));
    const [glyph] = glyphs;
    if (!glyph) return this.send("ahead", []); // lost: asked for again, which leaves the address as it is
    for (const each of glyphs) if (each) ready(each);
    know(glyphs.filter(Boolean).map((each) => each.start), said.marks, said.remarks);
    this.show({ ...glyph, ...view });
    this.root.dataset.held = this.held.all.size;
    this.requests.done();
    const alone = view.panel.kind || view.outline || (glyph.place.next === null && glyph.place.previous === null);
    this.held.wish(shown.key, near.length || alone, this.requests, (keys) => this.send("ahead", keys));
  }

  show(data) {
    const other = !this.data || this.data.row.id !== data.row.id;
    const opened = other || this.data.panel.kind !== data.panel.kind;
    this.data = data;
    if (other) this.read();
    this.learn();
    if (!data.raster && this.picture !== "outline") this.picture = "primitive";
    if (data.outline) this.picture = "outline";
    else if (this.picture === "outline") this.picture = data.raster ? "glyph" : "primitive";
    this.mirror();
    this.heading();
    const { right, total } = data.cells;
    this.find(".score").textContent = data.outline ? counted(data.outline) : data.raster && total
      ? `${right} of ${total} cells right (${Math.round((100 * right) / total)}%)` : "";
    if (opened && this.edited.size) this.cell = this.pinned = [...this.edited.keys()].pop();
    else if (other) this.cell = this.pinned = this.firstWrong(-1) ?? Math.max(0, this.occupied.indexOf(true));
    this.fill();
    this.board.show(data.outline);
    this.save();
    this.point(this.cell);
    if (document.activeElement === document.body) this.board.box.focus({ preventScroll: true });
    bus.current = data.row.id;
    bus.chosen = [];
    bus.dispatchEvent(new Event("chosen"));
  }

  // Everything that a glyph's cells need, once a glyph.
  read() {
    const { data } = this;
    const bits = bytes(data.raster);
    this.ink = new Uint8Array(SIZE * SIZE);
    for (let i = 0; i < bits.length * 8; i++) this.ink[i] = (bits[i >> 3] >> (7 - (i & 7))) & 1;
    this.patch = book(data.used, data.patches);
    this.occupied = data.primitive.map((id, i) => (data.raster ? data.target[i] !== 0 : id !== 0));
    this.wrong = data.primitive.map((id, i) => Boolean(data.raster) && this.occupied[i] && id !== data.target[i]);
  }

  // And what the open panel adds to it.
  learn() {
    const { panel, look } = this.data;
    if (panel.kind === "edit" || panel.kind === "fix")
      for (const [id, patch] of book(panel.used ?? [], panel.patches ?? "")) this.patch.set(id, patch);
    this.edited = new Map(panel.kind === "edit" ? look.edits : panel.kind === "fix" ? panel.edits : []);
    this.grid = this.data.primitive.map((id, i) => this.edited.get(i) ?? id);
    this.overlay = overlayOf(panel, this.watched);
  }

  patchOf(id) { return this.patch.get(id) ?? BLANK; }

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
    URL.revokeObjectURL(this.sheets.get("near-card"));
    this.sheets = new Map([["example", url], ["near-card", shortUrl(panel.sprite)]]);
    const key = this.root.getRootNode().activeElement?.dataset?.key;
    const draw = panel.waits ? waitingPanel : panel.problem ? problemPanel : DRAWN[panel.kind];
    this.panel.replaceChildren(...draw(this));
    this.root.dataset.panel = panel.kind;
    this.panel.setAttribute("aria-label", this.find(`[data-panel="${panel.kind}"]`).textContent);
    if (key !== undefined) [...this.panel.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key)?.focus();
  }

  save() {
    const { outline } = this.data, link = this.find(".save");
    URL.revokeObjectURL(link.href);
    link.hidden = !outline;
    if (!outline) return;
    link.href = URL.createObjectURL(new Blob([outline.file], { type: "image/svg+xml" }));
    link.download = outline.name;
  }

  point(cell) {
    if (cell === null || cell < 0) return;
    this.cell = cell;
    this.board.draw();
    this.box.show(cell);
    if (this.data.panel.kind === "models") drawOpinions(this);
  }

  // What the open panel knows of a cell.
  panelRows(cell) {
    const { panel } = this.data;
    if (panel.kind === "models")
      return panel.opinions.slice(1).map(({ row, primitive, p, file }) => {
        const { name: title } = panel.files.find((each) => each.file === file);
        return [title, primitive[cell] ? `${primitive[cell]}, p ${p[cell].toFixed(2)}` : "EMPTY", row];
      });
    if (!this.overlay?.drop.has(cell)) return [];
    const drop = this.overlay.drop.get(cell), other = this.overlay.becomes.get(cell);
    const rows = [["without it", `${(this.overlay.watched.p - drop).toFixed(3)} (${signed(-drop)})`]];
    return other ? [...rows, ["becomes", `${other.truth ? "✓" : "≠"} ${other.name}`]] : rows;
  }

  firstWrong(after) {
    for (let i = 1; i <= this.wrong.length; i++) {
      const cell = (after + i) % this.wrong.length;
      if (this.wrong[cell]) return cell;
    }
    return null;
  }

  choose(picture) {
    if (picture === "outline" ? !this.data.drawable : !this.data.raster && picture !== "primitive") return;
    this.look(() => ({ outline: picture === "outline" }));
    if (picture === "outline") return;
    this.picture = picture;
    this.board.show(null);
    this.board.draw();
    this.mirror();
  }

  toggle(layer) {
    this.layers[layer] = !this.layers[layer];
    this.board.draw();
    this.mirror();
  }

  watch(which) {
    this.watched = which;
    this.learn();
    this.fill();
    this.point(this.cell);
  }

  mirror() {
    const { data } = this;
    for (const button of this.all("[data-picture]"))
      button.setAttribute("aria-checked", button.dataset.picture === this.picture);
    for (const button of this.all("[data-layer]")) button.setAttribute("aria-pressed", this.layers[button.dataset.layer]);
    for (const tab of this.all("[data-panel]")) tab.setAttribute("aria-selected", tab.dataset.panel === data.look.panel);
    for (const button of this.all("[data-layer]")) button.disabled = this.picture === "outline";
    this.find("[data-layer=wrong]").disabled ||= !data.raster;
    this.find("[data-picture=target]").disabled = !data.raster;
    this.find("[data-picture=outline]").disabled = !data.drawable;
  }

  // Ask for something: a neighbour, a glyph, or another look. A look is made when its turn comes, from what is then so.
  go(where) {
    if (typeof where === "function") {
      const change = where(), { look } = this.data;
      const same = Object.keys(change).every((key) => JSON.stringify(change[key]) === JSON.stringify(look[key]));
      if (!same) this.send("look", { ...change, held: this.held.keys() }); // what stays as it is would bring no answer
      return !same;
    }
    const { place, panel, outline, look, selection } = this.data;
    const to = where === "previous" ? place.previous : where === "next" ? place.next : where;
    if (to === null) return false;
    // A glyph that is here is shown at once; a panel that asks for more waits for the answer.
    const glyph = panel.kind === "" && !outline && this.held.find(selection, to);
    if (glyph) this.show({ ...this.data, ...glyph, look: { ...look, edits: [] } });
    this.send("go", { to, held: this.held.keys() });
    return glyph ? "shown" : true;
  }

  look(change) { this.requests.ask(change); }

  open(panel) { this.look(() => ({ panel })); }

  edit(cell, id) {
    if (!Number.isInteger(id) || id < 0 || id >= this.data.panel.primitives) return;
    this.pinned = cell;
    this.look(() => {
      const others = this.data.look.edits.filter((each) => each[0] !== cell);
      return { edits: id === this.data.primitive[cell] ? others : [...others, [cell, id]] };
    });
  }

  undo() { this.look(() => ({ edits: this.data.look.edits.slice(0, -1) })); }

  reset() { this.look(() => ({ edits: [] })); }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!listens(this.root) || typing()) return;
    const moves = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const goes = { "[": "previous", k: "previous", "]": "next", j: "next", Escape: "back" };
    const pictures = { g: "glyph", p: "primitive", r: "target", v: "outline" };
    const layers = { c: "colours", i: "ids", w: "wrong" };
    const panels = { q: "", e: "edit", s: "sensitivity", f: "fix", m: "models", n: "near", l: "families" };
    if (event.key in goes) this.requests.ask(goes[event.key]);
    else if (event.key in pictures) this.choose(pictures[event.key]);
    else if (event.key in layers) this.toggle(layers[event.key]);
    else if (event.key in panels) this.open(panels[event.key]);
    else if (event.key === "x") this.pin(this.firstWrong(this.cell));
    else if (event.key in moves) this.move(...moves[event.key]);
    else if (!this.keyOfPanel(event.key)) return;
    event.preventDefault();
  }

  keyOfPanel(key) {
    const { panel, primitive, runnerUp, target } = this.data;
    const onBoard = this.root.getRootNode().activeElement === this.board.box;
    if (panel.kind === "fix" && key === "Enter" && onBoard && panel.edits?.length)
      this.look(() => ({ panel: "edit", edits: panel.edits }));
    else if (panel.kind !== "edit" || panel.problem) return false;
    else if (key === "Enter" && onBoard) this.find(".become button")?.focus();
    else if (key === "Delete" || key === "Backspace") this.edit(this.cell, 0);
    else if (key === "y" && primitive[this.cell]) this.edit(this.cell, runnerUp[this.cell]);
    else if (key === "h" && target.length) this.edit(this.cell, target[this.cell]);
    else if (key === "z") this.undo();
    else if (key === "Z") this.reset();
    else return false;
    return true;
  }

  move(across, down) {
    const column = (this.cell % GRID) + across, row = Math.floor(this.cell / GRID) + down;
    if (column >= 0 && row >= 0 && column < GRID && row < GRID) this.pin(row * GRID + column);
  }

  pin(cell) {
    if (cell === null) return;
    this.pinned = cell;
    this.point(cell);
  }
}

export default mounted(Inspector);
