// A page of flips and both grids of the chosen one. All grids of a page come with it, so that the cursor moves without
// asking; the server hears of the glyph that it rests on, for the link.

const LETTERS = ["A", "B"];

class Flips {
  constructor(parent) {
    this.root = parent.querySelector(".flips");
    this.list = this.find(".cards");
    this.boards = this.find(".boards");
    this.canvases = this.root.querySelectorAll(".boards canvas");
    this.cards = [];
    this.active = 0;
    this.picture = "glyph";
    this.layers = { colours: false, differ: true };
    this.requests = new Requests(this.root, (page) => this.turn(page));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.boards);
    const card = (event) => this.cards.indexOf(event.target.closest(".card"));
    this.list.addEventListener("focusin", (event) => card(event) >= 0 && this.mark(card(event)));
    this.list.addEventListener("dblclick", () => this.open());
    this.canvases.forEach((canvas) => canvas.addEventListener("mousemove", (event) => this.hover(event, canvas)));
    for (const button of this.root.querySelectorAll("[data-page]"))
      button.addEventListener("click", () => this.requests.ask(button.dataset.page));
    for (const button of this.root.querySelectorAll("[data-picture], [data-layer]"))
      button.addEventListener("click", () => this.show(button.dataset));
    this.find(".inspect").addEventListener("click", () => this.open());
  }

  find(selector) { return this.root.querySelector(selector); }

  stop() {
    clearTimeout(this.resting);
    URL.revokeObjectURL(this.sprite);
    document.removeEventListener("keydown", this.onKey);
    this.observer.disconnect();
  }

  update(data) {
    const before = this.data;
    this.data = data;
    const count = data.items.length;
    if (before?.sprite !== data.sprite) {
      URL.revokeObjectURL(this.sprite);
      this.sprite = shortUrl(data.sprite);
    }
    const books = data.patches.map((text) => {
      const grey = bytes(text);
      return new Map(data.used.map((id, i) => [id, grey.subarray(i * 64, i * 64 + 64)]));
    });
    this.books = [books[0], books[books.length - 1]];
    this.root.querySelectorAll(".boards figcaption").forEach((caption, side) => {
      caption.replaceChildren(make("b", "", `${LETTERS[side]} `), make("bdi", "", data.names[side]));
    });
    while (this.cards.length < count) this.cards.push(this.make());
    this.cards.forEach((card, i) => this.fill(card, data.items[i], i));
    const last = data.position + count;
    this.find(".place").textContent = `${number(data.position + 1)}–${number(last)} of ${number(data.total)}`;
    this.find(".order").textContent = data.order;
    for (const button of this.root.querySelectorAll("[data-page]")) {
      const target = data.pages[button.dataset.page];
      button.disabled = target === null || target === data.items[0].id;
    }
    const kept = before?.items[this.active]?.id;
    const same = before?.items[0]?.id === data.items[0].id && before.items.length === count && before.order === data.order;
    const wanted = data.items.findIndex((item) => item.id === (same ? kept : data.cursor));
    this.resting = clearTimeout(this.resting);
    this.mark(Math.max(0, wanted), false);
    if (before && !same && this.focused()) this.cards[this.active].focus({ preventScroll: true });
    this.requests.done();
    if (this.opening === data.cursor && this.opening === this.item().id) this.open();
    this.opening = null;
  }

  make() {
    const card = make("button", "card");
    card.type = "button";
    card.append((card.glyph = make("span", "glyph")), (card.truth = make("bdi", "truth")));
    card.read = LETTERS.map((letter) => {
      const reading = make("span", "reading");
      reading.append(make("span", "letter", letter), (reading.sign = make("span", "sign")), (reading.char = make("bdi", "char")));
      card.append(reading);
      return reading;
    });
    this.list.append(card);
    return card;
  }

  fill(card, item, i) {
    card.hidden = !item;
    if (!item) return;
    card.dataset.id = item.id;
    const { columns, thumb } = this.data;
    card.glyph.style.maskImage = this.sprite ? `url(${this.sprite})` : "none";
    card.glyph.style.maskSize = `${columns * thumb}px auto`;
    card.glyph.style.maskPosition = `${-(i % columns) * thumb}px ${-Math.floor(i / columns) * thumb}px`;
    card.glyph.classList.toggle("blank", !this.sprite);
    character(card.truth, item.truth, item.codes);
    item.read.forEach((its, side) => {
      const { [side]: reading } = card.read;
      reading.dataset.kind = its.kind;
      reading.sign.textContent = its.sign;
      character(reading.char, its.shown, its.codes);
      reading.char.hidden = its.kind === "right";
    });
    const said = item.read.map((its, side) => `${LETTERS[side]} reads ${its.kind === "right" ? "rightly" : `${its.name}, ${its.words}`}`);
    card.setAttribute("aria-label", `${item.name}, ${said.join(", ")}, ${item.family}`);
  }

  mark(i, tell = true) {
    const { items } = this.data;
    const moved = this.active !== i;
    this.active = Math.max(0, Math.min(i, items.length - 1));
    this.cards.forEach((card, k) => {
      card.tabIndex = k === this.active ? 0 : -1;
      card.classList.toggle("active", k === this.active);
    });
    this.detail(items[this.active]);
    if (!tell || !moved) return;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.send("stay", items[this.active].id), 600);
  }

  detail(item) {
    const fresh = this.shownId !== item.id || this.grid?.text !== item.cells;
    if (fresh) this.grid = unpack(item.cells);
    if (!item.drawn) this.picture = "patches";
    const char = make("bdi", "char");
    character(char, item.truth, item.codes);
    this.find(".title").replaceChildren(char, make("span", "name", item.name), make("span", "code", item.codes),
      make("span", "dim", `#${item.id} · ${item.family}${item.split ? ` · ${item.split}` : ""}`));
    this.find(".readings tbody").replaceChildren(...item.read.map((its, side) => {
      const row = make("tr", its.kind);
      const read = make("bdi", "char");
      character(read, its.shown, its.codes);
      const cells = [make("b", "", LETTERS[side]), make("bdi", "", this.data.names[side]), make("span", "sign", its.sign), read,
        make("span", "name", its.name), make("span", "dim", `p ${its.p.toFixed(3)}`)];
      row.append(...cells.map((each) => { const cell = make("td"); cell.append(each); return cell; }));
      return row;
    }));
    const { cells, differ } = this.grid;
    const count = cells.filter((_, k) => differ[k]).length;
    const rule = this.data.patches.length === 1 ? "differ" : "only one reads rightly (other codebooks)";
    this.find(".score").textContent = `${count} of ${cells.length} cells ${rule}`;
    if (fresh) {
      this.shownId = item.id;
      this.cell = cells.find((_, k) => differ[k]) ?? cells[0] ?? 0;
    }
    this.mirror();
    this.draw();
    this.say();
  }

  draw() {
    const side = this.canvases[0].parentElement.clientWidth;
    if (!this.grid || !side) return;
    const ratio = window.devicePixelRatio || 1;
    const step = Math.floor((side * ratio) / GRID), full = step * GRID;
    this.step = step / ratio;
    const style = getComputedStyle(this.root);
    const colour = (name) => style.getPropertyValue(name).trim();
    const ink = rgb(colour("--st-text-color"));
    this.canvases.forEach((canvas, model) => {
      if (canvas.width !== full) canvas.width = canvas.height = full;
      canvas.style.width = canvas.style.height = `${full / ratio}px`;
      const context = canvas.getContext("2d");
      context.clearRect(0, 0, full, full);
      const small = new OffscreenCanvas(SIZE, SIZE);
      small.getContext("2d").putImageData(this.pixels(model, ink), 0, 0);
      context.imageSmoothingEnabled = false;
      context.drawImage(small, 0, 0, full, full);
      const box = (cell) => [(cell % GRID) * step, Math.floor(cell / GRID) * step, step, step];
      if (this.layers.colours) {
        context.globalAlpha = 0.42;
        this.grid.cells.forEach((cell, k) => {
          context.fillStyle = hue(this.grid.ids[model][k]);
          context.fillRect(...box(cell));
        });
        context.globalAlpha = 1;
      }
      context.fillStyle = colour("--line");
      for (let i = 0; i <= GRID; i++) {
        context.fillRect(Math.min(i * step, full - 1), 0, 1, full);
        context.fillRect(0, Math.min(i * step, full - 1), full, 1);
      }
      const frame = (cell, width, name, inset) => {
        const [x, y] = box(cell);
        context.lineWidth = width;
        context.strokeStyle = colour(name);
        context.strokeRect(x + inset, y + inset, step - 2 * inset, step - 2 * inset);
      };
      if (this.layers.differ)
        this.grid.cells.forEach((cell, k) => this.grid.differ[k] && frame(cell, 1.5 * ratio, this.right(model, k) ? "--right" : "--wrong", 1.2 * ratio));
      frame(this.cell, 4 * ratio, "--st-background-color", 0);
      frame(this.cell, 2 * ratio, "--st-primary-color", 0);
    });
  }

  right(model, k) { return this.item().drawn && this.grid.ids[model][k] === this.grid.targets[model][k]; }
  item() { return this.data.items[this.active]; }

  pixels(model, [r, g, b]) {
    const picture = new ImageData(SIZE, SIZE);
    this.grid.cells.forEach((cell, k) => {
      const patch = this.picture === "glyph" ? this.grid.own(k) : this.books[model].get(this.grid.ids[model][k]);
      const left = (cell % GRID) * CELL, top = Math.floor(cell / GRID) * CELL;
      for (let i = 0; i < 64; i++)
        picture.data.set([r, g, b, patch[i] * 0.86], ((top + (i >> 3)) * SIZE + left + (i & 7)) * 4);
    });
    return picture;
  }

  say() {
    const k = this.grid.cells.indexOf(this.cell);
    const row = Math.floor(this.cell / GRID), column = this.cell % GRID;
    const ink = getComputedStyle(this.root).getPropertyValue("--st-text-color").trim();
    const tile = (name, patch) => {
      const figure = make("figure"), canvas = make("canvas", "tile");
      canvas.width = canvas.height = CELL;
      paint(canvas, patch, ink);
      figure.append(canvas, make("figcaption", "", name));
      return figure;
    };
    const line = this.find("#flip-cell");
    if (k < 0) {
      this.find(".patches").replaceChildren(...[0, 1, 2].map(() => tile("–", new Uint8Array(64))));
      line.textContent = `Row ${row}, column ${column}: empty, decided by the pixels.`;
      return;
    }
    const { ids, targets, sure } = this.grid;
    const { drawn } = this.item();
    const words = LETTERS.map((letter, model) => {
      const sign = !drawn ? "" : this.right(model, k) ? "✓ " : `✗ should be ${targets[model][k]}, `;
      return `${letter} ${ids[model][k]} ${sign}p ${(sure[model][k] / 255).toFixed(2)}`;
    });
    this.find(".patches").replaceChildren(
      ...(drawn ? [tile("cell", this.grid.own(k))] : []),
      ...LETTERS.map((letter, model) => tile(`${letter} ${ids[model][k]}`, this.books[model].get(ids[model][k]))));
    line.textContent = `Row ${row}, column ${column}: ${words.join("; ")}.`;
  }

  mirror() {
    for (const button of this.root.querySelectorAll("[data-picture]")) {
      button.setAttribute("aria-checked", button.dataset.picture === this.picture);
      button.disabled = !this.item().drawn;
    }
    for (const button of this.root.querySelectorAll("[data-layer]"))
      button.setAttribute("aria-pressed", this.layers[button.dataset.layer]);
  }

  show({ picture, layer }) {
    if (picture && this.item().drawn) this.picture = picture;
    if (layer) this.layers[layer] = !this.layers[layer];
    this.mirror();
    this.draw();
  }

  hover(event, canvas) {
    const box = canvas.getBoundingClientRect();
    this.point(Math.floor((event.clientX - box.left) / this.step), Math.floor((event.clientY - box.top) / this.step));
  }

  point(column, row) {
    if (column < 0 || row < 0 || column >= GRID || row >= GRID || this.cell === row * GRID + column) return;
    this.cell = row * GRID + column;
    this.draw();
    this.say();
  }

  focused() { return Boolean(this.root.getRootNode().activeElement); }

  // The glyph is in this page's link before the page is left: the back button returns to it.
  open() {
    const { id } = this.item();
    clearTimeout(this.resting);
    if (this.data.cursor === id) return this.send("open", id);
    this.opening = id;
    this.send("stay", id);
  }

  turn(name) {
    const target = this.data.pages[name];
    if (target === null || target === this.data.items[0].id) return false;
    this.send("turn", target);
    return true;
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !listens(this.root)) return;
    const pages = { n: "next", PageDown: "next", p: "previous", PageUp: "previous", "<": "first", ">": "last" };
    const shows = { 1: { picture: "glyph" }, 2: { picture: "patches" }, c: { layer: "colours" }, w: { layer: "differ" } };
    const inside = this.root.getRootNode().activeElement;
    const moves = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    if (event.key in pages) this.requests.ask(pages[event.key]);
    else if (event.key in shows) this.show(shows[event.key]);
    else if (event.key === "g") this.boards.focus({ preventScroll: true });
    else if (event.key === "x") this.nextDiffering();
    else if (event.key === "Enter" && (!inside || inside === this.boards || inside.matches(".card"))) this.open();
    else if (inside === this.boards && event.key in moves) {
      const [across, down] = moves[event.key];
      this.point((this.cell % GRID) + across, Math.floor(this.cell / GRID) + down);
    } else if (inside === this.boards && event.key === "Escape") this.cards[this.active].focus({ preventScroll: true });
    else if (inside !== this.boards && (event.key in moves || event.key === "Home" || event.key === "End")) this.walk(event.key);
    else return;
    event.preventDefault();
  }

  walk(key) {
    const last = this.data.items.length - 1, top = this.cards[0].offsetTop;
    const next = this.cards.findIndex((card) => card.offsetTop !== top && !card.hidden);
    const row = next < 1 ? last + 1 : next;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, Home: -this.active, End: last - this.active }[key];
    const target = this.active + by;
    if (target >= 0 && target <= last) this.cards[target].focus();
  }

  nextDiffering() {
    const { cells, differ } = this.grid;
    const found = cells.filter((_, k) => differ[k]);
    const cell = found.find((each) => each > this.cell) ?? found[0];
    if (cell !== undefined) this.point(cell % GRID, Math.floor(cell / GRID));
  }
}

// The blob that flips.py packs.
function unpack(text) {
  const data = bytes(text);
  const cells = [];
  for (let i = 0; i < 256; i++) if ((data[i >> 3] >> (7 - (i & 7))) & 1) cells.push(i);
  const k = cells.length, words = 32 + 8 * k, rest = words + 8 * k;
  const numbers = new Uint16Array(data.buffer, words, 4 * k);
  const row = (i) => numbers.subarray(i * k, (i + 1) * k);
  const own = (i) => Uint8Array.from({ length: 64 }, (_, j) => 255 * ((data[32 + 8 * i + (j >> 3)] >> (7 - (j & 7))) & 1));
  return {
    text, cells, own, ids: [row(0), row(1)], targets: [row(2), row(3)],
    sure: [data.subarray(rest, rest + k), data.subarray(rest + k, rest + 2 * k)], differ: data.subarray(rest + 2 * k),
  };
}

export default mounted(Flips);
