// The one overlay of all keys, which takes "?" before any component does, and what else goes for every page.

import { make, mounted, typing } from "./common.js";

class Overlay {
  constructor(parent) {
    this.root = parent.querySelector(".frame");
    this.dialog = this.root.querySelector("dialog");
    this.sections = make("div", "sections");
    this.dialog.prepend(this.sections);
    this.onKey = (event) => this.key(event);
    this.show = () => this.dialog.open || this.dialog.showModal();
    document.addEventListener("keydown", this.onKey, true);
    document.addEventListener("click", elsewhere, true);
    this.root.querySelector(".ask").addEventListener("click", this.show);
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
  }

  stop() {
    document.removeEventListener("keydown", this.onKey, true);
    document.removeEventListener("click", elsewhere, true);
  }

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

  key(event) {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || typing()) return;
    this.show();
    event.preventDefault();
  }
}

// A click on a page's link with a modifier is the browser's: Streamlit would follow it here.
function elsewhere(event) {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey;
  if (modified && event.target.closest?.("[data-testid=stTopNavLink]")) event.stopPropagation();
}

// Parts of the page that are not ours and have no name.
function name() {
  const names = { stSidebar: "Filters", stMain: "Page", stHeader: "Pages" };
  for (const [part, words] of Object.entries(names)) {
    const element = document.querySelector(`[data-testid=${part}]`);
    if (element && !element.hasAttribute("aria-label")) element.setAttribute("aria-label", words);
  }
}

export default mounted(Overlay);
