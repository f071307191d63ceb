// @ts-check
// The points of the map as the browser keeps them: columns of numbers, decoded once for each layout and kept between pages.

import { bus, bytes } from "../shared/common.js";

/** @typedef {"label" | "pred" | "family" | "class" | "split" | "outcome"} Column */
/** @typedef {"family" | "class" | "split" | "outcome"} Colouring */
/** @typedef {[words: string, shown: string, codes: string]} Label */

/**
 * Points as Python sends them: columns as base64, and the words that their numbers stand for.
 * @typedef {Record<Column | "xy" | "id" | "p", string> & {
 *   n: number, total: number, about: { method?: string },
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

/**
 * Decode points, or return those of that version that this tab has kept; null where it has not.
 * @param {string} version
 * @param {SentPoints | null} sent
 */
export function pointsOf(version, sent) {
  const tab = /** @type {Tab} */ (bus);
  if (sent) tab.mapPoints = decoded(version, sent);
  return tab.mapPoints?.version === version ? tab.mapPoints : null;
}

/**
 * @param {string} version
 * @param {SentPoints} sent
 * @returns {Points}
 */
export function decoded(version, sent) {
  const { n, total, about, words } = sent;
  const xy = new Uint16Array(bytes(sent.xy).buffer);
  const x = new Float32Array(n), y = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    x[i] = xy[2 * i] / 65535;
    y[i] = 1 - xy[2 * i + 1] / 65535;
  }
  const columns = /** @type {Record<Column, Uint16Array>} */ ({});
  for (const name of /** @type {Column[]} */ (["label", "pred", "family", "class", "split", "outcome"]))
    columns[name] = new Uint16Array(bytes(sent[name]).buffer);
  return { version, n, total, about, words, x, y, columns, ids: new Float64Array(bytes(sent.id).buffer), p: bytes(sent.p), rank: randomRank(n) };
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
