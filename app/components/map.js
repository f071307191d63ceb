// The map: ten thousand points on one canvas. Markers are drawn once a colour and copied; where few points are in view,
// each becomes its glyph, unpacked from bits when it is first seen. All of it happens here; the server hears of what is
// worth a link, and of what to open.

const TILE = 64;
const SHAPES = ["disc", "square", "diamond", "triangle", "ring"];
const FEW = 420;
const LONGEST_LEGEND = 12;

class GlyphMap {
  constructor(parent) {
    this.root = parent.querySelector(".map");
    const find = (name) => this.root.querySelector(name);
    this.stage = find(".stage");
    this.canvas = find(".stage > canvas");
    this.tip = find(".tip");
    this.help = find("dialog");
    this.select = find(".colour");
    this.search = find(".find");
    this.legend = find(".legend");
    this.alone = new Set();
    this.chosen = [];
    this.cursor = -1;
    this.lasso = null;
    this.tiles = new Map();
    const on = (element, kind, act) => element.addEventListener(kind, act);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    on(this.canvas, "pointerdown", (event) => this.down(event));
    on(this.canvas, "pointermove", (event) => this.move(event));
    on(this.canvas, "pointerup", (event) => this.up(event));
    on(this.canvas, "pointercancel", (event) => this.up(event));
    on(this.canvas, "pointerleave", () => !this.drag && this.point(-1));
    on(this.canvas, "wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...this.place(event));
    });
    on(find(".lasso"), "click", () => this.arm(!this.armed));
    on(find(".closer"), "click", () => this.zoom(1.6));
    on(find(".further"), "click", () => this.zoom(1 / 1.6));
    on(find(".fit"), "click", () => this.fit());
    on(find(".keys"), "click", () => this.help.showModal());
    on(this.help, "click", () => this.help.close());
    on(find(".browse"), "click", () => this.browse(false));
    on(find(".wrongs"), "click", () => this.browse(true));
    on(find(".clear"), "click", () => this.choose([]));
    on(find(".view"), "click", () => this.choose(this.inView()));
    on(this.select, "change", () => this.colourBy(this.select.value));
    on(this.search, "input", () => this.highlight(this.search.value));
    on(this.search, "keydown", (event) => event.stopPropagation());
    this.resized = new ResizeObserver(() => this.draw());
    this.resized.observe(this.stage);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.onScheme = () => setTimeout(() => this.repaint(), 100);
    this.scheme.addEventListener("change", this.onScheme);
  }

  stop() {
    clearTimeout(this.telling);
    this.resized.disconnect();
    this.scheme.removeEventListener("change", this.onScheme);
    document.removeEventListener("keydown", this.onKey);
  }

  update(data) {
    const first = this.data?.version !== data.version;
    const pictures = this.data?.thumbnails !== data.thumbnails;
    this.data = data;
    if (first) this.read(data);
    if (pictures && data.thumbnails) this.unpack(data.thumbnails);
    if (!data.thumbnails && data.thumbnails !== "") requestAnimationFrame(() => this.send("pictures", true));
  }

  read(data) {
    const bytes = (name) => Uint8Array.from(atob(data[name]), (each) => each.charCodeAt(0)).buffer;
    const xy = new Uint16Array(bytes("xy"));
    this.n = data.n;
    this.x = Float32Array.from({ length: this.n }, (_, i) => xy[2 * i] / 65535);
    this.y = Float32Array.from({ length: this.n }, (_, i) => 1 - xy[2 * i + 1] / 65535);
    this.ids = new Float64Array(bytes("id"));
    this.p = new Uint8Array(bytes("p"));
    this.columns = {};
    for (const name of ["label", "pred", "family", "class", "split", "outcome"])
      this.columns[name] = new Uint16Array(bytes(name));
    this.visible = new Uint8Array(this.n).fill(1);
    this.select.replaceChildren(
      ...Object.entries(data.colours).map(([name, title]) => {
        const option = make("option", "", title);
        option.value = name;
        return option;
      }),
    );
    const method = data.about.method ? `${data.about.method}, ` : "";
    const share = data.n < data.total ? `a sample of ${number(data.n)} of ${number(data.total)} glyphs` : `all ${number(data.n)} glyphs`;
    const by = data.n < data.total ? ", by split and label" : "";
    this.root.querySelector(".sampled").textContent = `${method}${share}${by}`;
    this.tiles.clear();
    this.bits = null;
    this.cursor = -1;
    this.choose([]);
    this.search.value = data.state.find;
    this.colourBy(data.state.colour, true);
    const at = data.state.at.split(",").map(Number);
    this.fit(true);
    if (at.length === 3 && at.every(Number.isFinite) && at[2] >= 0.5 && at[2] <= 400)
      [this.cx, this.cy, this.factor] = at;
    this.draw();
  }

  async unpack(text) {
    const packed = Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    this.bits = new Uint8Array(await new Response(stream).arrayBuffer());
    this.tiles.clear();
    this.draw();
  }

  // Colours and categories.

  colourBy(name, silent) {
    this.colour = name;
    this.select.value = name;
    this.alone.clear();
    const column = this.columns[name];
    const words = this.data.words[name];
    const counts = new Array(words.length).fill(0);
    for (const each of column) counts[each] += 1;
    let order = words.map((_, i) => i).filter((i) => counts[i]);
    if (name !== "outcome") order.sort((a, b) => counts[b] - counts[a]);
    const shown = order.length > LONGEST_LEGEND ? order.slice(0, LONGEST_LEGEND - 1) : order;
    const { series, outcome, other } = this.data.palette;
    this.kinds = shown.map((i, k) => ({
      title: words[i], count: counts[i],
      colour: name === "outcome" ? outcome[i] : series[k % series.length],
      shape: name === "outcome" ? ["disc", "diamond", "cross"][i] : SHAPES[Math.floor(k / series.length) % SHAPES.length],
    }));
    const kindOf = new Uint8Array(words.length).fill(this.kinds.length);
    shown.forEach((i, k) => (kindOf[i] = k));
    const rest = order.slice(shown.length);
    if (rest.length)
      this.kinds.push({
        title: `${rest.length} others`, count: rest.reduce((sum, i) => sum + counts[i], 0), colour: other, shape: "disc",
      });
    this.kind = Uint8Array.from(column, (each) => kindOf[each]);
    // What is rare comes on top: in the order of the legend, wrong ones last; else the most frequent first.
    this.order = Uint32Array.from({ length: this.n }, (_, i) => i).sort((a, b) => {
      const [ka, kb] = [this.kind[a], this.kind[b]];
      const last = this.kinds.length - (rest.length ? 1 : 0);
      return (ka >= last ? -1 : ka) - (kb >= last ? -1 : kb) || a - b;
    });
    this.drawLegend();
    this.repaint();
    this.highlight(this.search.value, true);
    if (!silent) this.tell();
  }

  drawLegend() {
    this.legend.replaceChildren(
      ...this.kinds.map((kind, k) => {
        const button = make("button");
        button.type = "button";
        const picture = make("canvas");
        picture.width = picture.height = 28;
        this.marker(picture.getContext("2d"), kind.shape, kind.colour, 14, 14, 9);
        button.append(picture, make("span", "what", kind.title), make("span", "count", number(kind.count)));
        button.title = kind.title;
        button.setAttribute("aria-pressed", String(this.alone.has(k)));
        button.addEventListener("click", () => {
          this.alone.has(k) ? this.alone.delete(k) : this.alone.add(k);
          button.setAttribute("aria-pressed", String(this.alone.has(k)));
          this.highlight(this.search.value, true);
        });
        return button;
      }),
    );
  }

  // Points that pass the search and the legend; all others fade and cannot be caught.
  highlight(text, silent) {
    const wanted = text.trim().toLowerCase();
    const { words } = this.data;
    const code = /^(u\+|0x)?[0-9a-f]{4,6}$/.test(wanted) ? `U+${wanted.replace(/^(u\+|0x)/, "").toUpperCase()}` : null;
    const fits = (each) =>
      each[0].toLowerCase().includes(wanted.replaceAll("_", " ")) || (each[1] && each[1].replace(/[\u200d\u0640\u25cc]/g, "") === text.trim())
      || each[2] === code;
    const label = wanted && words.label.map(fits);
    const family = wanted && words.family.map((each) => wanted.length > 1 && each.toLowerCase().includes(wanted));
    let count = 0;
    for (let i = 0; i < this.n; i++) {
      const found = !wanted || label[this.columns.label[i]] || family[this.columns.family[i]];
      this.visible[i] = found && (!this.alone.size || this.alone.has(this.kind[i])) ? 1 : 0;
      count += this.visible[i];
    }
    this.faded = count < this.n;
    this.root.querySelector(".found").textContent = this.faded ? `${number(count)} of ${number(this.n)} points` : "";
    this.draw();
    if (!silent) this.tell();
  }

  repaint() {
    this.ink = getComputedStyle(this.root).color;
    this.paper = getComputedStyle(this.root).getPropertyValue("--st-background-color") || "#fff";
    this.markers = null;
    this.tiles.clear();
    this.draw();
  }

  marker(context, shape, colour, x, y, r) {
    context.fillStyle = context.strokeStyle = colour;
    context.lineWidth = r * 0.55;
    context.beginPath();
    if (shape === "disc") context.arc(x, y, r, 0, 7);
    else if (shape === "ring") context.arc(x, y, r * 0.8, 0, 7);
    else if (shape === "square") context.rect(x - r * 0.85, y - r * 0.85, r * 1.7, r * 1.7);
    else if (shape === "diamond") context.moveTo(x, y - r * 1.15), context.lineTo(x + r * 1.15, y), context.lineTo(x, y + r * 1.15), context.lineTo(x - r * 1.15, y);
    else if (shape === "triangle") context.moveTo(x, y - r * 1.1), context.lineTo(x + r * 1.1, y + r * 0.9), context.lineTo(x - r * 1.1, y + r * 0.9);
    else context.moveTo(x - r, y - r), context.lineTo(x + r, y + r), context.moveTo(x + r, y - r), context.lineTo(x - r, y + r);
    if (shape === "ring" || shape === "cross") context.stroke();
    else context.fill();
  }

  // The section: cx, cy is the middle in map units; factor 1 shows everything.

  fit(silent) {
    [this.cx, this.cy, this.factor] = [0.5, 0.5, 1];
    if (silent) return;
    this.draw();
    this.tell();
  }

  scale() {
    return Math.min(this.stage.clientWidth, this.stage.clientHeight) * 0.94 * this.factor;
  }

  zoom(by, x = this.stage.clientWidth / 2, y = this.stage.clientHeight / 2) {
    const before = this.scale();
    const [mx, my] = [x - this.stage.clientWidth / 2, y - this.stage.clientHeight / 2];
    const [wx, wy] = [this.cx + mx / before, this.cy + my / before];
    this.factor = Math.max(0.8, Math.min(400, this.factor * by));
    const after = this.scale();
    [this.cx, this.cy] = [wx - mx / after, wy - my / after];
    this.draw();
    this.tell();
  }

  pan(dx, dy) {
    const scale = this.scale();
    this.cx = Math.max(-0.1, Math.min(1.1, this.cx - dx / scale));
    this.cy = Math.max(-0.1, Math.min(1.1, this.cy - dy / scale));
    this.draw();
    this.tell();
  }

  screen(i) {
    const scale = this.scale();
    return [(this.x[i] - this.cx) * scale + this.stage.clientWidth / 2, (this.y[i] - this.cy) * scale + this.stage.clientHeight / 2];
  }

  inside(margin = 0) {
    const scale = this.scale();
    const [w, h] = [this.stage.clientWidth / 2 + margin, this.stage.clientHeight / 2 + margin];
    const [left, right, top, bottom] = [this.cx - w / scale, this.cx + w / scale, this.cy - h / scale, this.cy + h / scale];
    return (i) => this.x[i] >= left && this.x[i] <= right && this.y[i] >= top && this.y[i] <= bottom;
  }

  inView() {
    const inside = this.inside();
    return Array.from({ length: this.n }, (_, i) => i).filter((i) => this.visible[i] && inside(i));
  }

  // Drawing.

  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.paint();
    });
  }

  paint() {
    if (!this.n || !this.kinds || !this.stage.clientWidth) return;
    const ratio = devicePixelRatio || 1;
    const [w, h] = [this.stage.clientWidth, this.stage.clientHeight];
    if (this.canvas.width !== Math.round(w * ratio) || this.canvas.height !== Math.round(h * ratio)) {
      this.canvas.width = Math.round(w * ratio);
      this.canvas.height = Math.round(h * ratio);
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    const inside = this.inside(20);
    const here = this.order.filter(inside);
    const scale = this.scale();
    const radius = Math.max(2.1, Math.min(5, 1.7 * this.factor ** 0.35));
    const lit = this.faded ? here.filter((i) => this.visible[i]) : here;
    this.pictures = this.bits && lit.length <= FEW;
    if (this.markers?.radius !== radius || this.markers?.ratio !== ratio) this.makeMarkers(radius, ratio);
    const { side, normal, faint } = this.markers;
    const [ox, oy] = [w / 2 - this.cx * scale, h / 2 - this.cy * scale];
    const dots = (some, from) => {
      for (const i of some)
        context.drawImage(from[this.kind[i]], this.x[i] * scale + ox - side / 2, this.y[i] * scale + oy - side / 2, side, side);
    };
    if (this.faded) dots(here.filter((i) => !this.visible[i]), faint);
    if (!this.pictures) dots(lit, normal);
    else {
      const size = Math.max(26, Math.min(60, 0.62 * Math.sqrt((w * h) / Math.max(lit.length, 40))));
      this.size = size;
      for (const i of lit)
        context.drawImage(this.tile(i), this.x[i] * scale + ox - size / 2, this.y[i] * scale + oy - size / 2, size, size);
    }
    const half = (this.pictures ? this.size : side) / 2 + 2;
    context.strokeStyle = this.ink;
    context.lineWidth = 1;
    if (this.chosen.length && this.chosen.length < 3000)
      for (const i of this.chosen) if (inside(i)) context.strokeRect(this.x[i] * scale + ox - half, this.y[i] * scale + oy - half, 2 * half, 2 * half);
    if (this.cursor >= 0) {
      const [x, y] = this.screen(this.cursor);
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, half + 3, 0, 7);
      context.stroke();
    }
    const path = this.lasso ?? this.outline;
    if (path?.length > 1) {
      context.beginPath();
      for (const [x, y] of path) context.lineTo((x - this.cx) * scale + w / 2, (y - this.cy) * scale + h / 2);
      context.closePath();
      context.lineWidth = 1.5;
      context.setLineDash([5, 4]);
      context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 0.06;
      context.fillStyle = this.ink;
      context.fill();
      context.globalAlpha = 1;
    }
  }

  makeMarkers(radius, ratio) {
    const side = 2 * radius + 4;
    const make = (alpha) =>
      this.kinds.map((kind) => {
        const canvas = new OffscreenCanvas(Math.ceil(side * ratio), Math.ceil(side * ratio));
        const context = canvas.getContext("2d");
        context.scale(canvas.width / side, canvas.height / side);
        context.globalAlpha = alpha;
        this.marker(context, kind.shape, kind.colour, side / 2, side / 2, radius);
        return canvas;
      });
    this.markers = { radius, ratio, side, normal: make(0.75), faint: make(0.1) };
  }

  // A glyph in its colour, in the middle of its tile; a bar below says with a second sign that it was read wrongly.
  tile(i) {
    let tile = this.tiles.get(i);
    if (!tile) {
      if (this.tiles.size > 3000) this.tiles.clear();
      tile = this.glyph(i, this.colour === "outcome" && !this.columns.outcome[i] ? this.ink : this.kinds[this.kind[i]].colour);
      if (this.columns.outcome[i] === 2) {
        const context = tile.getContext("2d");
        this.marker(context, "cross", this.data.palette.outcome[2], TILE - 8, TILE - 8, 6);
      }
      this.tiles.set(i, tile);
    }
    return tile;
  }

  glyph(i, colour) {
    const canvas = new OffscreenCanvas(TILE, TILE);
    const context = canvas.getContext("2d");
    context.fillStyle = colour;
    const row = TILE / 8;
    const start = i * TILE * row;
    let [right, bottom] = [0, 0];
    for (let y = 0; y < TILE; y++)
      for (let x = 0; x < TILE; x++)
        if (this.bits[start + y * row + (x >> 3)] & (128 >> (x & 7))) [right, bottom] = [Math.max(right, x + 1), y + 1];
    const [ox, oy] = [(TILE - right) >> 1, (TILE - bottom) >> 1];
    for (let y = 0; y < bottom; y++)
      for (let x = 0, run = 0; x <= right; x++) {
        const ink = x < right && this.bits[start + y * row + (x >> 3)] & (128 >> (x & 7));
        if (ink) run += 1;
        else if (run) {
          context.fillRect(ox + x - run, oy + y, run, 1);
          run = 0;
        }
      }
    return canvas;
  }

  // Pointer.

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  world(x, y) {
    const scale = this.scale();
    return [this.cx + (x - this.stage.clientWidth / 2) / scale, this.cy + (y - this.stage.clientHeight / 2) / scale];
  }

  down(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.stage.focus({ preventScroll: true });
    const [x, y] = this.place(event);
    this.drag = { x, y, moved: 0, lasso: this.armed || event.shiftKey };
    if (this.drag.lasso) this.lasso = [this.world(x, y)];
    this.stage.classList.toggle("moving", !this.drag.lasso);
  }

  move(event) {
    const [x, y] = this.place(event);
    if (!this.drag) {
      this.point(this.nearest(x, y), true);
      return;
    }
    const [dx, dy] = [x - this.drag.x, y - this.drag.y];
    this.drag.moved += Math.abs(dx) + Math.abs(dy);
    [this.drag.x, this.drag.y] = [x, y];
    if (this.drag.moved > 3) this.point(-1);
    if (this.drag.lasso) {
      this.lasso.push(this.world(x, y));
      this.draw();
    } else if (this.drag.moved > 3) this.pan(dx, dy);
  }

  up(event) {
    const drag = this.drag;
    this.drag = null;
    this.stage.classList.remove("moving");
    if (!drag) return;
    const path = this.lasso;
    this.lasso = null;
    if (drag.lasso && path.length > 2 && drag.moved > 8) {
      this.choose(this.caught(path), path);
      this.arm(false);
    } else if (drag.moved <= 3 && event.type === "pointerup") {
      const i = this.nearest(...this.place(event));
      if (i >= 0) this.send("open", this.ids[i]);
    }
    this.draw();
  }

  caught(path) {
    const inside = (x, y) => {
      let odd = false;
      for (let i = 0, j = path.length - 1; i < path.length; j = i++) {
        const [[xi, yi], [xj, yj]] = [path[i], path[j]];
        if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
      }
      return odd;
    };
    return Array.from({ length: this.n }, (_, i) => i).filter((i) => this.visible[i] && inside(this.x[i], this.y[i]));
  }

  nearest(x, y) {
    const [wx, wy] = this.world(x, y);
    const reach = (this.pictures ? this.size * 0.6 : 9) / this.scale();
    let [best, least] = [-1, reach * reach];
    for (let i = 0; i < this.n; i++) {
      if (!this.visible[i]) continue;
      const far = (this.x[i] - wx) ** 2 + (this.y[i] - wy) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  point(i) {
    if (i === this.cursor) return;
    this.cursor = i;
    this.tip.hidden = i < 0;
    this.canvas.style.cursor = i < 0 ? "" : "pointer";
    this.draw();
    if (i < 0) return;
    const { words } = this.data;
    const column = (name) => this.columns[name][i];
    const [label, pred] = [words.label[column("label")], words.pred[column("pred")]];
    const picture = this.tip.querySelector("canvas");
    picture.width = picture.height = 2 * TILE;
    picture.hidden = !this.bits;
    const context = picture.getContext("2d");
    context.imageSmoothingEnabled = false;
    if (this.bits) context.drawImage(this.glyph(i, this.ink), 0, 0, 2 * TILE, 2 * TILE);
    const line = (...parts) => {
      const made = make("div");
      made.append(...parts);
      return made;
    };
    const letter = (each) => {
      const made = make("bdi");
      character(made, each[1], each[2]);
      return made;
    };
    const kind = ["right", "near", "wrong"][column("outcome")];
    const lines = [line(letter(label), ` ${label[0]} `, make("span", "code", label[2]))];
    if (kind === "right") lines.push(line(make("span", "right", "✓ read rightly"), make("span", "dim", `  p ${(this.p[i] / 255).toFixed(2)}`)));
    else {
      const said = make("span", kind, `${kind === "near" ? "≈" : "✗"} read as `);
      lines.push(line(said, letter(pred), ` ${pred[0]} `, make("span", "dim", `p ${(this.p[i] / 255).toFixed(2)}`)));
    }
    lines.push(line(make("span", "dim", [words.family[column("family")], words.split[column("split")], `#${this.ids[i]}`].filter(Boolean).join(" · "))));
    this.tip.querySelector(".words").replaceChildren(...lines);
    const [x, y] = this.screen(i);
    const [w, h] = [this.stage.clientWidth, this.stage.clientHeight];
    const gap = (this.pictures ? this.size / 2 : 6) + 8;
    const box = this.tip.getBoundingClientRect();
    this.tip.style.left = `${x + gap + box.width < w ? x + gap : Math.max(4, x - gap - box.width)}px`;
    this.tip.style.top = `${Math.max(4, Math.min(h - box.height - 4, y - box.height / 2))}px`;
  }

  // What is chosen.

  arm(armed) {
    this.armed = armed;
    this.stage.classList.toggle("drawing", armed);
    this.root.querySelector(".lasso").setAttribute("aria-pressed", String(armed));
  }

  choose(chosen, outline = null) {
    this.chosen = chosen;
    this.outline = outline;
    const wrong = chosen.filter((i) => this.columns.outcome[i]).length;
    const find = (name) => this.root.querySelector(name);
    find(".chosen").textContent = chosen.length ? `${number(chosen.length)} chosen · ✗ ${number(wrong)}` : "Nothing chosen";
    for (const name of [".browse", ".clear"]) find(name).disabled = !chosen.length;
    find(".wrongs").disabled = !wrong;
    this.draw();
  }

  browse(wrong) {
    if (this.chosen.length) this.send("browse", { ids: this.chosen.map((i) => this.ids[i]), wrong });
  }

  // The link follows when the hand rests.
  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => {
      const whole = Math.abs(this.factor - 1) < 0.01 && Math.abs(this.cx - 0.5) < 0.005 && Math.abs(this.cy - 0.5) < 0.005;
      const at = whole ? "" : [this.cx.toFixed(4), this.cy.toFixed(4), this.factor.toFixed(2)].join(",");
      this.send("state", { colour: this.colour, find: this.search.value.trim(), at });
    }, 600);
  }

  // Keys.

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
    const focus = this.root.getRootNode().activeElement;
    if (!listens(this.root) || focus === this.search || focus === this.select) return;
    const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const names = Object.keys(this.data.colours);
    if (event.key === "?") this.help.showModal();
    else if (event.key in steps && event.shiftKey) this.pan(...steps[event.key].map((each) => -each * 80));
    else if (event.key in steps) this.step(...steps[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(1.6, ...this.middle());
    else if (event.key === "-") this.zoom(1 / 1.6, ...this.middle());
    else if (event.key === "0") this.fit();
    else if (event.key === "l") this.arm(!this.armed);
    else if (event.key === "v") this.choose(this.inView());
    else if (event.key === "b") this.browse(false);
    else if (event.key === "c") this.colourBy(names[(names.indexOf(this.colour) + 1) % names.length]);
    else if (event.key === "Escape") this.choose([]), this.arm(false), this.point(-1);
    else if (event.key === "Enter" && this.cursor >= 0 && focus?.localName !== "button") this.send("open", this.ids[this.cursor]);
    else return;
    event.preventDefault();
  }

  middle() {
    return this.cursor >= 0 ? this.screen(this.cursor) : [];
  }

  // The next glyph in a direction: near, and not far aside.
  step(dx, dy) {
    const from = this.cursor >= 0 ? [this.x[this.cursor], this.y[this.cursor]] : [this.cx, this.cy];
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < this.n; i++) {
      if (!this.visible[i] || i === this.cursor) continue;
      const [ex, ey] = [this.x[i] - from[0], this.y[i] - from[1]];
      const [along, aside] = [ex * dx + ey * dy, Math.abs(ex * dy) + Math.abs(ey * dx)];
      if (along <= 0 && this.cursor >= 0) continue;
      const cost = this.cursor >= 0 ? along + 2.5 * aside : Math.hypot(ex, ey);
      if (cost < least) [best, least] = [i, cost];
    }
    if (best < 0) return;
    const [x, y] = [this.x[best], this.y[best]];
    if (!this.inside(-30)(best)) {
      [this.cx, this.cy] = [x, y];
      this.tell();
    }
    this.point(best);
  }
}

export default mounted(GlyphMap);
