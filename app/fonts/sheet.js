// The glyph sheet of a font: cards over one sprite, and the glyph under the cursor in full, to be confirmed or corrected.
// Edits wait here until the server says that they are kept; a newer message always carries the ones before it.

import { Requests, character, listens, make, mounted, number, shortUrl, unsent } from "../shared/common.js";
import { drawEm } from "./em_box.js";

class FontSheet {
  constructor(parent) {
    this.root = parent.querySelector(".fontsheet");
    const find = (name) => this.root.querySelector(name);
    this.list = find(".cards");
    this.place = find(".place");
    this.said = find(".said");
    this.detail = find(".detail");
    this.em = find(".em");
    this.form = find(".edit");
    this.input = find(".edit input");
    this.buttons = this.root.querySelectorAll("button[data-page]");
    this.cards = [];
    this.active = 0;
    this.requests = new Requests(this.root, (page) => this.turn(page));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.list.addEventListener("click", (event) => {
      const card = event.target.closest(".card");
      if (card) this.mark(this.cards.indexOf(card));
    });
    this.list.addEventListener("focusin", (event) => {
      const card = event.target.closest(".card");
      if (card) this.mark(this.cards.indexOf(card));
    });
    for (const button of this.buttons) button.addEventListener("click", () => this.requests.ask(button.dataset.page));
    find(".undo").addEventListener("click", () => this.say(null));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = this.input.value.trim();
      if (!typed) return;
      this.say(typed);
      this.step(1);
    });
    this.input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.cards[this.active]?.focus();
    });
    this.theme = new MutationObserver(() => this.draw());
    this.theme.observe(document.documentElement, { attributes: true, subtree: false });
  }

  stop() {
    URL.revokeObjectURL(this.sprite);
    this.theme.disconnect();
    clearTimeout(this.keeping);
    document.removeEventListener("keydown", this.onKey);
  }

  update(data) {
    const before = this.data;
    this.data = data;
    this.unsent = unsent(data.about);
    const done = data.done[this.unsent.client] ?? 0;
    this.unsent.pending = this.unsent.pending.filter((edit) => edit.n > done);
    if (!before) this.keep();
    if (before?.sprite !== data.sprite) {
      URL.revokeObjectURL(this.sprite);
      this.sprite = shortUrl(data.sprite);
      this.picture = new Image();
      this.picture.onload = () => this.draw();
      this.picture.src = this.sprite;
    }
    while (this.cards.length < data.items.length) this.cards.push(this.make());
    this.cards.forEach((card, i) => this.fill(card, data.items[i], i));
    const last = data.position + data.items.length;
    this.place.textContent = data.items.length
      ? `${number(data.position + 1)}–${number(last)} of ${number(data.total)}`
      : "nothing here";
    for (const button of this.buttons) {
      const target = data.pages[button.dataset.page];
      button.disabled = target === null || target === data.items[0]?.id;
    }
    const turned = !before || before.items[0]?.id !== data.items[0]?.id || before.total !== data.total;
    if (turned) {
      const chosen = data.items.findIndex((item) => item.id === data.cursor);
      this.mark(Math.max(0, chosen));
      if (data.items.length && listens(this.root)) this.cards[this.active].focus({ preventScroll: true });
    } else this.show();
    this.requests.done();
  }

  make() {
    const card = make("button", "card");
    card.type = "button";
    for (const name of ["glyph", "line", "p"]) card.append((card[name] = make("span", name)));
    for (const name of ["font", "arrow", "model", "sign"])
      card.line.append((card[name] = make(name === "font" || name === "model" ? "bdi" : "span", name)));
    card.arrow.textContent = "→";
    this.list.append(card);
    return card;
  }

  // What is being kept counts as kept at once; the server's word replaces it.
  kept(item) {
    const waiting = this.unsent.pending.findLast((edit) => edit.glyph === item.id);
    if (!waiting) return item.kept;
    if (waiting.said === null) return null;
    const candidate = item.top.find((each) => each.label === waiting.said);
    return candidate ?? { shown: waiting.said, codes: waiting.said, words: waiting.said };
  }

  fill(card, item, i) {
    card.hidden = !item;
    if (!item) return;
    const kept = this.kept(item);
    const { columns } = this.data;
    card.dataset.kind = kept ? "kept" : item.kind;
    card.dataset.id = item.id;
    card.glyph.style.maskImage = this.sprite ? `url(${this.sprite})` : "none";
    card.glyph.style.maskSize = `${columns * 64}px auto`;
    card.glyph.style.maskPosition = `${-(i % columns) * 64}px ${-Math.floor(i / columns) * 64}px`;
    const said = item.font[0];
    character(card.font, said?.shown ?? "", said?.codes ?? "–");
    card.font.hidden = !said;
    const right = kept ?? item.model;
    character(card.model, right.shown, right.codes);
    card.arrow.hidden = card.model.hidden = !kept && item.verdict === "agrees";
    card.sign.textContent = kept ? "✎" : item.sign;
    card.p.textContent = kept ? "confirmed" : item.p.toFixed(3);
    card.classList.toggle("left-out", !kept && !item.text);
    const words = kept ? `confirmed as ${kept.words}` : `${item.meaning}: ${item.model.words}, p ${item.p.toFixed(2)}`;
    card.setAttribute("aria-label", `${item.name}, font says ${said ? said.words || said.codes : "nothing"}, ${words}`);
  }

  mark(i) {
    this.active = Math.max(0, Math.min(i, this.data.items.length - 1));
    this.cards.forEach((card, k) => {
      card.tabIndex = k === this.active ? 0 : -1;
      card.classList.toggle("active", k === this.active);
    });
    if (this.shown !== this.item()?.id) this.input.value = "";
    this.show();
  }

  item() {
    return this.data.items[this.active];
  }

  show() {
    const item = this.item();
    this.detail.hidden = !item;
    const waiting = this.unsent.pending.length ? ` · keeping ${this.unsent.pending.length} …` : "";
    const { confirmed } = this.data;
    this.said.textContent = (confirmed ? `✎ ${number(confirmed)} confirmed` : "nothing confirmed yet") + waiting;
    if (!item) return;
    this.shown = item.id;
    const find = (name) => this.detail.querySelector(name);
    const kept = this.kept(item);
    find(".title").replaceChildren(make("span", "", item.name || "no name"), make("span", "dim", `glyph ${item.id}`));
    find(".verdict").className = `verdict ${item.kind}`;
    find(".verdict").textContent = `${item.sign} ${item.verdict}: ${item.meaning}`;
    const font = find(".font");
    font.replaceChildren(make("dt", "", "font"));
    const says = make("dd");
    for (const each of item.font) says.append(this.word(each, true));
    if (item.more) says.append(make("span", "dim", `and ${item.more} more`));
    if (!item.font.length) says.append(make("span", "dim", "says nothing"));
    if (item.claimP !== null) says.append(make("span", "dim", `p ${item.claimP.toFixed(3)}`));
    const by = { confirmed: "confirmed", model: "by the model", font: "by the font", "": "left out: not sure enough" };
    const text = make("dd", "", item.text ? `${item.text} ` : "");
    text.append(make("span", "dim", by[item.source]));
    font.append(says, make("dt", "", "text"), text);
    const list = find(".candidates");
    list.replaceChildren(...item.top.map((each, k) => this.candidate(each, k, kept && (item.keptLabel || kept.label))));
    const fault = this.data.faults[item.id];
    find(".fault").textContent = fault ?? "";
    find(".fault").hidden = !fault;
    find(".kept").hidden = !kept;
    find(".kept span").replaceChildren(...(kept ? [make("span", "", "✎ confirmed as"), this.word(kept, true)] : []));
    this.draw();
  }

  word(each, codes) {
    const word = make("span", "word");
    const letter = make("bdi", "letter");
    character(letter, each.shown, each.codes);
    word.append(letter);
    if (codes && !letter.classList.contains("codes")) word.append(make("span", "code", each.codes));
    word.append(make("span", "", each.words));
    return word;
  }

  candidate(each, k, keptLabel) {
    const button = make("button", "candidate");
    button.type = "button";
    button.title = `Confirm  ${k + 1}`;
    button.append(make("kbd", "", String(k + 1)), this.word(each, true), make("span", "share", each.p.toFixed(3)));
    button.style.setProperty("--p", each.p);
    button.classList.toggle("taken", each.taken);
    button.setAttribute("aria-pressed", String(each.label === keptLabel));
    button.addEventListener("click", () => {
      this.say(each.label);
      this.step(1);
    });
    return button;
  }

  draw() {
    const item = this.item();
    if (item && this.picture?.complete) drawEm(this.em, this.picture, this.data, this.active, item.geometry);
  }

  say(said) {
    const item = this.item();
    if (!item) return;
    if (said === null && !this.kept(item)) return;
    this.unsent.pending.push({ n: ++this.unsent.number, glyph: item.id, said });
    delete this.data.faults[item.id];
    this.keep();
    this.fill(this.cards[this.active], item, this.active);
    this.show();
  }

  // Sent again until it is acknowledged: a message that comes while the page is being made may get lost.
  keep() {
    clearTimeout(this.keeping);
    const { about, client, pending } = this.unsent;
    if (!pending.length) return;
    this.send("edit", { about, run: client, edits: pending });
    this.keeping = setTimeout(() => this.keep(), 3000);
  }

  turn(name) {
    const target = this.data.pages[name];
    if (target === null || target === this.data.items[0]?.id) return false;
    this.send("turn", target);
    return true;
  }

  perRow() {
    const top = this.cards[0].offsetTop;
    const next = this.cards.findIndex((card) => card.offsetTop !== top);
    return next < 1 ? this.data.items.length : next;
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const focus = this.root.getRootNode().activeElement;
    if (!listens(this.root) || focus === this.input) return;
    const item = this.item();
    const row = this.data.items.length ? this.perRow() : 1;
    const last = this.data.items.length - 1;
    const steps = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, Home: -this.active, End: last - this.active,
    };
    const pages = { n: "next", PageDown: "next", p: "previous", PageUp: "previous", "<": "first", ">": "last" };
    const onCard = !focus || focus.classList.contains("card");
    if (event.key in pages) this.requests.ask(pages[event.key]);
    else if (event.key in steps && last >= 0) this.step(steps[event.key]);
    else if (item && event.key === "e") this.input.focus();
    else if (item && event.key === "u") this.say(null);
    else if (item && /^[1-5]$/.test(event.key) && item.top[event.key - 1]) {
      this.say(item.top[event.key - 1].label);
      this.step(1);
    } else if (item && event.key === "Enter" && onCard) {
      this.say(item.label);
      this.step(1);
    } else return;
    event.preventDefault();
  }

  step(by) {
    const target = Math.max(0, Math.min(this.active + by, this.data.items.length - 1));
    this.mark(target);
    this.cards[target]?.focus();
  }
}

export default mounted(FontSheet);
