// Shared parts of components: one request at a time, sending when idle, one step of the history at a time, pending edits.

import assert from "node:assert/strict";
import test from "node:test";

import { FakeElement, clock, go, pushed, script, settled } from "./browser.mjs";
import { Requests, bus, defineComponent, navigate, pendingEdits } from "../../app/shared/common.js";

function requests(answer = true) {
  const asked = [];
  const root = new FakeElement();
  return { asked, root, all: new Requests(root, (what) => { asked.push(what); return answer; }) };
}

test("a second request waits for the answer of the first", () => {
  const { asked, root, all } = requests();
  all.ask("next");
  all.ask("last");
  assert.deepEqual(asked, ["next"]);
  assert.equal(root.getAttribute("aria-busy"), "true");
  all.done();
  assert.deepEqual(asked, ["next", "last"]);
  all.done();
  assert.equal(root.getAttribute("aria-busy"), null);
});

test("no more than four requests wait", () => {
  const { asked, all } = requests();
  for (let i = 0; i < 10; i++) all.ask(i);
  for (let i = 0; i < 10; i++) all.done();
  assert.deepEqual(asked, [0, 1, 2, 3, 4]);
});

test("what sends nothing leaves nothing waiting for a later answer", () => {
  const asked = [];
  let last = false;
  const all = new Requests(new FakeElement(), (what) => { asked.push(what); return !last; });
  for (let i = 0; i < 4; i++) all.ask("next");
  last = true; // the answer to the first request is the last glyph
  all.done();
  assert.equal(asked.length, 4);
  last = false;
  all.done(); // Back shows another glyph
  assert.equal(asked.length, 4);
});

test("what waited before Back is not asked after it", () => {
  const { asked, all } = requests();
  all.ask("next");
  all.ask("next");
  bus.travels += 1;
  all.done();
  assert.deepEqual(asked, ["next"]);
  all.ask("previous");
  assert.deepEqual(asked, ["next", "previous"]);
});

test("what was not sent opens nothing", () => {
  const { asked, root, all } = requests(false);
  all.ask("next");
  all.ask("next");
  assert.deepEqual(asked, ["next", "next"]);
  assert.equal(root.getAttribute("aria-busy"), null);
});

test("what is on the screen already is followed, not waited for", () => {
  const { root, all } = requests("shown");
  all.ask("next");
  assert.equal(root.getAttribute("aria-busy"), null);
  assert.equal(root.dataset.following, "");
  all.done();
  assert.equal(root.dataset.following, undefined);
});

test("a request that nobody answers holds up the next one for five seconds", (t) => {
  const tick = clock(t);
  const { asked, all } = requests();
  all.ask("next");
  all.ask("last");
  tick(4999);
  assert.deepEqual(asked, ["next"]);
  tick(1);
  assert.deepEqual(asked, ["next", "last"]);
});

class Kind {
  constructor() { Kind.made = (Kind.made ?? 0) + 1; }
  update() { Kind.last = this; }
  stop() { Kind.stopped = true; }
}

test("a component is made once, kept over reruns, and stopped when it goes", () => {
  const draw = defineComponent(Kind), parentElement = new FakeElement();
  draw({ data: 1, parentElement, setTriggerValue() {} });
  const gone = draw({ data: 2, parentElement, setTriggerValue() {} });
  assert.equal(Kind.made, 1);
  gone();
  assert.ok(Kind.stopped);
  draw({ data: 3, parentElement, setTriggerValue() {} });
  assert.equal(Kind.made, 2);
});

test("nothing is sent while a script runs, then everything in its order, each in a turn of its own", async (t) => {
  const tick = clock(t), sent = [];
  defineComponent(Kind)({ data: 1, parentElement: new FakeElement(), setTriggerValue: (...item) => sent.push(item) });
  const said = () => sent.map(([what, { value }]) => [what, value]);
  script("running");
  Kind.last.send("turn", 1);
  Kind.last.send("stay", 2);
  tick(10);
  assert.deepEqual(said(), []);
  script("notRunning");
  await settled();
  assert.deepEqual(said(), [["turn", 1]]);
  tick(5);
  assert.deepEqual(said(), [["turn", 1], ["stay", 2]]);
  tick(5);
  assert.equal(bus.unsent, 0);
});

test("a page is asked for after what is on its way, whoever goes there", async (t) => {
  const tick = clock(t), order = [];
  // Streamlit sends set values by a timer, and requests a page at once.
  const setTriggerValue = (what) => setTimeout(() => order.push(what));
  const asked = () => order.push(location.pathname);
  window.addEventListener("popstate", asked);
  t.after(() => window.removeEventListener("popstate", asked));
  const send = () => {
    defineComponent(Kind)({ data: 1, parentElement: new FakeElement(), setTriggerValue });
    script("running");
    Kind.last.send("turn", 1);
    script("notRunning");
  };
  send();
  await settled();
  navigate("/inspect");
  assert.deepEqual(order, []);
  tick(5);
  assert.deepEqual(order, ["turn", "/inspect"]);
  tick(10_000);

  send();
  await settled();
  go("/browse");
  const travels = bus.travels;
  window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  assert.equal(bus.travels, travels);
  tick(5);
  assert.deepEqual(order, ["turn", "/inspect", "turn", "/browse"]);
  assert.equal(bus.travels, travels + 1);
});

test("a page that has been left sends nothing", async () => {
  const sent = [];
  defineComponent(Kind)({ data: 1, parentElement: new FakeElement(), setTriggerValue: (...item) => sent.push(item) });
  script("running");
  Kind.last.send("turn", 1);
  go("/inspect");
  script("notRunning");
  await settled();
  assert.deepEqual(sent, []);
  go("/browse");
});

test("a component that has gone sends nothing", async () => {
  const sent = [], parentElement = new FakeElement();
  defineComponent(Kind)({ data: 1, parentElement, setTriggerValue: (...item) => sent.push(item) });
  Kind.last.send("turn", 1);
  parentElement.isConnected = false;
  await settled();
  assert.deepEqual(sent, []);
});

test("one step of the history at a time, and of those asked for meanwhile the last one", () => {
  pushed.length = 0;
  navigate("/inspect?glyph=1");
  navigate("/inspect?glyph=2");
  navigate("/inspect?glyph=3");
  assert.deepEqual(pushed, ["/inspect?glyph=1"]);
  script("running");
  assert.deepEqual(pushed, ["/inspect?glyph=1"]);
  script("notRunning");
  assert.deepEqual(pushed, ["/inspect?glyph=1", "/inspect?glyph=3"]);
  script("running");
  script("notRunning");
  assert.equal(bus.going, false);
});

test("steps that wait for a message keep their order", (t) => {
  const tick = clock(t);
  pushed.length = 0;
  bus.unsent = 1;
  navigate("/inspect?glyph=1");
  tick(1);
  bus.unsent = 0;
  navigate("/inspect?glyph=2"); // the message is sent, the timer of the first step still runs
  tick(10);
  assert.deepEqual(pushed, ["/inspect?glyph=1"]);
  for (let step = 0; step < 2; step += 1) {
    script("running");
    script("notRunning");
  }
  assert.deepEqual(pushed, ["/inspect?glyph=1", "/inspect?glyph=2"]);
  assert.equal(bus.going, false);
});

test("a page that never comes up holds up the next step for ten seconds", (t) => {
  const tick = clock(t);
  pushed.length = 0;
  navigate("/map");
  navigate("/fonts");
  tick(9999);
  assert.deepEqual(pushed, ["/map"]);
  tick(1);
  assert.deepEqual(pushed, ["/map", "/fonts"]);
  tick(10_000);
});

test("unsent changes outlive a component, one list for what they are about", () => {
  pendingEdits("font a").pending.push({ n: 1 });
  assert.deepEqual(pendingEdits("font a").pending, [{ n: 1 }]);
  assert.deepEqual(pendingEdits("font b").pending, []);
  assert.notEqual(pendingEdits("font a").client, pendingEdits("font b").client);
});

test("the page is not left unasked while a change has not arrived", () => {
  const leave = () => { const event = new Event("beforeunload", { cancelable: true }); window.dispatchEvent(event); return event.defaultPrevented; };
  assert.ok(leave());
  for (const item of bus.pendingEdits.values()) item.pending = [];
  assert.ok(!leave());
});
