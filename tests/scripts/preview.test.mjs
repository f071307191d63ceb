// Previews: a choice of filters is on the screen before its run, and no earlier run or answer replaces it.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { FakeElement, clock, script, settled } from "./browser.mjs";
import { bus } from "../../app/shared/common.js";
import { Choices } from "../../app/shared/choices.js";
import { Grid } from "../../app/shared/grid.js";

// The one page of a selection.
function entry(selection) {
  const pages = { first: 1, previous: null, next: null, last: 1 };
  const item = { id: 1, truth: "a", pred: "b", truthName: "a", predName: "b", codes: "U+0061", predCodes: "U+0062", family: "",
    p: 0.5, sign: "✗", kind: "wrong", words: "wrong" };
  return { key: `${selection}.1`, content: { selection, start: 1, sprite: "", items: [item], position: 0, total: 1, pages } };
}

function data(selection) {
  return { shown: entry(selection), near: [], columns: 10, thumb: 64, cursor: null, inspect: "/inspect", annotations: { at: 0, of: {} }, remarks: {} };
}

// Browse with its grid and its panel; the test decides the server's answers to previews.
class Rig {
  constructor() {
    const place = new FakeElement();
    place.named.set(".glyphs", (this.root = new FakeElement()));
    this.grid = new Grid(place);
    this.choices = new Choices(new FakeElement());
    this.sent = [];
    this.grid.send = this.choices.send = (what, value) => this.sent.push([what, value]);
    this.answers = [];
    globalThis.fetch = (address, { signal }) => new Promise((answer, fail) => {
      signal.addEventListener("abort", () => fail(new Error("aborted")));
      this.answers.push({ address, signal, fail: () => fail(new Error("lost")),
        give: (found, { status = 200, type = "application/json" } = {}) => answer({ status, headers: new Headers({ "content-type": type }), json: async () => {
          if (typeof found === "string") throw new SyntaxError(found);
          return found;
        } }) });
    });
    this.run("all", "");
    const choice = { name: "family", title: "Family", style: "list", multiple: true, chosen: [], excluded: [], words: "abc", counts: null, hint: "", help: "" };
    this.choices.update({ label: "", layout: "panel", acknowledged: "", preview: "/api/preview?view=all", choices: [choice],
      lists: { abc: [["Amiri", "Amiri"], ["Cairo", "Cairo"]] } });
  }

  // A run ends.
  run(selection, acknowledged = this.token) { this.grid.update({ ...data(selection), acknowledged }); }

  // Choose families; returns the token of the change.
  choose(...families) {
    this.choices.choose("family", families);
    return this.token;
  }

  get token() { return this.choices.token(); }
  get shown() { return this.grid.page.selection; }
  get messages() { return this.sent.filter(([what]) => what === "choose").map(([, { changes }]) => changes.family.join()); }
}

globalThis.requestAnimationFrame = (act) => { setImmediate(act); };
let rig;
beforeEach(() => {
  rig?.grid.stop();
  script("notRunning");
  rig = new Rig();
});

test("a preview is asked for with the view that is shown and all changes that are under way", async () => {
  rig.choose("Amiri");
  rig.choose("Amiri", "Cairo");
  const [first, second] = rig.answers.map(({ address }) => new URL(address, "http://localhost"));
  assert.equal(second.pathname, "/api/preview");
  assert.equal(second.searchParams.get("view"), "all");
  assert.deepEqual(JSON.parse(first.searchParams.get("changes")), { family: ["Amiri"] });
  assert.deepEqual(JSON.parse(second.searchParams.get("changes")), { family: ["Amiri", "Cairo"] });
});

// Wait for a frame and for timers without delay.
async function painted(tick) {
  await settled();
  await settled();
  tick(0);
  await settled();
}

test("a preview is shown, then its choice is sent, and the run finds its page shown", async (t) => {
  const tick = clock(t);
  rig.choose("Amiri");
  assert.deepEqual(rig.messages, []);
  rig.answers[0].give(data("amiri"));
  await settled();
  assert.equal(rig.shown, "amiri");
  assert.equal(rig.root.dataset.following, "");
  await painted(tick);
  assert.deepEqual(rig.messages, ["Amiri"]);
  const { page } = rig.grid;
  rig.run("amiri");
  assert.equal(rig.grid.page, page);
  assert.equal(rig.root.dataset.following, undefined);
});

test("the run wins where it has another page", async () => {
  rig.choose("Amiri");
  rig.answers[0].give(data("stale"));
  await settled();
  rig.run("amiri");
  assert.equal(rig.shown, "amiri");
});

test("an answer that comes after the next choice is dropped", async () => {
  rig.choose("Amiri");
  rig.choose("Amiri", "Cairo");
  rig.answers[0].give(data("amiri"));
  await settled();
  assert.equal(rig.shown, "all");
  rig.answers[1].give(data("both"));
  await settled();
  assert.equal(rig.shown, "both");
});

test("an answer that comes in the moment of the next choice is dropped", async () => {
  rig.choose("Amiri");
  rig.answers[0].give(data("amiri"));
  rig.choose("Amiri", "Cairo");
  await settled();
  assert.equal(rig.shown, "all");
});

test("an answer that comes after the run is dropped", async () => {
  rig.choose("Amiri");
  rig.run("amiri");
  rig.answers[0].give(data("stale"));
  await settled();
  assert.equal(rig.shown, "amiri");
});

test("a run of the choice before does not take the preview's place", async () => {
  const first = rig.choose("Amiri");
  rig.choose("Amiri", "Cairo");
  rig.answers[1].give(data("both"));
  await settled();
  rig.run("amiri", first);
  assert.equal(rig.shown, "both");
  rig.run("both");
  rig.run("later");
  assert.equal(rig.shown, "later");
});

test("a choice whose preview takes long is sent all the same, and once", async (t) => {
  const tick = clock(t);
  rig.choose("Amiri");
  tick(149);
  await settled();
  assert.deepEqual(rig.messages, []);
  tick(1);
  await settled();
  assert.deepEqual(rig.messages, ["Amiri"]);
  rig.answers[0].give(data("amiri"));
  await settled();
  tick(1000);
  await settled();
  assert.deepEqual(rig.messages, ["Amiri"]);
  assert.equal(rig.shown, "amiri");
});

test("of two choices within the wait the second is sent, with both changes", async (t) => {
  const tick = clock(t);
  rig.choose("Amiri");
  rig.choose("Amiri", "Cairo");
  tick(150);
  await settled();
  assert.deepEqual(rig.messages, ["Amiri,Cairo"]);
});

for (const [what, answer] of Object.entries({
  "that is lost": ({ fail }) => fail(),
  "of a server without the route": ({ give }) => give("<html>", { type: "text/html; charset=utf-8" }),
  "that is no JSON": ({ give }) => give("half of it"),
  "without a page": ({ give }) => give("", { status: 204 }),
  "that refuses": ({ give }) => give({ error: "no" }, { status: 400 }),
}))
  test(`an answer ${what} leaves the page to the run`, async (t) => {
    const tick = clock(t);
    rig.choose("Amiri");
    answer(rig.answers[0]);
    await painted(tick);
    assert.equal(rig.shown, "all");
    assert.deepEqual(rig.messages, ["Amiri"]);
    rig.run("amiri");
    assert.equal(rig.shown, "amiri");
  });

test("a server without the route is asked once", async () => {
  rig.choose("Amiri");
  rig.answers[0].give("<html>", { type: "text/html; charset=utf-8" });
  await settled();
  rig.run("amiri");
  rig.choose("Amiri", "Cairo");
  assert.equal(rig.answers.length, 1);
});

test("what goes back or leaves the page takes the preview with it", async () => {
  rig.choose("Amiri");
  window.dispatchEvent(new Event("popstate"));
  rig.answers[0].give(data("amiri"));
  await settled();
  assert.equal(rig.shown, "all");
  rig.choose("Cairo");
  rig.answers[1].give(data("cairo"));
  await settled();
  window.dispatchEvent(new Event("popstate"));
  rig.run("all", "before");
  assert.equal(rig.shown, "all");
  rig.choose("Amiri");
  rig.grid.stop();
  assert.ok(rig.answers[2].signal.aborted);
  assert.equal(bus.preview, null);
});

test("a choice that no run follows is shown no longer as made after eight seconds", async (t) => {
  const tick = clock(t);
  rig.choose("Amiri");
  rig.answers[0].give(data("amiri"));
  await settled();
  tick(8000);
  assert.equal(rig.shown, "all");
});

test("no preview while a run changes something else: it is not in the view that the panel knows", async () => {
  script("running");
  rig.choose("Amiri");
  assert.deepEqual(rig.answers, []);
  assert.deepEqual(rig.messages, ["Amiri"]);
  rig.choose("Amiri", "Cairo"); // now the run belongs to a choice
  assert.equal(rig.answers.length, 1);
});

test("keys wait for the run: it would not know the page that they turn", async () => {
  rig.choose("Amiri");
  const found = data("amiri");
  found.shown.content.pages.next = found.shown.content.pages.last = 97;
  rig.answers[0].give(found);
  await settled();
  rig.grid.requests.ask("next");
  assert.ok(!rig.sent.some(([what]) => what === "turn"));
  rig.run("amiri");
  assert.deepEqual(rig.sent.filter(([what]) => what === "turn").map(([, { start }]) => start), [97]);
});
