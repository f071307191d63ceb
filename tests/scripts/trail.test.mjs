// The trail of selections: undo and redo of selections only, independent of other steps in the browser's history.

import assert from "node:assert/strict";
import test, { beforeEach } from "node:test";

import { app, go, pushed, script } from "./browser.mjs";
import { bus } from "../../app/shared/common.js";
import { Trail } from "../../app/shared/trail.js";

const WORDS = ["family", "outcome", "sort", "most"];
let trail;

// The page becomes idle at an address.
function rest(address, words = WORDS, travelled = false) {
  go(address);
  if (travelled) bus.travels += 1;
  trail.arrive(words);
  trail.note();
}

// Undo; returns the requested address, its parameters in alphabetical order; null where nothing can be undone.
function undo(by = -1) {
  const went = trail.go(by);
  if (went) {
    script("running");
    script("notRunning"); // the requested page is loaded
    trail.note();
  }
  return went ? [...new URLSearchParams(location.search)].map((pair) => pair.join("=")).sort().join(" ") : null;
}

beforeEach(() => {
  trail = new Trail();
  pushed.length = 0;
  bus.going = false;
  app.dataset.testScriptState = "notRunning";
});

test("a selection is undone and redone, over page turns and glyphs", () => {
  rest("/?sort=sure");
  rest("/?sort=sure&family=Amiri");
  rest("/?sort=sure&family=Amiri&at=17");
  rest("/?sort=sure&family=Amiri&family=Cairo&at=17&layout=table");
  assert.equal(undo(), "family=Amiri layout=table sort=sure");
  assert.equal(undo(), "layout=table sort=sure");
  assert.equal(undo(), null, "there is nothing before the first one");
  assert.equal(undo(1), "family=Amiri layout=table sort=sure");
  assert.equal(undo(1), "family=Amiri family=Cairo layout=table sort=sure");
  assert.equal(undo(1), null);
});

test("another change after an undo forgets what was undone", () => {
  rest("/?family=Amiri");
  rest("/?family=Cairo");
  undo();
  rest("/?family=Lora");
  assert.equal(undo(1), null);
  assert.equal(undo(), "family=Amiri");
});

test("Back of the browser goes along the trail", () => {
  rest("/?family=Amiri");
  rest("/?family=Cairo");
  rest("/?family=Amiri", WORDS, true);
  assert.equal(undo(), null);
  assert.equal(undo(1), "family=Cairo");
});

test("another page undoes what it has of a selection, and stays that page", () => {
  rest("/?outcome=right");
  rest("/?outcome=right&family=Amiri");
  rest("/dashboard?family=Amiri&part=confusions", ["family"]);
  assert.equal(undo(), "part=confusions");
  assert.equal(location.pathname, "/dashboard");
  rest("/?outcome=right");
  assert.equal(undo(1), "family=Amiri outcome=right");
});

test("a page that is on its way says nothing of the selection", () => {
  rest("/?family=Amiri");
  go("/dashboard?by=class");
  trail.note();
  assert.equal(trail.go(-1), false);
  rest("/dashboard?family=Amiri&by=class", ["family"]);
  assert.equal(undo(), null);
});

test("keys pressed faster than pages come are one step each", () => {
  for (const family of ["Amiri", "Cairo", "Lora", "Vazir"]) rest(`/?family=${family}`);
  app.dataset.testScriptState = "running"; // the first step is not done yet when the next ones are requested
  trail.go(-1);
  trail.go(-1);
  trail.note();
  assert.equal(trail.at, 1);
  trail.go(-1);
  trail.note();
  assert.equal(trail.at, 0);
  script("notRunning");
  script("running");
  script("notRunning");
  trail.note();
  assert.equal(location.search, "?family=Amiri");
  assert.equal(trail.at, 0);
  assert.equal(undo(1), "family=Cairo");
});

test("a change that has not come to rest is undone as well", () => {
  rest("/?family=Amiri");
  rest("/?family=Cairo");
  go("/?family=Lora");
  assert.equal(undo(), "family=Cairo");
  assert.equal(undo(1), "family=Lora");
});

test("redo right after undo wins, although the address has not changed yet", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  rest("/?family=Amiri");
  rest("/?family=Cairo");
  bus.unsent = 1; // a message delays the step back
  assert.ok(trail.go(-1));
  assert.ok(trail.go(1));
  bus.unsent = 0;
  t.mock.timers.tick(10);
  for (let step = 0; step < 2; step += 1) {
    script("running");
    script("notRunning");
    trail.note();
  }
  assert.equal(location.search, "?family=Cairo");
  assert.equal(undo(), "family=Amiri");
});

test("a page takes no exclusion of a word that it does not have", () => {
  rest("/?not=family:Kalam&not=outcome:right", ["family", "outcome", "not"]);
  rest("/?family=Amiri&not=outcome:right", ["family", "outcome", "not"]);
  rest("/dashboard?family=Amiri", ["family", "not"]);
  assert.equal(undo(), "not=family:Kalam");
});

test("a reload keeps the trail", () => {
  rest("/?family=Amiri");
  rest("/?family=Cairo");
  rest("/?family=Lora");
  undo();
  window.dispatchEvent(new Event("pagehide"));
  trail = new Trail();
  rest("/?family=Cairo");
  assert.equal(undo(), "family=Amiri");
  assert.equal(undo(1), "family=Cairo");
  assert.equal(undo(1), "family=Lora");
});
