// Pages that the browser holds, and asking for the next ones ahead.

import assert from "node:assert/strict";
import test from "node:test";

import { clock } from "./browser.mjs";
import { Held } from "../../app/shared/prefetch.js";

const page = (start, selection = "all") => ({ key: `${selection}.${start}`, whole: { selection, start, sprite: "" } });
const named = ({ key }) => ({ key, whole: null });

test("a page that is here is only named afterwards", () => {
  const held = new Held(3, () => {});
  const first = held.take(page(1));
  assert.equal(held.take(named(page(1))), first);
  assert.equal(held.take(named(page(2))), null);
});

test("the page that was used longest ago makes room", () => {
  const dropped = [];
  const held = new Held(2, (each) => dropped.push(each.start));
  for (const start of [1, 2]) held.take(page(start));
  held.take(named(page(1)));
  held.take(page(3));
  assert.deepEqual(dropped, [2]);
  assert.deepEqual(held.keys(), ["all.1", "all.3"]);
});

test("a page is found by its selection and the glyph that it starts at", () => {
  const held = new Held(3, () => {});
  held.take(page(1));
  assert.equal(held.find("all", 1).start, 1);
  assert.equal(held.find("test", 1), undefined);
});

test("what is near is asked for when nothing else is open for a while, once for a page on show", (t) => {
  const tick = clock(t), asked = [], requests = { open: false };
  const held = new Held(3, () => {});
  held.take(page(1));
  const wish = (key, near) => held.wish(key, near, requests, (keys) => asked.push([key, keys]));
  wish("all.1", 0);
  wish("all.1", 0);
  tick(250);
  assert.deepEqual(asked, [["all.1", ["all.1"]]]);
  wish("all.1", 0);
  tick(1000);
  assert.equal(asked.length, 1);
  wish("all.2", 2); // it has come already
  tick(1000);
  assert.equal(asked.length, 1);
});

test("nothing is asked for ahead while a request is open", (t) => {
  const tick = clock(t), asked = [];
  const held = new Held(3, () => {});
  held.wish("all.1", 0, { open: true }, () => asked.push(1));
  tick(1000);
  assert.deepEqual(asked, []);
});

test("everything is dropped when its component goes", () => {
  const dropped = [];
  const held = new Held(3, (each) => dropped.push(each.start));
  held.take(page(1));
  held.take(page(2));
  held.clear();
  assert.deepEqual(dropped, [1, 2]);
  assert.deepEqual(held.keys(), []);
});
