// @ts-check
// Shows one cell as text and patches. In the edit panel, also the primitives that the cell can become.

import { make } from "../shared/common.js";
import { CELL, GRID, SIZE, hue, paint } from "../shared/paint.js";

/** @typedef {[name: string, value: string, meaning?: string]} Row */

export class CellBox {
  /** @param {import("./inspector.js").Inspector} owner */
  constructor(owner) {
    this.owner = owner;
    this.patches = owner.find(".patches");
    this.readout = owner.find(".readout");
    this.become = owner.find(".become");
    this.others = owner.find(".others");
    for (const button of owner.all("[data-others]"))
      button.addEventListener("click", () => this.browse(button.dataset.others === "errors"));
    this.spoken = owner.find(".spoken");
  }

  /**
   * A patch with a caption.
   * @param {string} name
   * @param {ArrayLike<number>} pixels
   * @param {number} [id]
   */
  tile(name, pixels, id) {
    const figure = make("figure", "");
    const canvas = make("canvas", "tile");
    canvas.width = canvas.height = CELL;
    paint(canvas, pixels, this.owner.colours()("--st-text-color"));
    const caption = make("figcaption", "", name);
    if (id !== undefined) {
      const chip = make("span", "chip", id);
      chip.style.setProperty("--hue", id ? hue(id) : "transparent");
      caption.append(chip);
    }
    figure.append(canvas, caption);
    return figure;
  }

  /** @param {number} cell */
  show(cell) {
    const { owner } = this, { data } = owner;
    const row = Math.floor(cell / GRID), column = cell % GRID;
    const id = data.primitive[cell], target = data.target[cell], second = data.runnerUp[cell];
    const own = new Uint8Array(64);
    for (let i = 0; i < 64; i++) own[i] = 255 * owner.ink[(row * CELL + (i >> 3)) * SIZE + column * CELL + (i & 7)];
    const tiles = [];
    if (data.raster) tiles.push(this.tile("this cell", own));
    tiles.push(this.tile("predicted", owner.patchOf(id), id));
    if (data.raster) tiles.push(this.tile("target", owner.patchOf(target), target));
    tiles.push(this.tile("runner-up", owner.patchOf(second), second));
    this.patches.replaceChildren(...tiles);
    const empty = !owner.occupied[cell], rows = this.rows(cell);
    if (owner.edited.has(cell)) rows.push([data.panel.kind === "fix" ? "would become" : "edited", `✎ ${name(owner.edited.get(cell))}`]);
    rows.push(...this.panelRows(cell));
    pairs(this.readout, rows);
    this.readout.dataset.kind = empty ? "" : owner.wrong[cell] ? "wrong" : "right";
    this.spoken.textContent = rows.map(([key, value]) => `${key} ${value}`).join("; ");
    this.others.hidden = empty;
    owner.find("[data-others=errors]").hidden = !owner.wrong[cell];
    this.become.hidden = data.panel.kind !== "edit" || Boolean(data.panel.problem || data.panel.waits);
    if (!this.become.hidden) this.offer(cell);
    else this.become.replaceChildren();
  }

  /**
   * Browse all glyphs that have the same primitive in this cell, or that have the same error in any cell.
   * @param {boolean} errors
   */
  browse(errors) {
    const { owner } = this, { cell, data } = owner, read = data.primitive[cell];
    if (!owner.occupied[cell]) return false;
    const here = `${Math.floor(cell / GRID)},${cell % GRID}=${read}`;
    owner.requests.ask(`cells ${errors ? `any=${data.target[cell]}>${read}` : here}`);
  }

  /**
   * The facts about a cell: name and value.
   * @param {number} cell
   * @returns {Row[]}
   */
  rows(cell) {
    const { owner } = this, { data } = owner;
    /** @type {Row} */
    const at = ["row, column", `${Math.floor(cell / GRID)}, ${cell % GRID}`];
    if (!owner.occupied[cell]) return [at, ["verdict", "empty, decided by the pixels"]];
    const verdict = !data.raster ? "no target without a picture" : owner.wrong[cell] ? "✗ wrong" : "✓ right";
    /** @type {Row[]} */
    const rows = [at, ["verdict", verdict], ["predicted", `${data.primitive[cell]}`], ["probability", data.p[cell].toFixed(2)],
      ["runner-up", `${data.runnerUp[cell]}`]];
    if (data.raster) rows.push(["target", `${data.target[cell]}`], ["distance to target", data.distance[cell].toFixed(2)]);
    return rows;
  }

  /**
   * The facts that the open panel adds about a cell.
   * @param {number} cell
   * @returns {Row[]}
   */
  panelRows(cell) {
    const { panel } = this.owner.data, { overlay } = this.owner;
    if (panel.kind === "models")
      return panel.predictions.slice(1).map(({ primitive, p, file }) => {
        const title = panel.files.find((model) => model.file === file)?.name ?? "";
        return [title, primitive[cell] ? `${primitive[cell]}, p ${p[cell].toFixed(2)}` : "EMPTY"];
      });
    const drop = overlay?.drop.get(cell);
    if (!overlay || drop === undefined) return [];
    const other = overlay.becomes.get(cell);
    /** @type {Row[]} */
    const rows = [["without it", `${(overlay.watched.p - drop).toFixed(3)} (${signed(-drop)})`]];
    return other ? [...rows, ["becomes", `${other.truth ? "✓" : "≠"} ${other.name}`]] : rows;
  }

  /**
   * The primitives that the cell could become, and the reason for each: by ID, without duplicates and the current primitive.
   * @param {number} cell
   */
  choices(cell) {
    const { owner } = this, { data } = owner;
    /** @type {Map<number, string>} */
    const why = new Map();
    /** @type {(id: number | undefined, reason: string) => unknown} */
    const add = (id, reason) => id !== undefined && id !== owner.grid[cell] && !why.has(id) && why.set(id, reason);
    if (owner.edited.has(cell)) add(data.primitive[cell], "predicted");
    add(0, "EMPTY");
    if (owner.occupied[cell]) {
      add(data.runnerUp[cell], "runner-up");
      add(data.target[cell], "target");
      for (const id of data.panel.offered[cell] ?? []) add(id, "similar");
    }
    return why;
  }

  /** @param {number} cell */
  offer(cell) {
    const { owner } = this;
    const buttons = [...this.choices(cell)].map(([id, reason]) => {
      const button = make("button", "choice");
      button.type = "button";
      button.append(this.tile(reason, owner.patchOf(id), id));
      button.setAttribute("aria-label", `Change to ${name(id)}, ${reason}`);
      button.addEventListener("click", () => owner.edit(cell, id));
      return button;
    });
    const form = make("form", "typed");
    const input = make("input", "");
    Object.assign(input, { type: "number", min: 0, max: owner.data.panel.primitives - 1, placeholder: "ID", required: true });
    input.setAttribute("aria-label", `Primitive ID, 0 to ${owner.data.panel.primitives - 1}`);
    const give = make("button", "", "Set");
    form.append(input, give);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      owner.edit(cell, input.valueAsNumber);
    });
    input.addEventListener("keydown", (event) => event.key === "Escape" && owner.cellCanvas.box.focus());
    const choices = make("div", "choices");
    choices.append(...buttons);
    this.become.replaceChildren(make("h3", "", "Change to"), choices, form);
  }
}

/** @param {number} value */
export function signed(value, digits = 3) {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? `±${text}` : `${value > 0 ? "+" : "−"}${text}`;
}

/** @param {number | undefined} id */
export function name(id) { return id === 0 ? "EMPTY" : `primitive ${id}`; }

/**
 * @param {HTMLElement} list
 * @param {Row[]} rows
 */
export function pairs(list, rows) {
  list.replaceChildren(...rows.flatMap(([key, value, meaning = ""]) => {
    const both = [make("dt", "", key), make("dd", "", value)];
    for (const element of both) element.title = meaning;
    return both;
  }));
}
