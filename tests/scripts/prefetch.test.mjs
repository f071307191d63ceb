// Pages in the browser's cache, and requests for the next pages ahead.

import assert from "node:assert/strict";
import test from "node:test";

import { clock } from "./browser.mjs";
import { PageCache } from "../../app/shared/prefetch.js";

const page = (start, selection = "all") => ({ key: `${selection}.${start}`, content: { selection, start, sprite: "" } });
const named = ({ key }) => ({ key, content: null });

test("a page that is here is only named afterwards", () => {
  const pageCache = new PageCache(3, () => {});
  const first = pageCache.resolve(page(1));
  assert.equal(pageCache.resolve(named(page(1))), first);
  assert.equal(pageCache.resolve(named(page(2))), null);
});

test("the page that was used longest ago makes room", () => {
  const dropped = [];
  const pageCache = new PageCache(2, (item) => dropped.push(item.start));
  for (const start of [1, 2]) pageCache.resolve(page(start));
  pageCache.resolve(named(page(1)));
  pageCache.resolve(page(3));
  assert.deepEqual(dropped, [2]);
  assert.deepEqual(pageCache.keys(), ["all.1", "all.3"]);
});

test("a page is found by its selection and the glyph that it starts at", () => {
  const pageCache = new PageCache(3, () => {});
  pageCache.resolve(page(1));
  assert.equal(pageCache.find("all", 1).start, 1);
  assert.equal(pageCache.find("test", 1), undefined);
});

test("what is near is asked for when nothing else is open for a while, once for a page on show", (t) => {
  const tick = clock(t), requested = [], requests = { open: false };
  const pageCache = new PageCache(3, () => {});
  pageCache.resolve(page(1));
  const requestAhead = (key, near) => pageCache.requestAhead(key, near, requests, (keys) => requested.push([key, keys]));
  requestAhead("all.1", 0);
  requestAhead("all.1", 0);
  tick(250);
  assert.deepEqual(requested, [["all.1", ["all.1"]]]);
  requestAhead("all.1", 0);
  tick(1000);
  assert.equal(requested.length, 1);
  requestAhead("all.2", 2); // it is already in the cache
  tick(1000);
  assert.equal(requested.length, 1);
});

test("nothing is asked for ahead while a request is open", (t) => {
  const tick = clock(t), requested = [];
  const pageCache = new PageCache(3, () => {});
  pageCache.requestAhead("all.1", 0, { open: true }, () => requested.push(1));
  tick(1000);
  assert.deepEqual(requested, []);
});

test("everything is dropped when its component goes", () => {
  const dropped = [];
  const pageCache = new PageCache(3, (item) => dropped.push(item.start));
  pageCache.resolve(page(1));
  pageCache.resolve(page(2));
  pageCache.clear();
  assert.deepEqual(dropped, [1, 2]);
  assert.deepEqual(pageCache.keys(), []);
});
