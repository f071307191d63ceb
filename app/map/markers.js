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
 * Draw the i-th of many 64×64-bit glyphs, centred in its tile.
 * @param {Uint8Array} bits
 * @param {number} i
 * @param {string} colour
 */
export function glyph(bits, i, colour) {
  const canvas = new OffscreenCanvas(TILE, TILE);
  const context = brush(canvas);
  context.fillStyle = colour;
  const row = TILE / 8;
  const start = i * TILE * row;
  let [right, bottom] = [0, 0];
  for (let y = 0; y < TILE; y++)
    for (let x = 0; x < TILE; x++)
      if (bits[start + y * row + (x >> 3)] & (128 >> (x & 7))) [right, bottom] = [Math.max(right, x + 1), y + 1];
  const [ox, oy] = [(TILE - right) >> 1, (TILE - bottom) >> 1];
  for (let y = 0; y < bottom; y++)
    for (let x = 0, run = 0; x <= right; x++) {
      const ink = x < right && bits[start + y * row + (x >> 3)] & (128 >> (x & 7));
      if (ink) run += 1;
      else if (run) {
        context.fillRect(ox + x - run, oy + y, run, 1);
        run = 0;
      }
    }
  return canvas;
}

/**
 * Select points that can show a picture of size ``side`` (in map units) without overlap; earlier points in ``order`` win.
 * @param {Float32Array} x
 * @param {Float32Array} y
 * @param {Iterable<number>} order
 * @param {Uint8Array} visible
 * @param {number} side
 */
export function spread(x, y, order, visible, side) {
  const chosen = new Uint8Array(x.length);
  /** @type {Map<number, number>} */
  const taken = new Map();
  for (const i of order) {
    if (!visible[i]) continue;
    const [cx, cy] = [Math.floor(x[i] / side), Math.floor(y[i] / side)];
    let free = true;
    for (let dx = -1; dx <= 1 && free; dx++)
      for (let dy = -1; dy <= 1 && free; dy++) {
        const other = taken.get((cx + dx) * 65536 + cy + dy);
        free = other === undefined || Math.abs(x[other] - x[i]) >= side || Math.abs(y[other] - y[i]) >= side;
      }
    if (!free) continue;
    taken.set(cx * 65536 + cy, i);
    chosen[i] = 1;
  }
  return chosen;
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
