// @ts-check
// The picture of a glyph on the map: a marker, or the glyph itself.

import { brush } from "../shared/paint.js";

/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */

/**
 * A category: its title, colour and shape, and the number of its points.
 * @typedef {{ title: string, count: number, colour: string, shape: string }} Kind
 */

export const TILE = 64;
export const SHAPES = ["disc", "square", "diamond", "triangle", "ring"];

/**
 * Draw a marker around x, y.
 * @param {Context} context
 * @param {string} shape
 * @param {string} colour
 * @param {number} x
 * @param {number} y
 * @param {number} r
 */
export function marker(context, shape, colour, x, y, r) {
  context.fillStyle = context.strokeStyle = colour;
  context.lineWidth = r * 0.55;
  /** @type {(...corners: [dx: number, dy: number][]) => void} */
  const path = (...corners) =>
    corners.forEach(([dx, dy], i) => (i ? context.lineTo(x + dx * r, y + dy * r) : context.moveTo(x + dx * r, y + dy * r)));
  context.beginPath();
  if (shape === "disc") context.arc(x, y, r, 0, 7);
  else if (shape === "ring") context.arc(x, y, r * 0.8, 0, 7);
  else if (shape === "square") context.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
  else if (shape === "diamond") path([0, -1.15], [1.15, 0], [0, 1.15], [-1.15, 0]);
  else if (shape === "triangle") path([0, -1.1], [1.1, 0.9], [-1.1, 0.9]);
  else {
    path([-1, -1], [1, 1]);
    path([1, -1], [-1, 1]);
  }
  if (shape === "ring" || shape === "cross") context.stroke();
  else context.fill();
}

/**
 * A glyph of 64×64 bits, in the middle of its tile.
 * @param {Uint8Array} bits
 * @param {string} colour
 */
export function glyph(bits, colour) {
  const canvas = new OffscreenCanvas(TILE, TILE);
  const context = brush(canvas);
  context.fillStyle = colour;
  const row = TILE / 8;
  let [right, bottom] = [0, 0];
  for (let y = 0; y < TILE; y++)
    for (let x = 0; x < TILE; x++)
      if (bits[y * row + (x >> 3)] & (128 >> (x & 7))) [right, bottom] = [Math.max(right, x + 1), y + 1];
  const [ox, oy] = [(TILE - right) >> 1, (TILE - bottom) >> 1];
  for (let y = 0; y < bottom; y++)
    for (let x = 0, run = 0; x <= right; x++) {
      const ink = x < right && bits[y * row + (x >> 3)] & (128 >> (x & 7));
      if (ink) run += 1;
      else if (run) {
        context.fillRect(ox + x - run, oy + y, run, 1);
        run = 0;
      }
    }
  return canvas;
}

const MARGIN = 3; // squares around the view: what is drawn there decides about room in the view

/**
 * Choose points that have room for a picture: of each square of a grid the first point in the order, and of these, in their
 * order, those that no earlier one covers. Wherever the view is moved to, the same points are chosen.
 * @param {Float32Array} x
 * @param {Float32Array} y
 * @param {Uint32Array} rank place of each point in the order
 * @param {Uint8Array} visible whether each point may be chosen
 * @param {number} side of a picture and of a square, in map units
 * @param {{ left: number, top: number, right: number, bottom: number }} view in map units
 * @returns {number[]}
 */
export function spread(x, y, rank, visible, side, view) {
  const [left, top] = [Math.floor(view.left / side) - MARGIN, Math.floor(view.top / side) - MARGIN];
  const [columns, rows] = [Math.floor(view.right / side) + MARGIN + 1 - left, Math.floor(view.bottom / side) + MARGIN + 1 - top];
  const square = (/** @type {number} */ i) => {
    const [column, row] = [Math.floor(x[i] / side) - left, Math.floor(y[i] / side) - top];
    return column < 1 || row < 1 || column >= columns - 1 || row >= rows - 1 ? -1 : row * columns + column;
  };
  const first = new Int32Array(columns * rows).fill(-1);
  for (let i = 0; i < x.length; i++) {
    const at = visible[i] ? square(i) : -1;
    if (at >= 0 && (first[at] < 0 || rank[i] < rank[first[at]])) first[at] = i;
  }
  const taken = new Int32Array(columns * rows).fill(-1);
  const around = [-columns - 1, -columns, -columns + 1, -1, 1, columns - 1, columns, columns + 1];
  return Array.from(first.filter((i) => i >= 0)).sort((a, b) => rank[a] - rank[b]).filter((i) => {
    const at = square(i);
    for (const step of around) {
      const other = taken[at + step];
      if (other >= 0 && Math.abs(x[other] - x[i]) < side && Math.abs(y[other] - y[i]) < side) return false;
    }
    taken[at] = i;
    return true;
  });
}

/**
 * Draw the marker of each kind once, normal and faint, for copying.
 * @param {Kind[]} kinds
 * @param {number} radius
 * @param {number} ratio device pixels per CSS pixel
 */
export function markersOf(kinds, radius, ratio) {
  const side = 2 * radius + 4;
  const drawn = (/** @type {number} */ alpha) =>
    kinds.map((kind) => {
      const canvas = new OffscreenCanvas(Math.ceil(side * ratio), Math.ceil(side * ratio));
      const context = brush(canvas);
      context.scale(canvas.width / side, canvas.height / side);
      context.globalAlpha = alpha;
      marker(context, kind.shape, kind.colour, side / 2, side / 2, radius);
      return canvas;
    });
  return { radius, ratio, side, normal: drawn(0.75), faint: drawn(0.1) };
}
