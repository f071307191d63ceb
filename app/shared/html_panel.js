// @ts-check
// A sheet of figures: HTML from Python. Clicks are sent to Python and do not leave the session.

import { Component, character, defineComponent, shortUrl } from "./common.js";

/** @typedef {{ html: string, sprite: string, columns: number, name: string, answered: number }} Data data from Python */

/** @extends {Component<Data>} */
class HtmlPanel extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".sheet")));
    this.sprite = "";
    this.on(this.root, "click", (event) => this.click(event));
  }

  stop() {
    super.stop();
    URL.revokeObjectURL(this.sprite);
  }

  /** @param {Data} data */
  update(data) {
    /** @type {Data | undefined} */
    const before = this.data;
    this.data = data;
    this.root.setAttribute("aria-label", data.name);
    if (before?.sprite !== data.sprite) {
      URL.revokeObjectURL(this.sprite);
      this.sprite = shortUrl(data.sprite);
      this.root.style.setProperty("--sprite", this.sprite ? `url(${this.sprite})` : "none");
      this.root.style.setProperty("--columns", String(data.columns));
      this.root.classList.toggle("pictureless", !this.sprite);
    }
    if (before?.html !== data.html) this.fill(data.html);
    this.root.removeAttribute("aria-busy");
  }

  /**
   * Replace the HTML. The focus and the scroll positions of tables stay.
   * @param {string} html
   */
  fill(html) {
    const focused = this.focused()?.dataset?.key;
    const scrolled = new Map();
    for (const element of this.all("[data-scroll]"))
      scrolled.set(element.dataset.scroll, element.scrollTop);
    this.root.innerHTML = html;
    for (const element of this.all("[data-codes]"))
      character(element, element.textContent, element.dataset.codes);
    for (const element of this.all("[data-scroll]"))
      element.scrollTop = scrolled.get(element.dataset.scroll) ?? 0;
    if (focused) this.find(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  /** @param {MouseEvent & { target: Element }} event */
  click(event) {
    const element = /** @type {HTMLElement | null} */ (event.target.closest("[data-pick], [data-put]"));
    if (!element || event.button) return;
    if (element.dataset.pick) this.send("pick", element.dataset.pick);
    else this.send("put", element.dataset.put);
    this.root.setAttribute("aria-busy", "true");
  }
}

export default defineComponent(HtmlPanel);
