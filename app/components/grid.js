// The glyph grid: one sprite as a mask, so that glyphs take the theme's text colour; roving focus; keys of its own.
// Cards are made once and only their attributes change afterwards: a rebuilt card would lose the keyboard.

class Grid {
  constructor(parent) {
    this.root = parent.querySelector(".glyphs");
    this.list = this.root.querySelector(".cards");
    this.place = this.root.querySelector(".place");
    this.current = this.root.querySelector(".current");
    this.buttons = this.root.querySelectorAll("button[data-page]");
    this.cards = [];
    this.active = 0;
    this.requests = new Requests(this.root, (page) => this.turn(page));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.chosen = new Set();
    this.list.addEventListener("click", (event) => this.click(event));
    this.onMarks = () => this.cards.forEach((card) => this.signs(card));
    this.onAll = () => this.choose(this.data.items.map((item) => item.id), true);
    this.onNone = () => this.choose([...this.chosen], false);
    bus.addEventListener("marks", this.onMarks);
    bus.addEventListener("all", this.onAll);
    bus.addEventListener("none", this.onNone);
    this.list.addEventListener("focusin", (event) => {
      const card = event.target.closest(".card");
      if (card) this.mark(this.cards.indexOf(card));
    });
    this.list.addEventListener("mouseover", (event) => {
      const card = event.target.closest(".card");
      if (card) this.say(this.cards.indexOf(card));
    });
    this.list.addEventListener("mouseleave", () => this.say(this.active));
    for (const button of this.buttons) button.addEventListener("click", () => this.requests.ask(button.dataset.page));
  }

  stop() {
    URL.revokeObjectURL(this.sprite);
    document.removeEventListener("keydown", this.onKey);
    bus.removeEventListener("marks", this.onMarks);
    bus.removeEventListener("all", this.onAll);
    bus.removeEventListener("none", this.onNone);
    bus.current = null;
    bus.chosen = [];
  }

  update(data) {
    const before = this.data;
    this.data = data;
    const count = data.items.length;
    if (before?.sprite !== data.sprite) {
      URL.revokeObjectURL(this.sprite);
      this.sprite = shortUrl(data.sprite);
    }
    while (this.cards.length < count) this.cards.push(this.make());
    if (before && before.total !== data.total) this.chosen.clear(); // another selection
    this.cards.forEach((card, i) => this.fill(card, data.items[i], i));
    const last = data.position + count;
    this.place.textContent = count
      ? `${number(data.position + 1)}–${number(last)} of ${number(data.total)}`
      : "nothing here";
    for (const button of this.buttons) {
      const target = data.pages[button.dataset.page];
      const here = count && target === data.items[0].id;
      button.disabled = target === null || Boolean(here);
    }
    const turned = !before || before.items[0]?.id !== data.items[0]?.id || before.total !== data.total;
    if (turned) {
      const chosen = data.items.findIndex((item) => item.id === data.cursor);
      this.mark(Math.max(0, chosen));
      if (count && listens(this.root)) this.cards[this.active].focus({ preventScroll: true });
    }
    this.tell();
    this.requests.done();
  }

  make() {
    const card = make("button", "card");
    card.type = "button";
    for (const name of ["glyph", "line", "p", "tags", "tick"]) card.append((card[name] = make("span", name)));
    card.tick.textContent = "✓";
    for (const name of ["truth", "arrow", "pred", "sign"])
      card.line.append((card[name] = make(name === "truth" || name === "pred" ? "bdi" : "span", name)));
    card.arrow.textContent = "→";
    this.list.append(card);
    return card;
  }

  fill(card, item, i) {
    card.hidden = !item;
    if (!item) return;
    card.dataset.kind = item.kind;
    card.dataset.id = item.id;
    const { columns, thumb } = this.data;
    card.glyph.style.maskImage = this.sprite ? `url(${this.sprite})` : "none";
    card.glyph.style.maskSize = `${columns * thumb}px auto`;
    card.glyph.style.maskPosition = `${-(i % columns) * thumb}px ${-Math.floor(i / columns) * thumb}px`;
    card.glyph.classList.toggle("blank", !this.sprite);
    character(card.truth, item.truth, item.codes);
    character(card.pred, item.pred, item.predCodes);
    card.arrow.hidden = card.pred.hidden = item.kind === "right";
    card.sign.textContent = item.sign;
    card.p.textContent = item.p.toFixed(3);
    const read = item.kind === "right" ? "read rightly" : `read as ${item.predName}, ${item.words}`;
    card.words = `${item.truthName}, ${read}, confidence ${item.p.toFixed(2)}, ${item.family}`;
    this.signs(card);
  }

  // What people said, and whether the card is chosen: attributes and two small texts, nothing is drawn anew.
  signs(card) {
    if (card.hidden) return;
    const id = Number(card.dataset.id);
    const { tags, note } = bus.marks.get(id) ?? { tags: [], note: "" };
    const chosen = this.chosen.has(id);
    const text = [...new Set(tags.map(tagSign))].join("") + (note ? "✎" : "");
    if (card.tags.textContent !== text) card.tags.textContent = text;
    card.classList.toggle("chosen", chosen);
    const said = [...tags.map((tag) => `tagged ${tag}`), ...(note ? [`note: ${note}`] : [])];
    card.title = said.join("\n");
    card.setAttribute("aria-label", [card.words, ...said, ...(chosen ? ["chosen"] : [])].join(", "));
  }

  mark(i) {
    const visible = this.data.items.length;
    this.active = Math.max(0, Math.min(i, visible - 1));
    this.cards.forEach((card, k) => {
      card.tabIndex = k === this.active ? 0 : -1;
      card.classList.toggle("active", k === this.active);
    });
    this.say(this.active);
    this.tell();
  }

  tell() {
    bus.current = this.data.items[this.active]?.id ?? null;
    bus.chosen = [...this.chosen];
    bus.dispatchEvent(new Event("chosen"));
  }

  choose(ids, on) {
    for (const id of ids) on ? this.chosen.add(id) : this.chosen.delete(id);
    this.cards.forEach((card) => this.signs(card));
    this.tell();
  }

  click(event) {
    const card = event.target.closest(".card");
    if (!card) return;
    const i = this.cards.indexOf(card), id = Number(card.dataset.id);
    if (event.shiftKey) {
      const [low, high] = [this.anchor ?? i, i].sort((a, b) => a - b);
      this.choose(this.data.items.slice(low, high + 1).map((item) => item.id), true);
    } else if (event.ctrlKey || event.metaKey) this.choose([id], !this.chosen.has(id));
    else this.open(card);
    this.anchor = i;
  }

  // The line under the grid names in words what the small signs on a card mean.
  say(i) {
    const item = this.data.items[i];
    this.current.replaceChildren();
    if (!item) return;
    const part = (text, name) => this.current.append(make("span", name, text));
    part(`#${item.id}`, "dim");
    part(item.truthName, "strong");
    part(item.codes, "code");
    part(`${item.sign} ${item.kind === "right" ? "read rightly" : item.words}`, item.kind);
    if (item.kind !== "right") {
      part(item.predName, "strong");
      part(item.predCodes, "code");
    }
    part(`p ${item.p.toFixed(3)}`, "dim");
    part(item.family, "dim");
  }

  focused() {
    return Boolean(this.root.getRootNode().activeElement);
  }

  open(card) {
    if (card) this.send("open", Number(card.dataset.id));
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
    if (event.defaultPrevented || event.altKey || !listens(this.root)) return;
    const all = (event.ctrlKey || event.metaKey) && event.key === "a" && !event.shiftKey;
    if ((event.ctrlKey || event.metaKey) && !all) return;
    const row = this.data.items.length ? this.perRow() : 1;
    const last = this.data.items.length - 1;
    const steps = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, Home: -this.active, End: last - this.active,
    };
    const pages = { n: "next", PageDown: "next", p: "previous", PageUp: "previous", "<": "first", ">": "last" };
    if (all) this.onAll();
    else if (event.key === "x" && last >= 0) this.pick();
    else if (event.key === "Escape" && this.chosen.size) this.onNone();
    else if (event.key in pages) this.requests.ask(pages[event.key]);
    else if (event.key in steps && last >= 0) this.step(steps[event.key]);
    else if (event.key === "Enter" && !this.focused() && last >= 0) this.open(this.cards[this.active]);
    else return;
    event.preventDefault();
  }

  pick() {
    const { id } = this.data.items[this.active];
    this.choose([id], !this.chosen.has(id));
    this.anchor = this.active;
  }

  step(by) {
    const target = this.active + by;
    if (target < 0 || target >= this.data.items.length) return;
    this.mark(target);
    this.cards[target].focus();
  }
}

export default mounted(Grid);
