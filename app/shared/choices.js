// Choices of a page. Python sends values, words and counts; values alone are sent back (see choices.py).

import { Component, deepest, make, mounted, number } from "./common.js";

const LONG_LIST = 8; // options from which a field to find one is offered
const MOST_OPTIONS = 300; // options drawn at once
const PATIENCE = 8000; // milliseconds after which an unanswered change is no longer shown as made

export class Choices extends Component {
  constructor(parent) {
    super(parent.querySelector(".choices"));
    this.all = this.root.querySelector(".all");
    this.menu = this.root.querySelector(".menu");
    this.field = this.menu.querySelector(".find");
    this.options = this.menu.querySelector(".options");
    this.rest = this.menu.querySelector(".rest");
    this.lists = new Map(); // key → [[value, words], …]
    this.parts = new Map(); // name of a choice → its elements
    this.pending = {}; // changes that the server has not acknowledged, by name
    this.client = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.number = 0;
    this.on(document, "pointerdown", (event) => {
      if (this.opened && !event.composedPath().includes(this.root)) this.close();
    }, true);
    const moved = (event) => { if (this.opened && !event.composedPath?.().includes(this.menu)) this.close(); };
    this.on(window, "resize", moved);
    this.on(window, "scroll", moved, true);
    this.on(this.field, "input", () => this.fill(true));
    this.on(this.menu, "keydown", (event) => this.key(event));
    this.on(this.menu, "focusout", (event) => {
      if (this.opened && event.relatedTarget && !this.menu.contains(event.relatedTarget)) this.close();
    });
    this.on(this.options, "pointermove", (event) => this.point(event.target.closest("[role=option]")));
    this.on(this.options, "click", (event) => this.toggle(event.target.closest("[role=option]")));
  }

  stop() {
    super.stop();
    clearTimeout(this.timer);
  }

  update({ label, layout, acknowledged, choices, lists }) {
    if (!this.learn(lists)) return this.send("words", []);
    this.root.setAttribute("aria-label", label);
    this.root.dataset.layout = layout;
    this.choices = new Map(choices.map((choice) => [choice.name, choice]));
    if (acknowledged === this.token()) this.settle();
    for (const [name, part] of this.parts)
      if (this.choices.get(name)?.style !== part.style) { part.element.remove(); this.parts.delete(name); }
    for (const choice of choices) {
      if (!this.parts.has(choice.name)) this.parts.set(choice.name, this.make(choice));
      const { element } = this.parts.get(choice.name), place = choices.indexOf(choice);
      if (this.all.children[place] !== element) this.all.insertBefore(element, this.all.children[place] ?? null);
      this.paint(choice);
    }
    if (this.opened && !this.choices.has(this.opened)) this.close();
    if (this.opened) this.fill(false);
  }

  // Take lists of words that are new and forget those that are needed no more; whether all are here.
  learn(lists) {
    for (const [key, list] of Object.entries(lists)) if (list) this.lists.set(key, list);
    if (Object.keys(lists).some((key) => !this.lists.has(key))) return false;
    for (const key of [...this.lists.keys()]) if (!(key in lists)) this.lists.delete(key);
    return true;
  }

  token() { return `${this.client}-${this.number}`; }

  settle() {
    clearTimeout(this.timer);
    this.pending = {};
    delete this.root.dataset.pending;
  }

  chosen(choice) { return this.pending[choice.name] ?? choice.chosen; }

  // Value → words, and value → [n, wrong] where it is counted.
  words(choice) { return choice.map ??= new Map(this.lists.get(choice.words)); }

  counts(choice) {
    if (!choice.counts) return null;
    const list = this.lists.get(choice.words);
    return choice.counted ??= new Map(choice.counts.map(([i, n, wrong]) => [list[i][0], [n, wrong]]));
  }

  // Show a change at once and send it with all others that are under way.
  choose(name, values) {
    this.pending[name] = values;
    this.number += 1;
    this.root.dataset.pending = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.settle(); this.choices.forEach((choice) => this.paint(choice)); }, PATIENCE);
    this.paint(this.choices.get(name));
    if (this.opened) this.fill(false);
    this.send("choose", { token: this.token(), changes: { ...this.pending }, held: [...this.lists.keys()] });
  }

  make(choice) {
    const element = make("div", "choice");
    Object.assign(element.dataset, { name: choice.name, style: choice.style });
    if (choice.style !== "text") {
      element.setAttribute("role", choice.style === "segments" ? "radiogroup" : "group");
      element.setAttribute("aria-label", choice.title);
    }
    element.append(make("div", "title", choice.title));
    const part = { element, style: choice.style };
    if (choice.style === "text") {
      part.input = make("input", "");
      part.input.type = "search";
      Object.assign(part.input, { autocomplete: "off", spellcheck: false, dir: "auto", maxLength: 100 });
      part.input.setAttribute("aria-label", choice.title);
      const commit = () => {
        const now = this.choices.get(choice.name), text = part.input.value.trim();
        if (text !== (this.chosen(now)[0] ?? "")) this.choose(choice.name, text ? [text] : []);
      };
      part.input.addEventListener("change", commit);
      part.input.addEventListener("search", commit);
      element.append(part.input);
      return part;
    }
    part.box = make("div", choice.style === "segments" ? "segments" : "box");
    element.append(part.box);
    part.box.addEventListener("click", (event) => this.click(choice.name, event.target.closest("button")));
    if (choice.style === "segments") part.box.addEventListener("keydown", (event) => this.step(choice.name, event));
    else part.box.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || !event.target.closest(".chooser")) return;
      event.preventDefault();
      this.open(choice.name);
    });
    return part;
  }

  paint(choice) {
    const part = this.parts.get(choice.name);
    part.element.title = choice.help;
    if (choice.style === "text") return this.paintText(choice, part);
    const focus = this.focused(), standing = part.box.contains(focus) ? focus.dataset.value ?? "" : null;
    part.box.replaceChildren(...(choice.style === "segments" ? this.segments(choice) : this.list(choice, part)));
    // Painting anew must not lose the keyboard's place.
    if (standing !== null && this.focused() === null && !this.opened)
      ([...part.box.querySelectorAll("button")].find((each) => each.dataset.value === standing) ?? part.box.lastElementChild)?.focus();
  }

  paintText(choice, part) {
    const text = this.chosen(choice)[0] ?? "";
    part.input.placeholder = choice.hint;
    if (part.painted !== text || deepest() !== part.input) part.input.value = text;
    part.painted = text;
  }

  // A button for each value; a value that would show nothing is left out.
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

  // The button that opens a list, behind what is chosen of several.
  list(choice, part) {
    const [value] = this.chosen(choice), words = this.words(choice);
    const chooser = part.chooser ??= this.chooser();
    const text = choice.multiple ? choice.hint : words.get(value) ?? value ?? choice.hint;
    chooser.replaceChildren(make("span", `words${choice.multiple ? " none" : ""}`, text));
    chooser.setAttribute("aria-label", `${choice.title}: ${choice.multiple ? "choose" : text}`);
    if (choice.multiple) return [...this.chosen(choice).map((each) => this.chip(choice, each)), chooser];
    const count = this.counts(choice)?.get(value);
    if (count && value) chooser.append(make("span", "n", number(count[0])));
    return [chooser];
  }

  chip(choice, value) {
    const text = this.words(choice).get(value) ?? value, chip = this.button("chip", text, value);
    chip.title = `Take away: ${text}`;
    chip.setAttribute("aria-label", `${choice.title} ${text}, take away`);
    return chip;
  }

  // A symbol in front of the words is a part of its own, so that a style sheet can leave the words to those who hear them.
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

  click(name, button) {
    if (!button) return;
    const choice = this.choices.get(name), { value } = button.dataset;
    if (button.classList.contains("chooser")) this.opened === name ? this.close() : this.open(name);
    else if (choice.style === "segments") { if (!this.chosen(choice).includes(value)) this.choose(name, [value]); }
    else this.choose(name, this.chosen(choice).filter((each) => each !== value));
  }

  // Arrow keys in a row of segments, as in any group of radio buttons.
  step(name, event) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const buttons = [...this.parts.get(name).box.children], now = buttons.indexOf(event.target.closest("button"));
    const next = buttons[(now + by + buttons.length) % buttons.length];
    next.focus();
    this.click(name, next);
  }

  open(name) {
    if (this.opened) this.close();
    this.opened = name;
    const choice = this.choices.get(name), { chooser } = this.parts.get(name), { left, top, bottom } = chooser.getBoundingClientRect();
    const box = this.parts.get(name).box.getBoundingClientRect();
    chooser.setAttribute("aria-expanded", "true");
    this.field.value = "";
    this.field.hidden = this.lists.get(choice.words).length < LONG_LIST;
    this.field.setAttribute("aria-label", `Find in ${choice.title}`);
    this.options.setAttribute("aria-label", choice.title);
    this.options.setAttribute("aria-multiselectable", choice.multiple);
    const width = Math.max(box.width, 270), below = innerHeight - bottom, above = top;
    const upward = below < 240 && above > below;
    Object.assign(this.menu.style, {
      left: `${Math.max(4, Math.min(Math.min(left, box.left), innerWidth - width - 4))}px`, width: `${width}px`,
      top: upward ? "auto" : `${bottom + 3}px`, bottom: upward ? `${innerHeight - top + 3}px` : "auto",
      maxHeight: `${Math.min(460, (upward ? above : below) - 12)}px`,
    });
    this.order = null;
    this.menu.showPopover();
    this.fill(true);
    (this.field.hidden ? this.options : this.field).focus({ preventScroll: true });
  }

  close(focus) {
    const chooser = this.parts.get(this.opened)?.chooser;
    this.opened = null;
    this.menu.hidePopover();
    chooser?.setAttribute("aria-expanded", "false");
    if (focus) chooser?.focus({ preventScroll: true });
  }

  // The options of the open list. They keep their order while it is open: what one reaches for must not move.
  fill(anew) {
    const choice = this.choices.get(this.opened), words = this.words(choice), counts = this.counts(choice), chosen = this.chosen(choice);
    const n = (value) => counts?.get(value)?.[0] ?? 0, wrong = (value) => counts?.get(value)?.[1] ?? 0;
    if (!this.order) {
      this.order = [...new Set([...words.keys(), ...chosen])];
      if (choice.multiple && counts) this.order.sort((a, b) => wrong(b) - wrong(a) || n(b) - n(a) || (a < b ? -1 : 1));
      if (choice.multiple) this.order.sort((a, b) => chosen.includes(b) - chosen.includes(a));
    }
    const wanted = this.field.value.trim().toLowerCase();
    const fits = this.order.filter((value) => {
      const text = words.get(value) ?? value;
      return (!wanted || text.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted))
        && (!counts || n(value) || chosen.includes(value) || (!choice.multiple && value === ""));
    });
    const standing = this.active?.dataset.value;
    this.options.replaceChildren(...fits.slice(0, MOST_OPTIONS).map((value, i) => {
      const option = make("div", "");
      option.id = `choices-option-${i}`;
      option.dataset.value = value;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", chosen.includes(value));
      option.append(make("span", "words", words.get(value) ?? value));
      if (counts && value) {
        option.append(make("span", "n", number(n(value))));
        if (wrong(value) && wrong(value) < n(value)) {
          option.append(make("span", "x", `✗ ${number(wrong(value))}`));
          const bar = make("span", "bar"), share = make("i", "");
          share.style.width = `${100 * wrong(value) / n(value)}%`;
          bar.append(share);
          option.append(bar);
        }
      }
      return option;
    }));
    this.rest.textContent = !fits.length ? "Nothing here has that name."
      : fits.length > MOST_OPTIONS ? `${number(fits.length - MOST_OPTIONS)} more: type to find one.` : "";
    const all = [...this.options.children];
    this.point((!anew && all.find((each) => each.dataset.value === standing))
      || (anew && !wanted && all.find((each) => each.getAttribute("aria-selected") === "true")) || all[0] || null, anew);
  }

  point(option, scroll) {
    this.active?.classList.remove("active");
    this.active = option;
    option?.classList.add("active");
    for (const each of [this.field, this.options])
      option ? each.setAttribute("aria-activedescendant", option.id) : each.removeAttribute("aria-activedescendant");
    if (scroll) option?.scrollIntoView({ block: "nearest" });
  }

  toggle(option) {
    if (!option) return;
    const name = this.opened, choice = this.choices.get(name), chosen = this.chosen(choice), { value } = option.dataset;
    if (!choice.multiple) {
      this.close(true);
      if (chosen[0] !== value) this.choose(name, [value]);
      return;
    }
    this.choose(name, chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value]);
  }

  key(event) {
    const all = [...this.options.children], now = all.indexOf(this.active);
    const typed = event.target === this.field;
    const steps = { ArrowDown: now + 1, ArrowUp: now - 1, PageDown: now + 10, PageUp: now - 10,
      ...(typed ? {} : { Home: 0, End: all.length - 1 }) };
    if (event.key in steps) this.point(all[Math.max(0, Math.min(all.length - 1, steps[event.key]))] ?? null, true);
    else if (event.key === "Enter" || (event.key === " " && !typed)) this.toggle(this.active);
    else if (event.key === "Escape") this.close(true);
    else if (event.key === "Tab") return this.close(true);
    else if (event.key === "Backspace" && typed && !this.field.value) {
      const choice = this.choices.get(this.opened), chosen = this.chosen(choice);
      if (choice.multiple && chosen.length) this.choose(this.opened, chosen.slice(0, -1));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export default mounted(Choices);
