// @ts-check
// A page of a PDF: its picture, a mark on every glyph that shows the trust in its text, and a detail view of the chosen glyph.
// Corrections show at once wherever their glyph appears. All unacknowledged corrections are sent together.

import { Component, Requests, bus, bytes, character, defineComponent, listens, make, number, pressed } from "../shared/common.js";

/** @typedef {"font" | "read" | "unsure" | "unread" | "confirmed"} Trust */
/** @typedef {{ text: string, codes: string, p: number }} Candidate */

/**
 * A glyph of the PDF (``_glyph`` of glyphcore/pdf/view.py).
 * @typedef {object} Glyph
 * @property {string} text the text that the glyph is taken for
 * @property {string} codes
 * @property {number} p
 * @property {Trust} trust
 * @property {string} fault
 * @property {number} count number of times that the PDF shows the glyph
 * @property {[number, string][]} uses pairs of font number and code in that font
 * @property {Candidate[]} candidates
 * @property {number} raster row in the block of rasters; −1 without a raster
 */

/** @typedef {[glyph: number, left: number, top: number, width: number, height: number]} Shown box in shares of the page */
/** @typedef {{ page: number, width: number, height: number, picture: string, shown: Shown[] }} Page */
/** @typedef {{ glyphs: Glyph[], texts: string[], fonts: string[] }} Read */

/**
 * A part of the data. The server sends its content once, and later only its key.
 * @template T
 * @typedef {{ key: string, content: T | null }} Part
 */

/**
 * Data from Python (viewer.py).
 * @typedef {object} Data
 * @property {string} about
 * @property {number} pages
 * @property {number | null} cursor
 * @property {Record<Trust, [sign: string, words: string]>} trust
 * @property {string} acknowledged
 * @property {Record<string, string>} faults
 * @property {Part<{ rasters: string }>} fixed
 * @property {Part<Read>} read
 * @property {Part<Page>} page
 */

/** @type {Record<Trust, string>} */
const COLOURS = { font: "", read: "#2f7fc1", unsure: "#d9701f", unread: "#c2361f", confirmed: "#2a9d5c" };
/** @type {Record<Trust, string>} */
const NAMES = { font: "own text", read: "read", unsure: "unsure", unread: "unread", confirmed: "confirmed" };
const CURSOR = "#e0218a";
const SIDE = 128; // side of a raster in pixels
const BYTES = 2048; // bytes of a raster

/** @type {import("../shared/common.js").KeyRow<Viewer>[]} */
export const KEYS = [
  ["← →", "previous, next glyph", { ArrowLeft: (viewer) => viewer.step(-1), ArrowRight: (viewer) => viewer.step(1) }],
  ["n p  PgDn PgUp", "next, previous page", {
    n: (viewer) => viewer.requests.ask(1), PageDown: (viewer) => viewer.requests.ask(1),
    p: (viewer) => viewer.requests.ask(-1), PageUp: (viewer) => viewer.requests.ask(-1),
  }],
  ["x", "next glyph with low confidence or without text", { x: (viewer) => viewer.doubtful() }],
  ["1 … 5", "confirm that candidate", Object.fromEntries([1, 2, 3, 4, 5].map((n) => [
    String(n), (/** @type {Viewer} */ viewer) => viewer.confirm(n),
  ]))],
  ["e", "type the character; Enter confirms, Esc cancels", { e: (viewer) => viewer.input.focus() }],
  ["u", "undo the confirmation", { u: (viewer) => viewer.say(null) }],
];

/** @extends {Component<Data>} */
export class Viewer extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".pdf")));
    this.sheet = this.find(".sheet");
    this.picture = this.find(".picture");
    this.canvas = this.find(".marks");
    this.input = this.find(".edit input");
    /** @type {Page} */
    this.page;
    /** @type {Read} */
    this.read;
    /** @type {{ key: string, bits: Uint8Array }} */
    this.rasters = { key: "", bits: new Uint8Array(0) };
    /** @type {Record<"fixed" | "read" | "page", string>} keys of the cached parts */
    this.cached = { fixed: "", read: "", page: "" };
    /** @type {Record<number, string | null>} unacknowledged corrections by glyph; null removes a correction */
    this.pending = {};
    this.client = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.sent = 0;
    this.active = 0; // index among the glyphs of the page
    this.requests = new Requests(this.root, (step) => this.turn(step));
    this.sized = new ResizeObserver(() => this.draw());
    this.sized.observe(this.sheet);
    this.on(document, "keydown", (event) => this.page && listens(this.root) && pressed(KEYS, this, event));
    this.on(this.canvas, "click", (event) => this.click(event));
    for (const button of this.all("button[data-page]"))
      this.on(button, "click", () => this.requests.ask(button.dataset.page === "next" ? 1 : -1));
    this.on(this.find(".undo"), "click", () => this.say(null));
    this.on(this.find(".edit"), "submit", (event) => {
      event.preventDefault();
      const typed = this.input.value.trim();
      if (!typed) return;
      this.say(typed);
      this.sheet.focus({ preventScroll: true });
    });
    this.on(this.input, "keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.sheet.focus({ preventScroll: true });
    });
  }

  stop() {
    super.stop();
    this.sized.disconnect();
  }

  /** @param {Data} data */
  update(data) {
    this.data = data;
    const { fixed, read, page } = data;
    const now = { fixed: fixed.key, read: read.key, page: page.key };
    const lost = (!fixed.content && this.cached.fixed !== now.fixed) || (!read.content && this.cached.read !== now.read)
      || (!page.content && this.cached.page !== now.page);
    if (lost) return this.send("lost", []);
    this.cached = now;
    if (data.acknowledged === this.token()) this.pending = {};
    if (read.content) this.read = read.content;
    if (fixed.content) this.unpack(fixed.key, fixed.content.rasters);
    if (page.content && page.content !== this.page) this.show(page.content, data.cursor);
    this.requests.done();
    this.paint();
  }

  token() { return `${this.client}-${this.sent}`; }

  /**
   * Unpack the rasters, which come as a single deflated block.
   * @param {string} key
   * @param {string} block base64
   */
  async unpack(key, block) {
    const packed = bytes(block);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    this.rasters = { key, bits: new Uint8Array(await new Response(stream).arrayBuffer()) };
    this.detail();
  }

  /**
   * @param {Page} page
   * @param {number | null} cursor
   */
  show(page, cursor) {
    this.page = page;
    this.picture.src = page.picture;
    this.picture.alt = `Page ${page.page + 1}`;
    this.sheet.style.aspectRatio = `${page.width} / ${page.height}`;
    this.find(".place").textContent = `page ${number(page.page + 1)} of ${number(this.data.pages)}`;
    for (const button of this.all("button[data-page]"))
      button.disabled = button.dataset.page === "next" ? page.page + 1 >= this.data.pages : page.page === 0;
    const wanted = page.shown.findIndex(([glyph]) => glyph === cursor);
    this.active = Math.max(0, wanted >= 0 ? wanted : page.shown.findIndex(([glyph]) => this.isDoubtful(glyph)));
  }

  /**
   * The current reading of a glyph: the pending correction, else the server's data.
   * @param {number} glyph
   * @returns {Glyph}
   */
  taken(glyph) {
    const pending = this.pending[glyph], known = this.read.glyphs[glyph];
    return pending === undefined || pending === null ? known : { ...known, text: pending, codes: pending, trust: "confirmed" };
  }

  /** @param {number} glyph */
  isDoubtful(glyph) { return ["unsure", "unread"].includes(this.taken(glyph).trust); }

  get current() { return this.page.shown[this.active]?.[0]; }

  paint() {
    /** @type {Partial<Record<Trust, number>>} */
    const counts = {};
    for (const [glyph] of this.page.shown) {
      const { trust } = this.taken(glyph);
      counts[trust] = (counts[trust] ?? 0) + 1;
    }
    const trusts = /** @type {Trust[]} */ (Object.keys(this.data.trust)).filter((trust) => counts[trust]);
    this.find(".legend").replaceChildren(...trusts.map((trust) => {
      const [sign, words] = this.data.trust[trust];
      const part = make("span", trust), count = make("b", "", `${sign} ${number(counts[trust] ?? 0)}`);
      count.style.color = COLOURS[trust];
      part.append(count, ` ${NAMES[trust]}`);
      part.title = words;
      return part;
    }));
    this.draw();
    this.detail();
    this.write();
  }

  draw() {
    if (!this.page) return;
    const { canvas } = this, scale = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.sheet;
    canvas.width = width * scale;
    canvas.height = height * scale;
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    this.page.shown.forEach(([glyph, left, top, wide, high], i) => {
      const box = { x: left * width, y: top * height, w: wide * width, h: high * height };
      this.tint(pen, box, this.taken(glyph).trust);
      if (glyph !== this.current) return;
      pen.strokeStyle = i === this.active ? CURSOR : `${CURSOR}88`;
      pen.lineWidth = i === this.active ? 2.5 : 1;
      pen.strokeRect(box.x - 1, box.y - 1, box.w + 2, box.h + 2);
    });
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {{ x: number, y: number, w: number, h: number }} box
   * @param {Trust} trust
   */
  tint(pen, { x, y, w, h }, trust) {
    const colour = COLOURS[trust];
    if (!colour) return;
    pen.fillStyle = `${colour}${trust === "read" ? "1f" : "38"}`;
    pen.fillRect(x, y, w, h);
    pen.fillStyle = colour;
    pen.fillRect(x, y + h - 2, w, 2);
    if (trust === "read" || h <= 12) return;
    pen.font = "600 9px sans-serif";
    pen.fillText(this.data.trust[trust][0], x + 1, y + 8);
  }

  detail() {
    if (!this.page) return;
    const glyph = this.current;
    for (const name of [".glyph-head", ".outline-only", ".candidates", ".edit", ".occurrences"])
      this.find(name).hidden = glyph === undefined;
    this.find(".fault").textContent = glyph === undefined ? "" : this.data.faults[glyph] ?? this.read.glyphs[glyph].fault;
    if (glyph === undefined) return;
    const taken = this.taken(glyph), [sign, words] = this.data.trust[taken.trust], letter = make("bdi", "");
    character(letter, taken.text, taken.codes);
    this.find(".title").replaceChildren(letter, make("span", "code", taken.codes || "no text"));
    const sure = ["confirmed", "unread"].includes(taken.trust) ? "" : `, ${(100 * taken.p).toFixed(1)}%`;
    this.find(".trust").textContent = `${sign} ${words}${sure}`;
    this.find(".outline-only").hidden = !taken.candidates.length;
    this.find(".candidates").replaceChildren(...taken.candidates.map((candidate, i) => this.candidate(candidate, i, taken.text)));
    const fonts = [...new Set(taken.uses.map(([font]) => this.read.fonts[font]))];
    const here = this.page.shown.filter(([shownGlyph]) => shownGlyph === glyph).length;
    const often = taken.count === 1 ? "once" : `${number(taken.count)} times`;
    this.find(".occurrences").textContent =
      `shown ${often}, ${number(here)} on this page · ${fonts.join(", ")} · code ${taken.uses[0]?.[1] ?? ""}`;
    this.find(".undo").hidden = taken.trust !== "confirmed";
    this.raster(taken.raster);
  }

  /**
   * @param {Candidate} candidate
   * @param {number} i
   * @param {string} taken
   */
  candidate(candidate, i, taken) {
    const button = /** @type {HTMLButtonElement} */ (make("button", "")), text = make("bdi", "");
    button.type = "button";
    character(text, candidate.text, candidate.codes);
    button.append(text, make("span", "code", candidate.codes));
    button.append(make("span", "dim", `${i + 1} · ${(100 * candidate.p).toFixed(1)}%`));
    button.title = candidate.codes;
    button.setAttribute("aria-pressed", String(candidate.text === taken));
    button.addEventListener("click", () => this.say(candidate.text));
    return button;
  }

  /** @param {number} row */
  raster(row) {
    const canvas = this.find(".raster"), pen = canvas.getContext("2d"), { bits } = this.rasters;
    pen.clearRect(0, 0, SIDE, SIDE);
    if (row < 0 || !bits.length) return;
    const [red, green, blue] = (getComputedStyle(canvas).color.match(/\d+/g) ?? ["0", "0", "0"]).map(Number);
    const picture = pen.createImageData(SIDE, SIDE);
    let right = 0, bottom = 0;
    for (let i = 0; i < SIDE * SIDE; i++) {
      if (!(bits[BYTES * row + (i >> 3)] & (128 >> (i & 7)))) continue;
      picture.data.set([red, green, blue, 255], 4 * i);
      right = Math.max(right, i % SIDE);
      bottom = Math.floor(i / SIDE);
    }
    // Rasters are aligned to the top left corner; draw them centred.
    pen.putImageData(picture, (SIDE - 1 - right) >> 1, (SIDE - 1 - bottom) >> 1);
  }

  write() {
    const text = this.read.texts[this.page.page] ?? "";
    this.find(".text").replaceChildren(...text.split("\n").filter(Boolean).map((line) => {
      const part = make("p", "", line);
      part.dir = "auto";
      return part;
    }));
  }

  /** @param {MouseEvent} event */
  click(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const x = (event.clientX - left) / width, y = (event.clientY - top) / height;
    const i = this.page.shown.findLastIndex(([, a, b, w, h]) => x >= a && x <= a + w && y >= b && y <= b + h);
    if (i >= 0) this.choose(i);
    this.sheet.focus({ preventScroll: true });
  }

  /** @param {number} i */
  choose(i) {
    this.active = i;
    const url = new URL(location.href);
    url.searchParams.set("glyph", String(this.current));
    history.replaceState(history.state, "", url); // the address links to this glyph; the server need not know
    bus.travels += 1; // but the server must not treat its own address as the newer one
    this.draw();
    this.detail();
  }

  /** @param {number} by */
  step(by) {
    const last = this.page.shown.length - 1;
    if (last < 0) return false;
    this.choose(Math.max(0, Math.min(last, this.active + by)));
    return true;
  }

  doubtful() {
    const next = this.page.shown.findIndex(([glyph], i) => i > this.active && this.isDoubtful(glyph));
    if (next >= 0) this.choose(next);
  }

  /** @param {number} n the number of the candidate, from 1 */
  confirm(n) {
    const candidate = this.current === undefined ? undefined : this.taken(this.current).candidates[n - 1];
    if (!candidate) return false;
    this.say(candidate.text);
    return true;
  }

  /** @param {string | null} text */
  say(text) {
    const glyph = this.current;
    if (glyph === undefined) return;
    if (text === null) /** @type {HTMLInputElement} */ (this.find(".edit input")).value = "";
    this.pending[glyph] = text;
    this.sent += 1;
    this.paint();
    const { about } = this.data;
    this.send("edit", { about, token: this.token(), edits: { ...this.pending }, cached: Object.values(this.cached) });
  }

  /** @param {number} step */
  turn(step) {
    const page = this.page.page + step;
    if (page < 0 || page >= this.data.pages) return false;
    this.send("turn", { page, cached: Object.values(this.cached) });
    return true;
  }
}

export default defineComponent(Viewer);
