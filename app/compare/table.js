// @ts-check
// Checkpoints in a table, a matrix of agreement, and the four kinds of flips of a pair. Every clickable element is a button,
// so that the keyboard reaches it. Elements stay in place when only the choice changes.

import { Component, Requests, make, defineComponent, number } from "../shared/common.js";

/** @type {Record<Kind, [signs: string, words: string]>} */
const KINDS = {
  both_right: ["✓ ✓", "both right"], broken: ["✓ ✗", "broken by B"],
  fixed: ["✗ ✓", "fixed by B"], both_wrong: ["✗ ✗", "both wrong"],
};
const KINDS_IN_ORDER = /** @type {Kind[]} */ (Object.keys(KINDS));
/** @type {(share: number | null, digits?: number) => string} */
const percent = (share, digits = 1) => (share === null ? "–" : (100 * share).toFixed(digits));
/** @type {(share: number, digits?: number) => string} */
const signed = (share, digits = 1) => `${share > 0 ? "+" : share < 0 ? "−" : "±"}${Math.abs(100 * share).toFixed(digits)}`;

/** @type {Record<string, [down: number, across: number]>} */
const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** @typedef {"both_right" | "broken" | "fixed" | "both_wrong"} Kind which of A and B are right on a glyph */
/** @typedef {[low: number, high: number]} Interval */

/**
 * A checkpoint compared with A; ``pair`` is null for A itself.
 * @typedef {object} Model
 * @property {string} name
 * @property {string} file
 * @property {number | null} parameters
 * @property {number | null} bytes
 * @property {number | null} minutes minutes of training
 * @property {{ rate: number, words: string, machine: string } | null} speed
 * @property {(number | null)[]} values values of the metrics
 * @property {(number | null)[]} deltas differences from A's values
 * @property {(Record<Kind, number> & { n: number, difference: number, interval: Interval | null, p: number, families: number }) | null} pair
 */

/**
 * Data from Python; a and b are indices in ``models``.
 * @typedef {{ models: Model[], metrics: { key: string, title: string, meaning: string }[], agreement: number[][], a: number,
 *   b: number, kind: string, rightBy: string, n: number, leftOut: string[] }} Data
 */

/** @extends {Component<Data>} */
class Compare extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".compare")));
    this.requests = new Requests(this.root, (change) => this.choose(change));
    this.on(this.root, "click", (event) => {
      const button = event.target.closest("button[data-choose]");
      if (button) this.requests.ask(JSON.parse(button.dataset.choose));
    });
    this.on(this.root, "keydown", (event) => this.key(event));
  }

  /** @param {Record<string, string>} change */
  choose(change) {
    this.send("choose", change);
    return true;
  }

  /** @param {Data} data */
  update(data) {
    const focusedName = this.focused()?.dataset?.name;
    this.data = data;
    this.models();
    this.matrix();
    this.meet();
    this.verdict();
    if (focusedName) this.find(`[data-name="${CSS.escape(focusedName)}"]`)?.focus({ preventScroll: true });
    this.requests.done();
  }

  /**
   * @param {string} name identifies the button, so that it keeps the focus
   * @param {string} text
   * @param {Record<string, string>} choice
   * @param {string} label
   * @param {boolean} chosen
   */
  button(name, text, choice, label, chosen) {
    const button = make("button", "", text);
    button.type = "button";
    button.dataset.name = name;
    button.dataset.choose = JSON.stringify(choice);
    button.title = label;
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-pressed", String(chosen));
    return button;
  }

  models() {
    const { models, metrics, a, b } = this.data;
    const files = models.map((model) => model.file);
    const heads = [["A"], ["B"], [""], ["checkpoint"], ["parameters, file"], ["training, speed"],
      ...metrics.map(({ title, meaning }) => [title, meaning]),
      [`${this.data.rightBy} against A, 95% over families, p`], ["fixed, broken"]];
    const head = make("tr");
    heads.forEach(([text, meaning = ""], i) => {
      const cell = make("th", i === 3 ? "name" : i === heads.length - 2 ? "span" : "", text);
      cell.scope = "col";
      cell.title = meaning;
      head.append(cell);
    });
    this.find(".models thead").replaceChildren(head);
    const reach = Math.max(1e-3, ...models.flatMap(({ pair }) => (pair?.interval ?? [pair?.difference ?? 0]).map(Math.abs)));
    this.find(".models tbody").replaceChildren(...models.map((model, i) => {
      const row = make("tr", i === a ? "a" : i === b ? "b" : "");
      const cell = (/** @type {string | Node | Node[]} */ content, name = "") => {
        const made = make("td", name);
        made.append(...[content].flat());
        row.append(made);
        return made;
      };
      cell(this.button(`a${i}`, "A", i === b ? { a: files[i], b: files[a] } : { a: files[i], b: files[b] },
        `Use ${model.name} as A, the reference`, i === a), "pick");
      cell(this.button(`b${i}`, "B", i === a ? { a: files[b], b: files[i] } : { a: files[a], b: files[i] },
        `Compare ${model.name} with A`, i === b), "pick");
      cell(String(i + 1), "dim");
      cell(make("bdi", "", model.name), "name").title = model.file;
      /** @type {(first: string, second: string, title: string) => void} */
      const two = (first, second, title) => {
        cell([make("span", "value", first), make("span", "dim under", second)], "figure").title = title;
      };
      two(model.parameters ? short(model.parameters) : "unknown", model.bytes ? `${(model.bytes / 1e6).toFixed(1)} MB` : "no file",
        model.bytes ? "" : "The file was removed or replaced");
      const { speed } = model;
      two(model.minutes === null ? "unknown" : `${model.minutes < 10 ? model.minutes.toFixed(1) : number(Math.round(model.minutes))} min`,
        speed ? `${number(Math.round(speed.rate))}/s` : "not timed",
        speed ? speed.words : `Its speed is not measured yet: glyphcore bench --models checkpoints/${model.name}.ckpt`);
      model.values.forEach((value, k) => {
        const delta = model.deltas[k];
        const parts = [make("span", "value", percent(value))];
        if (i !== a && delta !== null) parts.push(change(delta));
        cell(parts, "figure");
      });
      if (!model.pair) {
        cell("reference", "dim span");
        cell("");
      } else {
        const { difference, interval, p, fixed, broken } = model.pair;
        const text = make("span", "worth");
        const first = make("span", "first");
        first.append(change(difference, 2), make("span", p < 0.05 ? "p" : "p dim", `p ${chance(p, true)}`));
        text.append(first, make("span", "dim under", interval ? `${signed(interval[0])} … ${signed(interval[1])}` : "one family"));
        cell([spread(difference, interval, reach), text], "span");
        cell([make("span", "value right", `✓ ${number(fixed)}`), make("span", "under wrong", `✗ ${number(broken)}`)], "figure");
      }
      return row;
    }));
  }

  matrix() {
    const { models, agreement, a, b } = this.data;
    const head = make("tr");
    head.append(make("td"), make("td"));
    models.forEach((model, i) => {
      const cell = make("th", "", String(i + 1));
      cell.scope = "col";
      cell.title = model.name;
      head.append(cell);
    });
    this.find(".matrix thead").replaceChildren(head);
    const apart = agreement.flatMap((row, i) => row.filter((_, j) => i !== j));
    const low = Math.min(...apart), high = Math.max(...apart);
    this.find(".matrix tbody").replaceChildren(...models.map((model, i) => {
      const row = make("tr");
      const name = make("th", "name", model.name);
      name.scope = "row";
      row.append(name, make("td", "dim", String(i + 1)));
      agreement[i].forEach((share, j) => {
        const cell = make("td", i === j ? "self" : "");
        if (i !== j) {
          const button = this.button(`m${i}-${j}`, percent(share), { a: models[i].file, b: models[j].file },
            `${model.name} and ${models[j].name} give ${percent(share)}% of the glyphs the same label; compare these two`,
            i === a && j === b);
          button.style.setProperty("--share", String(high > low ? (share - low) / (high - low) : 1));
          button.dataset.at = `${i},${j}`;
          button.tabIndex = i === a && j === b ? 0 : -1;
          cell.append(button);
        } else cell.textContent = "–";
        row.append(cell);
      });
      return row;
    }));
  }

  meet() {
    const { models, a, b, kind } = this.data;
    const pair = met(models[b]);
    const meeting = this.find(".meeting");
    /** @type {(letter: string, model: Model) => HTMLElement[]} */
    const name = (letter, model) => [make("b", "", `${letter} `), make("bdi", "", model.name)];
    meeting.replaceChildren(...name("A", models[a]), make("span", "arrow", "  →  "), ...name("B", models[b]));
    this.find(".meet").replaceChildren(...KINDS_IN_ORDER.map((kindOfFlip) => {
      const [signs, words] = KINDS[kindOfFlip];
      const share = pair[kindOfFlip] / pair.n;
      const button = this.button(`k-${kindOfFlip}`, "", { kind: kindOfFlip },
        `${number(pair[kindOfFlip])} glyphs ${words}, ${percent(share)}%: show them`, kindOfFlip === kind);
      button.dataset.kind = kindOfFlip;
      button.append(make("span", "signs", signs), make("span", "count", number(pair[kindOfFlip])),
        make("span", "words", words), make("span", "dim", `${percent(share)}%`));
      return button;
    }));
  }

  verdict() {
    const { models, a, b, n, leftOut, rightBy } = this.data;
    const { difference, interval, p, families, fixed, broken } = met(models[b]);
    const clear = p < 0.05 && (!interval || interval[0] > 0 || interval[1] < 0);
    const word = difference === 0 ? "as good as" : difference > 0 ? "better than" : "worse than";
    const first = make("p", "said");
    const points = `${Math.abs(100 * difference).toFixed(2)} points `;
    first.append(`${rightBy}: `, make("b", "", "B "), make("bdi", "", models[b].name), " is ",
      make("b", difference > 0 ? "right" : difference < 0 ? "wrong" : "", `${difference ? points : ""}${word}`),
      make("b", "", " A "), make("bdi", "", models[a].name), clear ? "." : ", but this may be chance.");
    const detail = make("p", "dim", `McNemar’s exact test over ${number(fixed + broken)} flips: p ${chance(p, true)}. `
      + (interval ? `95% over ${families} families: ${signed(interval[0], 2)} to ${signed(interval[1], 2)} points.`
        : "All glyphs belong to one family, so there is no interval."));
    const count = make("p", "dim", `${number(n)} glyphs compared`
      + (leftOut.length ? `; left out: ${leftOut.join(", ")}.` : "; none left out."));
    this.find(".verdict").replaceChildren(first, detail, count, make("p", "dim speed", timed(models)));
  }

  /**
   * Arrow keys move over the matrix and skip its diagonal.
   * @param {KeyboardEvent & { target: HTMLElement }} event
   */
  key(event) {
    const at = event.target.dataset?.at;
    if (!at || !(event.key in MOVES) || event.ctrlKey || event.metaKey || event.altKey) return;
    const [down, across] = MOVES[event.key];
    let [i, j] = at.split(",").map(Number);
    do { i += down; j += across; } while (i === j);
    const target = this.find(`[data-at="${i},${j}"]`);
    target?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

/**
 * The comparison of a checkpoint with A; the checkpoint is not A.
 * @param {Model} model
 */
function met(model) { return /** @type {NonNullable<Model["pair"]>} */ (model.pair); }

/**
 * The conditions under which the speeds in the table were measured.
 * @param {Model[]} models
 */
function timed(models) {
  const speeds = models.flatMap(({ speed }) => speed ?? []);
  if (!speeds.length) return "Their speed is not measured yet (glyphcore bench).";
  const alike = new Set(speeds.map(({ machine }) => machine)).size === 1;
  return alike ? `Speed by ${speeds[0].words}.` : "The speeds were measured under different conditions: point at a speed to see them.";
}

/** @param {number} n */
function short(n) {
  return n >= 1e6 ? `${(n / 1e6).toFixed(2)}M` : n >= 1e4 ? `${Math.round(n / 1e3)}k` : number(n);
}

/** @param {number} p */
function chance(p, sentence = false) {
  const text = p < 0.001 ? "< 0.001" : p.toFixed(3);
  return sentence && p >= 0.001 ? `= ${text}` : text;
}

/**
 * A change: better is blue and points up, worse is orange and points down.
 * @param {number} delta
 */
function change(delta, digits = 1) {
  const none = Math.abs(100 * delta) < 0.5 * 10 ** -digits;
  const kind = none ? "dim" : delta > 0 ? "right" : "wrong";
  return make("span", `change ${kind}`, none ? "±0" : `${delta > 0 ? "▲" : "▼"}${signed(delta, digits)}`);
}

/**
 * A difference as a dot on a line around zero, with its interval as a bar.
 * @param {number} difference
 * @param {Interval | null} interval
 * @param {number} reach
 */
function spread(difference, interval, reach) {
  const line = make("span", "spread");
  line.setAttribute("aria-hidden", "true");
  const at = (/** @type {number} */ value) => 50 + (46 * value) / reach;
  if (interval) {
    const bar = make("i", "bar");
    bar.style.left = `${at(interval[0])}%`;
    bar.style.width = `${at(interval[1]) - at(interval[0])}%`;
    line.append(bar);
  }
  const dot = make("i", "dot");
  dot.style.left = `${at(difference)}%`;
  line.append(dot);
  line.dataset.kind = difference > 0 ? "right" : difference < 0 ? "wrong" : "";
  return line;
}

export default defineComponent(Compare);
