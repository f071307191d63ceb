// Tables of keys: the overlay prints the keys of the tables, and a key does one thing at a time.

import assert from "node:assert/strict";
import test from "node:test";

import { FakeElement } from "./browser.mjs";
import { pressed } from "../../app/shared/common.js";
import { CARD_KEYS } from "../../app/shared/card_grid.js";
import { GRID_KEYS } from "../../app/compare/grid_pair.js";

const TABLES = { "shared/card_grid.js": CARD_KEYS, "compare/grid_pair.js": GRID_KEYS };
for (const name of ["shared/grid.js", "shared/tags.js", "compare/flips.js", "fonts/glyph_grid.js", "inspector/inspector.js",
  "map/map.js", "primitives/codebook.js", "shared/trail.js"])
  TABLES[name] = (await import(`../../app/${name}`)).KEYS;

const NAMES = {
  "←": "ArrowLeft", "→": "ArrowRight", "↑": "ArrowUp", "↓": "ArrowDown", PgDn: "PageDown", PgUp: "PageUp", Esc: "Escape",
  Del: "Delete", "−": "-", "Ctrl+A": "Control+a", "Ctrl+Z": "Control+z", "Ctrl+Shift+Z": "Control+Z",
};
// Keys that work but are not printed: the same key without Shift, and the neighbouring key.
const SILENT = new Set(["=", "Backspace"]);

function printed(words) {
  if (words === "Shift and arrows") return ["Left", "Right", "Up", "Down"].map((each) => `Shift+Arrow${each}`);
  if (words === "Space") return [" "];
  if (words === "1 … 5") return ["1", "2", "3", "4", "5"];
  if (words === "Shift+click") return [];
  return words.split(/\s+/).map((each) => NAMES[each] ?? each);
}

for (const [name, rows] of Object.entries(TABLES))
  test(`${name}: every key that is printed does something, and every key that does is printed`, () => {
    for (const [words, does, acts] of rows) {
      assert.ok(does);
      const elsewhere = rows.filter((row) => row[1].includes("Esc")).length ? ["Escape"] : [];
      const bound = Object.keys(acts).filter((key) => !SILENT.has(key) && !(elsewhere.includes(key) && does.includes("Esc")));
      assert.deepEqual(bound.sort(), printed(words).sort(), `${words}: ${does}`);
    }
  });

function key(name, more = {}) {
  return Object.assign(new Event("keydown", { cancelable: true }), { key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false }, more);
}

function table() {
  const done = [];
  const say = (what, answer) => () => { done.push(what); return answer; };
  const rows = [
    ["a", "a", { a: say("not now", false) }],
    ["a", "a again", { a: say("a") }],
    ["Shift+A", "", { "Shift+ArrowUp": say("far") }],
    ["A", "", { ArrowUp: say("near"), "Control+a": say("all") }],
  ];
  return { done, press: (...each) => { const event = key(...each); pressed(rows, new FakeElement(), event); return event.defaultPrevented; } };
}

test("an act that returns false leaves the key to the next row, and to others", () => {
  const { done, press } = table();
  assert.ok(press("a"));
  assert.deepEqual(done, ["not now", "a"]);
  assert.ok(!press("q"));
});

test("Shift is part of a key only where a table says so", () => {
  const { done, press } = table();
  press("ArrowUp", { shiftKey: true });
  press("ArrowUp");
  press("a", { shiftKey: true });
  assert.deepEqual(done, ["far", "near", "not now", "a"]);
});

test("keys with Ctrl or Alt belong to the browser unless a table has them", () => {
  const { done, press } = table();
  assert.ok(!press("ArrowUp", { ctrlKey: true }));
  assert.ok(!press("a", { altKey: true }));
  assert.ok(press("a", { metaKey: true }));
  assert.deepEqual(done, ["all"]);
});

test("Caps Lock does not turn undo into redo", () => {
  const done = [];
  const rows = [["Ctrl+Z", "undo", { "Control+z": () => done.push("undo") }], ["Ctrl+Shift+Z", "redo", { "Control+Z": () => done.push("redo") }]];
  const press = (name, shiftKey) => pressed(rows, {}, Object.assign(new Event("keydown"), { key: name, ctrlKey: true, shiftKey }));
  press("z", false);
  press("Z", false); // Caps Lock
  press("Z", true);
  press("z", true); // Caps Lock
  assert.deepEqual(done, ["undo", "undo", "redo", "redo"]);
});
