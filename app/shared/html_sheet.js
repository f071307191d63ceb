// A sheet of figures: HTML from Python, in which clicks are sent instead of leaving the session.

import { character, mounted, shortUrl } from "./common.js";

class Sheet {
  constructor(parent) {
    this.root = parent.querySelector(".sheet");
    this.root.addEventListener("click", (event) => this.click(event));
  }

  stop() {
    URL.revokeObjectURL(this.sprite);
  }

  update(data) {
    const before = this.data;
    this.data = data;
    this.root.setAttribute("aria-label", data.name);
    if (before?.sprite !== data.sprite) {
      URL.revokeObjectURL(this.sprite);
      this.sprite = shortUrl(data.sprite);
      this.root.style.setProperty("--sprite", this.sprite ? `url(${this.sprite})` : "none");
      this.root.style.setProperty("--columns", data.columns);
      this.root.classList.toggle("pictureless", !this.sprite);
    }
    if (before?.html !== data.html) this.fill(data.html);
    this.root.removeAttribute("aria-busy");
  }

  // Focus and places of scrolled tables outlive a change.
  fill(html) {
    const focused = this.root.getRootNode().activeElement?.dataset?.key;
    const scrolled = new Map();
    for (const element of this.root.querySelectorAll("[data-scroll]"))
      scrolled.set(element.dataset.scroll, element.scrollTop);
    this.root.innerHTML = html;
    for (const element of this.root.querySelectorAll("[data-codes]"))
      character(element, element.textContent, element.dataset.codes);
    for (const element of this.root.querySelectorAll("[data-scroll]"))
      element.scrollTop = scrolled.get(element.dataset.scroll) ?? 0;
    if (focused) this.root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  click(event) {
    const element = event.target.closest("[data-pick], [data-put]");
    if (!element || event.button) return;
    if (element.dataset.pick) this.send("pick", element.dataset.pick);
    else this.send("put", element.dataset.put);
    this.root.setAttribute("aria-busy", "true");
  }
}

export default mounted(Sheet);
