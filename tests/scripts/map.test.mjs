// The map without its canvas: decoding of points, room for pictures, names of clusters, and half a million points in time.

import assert from "node:assert/strict";
import test from "node:test";

import "./browser.mjs";
import { clusters } from "../../app/map/clusters.js";
import { spread } from "../../app/map/markers.js";
import { decoded, pointsOf, randomRank } from "../../app/map/points.js";

const base64 = (array) => Buffer.from(array.buffer).toString("base64");

function sent() {
  const ones = base64(Uint16Array.of(1, 0));
  return { n: 2, total: 5, about: {}, words: {}, xy: base64(Uint16Array.of(0, 65535, 65535, 0)), id: base64(Float64Array.of(7, 1e12)),
    p: base64(Uint8Array.of(255, 3)), label: ones, pred: ones, family: ones, class: ones, split: ones, outcome: ones };
}

test("points are decoded; y runs downwards on a screen", () => {
  const { x, y, ids, p, columns } = decoded("v", sent());
  assert.deepEqual([...x], [0, 1]);
  assert.deepEqual([...y], [0, 1]);
  assert.deepEqual([...ids], [7, 1e12]);
  assert.deepEqual([...p], [255, 3]);
  assert.deepEqual([...columns.family], [1, 0]);
});

test("a tab keeps the points of one version, and says that it lacks others", () => {
  assert.equal(pointsOf("first", null), null);
  const points = pointsOf("first", sent());
  assert.equal(points.n, 2);
  assert.equal(pointsOf("first", null), points);
  assert.equal(pointsOf("second", null), null);
});

test("the random order has each point once and is always the same", () => {
  const rank = randomRank(1000);
  assert.deepEqual([...rank].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  assert.deepEqual([...randomRank(1000)], [...rank]);
  assert.notDeepEqual([...rank.slice(0, 5)], [0, 1, 2, 3, 4]);
});

// Points by a generator of our own, so that each run has the same.
function scattered(n) {
  let state = 1;
  const next = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return [Float32Array.from({ length: n }, next), Float32Array.from({ length: n }, next)];
}

test("pictures do not cover each other, and the same ones show wherever the view is moved to", () => {
  const [x, y] = scattered(4000), visible = new Uint8Array(4000).fill(1), side = 0.03;
  visible.fill(0, 0, 100);
  const all = spread(x, y, randomRank(4000), visible, side, { left: 0, top: 0, right: 1, bottom: 1 });
  assert.ok(all.length > 300);
  assert.ok(all.every((i) => i >= 100), "points that are not visible have no picture");
  for (const [k, i] of all.entries())
    for (const j of all.slice(0, k)) assert.ok(Math.abs(x[i] - x[j]) >= side || Math.abs(y[i] - y[j]) >= side);
  const part = spread(x, y, randomRank(4000), visible, side, { left: 0.3, top: 0.2, right: 0.7, bottom: 0.6 });
  const within = (i) => x[i] > 0.32 && x[i] < 0.68 && y[i] > 0.22 && y[i] < 0.58;
  assert.deepEqual(part.filter(within).sort(), all.filter(within).sort());
});

test("a cluster has the name of its commonest label, where that lies densest", () => {
  const [x, y] = scattered(300), label = new Uint16Array(300), visible = new Uint8Array(300).fill(1);
  for (let i = 0; i < 300; i++) {
    // Two heaps of labels 5 and 9; a few of 9 lie among those of 5.
    const heap = i < 150 ? 0 : 1;
    label[i] = heap || i % 10 === 0 ? 9 : 5;
    [x[i], y[i]] = [0.1 + 0.6 * heap + x[i] * 0.03, 0.1 + 0.6 * heap + y[i] * 0.03];
  }
  const found = clusters(x, y, label, visible, 10);
  assert.deepEqual(found.map((cluster) => cluster.label), [9, 5]);
  assert.ok(Math.abs(found[0].x - 0.715) < 0.01 && Math.abs(found[1].y - 0.115) < 0.01);
  visible.fill(0, 150);
  assert.deepEqual(clusters(x, y, label, visible, 10).map((cluster) => cluster.label), [5]);
});
