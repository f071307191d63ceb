// @ts-check
// The points of the map as the browser keeps them: columns of numbers, decoded once for each layout and kept between pages.

import { bus, bytes } from "../shared/common.js";

/** @typedef {"label" | "pred" | "family" | "class" | "split" | "outcome"} Column */
/** @typedef {"family" | "class" | "split" | "outcome"} Colouring */
/** @typedef {[words: string, shown: string, codes: string]} Label */

/**
 * Points as Python sends them. ``packed``: base64 of a zlib stream of all columns, one after the other (:func:`unpacked`), and
 * the words that their numbers stand for.
 * @typedef {{ n: number, total: number, about: { method?: string }, packed: string,
 *   words: Record<"label" | "pred", Label[]> & Record<Colouring, string[]> }} SentPoints
 */

/**
 * @typedef {object} Points
 * @property {string} version
 * @property {number} n how many there are
 * @property {number} total glyphs that they are a sample of
 * @property {{ method?: string }} about
 * @property {SentPoints["words"]} words
 * @property {Float32Array} x from 0 to 1
 * @property {Float32Array} y from 0 to 1, downwards
 * @property {Float64Array} ids glyphs
 * @property {Uint8Array} p probability of the label read, 255 for one
 * @property {Record<Column, Uint16Array>} columns numbers of words
 * @property {Uint32Array} rank a random order of the points, always the same one
 */

/** @typedef {import("../shared/common.js").Bus & { mapPoints?: Points }} Tab */

/** @type {readonly Column[]} in the order in which they are packed */
const COLUMNS = ["label", "pred", "family", "class", "split", "outcome"];

/**
 * Return the points of a version if this tab has kept them, else null.
 * @param {string} version
 */
export function pointsOf(version) {
  const { mapPoints } = /** @type {Tab} */ (bus);
  return mapPoints?.version === version ? mapPoints : null;
}

/**
 * Unpack points and keep them in this tab.
 * @param {string} version
 * @param {SentPoints} sent
 */
export async function keepPoints(version, sent) {
  const points = await unpacked(version, sent);
  /** @type {Tab} */ (bus).mapPoints = points;
}

/**
 * Columns are stored little-endian: ids (float64, each as its distance from the one before, which packs well), x, y and the
 * numbers of words (uint16), probabilities (uint8).
 * @param {string} version
 * @param {SentPoints} sent
 * @returns {Promise<Points>}
 */
export async function unpacked(version, sent) {
  const { n, total, about, words } = sent;
  const stream = new Blob([bytes(sent.packed)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer();
  let from = 0;
  const take = (/** @type {number} */ size) => (from += size * n) - size * n;
  const numbers = () => new Uint16Array(buffer, take(2), n);
  const ids = new Float64Array(buffer, take(8), n);
  for (let i = 1; i < n; i++) ids[i] += ids[i - 1];
  const x = Float32Array.from(numbers(), (value) => value / 65535);
  const y = Float32Array.from(numbers(), (value) => 1 - value / 65535);
  const columns = /** @type {Record<Column, Uint16Array>} */ (Object.fromEntries(COLUMNS.map((name) => [name, numbers()])));
  return { version, n, total, about, words, x, y, columns, ids, p: new Uint8Array(buffer, take(1), n), rank: randomRank(n) };
}

/**
 * The place of each point in a random order: 32 bits of a hash, then the point's own number.
 * @param {number} n up to two million
 */
export function randomRank(n) {
  const keys = new Float64Array(n), rank = new Uint32Array(n), most = 2 ** 21;
  for (let i = 0; i < n; i++) keys[i] = (Math.imul(i + 1, 2654435761) >>> 0) * most + i;
  keys.sort();
  for (let place = 0; place < n; place++) rank[keys[place] % most] = place;
  return rank;
}
