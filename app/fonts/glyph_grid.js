// @ts-check
// The glyph grid of a font: cards over one sprite, and a detail view in which the user confirms or corrects a glyph. Edits
// wait here until the server acknowledges them. A newer message always repeats the earlier unacknowledged edits.

import { CARD_KEYS, CardGrid, parts } from "../shared/card_grid.js";
import { character, listens, make, defineComponent, number, shortUrl, pendingEdits } from "../shared/common.js";
import { drawEmBox } from "./em_box.js";

/** @typedef {{ shown: string, codes: string, words: string }} Character */

/**
 * A glyph: the font's mapping, the model's prediction, and the user's confirmation (``_item`` of glyph_grid.py).
 * @typedef {object} Finding
 * @property {number} id
 * @property {string} name
 * @property {string} kind
 * @property {string} verdict
 * @property {string} verdictName
 * @property {string} sign
 * @property {string} meaning
 * @property {Character[]} font the first characters of the font's mapping
 * @property {number} more number of further characters of the mapping
 * @property {number} p
 * @property {number | null} claimP the model's probability of the font's characters
 * @property {Character} model
 * @property {(Character & { label: string, p: number, taken: boolean })[]} top
 * @property {string} label the model's label
 * @property {string} text code points of the glyph in extracted text
 * @property {"confirmed" | "model" | "font" | ""} source of the text
 * @property {Character | null} kept
 * @property {string} keptLabel
 * @property {number[]} geometry
 */

/**
 * Data from Python: a page of findings.
 * @typedef {import("../shared/card_grid.js").CardPage<Finding> & {
 *   about: string, sprite: string, columns: number, tile: number, cursor: number | null, doneOf: [done: number, of: number],
 *   faults: Record<string, string>, done: Record<string, number> }} Data
 */

/**
 * @typedef {import("../shared/card_grid.js").Card & Record<"font" | "arrow" | "model" | "sign" | "p", HTMLElement>} FindingCard
 */

const SIDE = 64; // pixels per thumbnail
const SOURCES = { confirmed: "confirmed", model: "by the model", font: "by the font", "": "left out: low confidence" };

/** @type {import("../shared/common.js").KeyRow<FontGlyphGrid>[]} */
export const KEYS = [
  ["Enter", "confirm the prediction and go on", { Enter: (grid) => grid.onCard() && grid.confirm(grid.item()?.label) }],
  ["1 … 5", "confirm that candidate and go on", Object.fromEntries([1, 2, 3, 4, 5].map((n) => [
    String(n), (/** @type {FontGlyphGrid} */ grid) => grid.confirm(grid.item()?.top[n - 1]?.label),
  ]))],
  ["x", "next glyph that is not confirmed", { x: (grid) => grid.nextUnconfirmed() }],
  ["e", "type the character; Enter confirms, Esc cancels", { e: (grid) => grid.item() ? grid.input.focus() : false }],
  ["u", "undo the confirmation; right after confirming, the last one", { u: (grid) => grid.takeBack() }],
];

/** @extends {CardGrid<Data, Finding, FindingCard>} */
export class FontGlyphGrid extends CardGrid {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".fontsheet")));
    this.status = this.find(".said");
    this.detail = this.find(".detail");
    this.emBox = this.find(".em");
    this.input = this.find(".edit input");
    this.sprite = "";
    this.picture = new Image();
    /** @type {number | undefined} the glyph in the detail view */
    this.shown = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.keeping = undefined;
    /** @type {{ n: number, glyph: number } | undefined} the typed edit; the server's answer decides if the cursor moves */
    this.checking = undefined;
    /** @type {{ from: number, to: number | undefined } | undefined} the last confirmed glyph, and the next cursor glyph */
    this.wentOn = undefined;
    /** @type {import("../shared/common.js").PendingEdits} */
    this.edits;
    this.on(this.list, "click", (event) => this.at(event) >= 0 && this.moveCursor(this.at(event)));
    this.on(this.find(".undo"), "click", () => this.say(null));
    this.on(this.find(".edit"), "submit", (event) => {
      event.preventDefault();
      this.confirmTyped(this.input.value.trim());
    });
    this.on(this.input, "keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.cards[this.active]?.focus();
    });
    this.theme = new MutationObserver(() => this.draw());
    this.theme.observe(document.documentElement, { attributes: true, subtree: false });
  }

  stop() {
    super.stop();
    URL.revokeObjectURL(this.sprite);
    this.theme.disconnect();
    clearTimeout(this.keeping);
  }

  /** @param {Data} data */
  update(data) {
    /** @type {Data | undefined} */
    const before = this.data;
    this.data = data;
    this.edits = pendingEdits(data.about);
    const done = data.done[this.edits.client] ?? 0;
    this.edits.pending = this.edits.pending.filter((edit) => edit.n > done);
    if (!before) this.keep();
    if (before?.sprite !== data.sprite) this.load(data.sprite);
    this.showPage(data, { url: this.sprite, columns: data.columns, side: SIDE });
    if (!before || before.items[0]?.id !== data.items[0]?.id || before.total !== data.total) {
      const chosen = data.items.findIndex((item) => item.id === data.cursor);
      this.moveCursor(Math.max(0, chosen));
      if (data.items.length && listens(this.root)) this.cards[this.active].focus({ preventScroll: true });
    } else this.show();
    if (this.checking && done >= this.checking.n) this.answered(this.checking.glyph);
    this.requests.done();
  }

  /**
   * The server has accepted the typed correction of a glyph, or has found a fault in it.
   * @param {number} glyph
   */
  answered(glyph) {
    this.checking = undefined;
    if (this.item()?.id !== glyph) return;
    if (this.data.faults[glyph]) this.input.focus();
    else this.goOn();
  }

  /** @param {string} sprite */
  load(sprite) {
    URL.revokeObjectURL(this.sprite);
    this.sprite = shortUrl(sprite);
    this.picture = new Image();
    this.picture.onload = () => this.draw();
    this.picture.src = this.sprite;
  }

  /** @param {FindingCard} card */
  buildCard(card) {
    super.buildCard(card);
    const { line, p } = parts(card, { line: "span", p: "span" });
    Object.assign(card, { p, ...parts(line, { font: "bdi", arrow: "span", model: "bdi", sign: "span" }) });
    card.arrow.textContent = "→";
  }

  /**
   * The user's correction of a glyph. Pending corrections show at once; the server's answer replaces them.
   * @param {Finding} item
   * @returns {Character & { label?: string } | null}
   */
  kept(item) {
    const waiting = this.edits.pending.findLast((edit) => edit.glyph === item.id);
    if (!waiting) return item.kept;
    if (waiting.text === null) return null;
    const candidate = item.top.find((top) => top.label === waiting.text);
    return candidate ?? { shown: waiting.text, codes: waiting.text, words: waiting.text };
  }

  /**
   * @param {FindingCard} card
   * @param {Finding} item
   */
  fill(card, item) {
    const kept = this.kept(item);
    card.dataset.kind = kept ? "kept" : item.kind;
    const [claimed] = item.font;
    character(card.font, claimed?.shown ?? "", claimed?.codes ?? "–");
    card.font.hidden = !claimed;
    const right = kept ?? item.model;
    character(card.model, right.shown, right.codes);
    card.arrow.hidden = card.model.hidden = !kept && item.verdict === "agrees";
    card.sign.textContent = kept ? "✎" : item.sign;
    card.p.textContent = kept ? "confirmed" : item.p.toFixed(3);
    card.classList.toggle("left-out", !kept && !item.text);
    const words = kept ? `confirmed as ${kept.words}` : `${item.meaning}: ${item.model.words}, p ${item.p.toFixed(2)}`;
    card.setAttribute("aria-label", `${item.name}, font says ${claimed ? claimed.words || claimed.codes : "nothing"}, ${words}`);
  }

  /** @param {number} i */
  moveCursor(i) {
    super.moveCursor(i);
    if (this.shown !== this.item()?.id) this.input.value = "";
    this.show();
  }

  show() {
    const item = this.item();
    this.detail.hidden = !item;
    const waiting = this.edits.pending.length ? ` · saving ${this.edits.pending.length} …` : "";
    const [done, of] = this.data.doneOf;
    this.status.textContent = (done ? `✎ ${number(done)} of ${number(of)} confirmed` : "nothing confirmed yet") + waiting;
    if (!item) return;
    this.shown = item.id;
    const find = (/** @type {string} */ name) => this.detail.querySelector(name);
    const kept = this.kept(item);
    find(".title").replaceChildren(make("span", "", item.name || "no name"), make("span", "dim", `glyph ${item.id}`));
    find(".verdict").className = `verdict ${item.kind}`;
    find(".verdict").textContent = `${item.sign} ${item.verdictName}: ${item.meaning}`;
    find(".font").replaceChildren(...this.claims(item));
    const list = find(".candidates");
    list.replaceChildren(...item.top.map((candidate, k) => this.candidate(candidate, k, kept && (item.keptLabel || kept.label))));
    const fault = this.data.faults[item.id];
    find(".fault").textContent = fault ?? "";
    find(".fault").hidden = !fault;
    find(".kept").hidden = !kept;
    find(".kept span").replaceChildren(...(kept ? [make("span", "", "✎ confirmed as"), this.word(kept)] : []));
    this.draw();
  }

  /**
   * The font's mapping of a glyph, and the text that the glyph gets.
   * @param {Finding} item
   */
  claims(item) {
    const says = make("dd");
    for (const claimed of item.font) says.append(this.word(claimed));
    if (item.more) says.append(make("span", "dim", `and ${item.more} more`));
    if (!item.font.length) says.append(make("span", "dim", "no mapping"));
    if (item.claimP !== null) says.append(make("span", "dim", `p ${item.claimP.toFixed(3)}`));
    const text = make("dd", "", item.text ? `${item.text} ` : "");
    text.append(make("span", "dim", SOURCES[item.source]));
    return [make("dt", "", "font"), says, make("dt", "", "text"), text];
  }

  /** @param {Character} text */
  word(text) {
    const word = make("span", "word");
    const letter = make("bdi", "letter");
    character(letter, text.shown, text.codes);
    word.append(letter);
    if (!letter.classList.contains("codes")) word.append(make("span", "code", text.codes));
    const name = make("span", "name", text.words);
    name.title = text.words;
    word.append(name);
    return word;
  }

  /**
   * @param {Finding["top"][number]} candidate
   * @param {number} k
   * @param {string | null | undefined} keptLabel
   */
  candidate(candidate, k, keptLabel) {
    const button = make("button", "candidate");
    button.type = "button";
    button.title = `Confirm  ${k + 1}`;
    button.append(make("kbd", "", k + 1), this.word(candidate), make("span", "share", candidate.p.toFixed(3)));
    button.style.setProperty("--p", String(candidate.p));
    button.classList.toggle("taken", candidate.taken);
    button.setAttribute("aria-pressed", String(candidate.label === keptLabel));
    button.addEventListener("click", () => this.confirm(candidate.label));
    return button;
  }

  draw() {
    const item = this.item();
    if (item && this.picture.complete) drawEmBox(this.emBox, this.picture, this.data, this.active, item.geometry);
  }

  /** Whether Enter confirms the glyph and does not press a button. */
  onCard() {
    const focus = this.focused();
    return !focus || focus.classList.contains("card");
  }

  /**
   * Confirm a text and go on to the next glyph; returns whether there was a text.
   * @param {string} [text]
   */
  confirm(text) {
    if (!text) return false;
    this.say(text);
    this.goOn();
    return true;
  }

  /**
   * Confirm the typed text. One character means itself. The server decides the meaning of a longer text; until then the glyph
   * stays in view.
   * @param {string} text
   */
  confirmTyped(text) {
    const item = this.item();
    if (!text || !item) return;
    if ([...text].length === 1) return void this.confirm(text);
    this.say(text);
    this.checking = { n: this.edits.number, glyph: item.id };
    this.cards[this.active].focus();
  }

  goOn() {
    const from = this.item()?.id;
    this.step(1);
    this.wentOn = from === undefined ? undefined : { from, to: this.item()?.id };
  }

  /** Move to the next unconfirmed glyph of the page. Returns false if there is none. */
  nextUnconfirmed() {
    const { items } = this.data;
    for (let i = 1; i < items.length; i++) {
      const place = (this.active + i) % items.length;
      if (!this.kept(items[place])) return void this.step(place - this.active);
    }
    return false;
  }

  /** Withdraw the glyph's confirmation, or the last confirmation if the cursor has just moved on from its glyph. */
  takeBack() {
    const item = this.item(), last = this.wentOn;
    if (!item) return false;
    const back = last && last.to === item.id && !this.kept(item) ? this.page.items.findIndex(({ id }) => id === last.from) : -1;
    if (back >= 0) this.step(back - this.active);
    this.wentOn = undefined;
    return this.say(null);
  }

  /**
   * Confirm a text for the glyph, or withdraw the confirmation with null.
   * @param {string | null} text
   */
  say(text) {
    const item = this.item();
    if (!item || (text === null && !this.kept(item))) return;
    this.edits.pending.push({ n: ++this.edits.number, glyph: item.id, text });
    delete this.data.faults[item.id];
    this.keep();
    this.fill(this.cards[this.active], item);
    this.show();
  }

  /** Send pending edits again until they are acknowledged: a message that arrives during a run may get lost. */
  keep() {
    clearTimeout(this.keeping);
    const { about, client, pending } = this.edits;
    if (!pending.length) return;
    this.send("edit", { about, run: client, edits: pending });
    this.keeping = setTimeout(() => this.keep(), 3000);
  }

  /** @returns {import("../shared/common.js").KeyRow<any>[]} */
  keys() { return [...KEYS, ...CARD_KEYS]; }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.focused() !== this.input) super.key(event);
  }

  /** Stop at the first and last card instead of leaving the page. @param {number} by */
  step(by) {
    const target = Math.max(0, Math.min(this.active + by, this.data.items.length - 1));
    this.moveCursor(target);
    this.cards[target]?.focus();
  }
}

export default defineComponent(FontGlyphGrid);
