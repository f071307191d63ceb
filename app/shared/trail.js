// @ts-check
// The history of selections in this tab: one key goes back to the previous selection, another key goes forward again. The
// browser's Back and Forward also go through pages and page turns. This history goes through selections only, and each of
// its steps adds a step to the browser's history.

import { bus, navigate } from "./common.js";

const MOST = 100; // most selections that are kept
const TRAIL_KEY = "glyphcore trail"; // in the tab's storage, so that a reload keeps the history
const EXCLUDED = "not"; // the parameter of exclusions, with values like family:Kalam

/**
 * A selection as the query of an address, and the parameter names that describe selections on its page.
 * @typedef {{ words: string[], query: string }} Step
 */

/** @type {import("./common.js").KeyRow<Trail>[]} */
export const KEYS = [
  ["Ctrl+Z", "undo the last change of the selection", { "Control+z": (trail) => trail.go(-1) }],
  ["Ctrl+Shift+Z", "redo it", { "Control+Z": (trail) => trail.go(1) }],
];

export class Trail {
  constructor() {
    /** @type {{ steps: Step[], at: number }} */
    const { steps, at } = JSON.parse(sessionStorage.getItem(TRAIL_KEY) ?? '{"steps": [], "at": -1}');
    this.steps = steps;
    this.at = at;
    window.addEventListener("pagehide", () => sessionStorage.setItem(TRAIL_KEY, JSON.stringify({ steps: this.steps, at: this.at })));
    /** @type {string[]} parameter names that describe a selection on this page */
    this.words = [];
    this.path = "";
    this.travels = bus.travels;
    this.going = false; // whether the requested selection is still to come
  }

  /**
   * Start on another page.
   * @param {string[]} words
   */
  arrive(words) {
    this.words = words;
    this.path = location.pathname;
  }

  /** Record the selection of the current address. A page that is still loading has not said yet which parameters it uses. */
  note() {
    if (location.pathname !== this.path || !this.words.length) return;
    if (this.going && bus.going && !this.alike(this.at)) return; // an earlier step than the one requested last
    this.going = false;
    const went = this.travels !== bus.travels;
    this.travels = bus.travels;
    const here = { words: this.words, query: location.search };
    if (this.alike(this.at)) {
      const kept = this.steps[this.at];
      if (here.words.length >= kept.words.length) this.steps[this.at] = here; // same selection, more parameters
      return;
    }
    // If the browser's Back and Forward arrive at a neighbouring selection of this history, the history moves along.
    const met = went ? [this.at - 1, this.at + 1].find((i) => this.steps[i] && this.alike(i)) : undefined;
    if (met !== undefined) this.at = met;
    else {
      this.steps = [...this.steps.slice(0, this.at + 1), here].slice(-MOST);
      this.at = this.steps.length - 1;
    }
  }

  /**
   * Go to the selection before or after the current one. Returns whether there is one.
   * @param {-1 | 1} by
   */
  go(by) {
    if (location.pathname !== this.path) return false;
    this.note(); // the last choice may not be recorded yet
    // The requested selection may not be in the address yet.
    const from = this.going && bus.going ? this.steps[this.at].query : location.search;
    for (let i = this.at + by; this.steps[i]; i += by) {
      if (this.alike(i, from)) continue;
      this.at = i;
      this.going = true;
      navigate(this.address(this.steps[i]));
      return true;
    }
    return false;
  }

  /**
   * Whether a query, that of the address, selects the same as a step, by the parameters that both have.
   * @param {number} i
   */
  alike(i, query = location.search) {
    const step = this.steps[i];
    if (!step) return false;
    const words = step.words.filter((word) => this.words.includes(word));
    return this.only(step.query, words) === this.only(query, words);
  }

  /** The address of this page with the selection of a step. @param {Step} step */
  address(step) {
    const address = new URL(location.href), before = new URLSearchParams(step.query);
    const words = step.words.filter((word) => this.words.includes(word));
    for (const word of words) {
      address.searchParams.delete(word);
      for (const value of this.values(before, word)) address.searchParams.append(word, value);
    }
    // Drop the start of the page of glyphs: another selection may not have that glyph.
    if (["/", "/browse"].includes(this.path)) for (const name of ["at", "glyph"]) address.searchParams.delete(name);
    return address;
  }

  /**
   * The values of a parameter that this page can have: it excludes only values of its own parameters.
   * @param {URLSearchParams} query
   * @param {string} word
   */
  values(query, word) {
    const values = query.getAll(word);
    return word === EXCLUDED ? values.filter((value) => this.words.includes(value.split(":")[0])) : values;
  }

  /**
   * The values of some parameters of a query, as text.
   * @param {string} query
   * @param {string[]} words
   */
  only(query, words) {
    const all = new URLSearchParams(query);
    return JSON.stringify(words.map((word) => this.values(all, word)));
  }
}
