// @ts-check
// The selections that this tab has shown, one after the other: a key goes back to the last one, another one forth again.
// Back and Forward of the browser go through pages and page turns as well; this goes through selections alone, and each
// step of it is one more step of the browser's history.

import { bus, navigate } from "./common.js";

const MOST = 100; // selections that are kept
const STORAGE_KEY = "glyphcore trail"; // in the tab's storage: a reload keeps the trail
const EXCLUDED = "not"; // the word for what a selection must not have, with values like family:Kalam

/**
 * A selection as an address has it, on a page whose addresses have these words of one.
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
    const { steps, at } = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? '{"steps": [], "at": -1}');
    this.steps = steps;
    this.at = at;
    window.addEventListener("pagehide", () => sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ steps: this.steps, at: this.at })));
    /** @type {string[]} words of a selection that this page's addresses have */
    this.words = [];
    this.path = "";
    this.travels = bus.travels;
    this.going = false; // whether what was asked for has yet to come
  }

  /**
   * Another page has come up.
   * @param {string[]} words
   */
  arrive(words) {
    this.words = words;
    this.path = location.pathname;
  }

  /** Take down what the address selects now; a page that is on its way has not said yet what it selects by. */
  note() {
    if (location.pathname !== this.path || !this.words.length) return;
    if (this.going && bus.going && !this.alike(this.at)) return; // a step before the one that was asked for last
    this.going = false;
    const went = this.travels !== bus.travels;
    this.travels = bus.travels;
    const here = { words: this.words, query: location.search };
    if (this.alike(this.at)) {
      const kept = this.steps[this.at];
      if (here.words.length >= kept.words.length) this.steps[this.at] = here; // it knows more of the same selection
      return;
    }
    // Back and Forward of the browser go along the trail where they meet it.
    const met = went ? [this.at - 1, this.at + 1].find((i) => this.steps[i] && this.alike(i)) : undefined;
    if (met !== undefined) this.at = met;
    else {
      this.steps = [...this.steps.slice(0, this.at + 1), here].slice(-MOST);
      this.at = this.steps.length - 1;
    }
  }

  /**
   * Go to the selection before or after this one; whether there is any.
   * @param {-1 | 1} by
   */
  go(by) {
    if (location.pathname !== this.path) return false;
    this.note(); // what was chosen a moment ago may still be on its way to rest
    for (let i = this.at + by; this.steps[i]; i += by) {
      if (this.alike(i)) continue;
      this.at = i;
      this.going = true;
      navigate(this.address(this.steps[i]));
      return true;
    }
    return false;
  }

  /** Whether the address selects what a step did, by the words that both have. @param {number} i */
  alike(i) {
    const step = this.steps[i];
    if (!step) return false;
    const words = step.words.filter((word) => this.words.includes(word));
    return this.only(step.query, words) === this.only(location.search, words);
  }

  /** This page with the selection of a step. @param {Step} step */
  address(step) {
    const address = new URL(location.href), before = new URLSearchParams(step.query);
    const words = step.words.filter((word) => this.words.includes(word));
    for (const word of words) {
      address.searchParams.delete(word);
      for (const value of this.values(before, word)) address.searchParams.append(word, value);
    }
    // A page of glyphs starts where another selection may have none.
    if (["/", "/browse"].includes(this.path)) for (const name of ["at", "glyph"]) address.searchParams.delete(name);
    return address;
  }

  /**
   * Values of a word as this page can have them: it excludes values of its own words only.
   * @param {URLSearchParams} query
   * @param {string} word
   */
  values(query, word) {
    const values = query.getAll(word);
    return word === EXCLUDED ? values.filter((value) => this.words.includes(value.split(":")[0])) : values;
  }

  /**
   * Some words of an address.
   * @param {string} query
   * @param {string[]} words
   */
  only(query, words) {
    const all = new URLSearchParams(query);
    return JSON.stringify(words.map((word) => this.values(all, word)));
  }
}
