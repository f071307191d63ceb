// @ts-check
// The conditions of the current selection: a chip for each condition, with which the user removes it.

import { Component, defineComponent, make } from "./common.js";

/** @typedef {{ chips: [text: string, excluded: boolean][], count: string }} Data data from Python */

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
    // If the focused chip is gone, its neighbour gets the focus, or else the clear button.
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
    chip.title = `Remove: ${text}`;
    chip.setAttribute("aria-label", `${text.replace("≠", "not")}, remove`);
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
