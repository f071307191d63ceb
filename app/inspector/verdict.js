// @ts-check
// The verdict on the glyph on screen, and a button that asks the model for the parts that only the model can judge.

import { Component, bus, defineComponent, listens, make, pressed, typing } from "../shared/common.js";

/** @typedef {{ glyph: number, blame: string, text: string, model: string }} Data data from Python */

/** @type {import("../shared/common.js").KeyRow<VerdictLine>[]} */
export const KEYS = [
  ["A", "ask the model whether misread cells decide the label", { A: (line) => line.ask() }],
];
/** @type {Record<string, string>} */
const SIGNS = { nothing: "✓", open: "?" };

/** @extends {Component<Data>} */
class VerdictLine extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".verdict-line")));
    this.text = this.find("p");
    this.button = this.find("button");
    this.on(this.button, "click", () => this.ask());
    this.on(bus, "chosen", () => this.draw()); // another glyph may be on screen before its verdict arrives
    this.on(document, "keydown", (event) => {
      if ((listens(this.root) || bus.current !== null) && !typing()) pressed(KEYS, this, event);
    });
  }

  /** @param {Data} data */
  update(data) {
    this.data = data;
    this.root.removeAttribute("aria-busy");
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const { glyph, blame, text, model } = this.data, here = bus.current === null || bus.current === glyph;
    this.root.dataset.blame = here ? blame : "";
    const [who, ...figures] = here ? `${SIGNS[blame] ?? "✗"} ${text}`.split(/(?=[:,])/) : [""];
    if (this.text.textContent !== who + figures.join("")) this.text.replaceChildren(make("b", "", who), figures.join(""));
    this.text.title = here ? text : "";
    this.button.hidden = !here || !model;
    this.button.textContent = "Ask the model";
    this.button.title = `Ask the model; loading ${model} takes some seconds, once  A`;
  }

  ask() {
    if (this.button.hidden) return false;
    this.root.setAttribute("aria-busy", "true");
    this.button.textContent = `Loading ${this.data.model} …`;
    this.send("ask", this.data.glyph);
    return true;
  }
}

export default defineComponent(VerdictLine);
