// Choices: a chosen value shows at once and is sent until the server confirms it.

import assert from "node:assert/strict";
import test from "node:test";

import { FakeElement, clock } from "./browser.mjs";
import { Choices } from "../../app/shared/choices.js";

const LISTS = { "abc": [["", "All"], ["train", "Training"], ["test", "Test"]] };

function choice(more = {}) {
  return { name: "split", title: "Split", style: "segments", multiple: false, chosen: [""], words: "abc", counts: null, hint: "",
    help: "", ...more };
}

function rig() {
  const parent = new FakeElement(), sent = [];
  const choices = new Choices(parent);
  choices.send = (...each) => sent.push(each);
  const show = (list = [choice()], { lists = LISTS, acknowledged = "" } = {}) =>
    choices.update({ label: "Filters", layout: "panel", acknowledged, choices: list, lists });
  show();
  return { choices, sent, show, chosen: () => choices.chosen(choices.choices.get("split")) };
}

test("what is chosen shows before the server has answered", (t) => {
  clock(t);
  const { choices, sent, chosen } = rig();
  choices.choose("split", ["test"]);
  assert.deepEqual(chosen(), ["test"]);
  assert.equal(choices.root.dataset.pending, "");
  assert.deepEqual(sent, [["choose", { token: choices.token(), changes: { split: ["test"] }, cached: ["abc"] }]]);
});

test("a run that has not heard of a change does not take it back; one that has settles it", (t) => {
  clock(t);
  const { choices, show, chosen } = rig();
  choices.choose("split", ["test"]);
  show([choice()]);
  assert.deepEqual(chosen(), ["test"]);
  show([choice({ chosen: ["train"] })], { acknowledged: choices.token() });
  assert.deepEqual(chosen(), ["train"]);
  assert.equal(choices.root.dataset.pending, undefined);
});

test("two quick changes are both sent, and the answer to the first settles neither", (t) => {
  clock(t);
  const { choices, sent, show, chosen } = rig();
  const two = [choice(), choice({ name: "class", title: "Class" })];
  show(two);
  choices.choose("split", ["test"]);
  const first = choices.token();
  choices.choose("class", ["train"]);
  assert.deepEqual(sent.at(-1)[1].changes, { split: ["test"], class: ["train"] });
  show(two, { acknowledged: first });
  assert.deepEqual(chosen(), ["test"]);
});

test("a change that nobody acknowledges is shown no longer as made after eight seconds", (t) => {
  const tick = clock(t), { choices, chosen } = rig();
  choices.choose("split", ["test"]);
  tick(7999);
  assert.deepEqual(chosen(), ["test"]);
  tick(1);
  assert.deepEqual(chosen(), [""]);
});

test("words come once and are only named later; lost ones are asked for again", () => {
  const { sent, show, choices } = rig();
  show([choice()], { lists: { abc: null } });
  assert.deepEqual(sent, []);
  show([choice({ words: "xyz" })], { lists: { xyz: null } });
  assert.deepEqual(sent, [["words", []]]);
  show([choice({ words: "xyz" })], { lists: { xyz: [["", "All"]] } });
  assert.deepEqual([...choices.lists.keys()], ["xyz"]);
});

test("a value that would show nothing is left out unless it is chosen", () => {
  const { choices, show } = rig();
  const values = () => choices.parts.get("split").box.children.map((button) => button.dataset.value);
  show([choice({ counts: [[1, 7, 2]] })]);
  assert.deepEqual(values(), ["", "train"]);
  show([choice({ counts: [[1, 7, 2]], chosen: ["test"] })]);
  assert.deepEqual(values(), ["", "train", "test"]);
});

test("what is excluded is not chosen, what is chosen is not excluded, and both are sent", (t) => {
  clock(t);
  const { choices, sent, show, chosen } = rig();
  const option = (value) => ({ dataset: { value } });
  show([choice({ style: "list", multiple: true, chosen: ["train"], excluded: [] })]);
  choices.opened = "split";
  choices.fill = () => {};
  choices.exclude(option("train"));
  assert.deepEqual(chosen(), []);
  assert.deepEqual(choices.excluded(choices.choice("split")), ["train"]);
  assert.deepEqual(sent.at(-1)[1].changes, { "split": [], "not split": ["train"] });
  choices.toggle(option("train"));
  assert.deepEqual(sent.at(-1)[1].changes, { "split": ["train"], "not split": [] });
  show([choice({ style: "list", multiple: true, excluded: null })]);
  const before = sent.length;
  choices.exclude(option("test"));
  assert.equal(sent.length, before, "where nothing can be excluded");
});
