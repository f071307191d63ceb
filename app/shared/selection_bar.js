// @ts-check
// What the glyphs are narrowed to: a chip for each condition, which takes it away.

import { Component, defineComponent, make } from "./common.js";

/** @typedef {{ chips: [text: string, excluded: boolean][], count: string }} Data what Python sends */

/** @extends {Component<Data>} */
class SelectionBar extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".selection")));
    this.chips = this.find(".chips");
    this.on(this.root, "click", (event) => this.click(event.target.closest("button")));
  }

  /** @param {Data} data */
  update(data) {
    const focused = this.focused()?.dataset?.text;
    this.chips.replaceChildren(...data.chips.map(([text, excluded]) => this.chip(text, excluded)));
    this.find(".count").textContent = data.count;
    this.root.removeAttribute("aria-busy");
    // The chip that had the keyboard is gone: its neighbour, or the way to clear, has it now.
    if (focused !== undefined && !this.focused())
      (this.chips.querySelector("button") ?? this.find(".clear")).focus({ preventScroll: true });
  }

  /**
   * @param {string} text
   * @param {boolean} excluded
   */
  chip(text, excluded) {
    const chip = make("button", excluded ? "chip not" : "chip", text), item = make("span", "item");
    item.setAttribute("role", "listitem");
    chip.type = "button";
    chip.dataset.text = text;
    chip.title = `Take away: ${text}`;
    chip.setAttribute("aria-label", `${text.replace("≠", "not")}, take away`);
    item.append(chip);
    return item;
  }

  /** @param {HTMLButtonElement | null} button */
  click(button) {
    if (!button) return;
    this.root.setAttribute("aria-busy", "true");
    if (button.classList.contains("clear")) this.send("clear", true);
    else this.send("drop", button.dataset.text);
  }
}

export default defineComponent(SelectionBar);
