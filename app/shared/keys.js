// @ts-check
// The one overlay of all keys, which takes "?" before any component does, and what else goes for every page.

import { Component, make, defineComponent, typing } from "./common.js";

/** @typedef {{ title: string, keys: [key: string, words: string][] }} Section the keys of a page */

/** @extends {Component<{ page: string, sections: Section[] }>} */
class Overlay extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".frame")));
    this.dialog = this.find("dialog");
    this.sections = make("div", "sections");
    this.dialog.prepend(this.sections);
    this.on(document, "keydown", (event) => this.key(event), true);
    this.on(document, "click", elsewhere, true);
    this.on(this.find(".ask"), "click", () => this.show());
    this.on(this.dialog, "click", (event) => event.target === this.dialog && this.dialog.close());
  }

  show() { if (!this.dialog.open) this.dialog.showModal(); }

  /** @param {{ page: string, sections: Section[] }} data */
  update({ page, sections }) {
    this.sections.replaceChildren(...sections.map(({ title, keys }) => {
      const section = make("section", "");
      const list = make("dl", "");
      list.replaceChildren(...keys.flatMap(([key, words]) => [make("dt", "", key), make("dd", "", words)]));
      section.append(make("h3", title === page ? "here" : "", title), list);
      return section;
    }));
    name();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || typing()) return;
    this.show();
    event.preventDefault();
  }
}

/**
 * A click on a page's link with a modifier is the browser's: Streamlit would follow it here.
 * @param {MouseEvent} event
 */
function elsewhere(event) {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey;
  if (modified && /** @type {Element} */ (event.target).closest?.("[data-testid=stTopNavLink]")) event.stopPropagation();
}

// Parts of the page that are not ours and have no name.
function name() {
  const names = { stSidebar: "Filters", stMain: "Page", stHeader: "Pages" };
  for (const [part, words] of Object.entries(names)) {
    const element = document.querySelector(`[data-testid=${part}]`);
    if (element && !element.hasAttribute("aria-label")) element.setAttribute("aria-label", words);
  }
}

export default defineComponent(Overlay);
