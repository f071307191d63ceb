// @ts-check
// Recently opened fonts of this browser, kept in its storage. Files dropped anywhere on the page go to the uploader.

import { Component, defineComponent, make, number } from "../shared/common.js";

/** @typedef {{ font: string, name: string, done: number, of: number }} Noted a font by its key, and its confirmed glyphs */

const RECENT_KEY = "glyphcore fonts";
const MOST_RECENT = 8;

/** @extends {Component<Noted>} */
export class RecentFonts extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".recent")));
    this.cover = /** @type {HTMLElement} */ (parent.querySelector(".dropped"));
    this.on(this.find(".forget"), "click", () => this.keep([]));
    this.on(document, "dragover", (event) => this.over(event));
    this.on(document, "dragleave", (event) => { if (!event.relatedTarget) this.cover.hidden = true; });
    this.on(document, "drop", (event) => this.take(event));
  }

  /** @param {Noted} data */
  update(data) {
    this.data = data;
    if (!data.font) return this.draw();
    const before = this.noted(), same = before.find((noted) => noted.font === data.font);
    const now = data.of ? data : { ...data, done: same?.done ?? 0, of: same?.of ?? 0 };
    this.keep([now, ...before.filter((noted) => noted !== same)].slice(0, MOST_RECENT + 1));
  }

  /** @returns {Noted[]} the most recent font first */
  noted() {
    try {
      const kept = JSON.parse(localStorage.getItem(RECENT_KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((noted) => typeof noted?.font === "string") : [];
    } catch {
      return [];
    }
  }

  /** @param {Noted[]} fonts */
  keep(fonts) {
    localStorage.setItem(RECENT_KEY, JSON.stringify(fonts));
    this.draw();
  }

  draw() {
    const others = this.noted().filter((noted) => noted.font !== this.data.font);
    this.root.hidden = !others.length;
    this.find(".list").replaceChildren(...others.map(({ font, name, done, of }) => {
      const link = make("a", "", name);
      link.href = `/fonts?${new URLSearchParams({ font })}`;
      if (done) link.append(make("span", "dim", ` ${number(done)} of ${number(of)} confirmed`));
      const item = make("span", "");
      item.setAttribute("role", "listitem");
      item.append(link);
      return item;
    }));
  }

  /** @param {DragEvent} event */
  over(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.cover.hidden = false;
  }

  /**
   * Pass a dropped file to the uploader, which reports a file that it does not accept.
   * @param {DragEvent} event
   */
  take(event) {
    this.cover.hidden = true;
    const input = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-testid=stFileUploader] input[type=file]"));
    const file = event.dataTransfer?.files[0];
    const inside = /** @type {Element} */ (event.target).closest?.("[data-testid=stFileUploader]");
    if (!input || !file || inside) return; // the uploader handles files dropped on it
    event.preventDefault();
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

export default defineComponent(RecentFonts);
