// @ts-check
// Names of clusters: where the points of a label lie densest, the label names the place.

const LEAST = 8; // points of a label that make a cluster
const LABELS = 65536; // more than there are labels
const SHARE = 0.3; // of the points of a square that have its commonest label

/**
 * A cluster's place, and the label of most of its points.
 * @typedef {{ x: number, y: number, label: number, count: number }} Cluster
 */

/**
 * Find clusters in a grid of squares: those whose commonest label has more points there than in the eight squares around.
 * @param {Float32Array} x from 0 to 1
 * @param {Float32Array} y from 0 to 1
 * @param {Uint16Array} label
 * @param {Uint8Array} visible whether each point counts
 * @param {number} side squares along an axis
 * @returns {Cluster[]} the largest first
 */
export function clusters(x, y, label, visible, side) {
  const square = (/** @type {number} */ i) => Math.min(side - 1, Math.floor(x[i] * side)) * side + Math.min(side - 1, Math.floor(y[i] * side));
  const counts = counted(x.length, (i) => (visible[i] ? square(i) * LABELS + label[i] : -1));
  /** @type {Map<number, Cluster>} */
  const found = new Map();
  for (const [where, { all, label, count }] of commonest(counts))
    if (count >= LEAST && count >= SHARE * all && densest(counts, where, label, side)) found.set(where, { x: 0, y: 0, label, count });
  for (let i = 0; i < x.length; i++) {
    const cluster = visible[i] ? found.get(square(i)) : undefined;
    if (cluster?.label !== label[i]) continue;
    cluster.x += x[i] / cluster.count;
    cluster.y += y[i] / cluster.count;
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

/**
 * Count equal keys; sorting half a million of them is faster than a map that is filled one by one.
 * @param {number} n
 * @param {(i: number) => number} key of the i-th of n, -1 for none
 * @returns {Map<number, number>} in ascending order
 */
function counted(n, key) {
  const keys = Float64Array.from({ length: n }, (_, i) => key(i)).sort();
  /** @type {Map<number, number>} */
  const counts = new Map();
  for (let from = 0, to = 0; from < n; from = to) {
    while (to < n && keys[to] === keys[from]) to += 1;
    if (keys[from] >= 0) counts.set(keys[from], to - from);
  }
  return counts;
}

/**
 * The commonest label of each square, and how many points of any label the square has.
 * @param {Map<number, number>} counts points by square and label
 */
function commonest(counts) {
  /** @type {Map<number, { all: number, label: number, count: number }>} */
  const best = new Map();
  for (const [key, count] of counts) {
    const where = Math.floor(key / LABELS), before = best.get(where) ?? { all: 0, label: -1, count: 0 };
    const more = count > before.count ? { label: key % LABELS, count } : before;
    best.set(where, { ...before, ...more, all: before.all + count });
  }
  return best;
}

/**
 * Whether no square around has more points of a label.
 * @param {Map<number, number>} counts
 * @param {number} where
 * @param {number} label
 * @param {number} side
 */
function densest(counts, where, label, side) {
  const count = counts.get(where * LABELS + label) ?? 0;
  for (let dx = -1; dx <= 1; dx++)
    for (let dy = -1; dy <= 1; dy++) {
      const beside = where + dx * side + dy, other = counts.get(beside * LABELS + label) ?? 0;
      if (other > count || (other === count && beside < where)) return false;
    }
  return true;
}
