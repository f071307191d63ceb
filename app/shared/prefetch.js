// Pages that the browser has. The server sends each of them once, the next one before anybody asks for it, and later only
// names it; "next page" is then on the screen before the server hears of it.

import { shortUrl } from "./common.js";

export class Held {
  constructor(limit, drop) {
    this.limit = limit;
    this.drop = drop;
    this.all = new Map();
  }

  // What a parcel holds or names; null where it names something that is not here.
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

  // The one of a selection that starts at a glyph.
  find(selection, start) {
    return [...this.all.values()].find((each) => each.selection === selection && each.start === start);
  }

  keys() { return [...this.all.keys()]; }

  // Ask for what is near once nothing else has been asked for some time; not again for the same one on show.
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

// A sprite as a short URL, decoded before it is drawn.
export function ready(held) {
  if (held.url !== undefined) return;
  held.url = shortUrl(held.sprite);
  if (!held.url) return;
  held.picture = new Image();
  held.picture.src = held.url;
  held.picture.decode().catch(() => {}); // dropped in the meantime
}
