// One glyph under its 16×16 primitives. The picture is a canvas; what it says is also said in words beside it.

const GRID = 16, CELL = 8, SIZE = 128;
// Okabe and Ito's colours and two between them; told apart by people with any colour vision, as tints and as bars.
const PALETTE = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#8c6bb1", "#7f9a3e"];

class Inspector {
  constructor(parent) {
    this.root = parent.querySelector(".inspector");
    this.board = this.find(".board");
    this.canvas = this.find("canvas");
    this.help = this.find("dialog");
    this.picture = "glyph";
    this.layers = { colours: true, ids: false, wrong: true };
    this.cell = null;
    this.requests = new Requests(this.root, (where) => this.go(where));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.board);
    this.board.addEventListener("mousemove", (event) => this.hover(event));
    this.board.addEventListener("mouseleave", () => this.point(this.pinned ?? this.cell));
    this.board.addEventListener("click", () => { this.pinned = this.cell; });
    for (const button of this.all("[data-go]")) button.addEventListener("click", () => this.requests.ask(button.dataset.go));
    for (const button of this.all("[data-picture]"))
      button.addEventListener("click", () => this.choose(button.dataset.picture));
    for (const button of this.all("[data-layer]")) button.addEventListener("click", () => this.toggle(button.dataset.layer));
    this.find(".keys").addEventListener("click", () => this.help.showModal());
    this.help.addEventListener("click", () => this.help.close());
  }

  find(selector) { return this.root.querySelector(selector); }
  all(selector) { return this.root.querySelectorAll(selector); }

  stop() {
    URL.revokeObjectURL(this.sprite);
    document.removeEventListener("keydown", this.onKey);
    this.observer.disconnect();
  }

  update(data) {
    const other = !this.data || this.data.row.id !== data.row.id;
    this.data = data;
    if (other) this.read();
    if (!data.raster) this.picture = "primitive";
    this.mirror();
    this.heading();
    this.candidates();
    pairs(this.find(".numbers"), data.numbers);
    pairs(this.find(".facts"), data.facts);
    const { right, total } = data.cells;
    this.find(".score").textContent = data.raster && total
      ? `${right} of ${total} cells right (${Math.round((100 * right) / total)}%)` : "";
    for (const button of this.all("[data-picture=target], [data-layer=wrong]")) button.disabled = !data.raster;
    if (other) this.cell = this.pinned = this.firstWrong(-1) ?? this.occupied.indexOf(true);
    this.draw();
    this.point(this.cell);
    if (document.activeElement === document.body) this.board.focus({ preventScroll: true });
    this.requests.done();
  }

  // Everything that a glyph's cells need, once a glyph.
  read() {
    const { data } = this;
    const bits = bytes(data.raster);
    this.ink = new Uint8Array(SIZE * SIZE);
    for (let i = 0; i < bits.length * 8; i++) this.ink[i] = (bits[i >> 3] >> (7 - (i & 7))) & 1;
    const grey = bytes(data.patches);
    this.patch = new Map(data.used.map((id, i) => [id, grey.subarray(i * 64, i * 64 + 64)]));
    this.occupied = data.primitive.map((id, i) => (data.raster ? data.target[i] !== 0 : id !== 0));
    this.wrong = data.primitive.map((id, i) => Boolean(data.raster) && this.occupied[i] && id !== data.target[i]);
  }

  heading() {
    const { row, place } = this.data;
    this.find(".place").textContent = place.inside
      ? `${number(place.position + 1)} of ${number(place.total)}` : `outside the selection of ${number(place.total)}`;
    this.find("[data-go=previous]").disabled = place.previous === null;
    this.find("[data-go=next]").disabled = place.next === null;
    const title = this.find(".title");
    title.dataset.kind = row.kind;
    const bdi = (name, text, codes) => {
      const element = make("bdi", name);
      character(element, text, codes);
      return element;
    };
    title.replaceChildren(
      bdi("char", row.truth, row.codes), make("span", "name", row.truthName), make("span", "code", row.codes),
      ...(row.kind === "right" ? [] : [
        make("span", "arrow", "→"), bdi("char pred", row.pred, row.predCodes), make("span", "name pred", row.predName),
        make("span", "code", row.predCodes),
      ]),
      make("span", "verdict", `${row.sign} ${row.words}`),
      make("span", "dim", `p ${row.p.toFixed(3)}`),
    );
  }

  candidates() {
    const { candidates, sprite, columns, thumb } = this.data;
    const list = this.find(".candidates");
    URL.revokeObjectURL(this.sprite);
    this.sprite = shortUrl(sprite);
    let shown = 0;
    list.replaceChildren(...candidates.map((candidate) => {
      const item = make("li", candidate.truth ? "truth" : "");
      const bar = make("span", "bar");
      bar.style.setProperty("--p", candidate.p);
      const examples = make("span", "examples");
      for (const id of candidate.examples) {
        const button = make("button", "example");
        button.type = "button";
        button.title = `Inspect glyph ${id}`;
        button.setAttribute("aria-label", `An example of ${candidate.name} from another family, glyph ${id}`);
        if (sprite) {
          button.style.setProperty("--sheet", `url(${this.sprite})`);
          button.style.setProperty("--width", `${(columns * thumb) / 2}px`);
          button.style.setProperty("--at", `${(-(shown % columns) * thumb) / 2}px ${(-Math.floor(shown / columns) * thumb) / 2}px`);
        }
        shown += 1;
        button.addEventListener("click", () => this.requests.ask(id));
        examples.append(button);
      }
      const words = make("span", "words");
      words.append(make("span", "name", candidate.name));
      if (candidate.truth) words.append(make("span", "sign", "✓ truth"));
      const char = make("bdi", "char");
      character(char, candidate.shown, candidate.codes);
      item.append(char, words, make("span", "p", candidate.p.toFixed(3)), make("span", "code", candidate.codes), bar, examples);
      return item;
    }));
  }

  draw() {
    const side = this.board.clientWidth;
    if (!this.data || !side) return;
    const ratio = window.devicePixelRatio || 1;
    const step = Math.floor((side * ratio) / GRID);
    const full = step * GRID;
    if (this.canvas.width !== full) this.canvas.width = this.canvas.height = full;
    this.canvas.style.width = this.canvas.style.height = `${full / ratio}px`;
    this.step = step / ratio;
    const style = getComputedStyle(this.root);
    const colour = (name) => style.getPropertyValue(name).trim();
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, full, full);
    this.ground(context, full, colour("--st-text-color"));
    if (this.layers.colours) this.tint(context, step);
    this.lines(context, step, full, colour("--line"));
    if (this.layers.ids) this.identify(context, step, colour);
    if (this.layers.wrong) this.outline(context, step, colour("--wrong"));
    if (this.cell !== null && this.cell >= 0) this.cursor(context, step, colour("--st-primary-color"), colour("--st-background-color"));
  }

  shownIds() { return this.picture === "target" ? this.data.target : this.data.primitive; }

  tint(context, step) {
    const ids = this.shownIds();
    context.globalAlpha = 0.42;
    ids.forEach((id, i) => {
      if (!this.occupied[i]) return;
      context.fillStyle = hue(id);
      context.fillRect((i % GRID) * step, Math.floor(i / GRID) * step, step, step);
    });
    context.globalAlpha = 1;
  }

  ground(context, full, ink) {
    const [r, g, b] = rgb(ink);
    const picture = new ImageData(SIZE, SIZE);
    const ids = this.shownIds();
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        const i = y * SIZE + x;
        const cell = (y >> 3) * GRID + (x >> 3);
        const value = this.picture === "glyph" ? this.ink[i] * 255
          : this.occupied[cell] ? this.patch.get(ids[cell])[(y & 7) * CELL + (x & 7)] : 0;
        picture.data.set([r, g, b, value * 0.86], i * 4);
      }
    }
    const small = new OffscreenCanvas(SIZE, SIZE);
    small.getContext("2d").putImageData(picture, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, full, full);
  }

  lines(context, step, full, line) {
    context.strokeStyle = line;
    context.lineWidth = 1;
    context.beginPath();
    for (let i = 0; i <= GRID; i++) {
      const at = Math.min(full - 0.5, i * step + 0.5);
      context.moveTo(at, 0); context.lineTo(at, full);
      context.moveTo(0, at); context.lineTo(full, at);
    }
    context.stroke();
  }

  identify(context, step, colour) {
    const ids = this.shownIds();
    context.font = `600 ${Math.round(step * 0.3)}px ui-sans-serif, system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = step * 0.09;
    context.lineJoin = "round";
    context.strokeStyle = colour("--st-background-color");
    context.fillStyle = colour("--st-text-color");
    ids.forEach((id, i) => {
      if (!this.occupied[i]) return;
      const x = (i % GRID + 0.5) * step, y = (Math.floor(i / GRID) + 0.53) * step;
      context.strokeText(id, x, y);
      context.fillText(id, x, y);
    });
  }

  // A corner as well as an outline: a cell between two wrong ones must not look wrong itself.
  outline(context, step, wrong) {
    context.strokeStyle = context.fillStyle = wrong;
    context.lineWidth = Math.max(1.5, step * 0.05);
    const inset = context.lineWidth / 2 + 0.5;
    this.wrong.forEach((isWrong, i) => {
      if (!isWrong) return;
      const x = (i % GRID) * step, y = Math.floor(i / GRID) * step;
      context.strokeRect(x + inset, y + inset, step - 2 * inset, step - 2 * inset);
      context.beginPath();
      context.moveTo(x + step, y); context.lineTo(x + step * 0.68, y); context.lineTo(x + step, y + step * 0.32);
      context.fill();
    });
  }

  cursor(context, step, primary, paper) {
    const x = (this.cell % GRID) * step, y = Math.floor(this.cell / GRID) * step;
    context.lineWidth = Math.max(5, step * 0.16);
    context.strokeStyle = paper;
    context.strokeRect(x, y, step, step);
    context.lineWidth = Math.max(2.5, step * 0.08);
    context.strokeStyle = primary;
    context.strokeRect(x, y, step, step);
  }

  hover(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / this.step);
    const row = Math.floor((event.clientY - box.top) / this.step);
    if (column >= 0 && row >= 0 && column < GRID && row < GRID) this.point(row * GRID + column);
  }

  point(cell) {
    if (cell === null || cell < 0) return;
    this.cell = cell;
    this.draw();
    const { data } = this;
    const row = Math.floor(cell / GRID), column = cell % GRID;
    const id = data.primitive[cell], target = data.target[cell];
    const patches = this.find(".patches");
    const tile = (name, pixels, id) => {
      const figure = make("figure", "");
      const canvas = make("canvas", "tile");
      canvas.width = canvas.height = CELL;
      paint(canvas, pixels, getComputedStyle(this.root).getPropertyValue("--st-text-color").trim());
      const caption = make("figcaption", "", name);
      if (id !== undefined) {
        const chip = make("span", "chip", id);
        chip.style.setProperty("--hue", hue(id));
        caption.append(chip);
      }
      figure.append(canvas, caption);
      return figure;
    };
    const own = new Uint8Array(64);
    for (let i = 0; i < 64; i++) own[i] = 255 * this.ink[(row * CELL + (i >> 3)) * SIZE + column * CELL + (i & 7)];
    const tiles = [];
    if (data.raster) tiles.push(tile("this cell", own));
    tiles.push(tile("predicted", this.patch.get(id), id));
    if (data.raster) tiles.push(tile("target", this.patch.get(target), target));
    tiles.push(tile("runner-up", this.patch.get(data.runnerUp[cell]), data.runnerUp[cell]));
    patches.replaceChildren(...tiles);
    const empty = !this.occupied[cell];
    const verdict = empty ? "empty, decided by the pixels" : !data.raster ? "no target without a picture"
      : this.wrong[cell] ? "✗ wrong" : "✓ right";
    const rows = [["row, column", `${row}, ${column}`], ["verdict", verdict]];
    if (!empty) {
      rows.push(["predicted", `${id}`], ["probability", data.p[cell].toFixed(2)], ["runner-up", `${data.runnerUp[cell]}`]);
      if (data.raster) rows.push(["target", `${target}`], ["distance to target", data.distance[cell].toFixed(2)]);
    }
    pairs(this.find(".readout"), rows);
    this.find(".readout").dataset.kind = empty ? "" : this.wrong[cell] ? "wrong" : "right";
    this.find(".spoken").textContent = rows.map(([name, value]) => `${name} ${value}`).join("; ");
  }

  firstWrong(after) {
    for (let i = 1; i <= this.wrong.length; i++) {
      const cell = (after + i) % this.wrong.length;
      if (this.wrong[cell]) return cell;
    }
    return null;
  }

  choose(picture) {
    if (!this.data.raster) return;
    this.picture = picture;
    this.draw();
    this.mirror();
  }

  toggle(layer) {
    this.layers[layer] = !this.layers[layer];
    this.draw();
    this.mirror();
  }

  mirror() {
    for (const button of this.all("[data-picture]"))
      button.setAttribute("aria-checked", button.dataset.picture === this.picture);
    for (const button of this.all("[data-layer]")) button.setAttribute("aria-pressed", this.layers[button.dataset.layer]);
  }

  go(where) {
    const { place } = this.data;
    const target = where === "previous" ? place.previous : where === "next" ? place.next : where;
    if (target === null) return false;
    this.send("go", target);
    return true;
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
    if (!listens(this.root)) return;
    const moves = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const goes = { "[": "previous", k: "previous", "]": "next", j: "next", Escape: "back" };
    const pictures = { 1: "glyph", 2: "primitive", 3: "target" };
    const layers = { c: "colours", i: "ids", w: "wrong" };
    if (event.key === "?") this.help.showModal();
    else if (event.key in goes) this.requests.ask(goes[event.key]);
    else if (event.key in pictures) this.choose(pictures[event.key]);
    else if (event.key in layers) this.toggle(layers[event.key]);
    else if (event.key === "x") this.pin(this.firstWrong(this.cell));
    else if (event.key in moves) this.move(...moves[event.key]);
    else return;
    event.preventDefault();
  }

  move(across, down) {
    const column = (this.cell % GRID) + across, row = Math.floor(this.cell / GRID) + down;
    if (column >= 0 && row >= 0 && column < GRID && row < GRID) this.pin(row * GRID + column);
  }

  pin(cell) {
    if (cell === null) return;
    this.pinned = cell;
    this.point(cell);
  }
}

function pairs(list, rows) {
  list.replaceChildren(...rows.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
}

function paint(canvas, pixels, ink) {
  const [r, g, b] = rgb(ink);
  const picture = new ImageData(CELL, CELL);
  for (let i = 0; i < 64; i++) picture.data.set([r, g, b, pixels[i]], i * 4);
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

// The same primitive has the same colour on every glyph, in every session.
function hue(id) {
  return PALETTE[(Math.imul(id, 2654435761) >>> 8) % PALETTE.length];
}

function rgb(colour) {
  const probe = new OffscreenCanvas(1, 1).getContext("2d");
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  return probe.getImageData(0, 0, 1, 1).data;
}

function bytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export default mounted(Inspector);
