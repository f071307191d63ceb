// @ts-check
// Pages that the browser has cached. The server sends each page once, the next one before the user asks for it, and later
// only its key; "next page" is then on the screen before the server gets the request.

import { shortUrl } from "./common.js";

/**
 * The content of an entry: a page of a selection that starts at a glyph; its sprite as a data URL, then as a short one.
 * @typedef {{ selection: string, start: number, sprite: string, url?: string, picture?: HTMLImageElement }} Content
 */

/**
 * @template {Content} W
 * @typedef {{ key: string, content: W | null }} Prefetched
 */

/** @template {Content} W */
export class PageCache {
  /**
   * @param {number} limit
   * @param {(content: W) => void} drop
   */
  constructor(limit, drop) {
    this.limit = limit;
    this.drop = drop;
    /** @type {Map<string, W>} by key, the one used last at the end */
    this.all = new Map();
    /** @type {string | null} the one on show when something near was last asked for */
    this.requestedFor = null;
  }

  /**
   * The content of an entry, from the entry itself or from the cache; null on a cache miss.
   * @param {Prefetched<W>} entry
   */
  resolve({ key, content }) {
    const found = this.all.get(key) ?? content;
    if (!found) return null;
    this.all.delete(key);
    this.all.set(key, found);
    for (const [oldKey, oldContent] of this.all) {
      if (this.all.size <= this.limit) break;
      this.all.delete(oldKey);
      this.drop(oldContent);
    }
    return found;
  }

  /**
   * The one of a selection that starts at a glyph.
   * @param {string} selection
   * @param {number} start
   */
  find(selection, start) {
    return [...this.all.values()].find((content) => content.selection === selection && content.start === start);
  }

  keys() { return [...this.all.keys()]; }

  /**
   * Request the pages nearby once no other request has come for some time, and once for each page on show.
   * @param {string} key
   * @param {unknown} near whether it has come already
   * @param {{ open: boolean }} requests
   * @param {(keys: string[]) => void} ask
   */
  requestAhead(key, near, requests, ask) {
    clearTimeout(this.timer);
    if (near || this.requestedFor === key) return;
    this.timer = setTimeout(() => {
      if (requests.open) return;
      this.requestedFor = key;
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
 * @param {Content} content
 */
export function decodeSprite(content) {
  if (content.url !== undefined) return;
  content.url = shortUrl(content.sprite);
  if (!content.url) return;
  content.picture = new Image();
  content.picture.src = content.url;
  content.picture.decode().catch(() => {}); // dropped in the meantime
}
