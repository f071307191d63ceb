// @ts-check
// Pages that the browser has cached. The server sends each page once, the next one before the user asks for it, and later
// only its key; "next page" is then on the screen before the server gets the request.

import { shortUrl } from "./common.js";

/**
 * The content of an entry: a page of a selection that starts at a glyph. Its sprite is a data URL, and later a short URL.
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
    /** @type {Map<string, W>} by key, the most recently used page at the end */
    this.all = new Map();
    /** @type {string | null} the page on screen when nearby pages were last requested */
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
   * Find the page of a selection that starts at a glyph.
   * @param {string} selection
   * @param {number} start
   */
  find(selection, start) {
    return [...this.all.values()].find((content) => content.selection === selection && content.start === start);
  }

  keys() { return [...this.all.keys()]; }

  /**
   * Request the nearby pages once there was no other request for some time, and only once for each page on screen.
   * @param {string} key
   * @param {unknown} near whether the nearby pages have arrived already
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
 * Turn a sprite into a short URL, and decode its image before it is drawn.
 * @param {Content} content
 */
export function decodeSprite(content) {
  if (content.url !== undefined) return;
  content.url = shortUrl(content.sprite);
  if (!content.url) return;
  content.picture = new Image();
  content.picture.src = content.url;
  content.picture.decode().catch(() => {}); // the page was dropped in the meantime
}
