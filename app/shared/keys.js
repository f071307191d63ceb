// @ts-check
// The one overlay of all keys, which takes "?" before any component does, and what else goes for every page.

import { Component, bus, make, defineComponent, pressed, typing } from "./common.js";
import { KEYS, Trail } from "./trail.js";

/** @typedef {{ title: string, keys: [key: string, words: string][] }} Section the keys of a page */

/** @typedef {import("./common.js").Bus & { trail?: Trail }} Tab what outlives a page */

/** @extends {Component<{ page: string, sections: Section[], words: string[] }>} */
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
    const tab = /** @type {Tab} */ (bus);
    this.trail = tab.trail ??= new Trail();
    this.app = /** @type {HTMLElement} */ (document.querySelector("[data-testid=stApp]"));
    this.watch = new MutationObserver(() => this.rest());
    this.watch.observe(this.app, { attributes: true, attributeFilter: ["data-test-script-state"] });
  }

  stop() {
    super.stop();
    this.watch.disconnect();
  }

  /** The address is what a run has made it once the run has ended. */
  rest() { if (this.app.dataset.testScriptState !== "running") this.trail.note(); }

  show() { if (!this.dialog.open) this.dialog.showModal(); }

  /** @param {{ page: string, sections: Section[], words: string[] }} data */
  update({ page, sections, words }) {
    this.trail.arrive(words);
    this.rest();
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
    if (!typing()) pressed(KEYS, this.trail, event);
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
