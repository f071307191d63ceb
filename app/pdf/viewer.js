// A page of a PDF: its picture, a mark on every glyph by how far its text can be trusted, and the chosen glyph in full.
// Corrections show at once wherever their glyph does; those that the server has not acknowledged are sent together.

import { Requests, character, listens, make, mounted, number } from "../shared/common.js";

const COLOURS = { font: null, read: "#2f7fc1", unsure: "#d9701f", unread: "#c2361f", confirmed: "#2a9d5c" };
const NAMES = { font: "own text", read: "read", unsure: "unsure", unread: "unread", confirmed: "confirmed" };
const DOUBTFUL = ["unsure", "unread"];

class Viewer {
  constructor(parent) {
    this.root = parent.querySelector(".pdf");
    const find = (name) => this.root.querySelector(name);
    this.sheet = find(".sheet");
    this.picture = find(".picture");
    this.canvas = find(".marks");
    this.place = find(".place");
    this.legend = find(".legend");
    this.input = find(".edit input");
    this.buttons = this.root.querySelectorAll("button[data-page]");
    this.held = {}; // part → { key, whole }
    this.pending = {}; // glyph → what it was said to be, null to take that back; not acknowledged yet
    this.client = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.sent = 0;
    this.active = 0; // place in the glyphs of the page
    this.requests = new Requests(this.root, (step) => this.turn(step));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.sized = new ResizeObserver(() => this.draw());
    this.sized.observe(this.sheet);
    this.canvas.addEventListener("click", (event) => this.click(event));
    for (const button of this.buttons)
      button.addEventListener("click", () => this.requests.ask(button.dataset.page === "next" ? 1 : -1));
    find(".undo").addEventListener("click", () => this.say(null));
    find(".edit").addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = this.input.value.trim();
      if (!typed) return;
      this.say(typed);
      this.sheet.focus({ preventScroll: true });
    });
    this.input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.sheet.focus({ preventScroll: true });
    });
  }

  stop() {
    this.sized.disconnect();
    document.removeEventListener("keydown", this.onKey);
  }

  update(data) {
    const before = this.page;
    this.data = data;
    for (const part of ["fixed", "read", "page"]) {
      const { key, whole } = data[part];
      if (whole) this.held[part] = { key, whole };
      else if (this.held[part]?.key !== key) return this.send("lost", []);
    }
    if (data.acknowledged === this.token()) this.pending = {};
    this.glyphs = this.held.read.whole.glyphs;
    this.page = this.held.page.whole;
    this.unpack(this.held.fixed);
    if (before !== this.page) this.show(data.cursor);
    this.requests.done();
    this.paint();
  }

  token() { return `${this.client}-${this.sent}`; }

  holds() { return Object.values(this.held).map(({ key }) => key); }

  // All rasters come as one deflated block, 2,048 bytes a glyph.
  async unpack(fixed) {
    if (fixed.bits) return;
    fixed.bits = new Uint8Array(0);
    const packed = Uint8Array.from(atob(fixed.whole.rasters), (each) => each.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    fixed.bits = new Uint8Array(await new Response(stream).arrayBuffer());
    this.detail();
  }

  show(cursor) {
    const { page, picture, width, height, shown } = this.page;
    this.picture.src = picture;
    this.picture.alt = `Page ${page + 1}`;
    this.sheet.style.aspectRatio = `${width} / ${height}`;
    this.place.textContent = `page ${number(page + 1)} of ${number(this.data.pages)}`;
    for (const button of this.buttons)
      button.disabled = button.dataset.page === "next" ? page + 1 >= this.data.pages : page === 0;
    const wanted = shown.findIndex(([glyph]) => glyph === cursor);
    const doubtful = shown.findIndex(([glyph]) => DOUBTFUL.includes(this.glyphs[glyph].trust));
    this.active = Math.max(0, wanted >= 0 ? wanted : doubtful);
  }

  // What a glyph is taken for: as it was said here, else as the server says.
  taken(glyph) {
    const said = this.pending[glyph], known = this.glyphs[glyph];
    return said == null ? known : { ...known, text: said, codes: said, trust: "confirmed" };
  }

  get current() { return this.page.shown[this.active]?.[0]; }

  paint() {
    const counts = {};
    for (const [glyph] of this.page.shown) {
      const { trust } = this.taken(glyph);
      counts[trust] = (counts[trust] ?? 0) + 1;
    }
    this.legend.replaceChildren(...Object.entries(this.data.trust).filter(([trust]) => counts[trust])
      .map(([trust, [sign, words]]) => {
        const part = make("span", trust), count = make("b", "", `${sign} ${number(counts[trust])}`);
        if (COLOURS[trust]) count.style.color = COLOURS[trust];
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
      const { trust } = this.taken(glyph), colour = COLOURS[trust], chosen = glyph === this.current;
      const box = [left * width, top * height, wide * width, high * height];
      if (colour) {
        pen.fillStyle = `${colour}${trust === "read" ? "1f" : "38"}`;
        pen.fillRect(...box);
        pen.fillStyle = colour;
        pen.fillRect(box[0], box[1] + box[3] - 2, box[2], 2);
        if (trust !== "read" && box[3] > 12) {
          pen.font = "600 9px sans-serif";
          pen.fillText(this.data.trust[trust][0], box[0] + 1, box[1] + 8);
        }
      }
      if (chosen) {
        pen.strokeStyle = i === this.active ? "#e0218a" : "#e0218a88";
        pen.lineWidth = i === this.active ? 2.5 : 1;
        pen.strokeRect(box[0] - 1, box[1] - 1, box[2] + 2, box[3] + 2);
      }
    });
  }

  detail() {
    const glyph = this.current, find = (name) => this.root.querySelector(name);
    for (const name of [".glyph-head", ".candidates", ".edit", ".occurrences"]) find(name).hidden = glyph === undefined;
    find(".fault").textContent = glyph === undefined ? "" : this.data.faults[glyph] ?? this.glyphs[glyph].fault;
    if (glyph === undefined) return;
    const its = this.taken(glyph), [sign, words] = this.data.trust[its.trust];
    const letter = make("bdi", ""), title = find(".title");
    character(letter, its.text, its.codes);
    title.replaceChildren(letter, make("span", "code", its.codes || "no text"));
    find(".trust").textContent = `${sign} ${words}${its.trust === "confirmed" ? "" : `, ${(100 * its.p).toFixed(1)}%`}`;
    find(".candidates").replaceChildren(...its.candidates.map((candidate, i) => {
      const button = make("button", ""), text = make("bdi", "");
      button.type = "button";
      character(text, candidate.text, candidate.codes);
      button.append(text, make("span", "dim", `${i + 1} · ${(100 * candidate.p).toFixed(1)}%`));
      button.title = candidate.codes;
      button.setAttribute("aria-pressed", candidate.text === its.text);
      button.addEventListener("click", () => this.say(candidate.text));
      return button;
    }));
    const fonts = [...new Set(its.uses.map(([font]) => this.held.read.whole.fonts[font]))];
    const here = this.page.shown.filter(([each]) => each === glyph).length;
    find(".occurrences").textContent =
      `shown ${its.count === 1 ? "once" : `${number(its.count)} times`}, ${number(here)} on this page · ${fonts.join(", ")} · code ${its.uses[0]?.[1] ?? ""}`;
    find(".undo").hidden = its.trust !== "confirmed";
    this.raster(its.raster);
  }

  raster(row) {
    const canvas = this.root.querySelector(".raster"), pen = canvas.getContext("2d"), { bits } = this.held.fixed;
    pen.clearRect(0, 0, 128, 128);
    if (row < 0 || !bits?.length) return;
    const [red, green, blue] = getComputedStyle(canvas).color.match(/\d+/g).map(Number);
    const picture = pen.createImageData(128, 128);
    let right = 0, bottom = 0;
    for (let i = 0; i < 128 * 128; i++) {
      if (!(bits[2048 * row + (i >> 3)] & (128 >> (i & 7)))) continue;
      picture.data.set([red, green, blue, 255], 4 * i);
      right = Math.max(right, i % 128);
      bottom = Math.max(bottom, i >> 7);
    }
    pen.putImageData(picture, (127 - right) >> 1, (127 - bottom) >> 1); // rasters lie at the top left
  }

  write() {
    const text = this.held.read.whole.texts[this.page.page] ?? "";
    this.root.querySelector(".text").replaceChildren(...text.split("\n").filter(Boolean).map((line) => {
      const part = make("p", "", line);
      part.dir = "auto";
      return part;
    }));
  }

  click(event) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const x = (event.clientX - left) / width, y = (event.clientY - top) / height;
    const i = this.page.shown.findLastIndex(([, a, b, wide, high]) => x >= a && x <= a + wide && y >= b && y <= b + high);
    if (i >= 0) this.choose(i);
    this.sheet.focus({ preventScroll: true });
  }

  choose(i) {
    this.active = i;
    const url = new URL(location.href);
    url.searchParams.set("glyph", this.current);
    history.replaceState(history.state, "", url); // a link to this glyph; the server need not know
    this.draw();
    this.detail();
  }

  say(said) {
    const glyph = this.current;
    if (glyph === undefined) return;
    this.pending[glyph] = said;
    this.sent += 1;
    this.paint();
    this.send("edit", { about: this.data.about, token: this.token(), edits: { ...this.pending }, held: this.holds() });
  }

  turn(step) {
    const page = this.page.page + step;
    if (page < 0 || page >= this.data.pages) return false;
    this.send("turn", { page, held: this.holds() });
    return true;
  }

  key(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || !listens(this.root) || !this.page) return;
    const { shown } = this.page, last = shown.length - 1;
    const steps = { ArrowRight: 1, ArrowLeft: -1 }, candidates = this.current === undefined ? [] : this.taken(this.current).candidates;
    const doubtful = shown.findIndex(([glyph], i) => i > this.active && DOUBTFUL.includes(this.taken(glyph).trust));
    if (event.key in steps && last >= 0) this.choose(Math.max(0, Math.min(last, this.active + steps[event.key])));
    else if (event.key === "n" || event.key === "PageDown") this.requests.ask(1);
    else if (event.key === "p" || event.key === "PageUp") this.requests.ask(-1);
    else if (event.key === "x") doubtful >= 0 && this.choose(doubtful);
    else if (/^[1-5]$/.test(event.key) && candidates[event.key - 1]) this.say(candidates[event.key - 1].text);
    else if (event.key === "e") this.input.focus();
    else if (event.key === "u") this.say(null);
    else return;
    event.preventDefault();
  }
}

export default mounted(Viewer);
