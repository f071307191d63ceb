// @ts-check
// Tags, notes and corrected labels. Their keys work unless the user is typing text. An edit is shown before it is stored.

import { Component, NO_ANNOTATION, bus, deepest, storeAnnotations, make, defineComponent, number, pressed, tagSign, typing, pendingEdits } from "./common.js";

/**
 * A change of some glyphs: a tag added or removed, a note, or a label (by name, or as the user typed it). A change gets its
 * number when it is about to be sent.
 * @typedef {{ ids: number[], tag?: string, on?: boolean, note?: string, label?: string, number?: number }} Change
 */

/**
 * Data from Python.
 * @typedef {object} Data
 * @property {string} about fingerprint of the database of the glyphs
 * @property {import("./common.js").ReadAnnotations} annotations annotations of the glyphs that were just changed
 * @property {string[]} standard
 * @property {string[]} tags other tags in use
 * @property {boolean} single whether the bar is about the single glyph on screen
 * @property {{ client: string, number: number, ids: number[] }} done
 * @property {string} problem
 */

/** @type {import("./common.js").KeyRow<TagBar>[]} */
export const KEYS = [
  ["m a d", "add or remove the tag mislabelled, ambiguous or design outlier", {
    m: (bar) => bar.toggle(bar.data.standard[0]), a: (bar) => bar.toggle(bar.data.standard[1]),
    d: (bar) => bar.toggle(bar.data.standard[2]),
  }],
  ["e", "correct the label: type a character, a code point or a label; Enter saves, Esc cancels", { e: (bar) => bar.act("label") }],
  ["t", "another tag", { t: (bar) => bar.act("tag") }],
  ["o", "a note", { o: (bar) => bar.act("note") }],
  ["u", "undo", { u: (bar) => bar.act("undo") }],
];

const TAG_KEYS = "mad";

/** @extends {Component<Data>} */
export class TagBar extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".marks")));
    this.tools = this.find(".group");
    this.entry = this.find(".entry");
    this.input = this.find("input");
    this.area = this.find("textarea");
    /** @type {import("./common.js").PendingEdits | undefined} */
    this.edits = undefined;
    bus.annotation = (id) => this.annotation(id);
    // Listen before the other components: on every page with tags, the keys of tags belong to this bar.
    this.on(document, "keydown", (event) => this.key(event), true);
    this.on(bus, "chosen", () => this.draw());
    this.on(bus, "known", () => this.publish());
    this.on(bus, "really", (/** @type {CustomEvent<string>} */ event) => this.correct(this.targets(), event.detail));
    for (const button of this.all("[data-do]")) this.on(button, "click", () => this.act(button.dataset.do));
    this.on(this.entry, "submit", (event) => {
      event.preventDefault();
      this.keep();
    });
    this.on(this.entry, "keydown", (event) => {
      if (event.key === "Escape") this.act("close");
      else if (event.key === "Enter" && event.target === this.area && !event.shiftKey) this.keep();
      else return;
      event.preventDefault();
    });
  }

  stop() {
    super.stop();
    clearTimeout(this.timer);
    clearTimeout(this.quiet);
    bus.chosen = [];
    bus.annotation = (id) => bus.known.get(id) ?? NO_ANNOTATION;
  }

  /** @param {Data} data */
  update(data) {
    const first = !this.data;
    this.data = data;
    const edits = (this.edits = pendingEdits(data.about)); // each message repeats all unacknowledged changes
    const before = edits.pending.length;
    if (data.done.client === edits.client) edits.pending = edits.pending.filter((change) => change.number > data.done.number);
    if (!edits.pending.length) {
      clearTimeout(this.timer);
      delete this.root.dataset.sending;
    }
    if (before && !edits.pending.length) this.settle();
    this.find(".problem").textContent = data.problem;
    for (const button of this.all("[data-do=all], [data-do=only], [data-do=none]")) button.hidden = data.single;
    if (!this.tools.children.length) this.tools.replaceChildren(...data.standard.map((tag, i) => this.tool(tag, i)));
    this.find("datalist").replaceChildren(...data.tags.map((tag) => {
      const option = make("option", "");
      option.value = tag;
      return option;
    }));
    storeAnnotations(data.done.ids, data.annotations);
    if (first) this.transmit();
  }

  /**
   * The button of a tag.
   * @param {string} tag
   * @param {number} i
   */
  tool(tag, i) {
    const button = make("button", "");
    button.type = "button";
    button.dataset.tag = tag;
    button.title = `Tag ${tag}  ${TAG_KEYS[i]}`;
    button.append(make("span", "key", TAG_KEYS[i]), `${tagSign(tag)} ${tag}`);
    button.addEventListener("click", () => this.toggle(tag));
    return button;
  }

  /** Update counts elsewhere on the page when the user has tagged for a while and then stopped. */
  settle() {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.send("settled", this.edits?.number), 1200);
  }

  /**
   * A glyph's annotation as the server knows it, with pending edits applied.
   * @param {number} id
   */
  annotation(id) {
    const { tags, note, correction } = bus.known.get(id) ?? NO_ANNOTATION;
    const annotation = { tags: [...tags], note, correction };
    for (const change of this.edits?.pending ?? []) {
      if (!change.ids.includes(id)) continue;
      if (change.label !== undefined) annotation.correction = change.label;
      else if (!change.tag) annotation.note = change.note;
      else if (!change.on) annotation.tags = annotation.tags.filter((tag) => tag !== change.tag);
      else if (!annotation.tags.includes(change.tag)) annotation.tags = [...annotation.tags, change.tag].sort();
    }
    return annotation;
  }

  /** The changes that undo each change. They outlive the bar: another page about the same glyphs can undo them too. */
  get history() {
    return /** @type {Change[][]} */ (this.edits ? (this.edits.undo ??= []) : []);
  }

  targets() {
    if (bus.chosen.length) return bus.chosen;
    return bus.current === null || bus.current === undefined ? [] : [bus.current];
  }

  publish() {
    bus.dispatchEvent(new Event("annotations"));
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const ids = this.targets(), annotations = ids.map((id) => this.annotation(id));
    const chosen = this.find(".chosen");
    chosen.textContent = bus.chosen.length ? `${number(bus.chosen.length)} chosen` : ids.length ? `#${ids[0]}` : "no glyph";
    chosen.classList.toggle("one", !bus.chosen.length);
    for (const button of this.tools.children) {
      const count = having(ids, annotations, button.dataset.tag).length;
      button.setAttribute("aria-pressed", count === 0 ? "false" : count === ids.length ? "true" : "mixed");
      button.disabled = !ids.length;
    }
    for (const name of ["tag", "note", "label"]) this.find(`[data-do=${name}]`).disabled = !ids.length;
    this.find("[data-do=all]").disabled = !bus.grid;
    this.find("[data-do=undo]").disabled = !this.history.length;
    for (const button of this.all("[data-do=only], [data-do=none]")) button.disabled = !bus.chosen.length;
    this.find(".said").replaceChildren(...this.corrections(ids, annotations), ...this.others(ids, annotations),
      ...this.remarks(annotations));
  }

  /**
   * The corrected labels of glyphs, each with a button that removes the correction.
   * @param {number[]} ids
   * @param {import("./common.js").Annotation[]} annotations
   */
  corrections(ids, annotations) {
    const all = new Set(annotations.map((annotation) => annotation.correction).filter(Boolean));
    return [...all].sort().map((label) => {
      const those = ids.filter((_, i) => annotations[i].correction === label);
      const part = make("span", "tag really", `✎ corrected to ${label.replaceAll("_", " ")}${ids.length > 1 ? ` ${those.length} of ${ids.length}` : ""}`);
      const off = make("button", "", "×");
      off.type = "button";
      off.title = off.ariaLabel = "Remove the correction";
      off.addEventListener("click", () => this.correct(those, ""));
      part.append(off);
      return part;
    });
  }

  /**
   * Tags without a button of their own, each with a button that removes the tag.
   * @param {number[]} ids
   * @param {import("./common.js").Annotation[]} annotations
   */
  others(ids, annotations) {
    const parts = [];
    /** @type {Map<string, number>} */
    const all = new Map();
    for (const annotation of annotations) for (const tag of annotation.tags) all.set(tag, (all.get(tag) ?? 0) + 1);
    for (const [tag, count] of [...all].sort()) {
      if (this.data.standard.includes(tag)) continue;
      const part = make("span", "tag", `# ${tag}${ids.length > 1 ? ` ${count} of ${ids.length}` : ""}`);
      const off = make("button", "", "×");
      off.type = "button";
      off.title = off.ariaLabel = `Remove tag ${tag}`;
      off.addEventListener("click", () => this.apply([{ ids: having(ids, annotations, tag), tag, on: false }]));
      part.append(off);
      parts.push(part);
    }
    return parts;
  }

  /**
   * Notes, and the remark of the label check about the glyph under the cursor.
   * @param {import("./common.js").Annotation[]} annotations
   */
  remarks(annotations) {
    const parts = [];
    const notes = annotations.filter((annotation) => annotation.note);
    if (notes.length) {
      const note = make("span", "note", `✎ ${notes.length === 1 ? notes[0].note : `${notes.length} notes`}`);
      note.title = notes.map((annotation) => annotation.note).join("\n\n");
      parts.push(note);
    }
    const { remark, correction } = bus.known.get(bus.current ?? -1) ?? NO_ANNOTATION;
    if (remark && !correction) parts.push(Object.assign(make("span", "remark", `? ${remark}`), { title: remark }));
    return parts;
  }

  /** @param {string | undefined} tag */
  toggle(tag) {
    if (!tag) return false;
    const ids = this.targets(), annotations = ids.map((id) => this.annotation(id));
    const with_ = having(ids, annotations, tag);
    const on = with_.length < ids.length;
    if (ids.length) this.apply([{ ids: on ? ids.filter((id) => !with_.includes(id)) : with_, tag, on }]);
    return true;
  }

  /**
   * Correct the label of glyphs.
   * @param {number[]} ids
   * @param {string} label by name, or as the user typed it; empty removes the correction
   */
  correct(ids, label) {
    if (ids.length) this.apply([{ ids: [...ids], label }]);
  }

  /**
   * Show changes, store how to undo them, and send them.
   * @param {Change[]} changes
   */
  apply(changes, undoing = false) {
    if (!undoing) {
      /** @type {Change[]} */
      const back = [];
      for (const { ids, tag, on, label } of changes) {
        if (label !== undefined) for (const id of ids) back.push({ ids: [id], label: this.annotation(id).correction });
        else if (tag) back.push({ ids, tag, on: !on });
        else for (const id of ids) back.push({ ids: [id], note: this.annotation(id).note });
      }
      this.history.push(back.reverse());
    }
    clearTimeout(this.quiet);
    const { edits } = this;
    if (edits) for (const change of changes) edits.pending.push({ ...change, number: ++edits.number });
    this.publish();
    this.transmit();
  }

  transmit() {
    clearTimeout(this.timer);
    if (!this.edits?.pending.length) return;
    const { about, client, pending } = this.edits;
    this.root.dataset.sending = "";
    this.send("change", { about, client, changes: pending });
    this.timer = setTimeout(() => this.transmit(), 4000);
  }

  /**
   * Open the field for a tag, a note or a label.
   * @param {"tag" | "note" | "label"} what
   */
  ask(what) {
    const ids = this.targets();
    if (!ids.length) return;
    const annotation = this.annotation(ids[0]);
    this.entryFor = { what, ids: [...ids] };
    this.input.hidden = what === "note";
    this.area.hidden = what !== "note";
    if (what === "tag") this.input.setAttribute("list", "tags");
    else this.input.removeAttribute("list");
    this.input.maxLength = what === "tag" ? 40 : 120;
    const field = what === "note" ? this.area : this.input;
    const whose = ids.length > 1 ? `${ids.length} glyphs` : `glyph ${ids[0]}`;
    field.ariaLabel = { tag: `Tag for ${whose}`, note: `Note for ${whose}`, label: `Correct label of ${whose}` }[what];
    field.placeholder = { tag: "a tag", note: "a note; leave empty to remove it", label: "ب, U+0628 or beh_init; empty: the original label" }[what];
    field.value = ids.length > 1 || what === "tag" ? "" : what === "note" ? annotation.note : annotation.correction;
    this.entry.hidden = false;
    this.before = /** @type {HTMLElement | null} */ (deepest());
    field.focus();
    if (what === "label") field.select(); // another label replaces it
  }

  keep() {
    if (!this.entryFor) return;
    const { what, ids } = this.entryFor;
    const text = (what === "note" ? this.area : this.input).value.replace(/\s+$/, "").trimStart();
    this.act("close");
    if (what === "tag" && text) this.apply([{ ids, tag: text.replace(/\s+/g, " "), on: true }]);
    else if (what === "note") this.apply([{ ids, note: text }]);
    else if (what === "label") this.correct(ids, text);
  }

  /** @param {"tag" | "note" | "label" | "close" | "undo" | "all" | "only" | "none"} what */
  act(what) {
    if (what === "close") {
      this.entry.hidden = true;
      this.before?.focus?.();
    } else if (what === "undo") {
      const back = this.history.pop();
      if (back) this.apply(back, true);
    } else if (what === "all" || what === "only" || what === "none") bus.dispatchEvent(new Event(what));
    else this.ask(what);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!typing()) pressed(KEYS, this, event);
  }
}

/**
 * Return the glyphs that have a tag.
 * @param {number[]} ids
 * @param {import("./common.js").Annotation[]} annotations
 * @param {string} tag
 */
function having(ids, annotations, tag) {
  return ids.filter((_, i) => annotations[i].tags.includes(tag));
}

export default defineComponent(TagBar);
