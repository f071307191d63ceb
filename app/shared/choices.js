// @ts-check
// The choices of a page. Python sends values, their display texts and counts; only values are sent back (see choices.py).

import { Component, bus, deepest, make, defineComponent, number, running } from "./common.js";

const LONG_LIST = 8; // a list with at least this many options gets a search field
const MOST_OPTIONS = 300; // most options drawn at once
/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
const PATIENCE = 8000; // milliseconds; after them, a change without an answer is shown as not made
const MAX_PREVIEW = 150; // most milliseconds that a change waits for its preview to be on the screen

/** @typedef {[value: string, words: string]} Option */

/**
 * One field in which the user chooses values.
 * @typedef {object} Choice
 * @property {string} name
 * @property {string} title
 * @property {"list" | "segments" | "text"} style
 * @property {boolean} multiple
 * @property {string[]} chosen
 * @property {string[] | null} excluded the excluded values; null if the choice allows none
 * @property {string} words the key of its list of options in ``lists``
 * @property {[place: number, n: number, wrong: number][] | null} counts of options, by their index in the list
 * @property {string} hint
 * @property {string} help
 * @property {Map<string, string>} [map] value → display text, made here
 * @property {Map<string, [n: number, wrong: number]>} [counted] value → counts, made here
 */

/**
 * Data from Python. A list that the browser already has comes as null.
 * @typedef {{ label: string, layout: string, acknowledged: string, preview: string, choices: Choice[], lists: Record<string, Option[] | null> }} Data
 */

/**
 * The elements of a choice: the input of a text field, or the box with its buttons.
 * @typedef {{ element: HTMLElement, style: string, input?: any, box?: any, chooser?: HTMLButtonElement, painted?: string }} Part
 */

/** @extends {Component<Data>} */
export class Choices extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".choices")));
    this.place = this.find(".all");
    this.menu = this.find(".menu");
    this.field = this.menu.querySelector(".find");
    this.options = this.menu.querySelector(".options");
    this.rest = this.menu.querySelector(".rest");
    /** @type {Map<string, Option[]>} by key */
    this.lists = new Map();
    /** @type {Map<string, Choice>} by name */
    this.choices = new Map();
    /** @type {Map<string, Part>} by the name of the choice */
    this.parts = new Map();
    /** @type {Record<string, string[]>} changes that the server has not acknowledged, by choice name */
    this.pending = {};
    /** @type {string | null} the choice whose list is open */
    this.opened = null;
    /** @type {string[] | null} the values of the open list, in display order */
    this.order = null;
    /** @type {HTMLElement | null} the option that Enter chooses */
    this.active = null;
    this.preview = "";
    this.client = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.number = 0;
    this.on(document, "pointerdown", (event) => {
      if (this.opened && !event.composedPath().includes(this.root)) this.close();
    }, true);
    // The browser reports a scroll later. By then a click may have opened a list, and that list must stay open.
    this.on(window, "resize", () => this.follow());
    this.on(window, "scroll", () => this.follow(), true);
    this.on(this.field, "input", () => this.fill(true));
    this.on(this.menu, "keydown", (event) => this.key(event));
    this.on(this.menu, "focusout", (event) => {
      if (this.opened && event.relatedTarget && !this.menu.contains(event.relatedTarget)) this.close();
    });
    this.on(this.options, "pointermove", (event) => this.point(event.target.closest("[role=option]")));
    this.on(this.options, "click", (event) => {
      const option = event.target.closest("[role=option]");
      event.altKey || event.target.closest(".sign") ? this.exclude(option) : this.toggle(option);
    });
  }

  stop() {
    super.stop();
    clearTimeout(this.timer);
  }

  /** @param {Data} data */
  update({ label, layout, acknowledged, preview, choices, lists }) {
    this.preview = preview;
    if (!this.learn(lists)) return this.send("words", []);
    this.root.setAttribute("aria-label", label);
    this.root.dataset.layout = layout;
    this.choices = new Map(choices.map((choice) => [choice.name, choice]));
    if (acknowledged === this.token()) this.settle();
    for (const [name, part] of this.parts)
      if (this.choices.get(name)?.style !== part.style) { part.element.remove(); this.parts.delete(name); }
    for (const choice of choices) {
      if (!this.parts.has(choice.name)) this.parts.set(choice.name, this.make(choice));
      const { element } = this.part(choice.name), place = choices.indexOf(choice);
      if (this.place.children[place] !== element) this.place.insertBefore(element, this.place.children[place] ?? null);
      this.paint(choice);
    }
    if (this.opened && !this.choices.has(this.opened)) this.close();
    if (this.opened) this.fill(false);
  }

  /**
   * Store new lists of display texts and drop the lists that are no longer needed. Returns whether all lists are here.
   * @param {Data["lists"]} lists
   */
  learn(lists) {
    for (const [key, list] of Object.entries(lists)) if (list) this.lists.set(key, list);
    if (Object.keys(lists).some((key) => !this.lists.has(key))) return false;
    for (const key of [...this.lists.keys()]) if (!(key in lists)) this.lists.delete(key);
    return true;
  }

  /**
   * A choice of this page, by name.
   * @param {string | null} name
   */
  choice(name) { return /** @type {Choice} */ (this.choices.get(name ?? "")); }

  /** @param {string} name */
  part(name) { return /** @type {Part} */ (this.parts.get(name)); }

  token() { return `${this.client}-${this.number}`; }

  settle() {
    clearTimeout(this.timer);
    this.pending = {};
    delete this.root.dataset.pending;
  }

  /** @param {Choice} choice */
  chosen(choice) { return this.pending[choice.name] ?? choice.chosen; }

  /**
   * The excluded values of a choice. A change of them has the name of the choice with "not " in front.
   * @param {Choice} choice
   */
  excluded(choice) { return this.pending[`not ${choice.name}`] ?? choice.excluded ?? []; }

  /**
   * The map from value to display text. ``counts`` returns the map from value to [n, wrong], or null without counts.
   * @param {Choice} choice
   */
  words(choice) { return choice.map ??= new Map(this.lists.get(choice.words)); }

  /** @param {Choice} choice */
  counts(choice) {
    if (!choice.counts) return null;
    const list = this.lists.get(choice.words) ?? [];
    return choice.counted ??= new Map(choice.counts.map(([i, n, wrong]) => [list[i][0], [n, wrong]]));
  }

  /**
   * Show a change at once, and send it with all other changes that the server has not acknowledged.
   * @param {string} name
   * @param {string[]} values
   * @param {string[]} [excluded] the excluded values, if they change as well
   */
  choose(name, values, excluded) {
    const known = "pending" in this.root.dataset || !running(); // else another run is changing the screen
    this.pending[name] = values;
    if (excluded) this.pending[`not ${name}`] = excluded;
    this.number += 1;
    this.root.dataset.pending = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.settle(); this.choices.forEach((choice) => this.paint(choice)); }, PATIENCE);
    const message = { token: this.token(), changes: { ...this.pending }, cached: [...this.lists.keys()] };
    const previewed = known ? this.previewed(message) : null;
    this.paint(this.choice(name));
    if (this.opened) this.fill(false);
    if (!previewed) return this.send("choose", message);
    previewed.then(() => { if (message.token === this.token() && !this.ending.signal.aborted) this.send("choose", message); });
  }

  /**
   * Request a preview of the result of the changes, before their run. Returns null if no preview is possible. A run keeps the
   * browser busy, so the change is sent only after the preview is painted or MAX_PREVIEW has passed.
   * @param {{ token: string, changes: Record<string, string[]> }} message
   */
  previewed({ token, changes }) {
    if (!this.preview || !bus.preview) return null;
    const shown = bus.preview(`${this.preview}&changes=${encodeURIComponent(JSON.stringify(changes))}`, token);
    const painted = shown.then(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    return Promise.race([painted, new Promise((resolve) => setTimeout(resolve, MAX_PREVIEW))]);
  }

  /**
   * @param {Choice} choice
   * @returns {Part}
   */
  make(choice) {
    const element = make("div", "choice");
    Object.assign(element.dataset, { name: choice.name, style: choice.style });
    if (choice.style !== "text") {
      element.setAttribute("role", choice.style === "segments" ? "radiogroup" : "group");
      element.setAttribute("aria-label", choice.title);
    }
    element.append(make("div", "title", choice.title));
    /** @type {Part} */
    const part = { element, style: choice.style };
    if (choice.style === "text") {
      part.input = make("input", "");
      part.input.type = "search";
      Object.assign(part.input, { autocomplete: "off", spellcheck: false, dir: "auto", maxLength: 100 });
      part.input.setAttribute("aria-label", choice.title);
      const commit = () => {
        const now = this.choice(choice.name), text = part.input.value.trim();
        if (text !== (this.chosen(now)[0] ?? "")) this.choose(choice.name, text ? [text] : []);
      };
      part.input.addEventListener("change", commit);
      part.input.addEventListener("search", commit);
      element.append(part.input);
      return part;
    }
    part.box = make("div", choice.style === "segments" ? "segments" : "box");
    element.append(part.box);
    part.box.addEventListener("click", (/** @type {any} */ event) => this.click(choice.name, event.target.closest("button")));
    if (choice.style === "segments") part.box.addEventListener("keydown", (/** @type {any} */ event) => this.step(choice.name, event));
    else part.box.addEventListener("keydown", (/** @type {any} */ event) => {
      if (event.key !== "ArrowDown" || !event.target.closest(".chooser")) return;
      event.preventDefault();
      this.open(choice.name);
    });
    return part;
  }

  /** @param {Choice} choice */
  paint(choice) {
    const part = this.part(choice.name);
    part.element.title = choice.help;
    if (choice.style === "text") return this.paintText(choice, part);
    const focus = this.focused(), standing = part.box.contains(focus) ? focus.dataset.value ?? "" : null;
    part.box.replaceChildren(...(choice.style === "segments" ? this.segments(choice) : this.list(choice, part)));
    // Redrawing must not lose the keyboard focus.
    if (standing !== null && this.focused() === null && !this.opened)
      ([...part.box.querySelectorAll("button")].find((button) => button.dataset.value === standing) ?? part.box.lastElementChild)?.focus();
  }

  /**
   * @param {Choice} choice
   * @param {Part} part
   */
  paintText(choice, part) {
    const text = this.chosen(choice)[0] ?? "";
    part.input.placeholder = choice.hint;
    if (part.painted !== text || deepest() !== part.input) part.input.value = text;
    part.painted = text;
  }

  /**
   * One button for each value. Values that would select no glyphs are left out.
   * @param {Choice} choice
   */
  segments(choice) {
    const chosen = this.chosen(choice), counts = this.counts(choice);
    const shown = [...this.words(choice)].filter(([value]) => !counts || counts.get(value) || chosen.includes(value) || !value);
    return shown.map(([value, text]) => {
      const button = this.button("", text, value), on = chosen.includes(value), count = counts?.get(value);
      button.setAttribute("role", "radio");
      button.setAttribute("aria-checked", String(on));
      button.tabIndex = on ? 0 : -1;
      if (count) button.append(make("span", "n", number(count[0])));
      return button;
    });
  }

  /**
   * The button that opens the list. If several values can be chosen, a chip for each chosen value comes before it.
   * @param {Choice} choice
   * @param {Part} part
   */
  list(choice, part) {
    const [value] = this.chosen(choice), words = this.words(choice);
    const chooser = part.chooser ??= this.chooser();
    const text = choice.multiple ? choice.hint : words.get(value) ?? value ?? choice.hint;
    chooser.replaceChildren(make("span", `words${choice.multiple ? " none" : ""}`, text));
    chooser.setAttribute("aria-label", `${choice.title}: ${choice.multiple ? "choose" : text}`);
    const excluded = this.excluded(choice).map((value) => this.chip(choice, value, true));
    if (choice.multiple) return [...this.chosen(choice).map((value) => this.chip(choice, value)), ...excluded, chooser];
    const count = this.counts(choice)?.get(value);
    if (count && value) chooser.append(make("span", "n", number(count[0])));
    return [...excluded, chooser];
  }

  /**
   * @param {Choice} choice
   * @param {string} value
   * @param {boolean} [not] whether the value is excluded
   */
  chip(choice, value, not) {
    const text = this.words(choice).get(value) ?? value, chip = this.button(not ? "chip not" : "chip", not ? `≠ ${text}` : text, value);
    chip.title = `Remove: ${not ? "≠ " : ""}${text}`;
    chip.setAttribute("aria-label", `${choice.title} ${not ? "not " : ""}${text}, remove`);
    return chip;
  }

  /**
   * A button. A symbol in front of the text gets its own element: CSS can hide the text, and screen readers still have it.
   * @param {string} name the class of the button
   * @param {string} text
   * @param {string} value
   */
  button(name, text, value) {
    const button = make("button", name), [, symbol, words] = text.match(/^(\p{S}) (.*)$/u) ?? [];
    button.type = "button";
    button.dataset.value = value;
    if (symbol) {
      button.append(make("span", "symbol", symbol), make("span", "word", words));
      button.title = words;
    } else button.append(make("span", "", text));
    return button;
  }

  chooser() {
    const button = make("button", "chooser");
    button.type = "button";
    button.setAttribute("aria-haspopup", "listbox");
    button.setAttribute("aria-expanded", "false");
    return button;
  }

  /**
   * @param {string} name
   * @param {HTMLButtonElement | null} button
   */
  click(name, button) {
    if (!button) return;
    const choice = this.choice(name), { value = "" } = button.dataset;
    if (button.classList.contains("chooser")) this.opened === name ? this.close() : this.open(name);
    else if (choice.style === "segments") { if (!this.chosen(choice).includes(value)) this.choose(name, [value]); }
    else {
      const left = (/** @type {string[]} */ values) => values.filter((other) => other !== value);
      if (button.classList.contains("not")) this.choose(name, this.chosen(choice), left(this.excluded(choice)));
      else this.choose(name, left(this.chosen(choice)));
    }
  }

  /**
   * Arrow keys in a row of segments work as in any group of radio buttons.
   * @param {string} name
   * @param {KeyboardEvent & { target: Element }} event
   */
  step(name, event) {
    const by = STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    const buttons = [...this.part(name).box.children], now = buttons.indexOf(event.target.closest("button"));
    const next = buttons[(now + by + buttons.length) % buttons.length];
    next.focus();
    this.click(name, next);
  }

  /** @param {string} name */
  open(name) {
    if (this.opened) this.close();
    this.opened = name;
    const choice = this.choice(name);
    this.part(name).chooser?.setAttribute("aria-expanded", "true");
    this.field.value = "";
    this.field.hidden = this.words(choice).size < LONG_LIST;
    this.field.setAttribute("aria-label", `Find in ${choice.title}`);
    this.options.setAttribute("aria-label", choice.title);
    this.options.setAttribute("aria-multiselectable", choice.multiple);
    this.placeMenu(name);
    this.order = null;
    this.menu.showPopover();
    this.fill(true);
    (this.field.hidden ? this.options : this.field).focus({ preventScroll: true });
  }

  /**
   * Place the list below the button that opens it, or above it if there is more room.
   * @param {string} name
   */
  placeMenu(name) {
    const part = this.part(name), box = part.box.getBoundingClientRect();
    const { left, top, bottom } = (part.chooser ?? part.element).getBoundingClientRect();
    const width = Math.max(box.width, 270), below = innerHeight - bottom, above = top;
    const upward = below < 240 && above > below;
    Object.assign(this.menu.style, {
      left: `${Math.max(4, Math.min(Math.min(left, box.left), innerWidth - width - 4))}px`, width: `${width}px`,
      top: upward ? "auto" : `${bottom + 3}px`, bottom: upward ? `${innerHeight - top + 3}px` : "auto",
      maxHeight: `${Math.min(460, (upward ? above : below) - 12)}px`,
    });
  }

  /** Keep the open list next to its button while the page scrolls. Close the list when the button leaves the screen. */
  follow() {
    const part = this.parts.get(this.opened ?? "");
    if (!part) return;
    const { top, bottom } = (part.chooser ?? part.element).getBoundingClientRect();
    if (bottom < 0 || top > innerHeight) this.close();
    else this.placeMenu(/** @type {string} */ (this.opened));
  }

  /** @param {boolean} [focus] whether the button of the list gets the focus */
  close(focus) {
    const chooser = this.parts.get(this.opened ?? "")?.chooser;
    this.opened = null;
    this.menu.hidePopover();
    chooser?.setAttribute("aria-expanded", "false");
    if (focus) chooser?.focus({ preventScroll: true });
  }

  /**
   * Draw the options of the open list. Their order stays while the list is open, so that no option moves under the pointer.
   * @param {boolean} anew whether the list was just opened, or another text was typed
   */
  fill(anew) {
    const choice = this.choice(this.opened), words = this.words(choice), counts = this.counts(choice), chosen = this.chosen(choice);
    const fits = this.fitting(choice), excluded = this.excluded(choice);
    const standing = this.active?.dataset.value;
    this.options.replaceChildren(...fits.slice(0, MOST_OPTIONS).map((value, i) => {
      const option = make("div", "");
      option.id = `choices-option-${i}`;
      option.dataset.value = value;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", String(chosen.includes(value)));
      option.append(make("span", "words", words.get(value) ?? value));
      if (counts && value) option.append(...tally(counts.get(value)));
      if (choice.excluded && value) option.append(this.sign(excluded.includes(value)));
      if (excluded.includes(value)) option.classList.add("not");
      return option;
    }));
    this.rest.textContent = !fits.length ? (this.field.value ? "No option has this name." : "There is nothing to choose yet.")
      : fits.length > MOST_OPTIONS ? `${number(fits.length - MOST_OPTIONS)} more: type to find one.` : "";
    const wanted = this.field.value.trim();
    /** @type {HTMLElement[]} */
    const all = [...this.options.children];
    this.point((!anew && all.find((option) => option.dataset.value === standing))
      || (anew && !wanted && all.find((option) => option.getAttribute("aria-selected") === "true")) || all[0] || null, anew);
  }

  /**
   * The values of a choice that match the typed text and would select glyphs.
   * @param {Choice} choice
   */
  fitting(choice) {
    const words = this.words(choice), counts = this.counts(choice), chosen = this.chosen(choice);
    const wanted = this.field.value.trim().toLowerCase();
    return (this.order ??= this.ordered(choice)).filter((value) => {
      const text = words.get(value) ?? value;
      return (!wanted || text.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted))
        && (!counts || counts.get(value)?.[0] || chosen.includes(value) || this.excluded(choice).includes(value)
          || (!choice.multiple && value === ""));
    });
  }

  /**
   * All values in display order. If several can be chosen: first the chosen values, then the values with most errors.
   * @param {Choice} choice
   */
  ordered(choice) {
    const counts = this.counts(choice), chosen = this.chosen(choice);
    const order = [...new Set([...this.words(choice).keys(), ...chosen])];
    if (!choice.multiple) return order;
    const [n, wrong] = [0, 1].map((i) => (/** @type {string} */ value) => counts?.get(value)?.[i] ?? 0);
    if (counts) order.sort((a, b) => wrong(b) - wrong(a) || n(b) - n(a) || (a < b ? -1 : 1));
    return order.sort((a, b) => Number(chosen.includes(b)) - Number(chosen.includes(a)));
  }

  /**
   * @param {HTMLElement | null} option
   * @param {boolean} [scroll]
   */
  point(option, scroll) {
    this.active?.classList.remove("active");
    this.active = option;
    option?.classList.add("active");
    for (const element of [this.field, this.options])
      option ? element.setAttribute("aria-activedescendant", option.id) : element.removeAttribute("aria-activedescendant");
    if (scroll) option?.scrollIntoView({ block: "nearest" });
  }

  /**
   * The ≠ sign of an option. It excludes the value of the option, or includes it again.
   * @param {boolean} on
   */
  sign(on) {
    const sign = make("span", on ? "sign on" : "sign", "≠");
    sign.title = on ? "Do not exclude it  Alt+Enter" : "Exclude it: show all other glyphs  Alt+Enter, Alt+click";
    return sign;
  }

  /** @param {HTMLElement | null} option */
  toggle(option) {
    if (!option || this.opened === null) return;
    const name = this.opened, choice = this.choice(name), chosen = this.chosen(choice), { value = "" } = option.dataset;
    const excluded = this.excluded(choice), left = excluded.includes(value) ? excluded.filter((other) => other !== value) : undefined;
    if (!choice.multiple) {
      this.close(true);
      if (chosen[0] !== value || left) this.choose(name, [value], left);
      return;
    }
    this.choose(name, chosen.includes(value) ? chosen.filter((chosenValue) => chosenValue !== value) : [...chosen, value], left);
  }

  /**
   * Exclude the value of an option, or stop excluding it. An excluded value is no longer chosen.
   * @param {HTMLElement | null} option
   */
  exclude(option) {
    const choice = this.choice(this.opened), value = option?.dataset.value;
    if (!value || !choice.excluded) return;
    const excluded = this.excluded(choice), chosen = this.chosen(choice).filter((other) => other !== value);
    this.choose(choice.name, choice.multiple || chosen.length ? chosen : [""],
      excluded.includes(value) ? excluded.filter((other) => other !== value) : [...excluded, value]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const all = [...this.options.children], now = all.indexOf(this.active);
    const typed = event.target === this.field;
    /** @type {Record<string, number>} */
    const steps = { ArrowDown: now + 1, ArrowUp: now - 1, PageDown: now + 10, PageUp: now - 10,
      ...(typed ? {} : { Home: 0, End: all.length - 1 }) };
    if (event.key in steps) this.point(all[Math.max(0, Math.min(all.length - 1, steps[event.key]))] ?? null, true);
    else if (event.key === "Enter" && event.altKey) this.exclude(this.active);
    else if (event.key === "Enter" || (event.key === " " && !typed)) this.toggle(this.active);
    else if (event.key === "Escape") this.close(true);
    else if (event.key === "Tab") return this.close(true);
    else if (event.key === "Backspace" && typed && !this.field.value) this.dropLast();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Remove the value that was chosen last, if several values can be chosen. */
  dropLast() {
    const choice = this.choice(this.opened), chosen = this.chosen(choice);
    if (choice.multiple && chosen.length) this.choose(choice.name, chosen.slice(0, -1));
  }
}

/**
 * The number of glyphs that an option would show, and the number of wrong glyphs among them.
 * @param {[n: number, wrong: number]} [counts]
 */
function tally([n, wrong] = [0, 0]) {
  const parts = [make("span", "n", number(n))];
  if (!wrong || wrong >= n) return parts;
  const bar = make("span", "bar"), share = make("i", "");
  share.style.width = `${100 * wrong / n}%`;
  bar.append(share);
  return [...parts, make("span", "x", `✗ ${number(wrong)}`), bar];
}

export default defineComponent(Choices);
