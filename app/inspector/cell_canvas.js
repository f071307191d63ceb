// @ts-check
// The board: a glyph under its 16×16 primitives on a canvas, with layers drawn over it, and the outline of the glyph as SVG.

import { number } from "../shared/common.js";
import { CELL, GRID, SIZE, brush, hue, rgb } from "../shared/paint.js";

// A change of the probability below this value is too small to show.
const NOTHING = 0.01;

/** @typedef {import("./inspector.js").Inspector} Inspector */
/** @typedef {(name: string) => string} Colour the value of a CSS property */
/** @typedef {CanvasRenderingContext2D} Context */

/**
 * An outline in its em, y downwards. A point is x, y and its kind: 1 on the curve, 0 quadratic control, else cubic control.
 * @typedef {object} Outline
 * @property {[left: number, top: number, width: number, height: number]} box
 * @property {[x: number, y: number, kind: number][]} points
 * @property {number[]} ends the last point of each contour
 * @property {string} path
 * @property {Record<string, number>} lines
 * @property {number | null} advance
 * @property {number | null} upem
 * @property {string} file the whole SVG document
 * @property {string} name name of the file
 */

export class CellCanvas {
  /** @param {Inspector} owner */
  constructor(owner) {
    this.owner = owner;
    this.step = 1; // pixels per cell
    this.box = owner.find(".board");
    /** @type {HTMLCanvasElement} */
    this.canvas = owner.find(".board canvas");
    this.vector = owner.find(".vector");
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.box);
  }

  stop() { this.observer.disconnect(); }

  draw() {
    const { owner } = this;
    const side = this.box.clientWidth;
    if (!owner.data || !side) return;
    const ratio = window.devicePixelRatio || 1;
    const step = Math.floor((side * ratio) / GRID);
    const full = step * GRID;
    if (this.canvas.width !== full) this.canvas.width = this.canvas.height = full;
    this.canvas.style.width = this.canvas.style.height = `${full / ratio}px`;
    this.step = step / ratio;
    const colour = owner.colours();
    const context = brush(this.canvas);
    context.clearRect(0, 0, full, full);
    this.ground(context, full, colour("--st-text-color"));
    if (owner.overlay) this.weigh(context, step, owner.overlay, colour);
    else if (owner.layers.colours) this.tint(context, step);
    this.lines(context, step, full, colour("--line"));
    if (owner.layers.ids) this.identify(context, step, colour);
    if (owner.layers.wrong && !owner.overlay) this.outline(context, step, colour("--wrong"));
    this.edits(context, step, colour);
    if (owner.cell !== null && owner.cell >= 0) this.cursor(context, step, owner.cell, colour("--st-primary-color"), colour("--st-background-color"));
  }

  // The IDs on screen: the target's IDs, or the predicted IDs with the edits applied.
  ids() { return this.owner.picture === "target" ? this.owner.data.target : this.owner.grid; }

  /** @param {number} i */
  inked(i) {
    const edit = this.owner.picture === "target" ? undefined : this.owner.edited.get(i);
    return edit === undefined ? this.owner.occupied[i] : edit !== 0;
  }

  /**
   * @param {Context} context
   * @param {number} step
   */
  tint(context, step) {
    context.globalAlpha = 0.42;
    this.ids().forEach((id, i) => {
      if (!this.inked(i)) return;
      context.fillStyle = hue(id);
      context.fillRect((i % GRID) * step, Math.floor(i / GRID) * step, step, step);
    });
    context.globalAlpha = 1;
  }

  /**
   * @param {Context} context
   * @param {number} full
   * @param {string} ink
   */
  ground(context, full, ink) {
    const { owner } = this;
    const [r, g, b] = rgb(ink);
    const picture = new ImageData(SIZE, SIZE);
    const ids = this.ids();
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        const i = y * SIZE + x;
        const cell = (y >> 3) * GRID + (x >> 3);
        const own = owner.picture === "glyph" && !owner.edited.has(cell);
        const value = own ? owner.ink[i] * 255 : this.inked(cell) ? owner.patchOf(ids[cell])[(y & 7) * CELL + (x & 7)] : 0;
        picture.data.set([r, g, b, value * 0.86], i * 4);
      }
    }
    const small = new OffscreenCanvas(SIZE, SIZE);
    brush(small).putImageData(picture, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, full, full);
  }

  /**
   * @param {Context} context
   * @param {number} step
   * @param {number} full
   * @param {string} line
   */
  lines(context, step, full, line) {
    context.strokeStyle = line;
    context.lineWidth = 1;
    context.beginPath();
    for (let i = 0; i <= GRID; i++) {
      const at = Math.min(full - 0.5, i * step + 0.5);
      context.moveTo(at, 0); context.lineTo(at, full);
      context.moveTo(0, at); context.lineTo(full, at);
    }
    context.stroke();
  }

  /**
   * @param {Context} context
   * @param {number} step
   * @param {Colour} colour
   */
  identify(context, step, colour) {
    this.ids().forEach((id, i) => this.inked(i) && this.write(context, step, i, id, colour, 0.3));
  }

  /**
   * @param {Context} context
   * @param {number} step
   * @param {number} i
   * @param {string | number} text
   * @param {Colour} colour
   * @param {number} size
   */
  write(context, step, i, text, colour, size, left = 0.5, top = 0.53) {
    context.font = `600 ${Math.round(step * size)}px ui-sans-serif, system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = step * 0.09;
    context.lineJoin = "round";
    context.strokeStyle = colour("--st-background-color");
    context.fillStyle = colour("--st-text-color");
    const x = (i % GRID + left) * step, y = (Math.floor(i / GRID) + top) * step;
    context.strokeText(`${text}`, x, y);
    context.fillText(`${text}`, x, y);
  }

  /**
   * Outline wrong cells and mark a corner: without the corner, a right cell between two wrong cells would look wrong.
   * @param {Context} context
   * @param {number} step
   * @param {string} wrong
   */
  outline(context, step, wrong) {
    context.strokeStyle = context.fillStyle = wrong;
    context.lineWidth = Math.max(1.5, step * 0.05);
    const inset = context.lineWidth / 2 + 0.5;
    this.owner.wrong.forEach((isWrong, i) => {
      if (!isWrong) return;
      const x = (i % GRID) * step, y = Math.floor(i / GRID) * step;
      context.strokeRect(x + inset, y + inset, step - 2 * inset, step - 2 * inset);
      context.beginPath();
      context.moveTo(x + step, y); context.lineTo(x + step * 0.68, y); context.lineTo(x + step, y + step * 0.32);
      context.fill();
    });
  }

  /**
   * Show how much a cell supports the label: purple (▼), p falls without it; green (▲), p rises. A ring: the label changes.
   * @param {Context} context
   * @param {number} step
   * @param {NonNullable<import("./model_panels.js").Overlay>} overlay
   * @param {Colour} colour
   */
  weigh(context, step, { drop, flips }, colour) {
    const most = Math.max(NOTHING, ...[...drop.values()].map(Math.abs));
    for (const [i, value] of drop) {
      const x = (i % GRID) * step, y = Math.floor(i / GRID) * step;
      context.globalAlpha = 0.08 + 0.82 * (Math.abs(value) / most);
      context.fillStyle = value >= 0 ? "#8c6bb1" : "#009e73";
      context.fillRect(x, y, step, step);
      context.globalAlpha = 1;
      if (Math.abs(value) > 0.25 * most) this.write(context, step, i, value > 0 ? "▼" : "▲", colour, 0.26, 0.2, 0.22);
      if (flips.has(i)) this.ring(context, step, i, flips.get(i) ? "✓" : "≠", colour);
    }
  }

  /**
   * @param {Context} context
   * @param {number} step
   * @param {number} i
   * @param {"✓" | "≠"} sign
   * @param {Colour} colour
   */
  ring(context, step, i, sign, colour) {
    const x = (i % GRID + 0.6) * step, y = (Math.floor(i / GRID) + 0.6) * step;
    context.beginPath();
    context.arc(x, y, step * 0.28, 0, 7);
    context.fillStyle = colour("--st-background-color");
    context.fill();
    context.lineWidth = Math.max(1.5, step * 0.06);
    context.strokeStyle = colour(sign === "✓" ? "--right" : "--wrong");
    context.stroke();
    this.write(context, step, i, sign, colour, 0.36, 0.6, 0.62);
  }

  /**
   * @param {Context} context
   * @param {number} step
   * @param {Colour} colour
   */
  edits(context, step, colour) {
    context.lineWidth = Math.max(2, step * 0.07);
    for (const i of this.owner.edited.keys()) {
      const x = (i % GRID) * step, y = Math.floor(i / GRID) * step, inset = context.lineWidth;
      context.setLineDash([step * 0.16, step * 0.1]);
      context.strokeStyle = colour("--st-text-color");
      context.strokeRect(x + inset, y + inset, step - 2 * inset, step - 2 * inset);
      context.setLineDash([]);
      this.write(context, step, i, "✎", colour, 0.34, 0.78, 0.24);
      context.lineWidth = Math.max(2, step * 0.07);
    }
  }

  /**
   * @param {Context} context
   * @param {number} step
   * @param {number} cell
   * @param {string} primary
   * @param {string} paper
   */
  cursor(context, step, cell, primary, paper) {
    const x = (cell % GRID) * step, y = Math.floor(cell / GRID) * step;
    context.lineWidth = Math.max(5, step * 0.16);
    context.strokeStyle = paper;
    context.strokeRect(x, y, step, step);
    context.lineWidth = Math.max(2.5, step * 0.08);
    context.strokeStyle = primary;
    context.strokeRect(x, y, step, step);
  }

  /**
   * Return the cell under the mouse; -1 outside the grid.
   * @param {MouseEvent} event
   */
  at(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / this.step);
    const row = Math.floor((event.clientY - box.top) / this.step);
    return column >= 0 && row >= 0 && column < GRID && row < GRID ? row * GRID + column : -1;
  }

  /**
   * Show the outline with its points, or the board if there is no outline.
   * @param {Outline | null} outline
   */
  show(outline) {
    this.box.hidden = Boolean(outline);
    this.vector.hidden = !outline;
    this.vector.replaceChildren(...(outline ? [picture(outline)] : []));
  }
}

/**
 * Draw a small grid of patches, with outlines around some cells and around the current cell.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} ids
 * @param {Map<number, Uint8Array>} patches
 * @param {number[]} outlined
 * @param {number} cell
 * @param {Colour} colour
 */
export function miniature(canvas, ids, patches, outlined, cell, colour) {
  const step = 10, full = GRID * step;
  canvas.width = canvas.height = full;
  const context = brush(canvas);
  const small = new OffscreenCanvas(SIZE, SIZE);
  const pixels = new ImageData(SIZE, SIZE);
  const [r, g, b] = rgb(colour("--st-text-color"));
  for (let i = 0; i < SIZE * SIZE; i++) {
    const x = i % SIZE, y = (i / SIZE) | 0;
    const patch = patches.get(ids[(y >> 3) * GRID + (x >> 3)]);
    pixels.data.set([r, g, b, patch ? patch[(y & 7) * CELL + (x & 7)] * 0.86 : 0], i * 4);
  }
  brush(small).putImageData(pixels, 0, 0);
  context.drawImage(small, 0, 0, full, full);
  /** @type {(i: number, stroke: string, width: number) => void} */
  const frame = (i, stroke, width) => {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.strokeRect((i % GRID) * step + 0.5, Math.floor(i / GRID) * step + 0.5, step - 1, step - 1);
  };
  for (const i of outlined) frame(i, colour("--wrong"), 2);
  if (cell >= 0) frame(cell, colour("--st-primary-color"), 3);
}

/**
 * Create an SVG element.
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function drawn(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {Outline} outline */
export function counted(outline) {
  const on = outline.points.filter((point) => point[2] === 1).length, off = outline.points.length - on;
  const contours = outline.ends.length === 1 ? "1 contour" : `${outline.ends.length} contours`;
  return `${contours}, ■ ${number(on)} on the curve, ○ ${number(off)} control points`;
}

/**
 * An outline in its em: the font's lines, the advance, squares for points on the curve and circles for control points.
 * @param {Outline} outline
 */
function picture(outline) {
  const [left, top, width, height] = outline.box;
  const unit = Math.max(width, height) / 640;
  const size = (outline.points.length > 120 ? 1.9 : 3.2) * unit;
  const svg = drawn("svg", { viewBox: outline.box.join(" "), role: "img" });
  svg.setAttribute("aria-label", `Outline: ${counted(outline)}`);
  /** @type {(x1: number, y1: number, x2: number, y2: number, name: string) => void} */
  const rule = (x1, y1, x2, y2, name) => svg.append(drawn("line", { x1, y1, x2, y2, class: name }));
  // One grid square is a tenth of an em.
  const tenth = (outline.upem ?? 1000) / 10;
  for (let x = Math.ceil(left / tenth) * tenth; x < left + width; x += tenth) rule(x, top, x, top + height, "em");
  for (let y = Math.ceil(top / tenth) * tenth; y < top + height; y += tenth) rule(left, y, left + width, y, "em");
  for (const [name, y] of Object.entries(outline.lines)) {
    rule(left, y, left + width, y, name === "baseline" ? "rule base" : "rule");
    svg.append(drawn("text", { x: left + 6 * unit, y: y - 4 * unit, "font-size": 11 * unit, class: "rule-name" }, `${name} ${number(Math.round(-y) + 0)}`));
  }
  for (const x of [0, outline.advance]) if (x !== null) rule(x, top, x, top + height, "rule");
  svg.append(drawn("path", { d: outline.path, class: "shape" }));
  let start = 0;
  for (const end of outline.ends) {
    const points = outline.points.slice(start, end + 1);
    points.forEach(([x, y, kind], i) => {
      const [nextX, nextY, nextKind] = points[(i + 1) % points.length];
      if (kind !== 1 || nextKind !== 1) rule(x, y, nextX, nextY, "handle");
    });
    start = end + 1;
  }
  for (const [x, y, kind] of outline.points) {
    const mark = kind === 1 ? drawn("rect", { x: x - size, y: y - size, width: 2 * size, height: 2 * size, class: "on" })
      : drawn("circle", { cx: x, cy: y, r: size, class: "off" });
    mark.append(drawn("title", {}, `${kind === 1 ? "on the curve" : kind === 0 ? "quadratic control" : "cubic control"} ${x}, ${-y}`));
    svg.append(mark);
  }
  return svg;
}
