// Tags and corrections: shown at once, sent until the server confirms that they are stored.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { FakeElement, clock, page, press } from "./browser.mjs";
import { bus, pendingEdits, storeAnnotations } from "../../app/shared/common.js";
import { TagBar } from "../../app/shared/tags.js";
import { FontGlyphGrid } from "../../app/fonts/glyph_grid.js";

let about = 0, last;
beforeEach(() => {
  last?.stop();
  about += 1;
  page.activeElement = page.body;
  bus.known.clear();
  Object.assign(bus, { current: 7, chosen: [] });
});

function tags() {
  const tagBar = (last = new TagBar(new FakeElement())), sent = [];
  tagBar.send = (...item) => sent.push(structuredClone(item));
  const show = (done = { client: "", number: 0, ids: [] }, more = {}) => tagBar.update({
    about: `database ${about}`, annotations: { at: 0, of: {} }, standard: ["mislabelled", "ambiguous", "design outlier"], tags: [], single: false,
    problem: "", done, ...more });
  show();
  return { tagBar, sent, show, client: pendingEdits(`database ${about}`).client };
}

test("undo goes on after another page, about the same database alone", () => {
  const first = tags();
  first.tagBar.toggle("ambiguous");
  first.tagBar.stop();
  const second = new TagBar(new FakeElement()), sent = [];
  second.send = (...item) => sent.push(structuredClone(item));
  const data = { annotations: { at: 0, of: {} }, standard: ["mislabelled", "ambiguous", "design outlier"], tags: [], single: true, problem: "",
    done: { client: "", number: 0, ids: [] } };
  bus.current = 7;
  second.update({ ...data, about: `database ${about}` });
  second.act("undo");
  const [, { changes }] = sent.at(-1);
  assert.deepEqual(changes.map(({ ids, tag, on }) => [ids, tag, on]), [[[7], "ambiguous", true], [[7], "ambiguous", false]]);
  second.stop();
  last = new TagBar(new FakeElement());
  last.send = () => assert.fail("nothing to undo here");
  last.update({ ...data, about: `other database ${about}` });
  last.act("undo");
});

test("a tag shows before it is stored, and goes when its key is pressed again", (t) => {
  clock(t);
  tags();
  assert.ok(press("a"));
  assert.deepEqual(bus.annotation(7).tags, ["ambiguous"]);
  press("a");
  assert.deepEqual(bus.annotation(7).tags, []);
});

test("changes are sent again, all that have not arrived, until a run says so", (t) => {
  const tick = clock(t), { sent, show, client } = tags();
  press("m");
  press("a");
  tick(4000);
  const numbers = sent.map(([, { changes }]) => changes.map((item) => item.number));
  assert.deepEqual(numbers, [[1], [1, 2], [1, 2]]);
  show({ client, number: 1, ids: [7] }, { annotations: { at: 1, of: { 7: { tags: ["mislabelled"], note: "" } } } });
  assert.deepEqual(pendingEdits(`database ${about}`).pending.map((item) => item.number), [2]);
  assert.deepEqual(bus.annotation(7).tags, ["ambiguous", "mislabelled"]);
  show({ client, number: 2, ids: [7] }, { annotations: { at: 1, of: { 7: { tags: ["ambiguous", "mislabelled"], note: "" } } } });
  sent.length = 0;
  tick(1200);
  assert.deepEqual(sent, [["settled", 2]]);
  tick(10_000);
  assert.equal(sent.length, 1);
});

test("a page that was read before a change is stored does not undo it on the screen", (t) => {
  clock(t);
  const { show, client } = tags(), shown = () => bus.annotation(7).tags;
  press("m");
  show({ client, number: 1, ids: [7] }, { annotations: { at: 20, of: { 7: { tags: ["mislabelled"], note: "", correction: "" } } } });
  storeAnnotations([7], { at: 10, of: {} }, { 7: "doubtful" });
  assert.deepEqual(shown(), ["mislabelled"]);
  assert.equal(bus.known.get(7).remark, "doubtful");
  storeAnnotations([7], { at: 10, of: {} });
  assert.deepEqual(shown(), ["mislabelled"], "the remark did not make the older page the newer one");
  storeAnnotations([7], { at: 30, of: {} });
  assert.deepEqual(shown(), [], "somebody else has taken it away since");
});

test("what another browser sent settles nothing here", (t) => {
  clock(t);
  const { show } = tags();
  press("m");
  show({ client: "another", number: 9, ids: [7] });
  assert.equal(pendingEdits(`database ${about}`).pending.length, 1);
});

test("undo takes back the last change of several glyphs, tags and notes alike", (t) => {
  clock(t);
  const { tagBar } = tags();
  bus.known.set(1, { tags: ["ambiguous"], note: "" });
  bus.chosen = [1, 2];
  press("a");
  assert.deepEqual([bus.annotation(1).tags, bus.annotation(2).tags], [["ambiguous"], ["ambiguous"]]);
  tagBar.apply([{ ids: [1], note: "too thin" }]);
  press("u");
  assert.equal(bus.annotation(1).note, "");
  press("u");
  assert.deepEqual([bus.annotation(1).tags, bus.annotation(2).tags], [["ambiguous"], []]);
});

test("what glyphs really are shows at once, by the key of a candidate too, and goes with undo", (t) => {
  clock(t);
  const { tagBar } = tags();
  bus.known.set(2, { tags: [], note: "", correction: "teh_init" });
  bus.chosen = [1, 2];
  bus.dispatchEvent(Object.assign(new Event("really"), { detail: "beh_init" }));
  assert.deepEqual([bus.annotation(1).correction, bus.annotation(2).correction], ["beh_init", "beh_init"]);
  tagBar.correct([1], "");
  assert.equal(bus.annotation(1).correction, "");
  press("u");
  press("u");
  assert.deepEqual([bus.annotation(1).correction, bus.annotation(2).correction], ["", "teh_init"]);
});

function finding(id, kept = null) {
  const candidate = (label, k) => ({ shown: label, codes: "U+0061", words: label, label, p: 0.9 - k / 10, taken: k === 0 });
  return { id, name: `glyph${id}`, kind: "wrong", verdict: "disagrees", sign: "✗", meaning: "", font: [], more: 0, p: 0.9, claimP: null,
    model: { shown: "a", codes: "U+0061", words: "a" }, top: ["a", "b", "c"].map(candidate), label: "a", text: "", source: "", kept,
    keptLabel: "", geometry: [] };
}

function fonts() {
  const grid = (last = new FontGlyphGrid(new FakeElement())), sent = [];
  grid.send = (...item) => sent.push(structuredClone(item));
  grid.picture.complete = false;
  const show = (more = {}) => grid.update({
    about: `font ${about}`, sprite: "", columns: 12, tile: 128, items: [1, 2, 3].map((id) => finding(id)), position: 0, total: 3,
    pages: { first: 1, previous: null, next: null, last: 1 }, cursor: null, doneOf: [0, 2], faults: {}, done: {}, ...more });
  show();
  return { grid, sent, show, corrections: () => sent.at(-1)[1].edits.map(({ glyph, text }) => [glyph, text]) };
}

test("Enter confirms what the model read, a number a candidate, and the next glyph is at hand", (t) => {
  clock(t);
  const { grid, corrections } = fonts();
  press("Enter");
  press("2");
  assert.deepEqual(corrections(), [[1, "a"], [2, "b"]]);
  assert.equal(grid.item().id, 3);
  assert.equal(grid.cards[1].dataset.kind, "kept");
  assert.ok(!press("5")); // there are three candidates
});

test("a correction counts until the server's word replaces it", (t) => {
  clock(t);
  const { grid, show } = fonts();
  press("3");
  assert.equal(grid.kept(finding(1)).label, "c");
  const { client } = pendingEdits(`font ${about}`);
  show({ done: { [client]: 1 } });
  assert.equal(grid.kept(finding(1)), null);
});

test("corrections are sent again until they are acknowledged, and after the page was left", (t) => {
  const tick = clock(t), { grid, sent } = fonts();
  press("1");
  tick(3000);
  assert.equal(sent.length, 2);
  grid.stop();
  tick(10_000);
  assert.equal(sent.length, 2);
  const again = fonts();
  assert.deepEqual(again.corrections(), [[1, "a"]]);
});

test("what was said is taken back once; where nothing was said there is nothing to take back", (t) => {
  clock(t);
  const { sent, corrections } = fonts();
  press("u");
  assert.deepEqual(sent, []);
  press("1");
  press("ArrowLeft");
  press("u");
  assert.deepEqual(corrections(), [[1, "a"], [1, null]]);
});
