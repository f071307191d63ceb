// @ts-check
// The overlay with all keys, which handles "?" before every component, and code that every page needs.

import { Component, bus, make, defineComponent, pressed, typing } from "./common.js";
import { KEYS, Trail } from "./trail.js";

/** @typedef {{ title: string, keys: [key: string, words: string][] }} Section the keys of a page */

/** @typedef {import("./common.js").Bus & { trail?: Trail }} Tab the state that survives a change of page */

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

  /** Note the address when a run has ended: by then the run has written it. */
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
 * Leave a click with a modifier on a page's link to the browser: Streamlit would open the page in this tab.
 * @param {MouseEvent} event
 */
function elsewhere(event) {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey;
  if (modified && /** @type {Element} */ (event.target).closest?.("[data-testid=stTopNavLink]")) event.stopPropagation();
}

// Name the parts of the page that Streamlit makes and does not name.
function name() {
  const names = { stSidebar: "Filters", stMain: "Page", stHeader: "Pages" };
  for (const [part, words] of Object.entries(names)) {
    const element = document.querySelector(`[data-testid=${part}]`);
    if (element && !element.hasAttribute("aria-label")) element.setAttribute("aria-label", words);
  }
}

export default defineComponent(Overlay);
