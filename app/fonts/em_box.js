// @ts-check
// The glyph at its position in the em: base line, and the advance as two vertical lines. Only this tells fatha from kasra.

import { brush } from "../shared/paint.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasImageSource} picture the sprite
 * @param {{ tile: number, columns: number }} sprite
 * @param {number} place index of the glyph on the sprite
 * @param {number[]} geometry width, height, lowest and highest point, advance in em, and whether they are known
 */
export function drawEmBox(canvas, picture, { tile, columns }, place, geometry) {
  if (!canvas.clientWidth) return;
  const [width, height, low, high, advance, known] = geometry;
  const ratio = devicePixelRatio || 1;
  const [w, h] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
  canvas.width = w;
  canvas.height = h;
  const context = brush(canvas);
  const ink = getComputedStyle(canvas).color;
  const size = Math.max(width, height) || 1;
  const top = known ? Math.max(1, high) : high;
  const bottom = known ? Math.min(-0.3, low) : low;
  const scale = Math.min(h / ((top - bottom) * 1.06), w / (Math.max(width, advance, 0.3) * 1.1));
  const base = h / 2 + ((top + bottom) / 2) * scale;
  // The rule of the rasters: the longer side fills the tile, or half of the tile for a small mark. Glyphs are centred in tiles.
  const shown = known && (size < 0.15 || advance < 0.1) ? tile / 2 : tile;
  const factor = (size * scale) / shown;
  const [ox, oy] = [width, height].map((side) => Math.max(0, tile - (side / size) * shown) / 2);
  context.drawImage(
    picture, (place % columns) * tile, Math.floor(place / columns) * tile, tile, tile,
    (w - width * scale) / 2 - ox * factor, base - high * scale - oy * factor, tile * factor, tile * factor,
  );
  context.globalCompositeOperation = "source-in";
  context.fillStyle = ink;
  context.fillRect(0, 0, w, h);
  context.globalCompositeOperation = "source-over";
  context.strokeStyle = ink;
  context.globalAlpha = 0.3;
  context.lineWidth = ratio;
  context.beginPath();
  context.moveTo(0, Math.round(base) + 0.5);
  context.lineTo(w, Math.round(base) + 0.5);
  if (advance > 0)
    for (const x of [w / 2 - (advance * scale) / 2, w / 2 + (advance * scale) / 2]) {
      context.moveTo(Math.round(x) + 0.5, base - 6 * ratio);
      context.lineTo(Math.round(x) + 0.5, base + 6 * ratio);
    }
  context.stroke();
}
