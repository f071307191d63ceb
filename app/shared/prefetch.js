// @ts-check
// Pages that the browser has. The server sends each of them once, the next one before anybody asks for it, and later only
// names it; "next page" is then on the screen before the server hears of it.

import { shortUrl } from "./common.js";

/**
 * What a parcel holds: a page of a selection that starts at a glyph; its sprite as a data URL, then as a short one.
 * @typedef {{ selection: string, start: number, sprite: string, url?: string, picture?: HTMLImageElement }} Whole
 */

/**
 * @template {Whole} W
 * @typedef {{ key: string, whole: W | null }} Parcel
 */

/** @template {Whole} W */
export class Held {
  /**
   * @param {number} limit
   * @param {(whole: W) => void} drop
   */
  constructor(limit, drop) {
    this.limit = limit;
    this.drop = drop;
    /** @type {Map<string, W>} by key, the one used last at the end */
    this.all = new Map();
    /** @type {string | null} the one on show when something near was last asked for */
    this.wished = null;
  }

  /**
   * What a parcel holds or names; null where it names something that is not here.
   * @param {Parcel<W>} parcel
   */
  take({ key, whole }) {
    const held = this.all.get(key) ?? whole;
    if (!held) return null;
    this.all.delete(key);
    this.all.set(key, held);
    for (const [old, each] of this.all) {
      if (this.all.size <= this.limit) break;
      this.all.delete(old);
      this.drop(each);
    }
    return held;
  }

  /**
   * The one of a selection that starts at a glyph.
   * @param {string} selection
   * @param {number} start
   */
  find(selection, start) {
    return [...this.all.values()].find((each) => each.selection === selection && each.start === start);
  }

  keys() { return [...this.all.keys()]; }

  /**
   * Ask for what is near once nothing else has been asked for some time; not again for the same one on show.
   * @param {string} key
   * @param {unknown} near whether it has come already
   * @param {{ open: boolean }} requests
   * @param {(keys: string[]) => void} ask
   */
  wish(key, near, requests, ask) {
    clearTimeout(this.timer);
    if (near || this.wished === key) return;
    this.timer = setTimeout(() => {
      if (requests.open) return;
      this.wished = key;
      ask(this.keys());
    }, 250);
  }

  clear() {
    clearTimeout(this.timer);
    this.all.forEach(this.drop);
    this.all.clear();
  }
}

/**
 * A sprite as a short URL, decoded before it is drawn.
 * @param {Whole} held
 */
export function ready(held) {
  if (held.url !== undefined) return;
  held.url = shortUrl(held.sprite);
  if (!held.url) return;
  held.picture = new Image();
  held.picture.src = held.url;
  held.picture.decode().catch(() => {}); // dropped in the meantime
}
