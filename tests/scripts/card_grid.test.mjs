// The grid of cards under Browse, the flips of Compare and Fonts.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { Bubbled, FakeElement, clock, page, press, pushed, script, settled } from "./browser.mjs";
import { bus } from "../../app/shared/common.js";
import { Grid } from "../../app/shared/grid.js";

const ROW = 4;

function item(id) {
  return { id, truth: "a", pred: "b", truthName: "a", predName: "b", codes: "U+0061", predCodes: "U+0062", family: "Amiri",
    p: 0.5, sign: "✗", kind: "wrong", words: "wrong" };
}

// Pages of ten glyphs of a selection of thirty: 1–10, 11–20, 21–30.
function parcel(start, selection = "all") {
  const pages = { first: 1, previous: start > 1 ? start - 10 : null, next: start < 21 ? start + 10 : null, last: 21 };
  const items = Array.from({ length: 10 }, (_, i) => item(start + i));
  return { key: `${selection}.${start}`, content: { selection, start, sprite: "", items, position: start - 1, total: 30, pages } };
}

class Rig {
  constructor() {
    page.activeElement = page.body;
    Object.assign(bus, { current: null, chosen: [] });
    this.root = new FakeElement();
    this.root.many = { "button[data-page]": ["first", "previous", "next", "last"].map((name) =>
      Object.assign(new FakeElement("button"), { dataset: { page: name } })) };
    const parent = new FakeElement();
    parent.named.set(".glyphs", this.root);
    this.grid = new Grid(parent);
    this.sent = [];
    this.grid.send = (...each) => this.sent.push(each);
  }

  show(shown, near = [], more = {}) {
    this.grid.update({ shown, near, columns: 10, thumb: 64, cursor: null, inspect: "/inspect?set=test", annotations: { at: 0, of: {} }, remarks: {}, ...more });
    this.grid.cards.forEach((card, i) => { card.offsetTop = card.hidden ? 0 : 100 + Math.floor(i / ROW); });
    return this;
  }

  get at() { return this.grid.item().id; }
}

let rig;
beforeEach(() => {
  rig?.grid.stop();
  rig = new Rig();
});

test("the keyboard stands on the first glyph, or on the one that the link names", () => {
  assert.equal(rig.show(parcel(1)).at, 1);
  rig.grid.stop();
  rig = new Rig();
  assert.equal(rig.show(parcel(1), [], { cursor: 5 }).at, 5);
});

test("arrow keys move from card to card and from row to row, and stop at the edges", () => {
  rig.show(parcel(1));
  for (const [key, id] of [["ArrowLeft", 1], ["ArrowUp", 1], ["ArrowRight", 2], ["ArrowDown", 6], ["ArrowDown", 10],
    ["ArrowDown", 10], ["ArrowRight", 10], ["ArrowUp", 6], ["Home", 1], ["End", 10]]) {
    assert.ok(press(key));
    assert.equal(rig.at, id, key);
    assert.equal(bus.current, id);
  }
});

test("one card alone can be reached with Tab", () => {
  rig.show(parcel(1));
  press("ArrowDown");
  assert.deepEqual(rig.grid.cards.filter((card) => card.tabIndex === 0).map((card) => card.dataset.id), ["5"]);
});

test("in a row of its own every card is a page apart from none", () => {
  rig.show(parcel(1));
  rig.grid.cards.forEach((card) => { card.offsetTop = 100; });
  assert.equal(rig.grid.perRow(), 10);
  press("ArrowDown");
  assert.equal(rig.at, 1);
});

test("a page that is not here is asked for, and no second one until it comes", () => {
  rig.show(parcel(1));
  press("n");
  press("n");
  assert.deepEqual(rig.sent, [["turn", { start: 11, cached: ["all.1"] }]]);
  assert.equal(rig.grid.page.start, 1);
  rig.show(parcel(11));
  assert.deepEqual(rig.sent.at(-1), ["turn", { start: 21, cached: ["all.1", "all.11"] }]);
});

test("a page that is here is shown before the server hears of it", () => {
  rig.show(parcel(1), [parcel(11)]);
  press("n");
  assert.equal(rig.grid.page.start, 11);
  assert.equal(rig.grid.placeText.textContent, "11–20 of 30");
  assert.equal(rig.sent.at(-1)[0], "turn");
});

test("there is nothing before the first page and after the last", () => {
  rig.show(parcel(1));
  press("p");
  press("<");
  assert.deepEqual(rig.sent, []);
  const off = () => rig.grid.turns.filter((button) => button.disabled).map((button) => button.dataset.page);
  assert.deepEqual(off(), ["first", "previous"]);
  rig.show(parcel(21));
  assert.deepEqual(off(), ["next", "last"]);
});

test("a page that the browser has lost is asked for again", () => {
  rig.show({ key: "all.1", content: null });
  assert.deepEqual(rig.sent, [["ahead", []]]);
});

test("the next pages are asked for when nothing else happens", (t) => {
  const tick = clock(t);
  rig.show(parcel(1));
  tick(250);
  assert.deepEqual(rig.sent, [["ahead", ["all.1"]]]);
});

test("glyphs are chosen by key, by row and all at once, for the tags", () => {
  rig.show(parcel(1));
  press(" ");
  press("ArrowRight");
  assert.deepEqual(bus.chosen, [1]);
  rig.grid.list.dispatchEvent(new Bubbled("click", rig.grid.cards[3], { shiftKey: true }));
  assert.deepEqual(bus.chosen, [1, 2, 3, 4]);
  press(" ");
  assert.deepEqual(bus.chosen, [1, 3, 4]);
  press("a", { ctrlKey: true });
  assert.equal(bus.chosen.length, 10);
  assert.ok(press("Escape"));
  assert.deepEqual(bus.chosen, []);
  assert.ok(!press("Escape"));
});

test("what was chosen stays over pages of a selection and goes with it", () => {
  rig.show(parcel(1));
  press(" ");
  rig.show(parcel(11));
  assert.deepEqual(bus.chosen, [1]);
  rig.show(parcel(1, "wrong"));
  assert.deepEqual(bus.chosen, []);
});

test("Enter opens the glyph under the cursor, unless a button has the focus", async () => {
  rig.show(parcel(1), [], { cursor: 3 });
  pushed.length = 0;
  page.activeElement = rig.grid.turns[0];
  assert.ok(!press("Enter"));
  page.activeElement = page.body;
  assert.ok(press("Enter"));
  assert.deepEqual(pushed, ["/inspect?set=test&glyph=3"]);
  script("running");
  script("notRunning");
  await settled();
});

test("a component that is gone hears no keys and tags nothing", () => {
  rig.show(parcel(1));
  press(" ");
  rig.grid.stop();
  assert.deepEqual([bus.current, bus.chosen], [null, []]);
  assert.ok(!press("ArrowRight"));
});
