// The map without its canvas: decoding of points, room for pictures, names of clusters, and half a million points in time.

import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";

import "./browser.mjs";
import { clusters } from "../../app/map/clusters.js";
import { spread } from "../../app/map/markers.js";
import { GlyphMap } from "../../app/map/map.js";
import { keepPoints, pointsOf, randomRank, unpacked } from "../../app/map/points.js";

const littleEndian = (array) => Buffer.from(array.buffer);

function sent() {
  const ones = Array(6).fill(Uint16Array.of(1, 0));
  const columns = [Float64Array.of(7, 1e12 - 7), Uint16Array.of(0, 65535), Uint16Array.of(65535, 0), ...ones, Uint8Array.of(255, 3)];
  const packed = deflateSync(Buffer.concat(columns.map(littleEndian))).toString("base64");
  return { n: 2, total: 5, about: {}, words: {}, packed };
}

test("points are unpacked; y runs downwards on a screen", async () => {
  const { x, y, ids, p, columns } = await unpacked("v", sent());
  assert.deepEqual([...x], [0, 1]);
  assert.deepEqual([...y], [0, 1]);
  assert.deepEqual([...ids], [7, 1e12]);
  assert.deepEqual([...p], [255, 3]);
  assert.deepEqual([...columns.family], [1, 0]);
  assert.deepEqual([...columns.outcome], [1, 0]);
});

test("a tab keeps the points of one version, and says that it lacks others", async () => {
  assert.equal(pointsOf("first"), null);
  await keepPoints("first", sent());
  assert.equal(pointsOf("first").n, 2);
  assert.equal(pointsOf("second"), null);
});

test("a map that gets no points asks for them, but not while it unpacks them", async () => {
  const asked = [];
  const map = Object.assign(Object.create(GlyphMap.prototype), { drawn: "", unpacking: "", ending: new AbortController(),
    send: (...message) => asked.push(message), read: () => false, follow: () => {} });
  const data = { version: "third", points: null, chosen: null };
  map.update(data);
  assert.deepEqual(asked, [["points", true]]);
  map.update({ ...data, points: sent() });
  map.update(data);
  assert.equal(asked.length, 1);
  map.read = () => Boolean(pointsOf("third"));
  while (map.unpacking) await new Promise((go) => setTimeout(go, 5));
  await new Promise((go) => setTimeout(go));
  assert.equal(map.drawn, "third");
});

test("the random order has each point once and is always the same", () => {
  const rank = randomRank(1000);
  assert.deepEqual([...rank].sort((a, b) => a - b), Array.from({ length: 1000 }, (_, i) => i));
  assert.deepEqual([...randomRank(1000)], [...rank]);
  assert.notDeepEqual([...rank.slice(0, 5)], [0, 1, 2, 3, 4]);
});

// Points by a seeded generator, so that each run has the same ones.
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
    // Two clusters of labels 5 and 9; a few points of 9 lie in the cluster of 5.
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
