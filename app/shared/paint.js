// @ts-check
// Code that draws cells and primitives. It is put in front of the components that need it.

export const GRID = 16, CELL = 8, SIZE = 128;
// Okabe and Ito's colours and two colours between them. People with any colour vision can tell them apart, as tints and bars.
const PALETTE = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#8c6bb1", "#7f9a3e"];

/**
 * The colour of a primitive: the same on every glyph and in every session.
 * @param {number} id
 */
export function hue(id) {
  return PALETTE[(Math.imul(id, 2654435761) >>> 8) % PALETTE.length];
}

/**
 * The drawing context of a canvas.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 */
export function brush(canvas) {
  return /** @type {CanvasRenderingContext2D & OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/** @param {string} colour */
export function rgb(colour) {
  const probe = brush(new OffscreenCanvas(1, 1));
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  return probe.getImageData(0, 0, 1, 1).data;
}

/**
 * Draw a patch of 64 opacities in the colour of the ink.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} pixels
 * @param {string} ink
 */
export function paint(canvas, pixels, ink) {
  const [r, g, b] = rgb(ink);
  const picture = new ImageData(CELL, CELL);
  for (let i = 0; i < 64; i++) picture.data.set([r, g, b, pixels[i]], i * 4);
  brush(canvas).putImageData(picture, 0, 0);
}
