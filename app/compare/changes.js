// @ts-check
// Losses and gains by class, family and label: each row has a bar of broken and fixed glyphs and a button to show its flips.

import { Component, Requests, character, make, defineComponent, number } from "../shared/common.js";

/** @type {Record<string, number>} */
const ACROSS = { ArrowLeft: -1, ArrowRight: 1 };
/** @type {Record<string, number>} */
const DOWN = { ArrowUp: -1, ArrowDown: 1 };

/**
 * A class, family or label: its number of glyphs, the shares that A and B read rightly, and its flips.
 * @typedef {{ name: string, words: string, shown: string, codes: string, n: number, a: number, b: number, fixed: number,
 *   broken: number, p: number }} Row
 */

/**
 * @typedef {{ name: string, title: string, n: number, lost: number, won: number, losses: Row[], gains: Row[] }} Column
 */

/** @extends {Component<{ columns: Column[], chosen: Record<string, string> }>} */
class Changes extends Component {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(/** @type {HTMLElement} */ (parent.querySelector(".changes")));
    this.requests = new Requests(this.root, (change) => { this.send("choose", change); return true; });
    this.on(this.root, "click", (event) => {
      const button = event.target.closest("button");
      if (button) this.requests.ask(JSON.parse(button.dataset.choose));
    });
    this.on(this.root, "keydown", (event) => this.key(event));
  }

  /** @param {{ columns: Column[], chosen: Record<string, string> }} data */
  update(data) {
    this.data = data;
    this.root.replaceChildren(...data.columns.map((column) => {
      const reach = Math.max(1, ...[...column.losses, ...column.gains].map((row) => row.broken + row.fixed));
      const part = make("div", "column");
      const title = make("h3", "", `${column.title}  `);
      part.append(title);
      title.append(make("span", "dim", `${number(column.n)}: ${number(column.lost)} lost, ${number(column.won)} gained`));
      /** @type {["broken" | "fixed", string, Row[]][]} */
      const lists = [["broken", "Worst losses", column.losses], ["fixed", "Best gains", column.gains]];
      for (const [kind, words, rows] of lists) {
        const list = make("ol");
        list.setAttribute("aria-label", `${column.title}, ${words.toLowerCase()}`);
        list.append(...rows.map((row) => this.row(column.name, kind, row, reach, data.chosen[column.name] === row.name)));
        const head = make("h4", kind === "broken" ? "wrong" : "right", kind === "broken" ? "▼ " : "▲ ");
        head.append(words + (rows.length < column[kind === "broken" ? "lost" : "won"] ? `, the first ${rows.length}` : ""));
        part.append(head, rows.length ? list : make("p", "dim", "none"));
      }
      return part;
    }));
    this.requests.done();
  }

  /**
   * @param {string} column
   * @param {string} kind
   * @param {Row} row
   * @param {number} reach
   * @param {boolean} chosen
   */
  row(column, kind, row, reach, chosen) {
    const item = make("li"), button = make("button");
    button.type = "button";
    button.dataset.choose = JSON.stringify({ [column]: row.name, kind });
    button.setAttribute("aria-pressed", String(chosen));
    const delta = 100 * (row.b - row.a);
    const points = `${delta > 0 ? "+" : "−"}${Math.abs(delta).toFixed(1)}`;
    const p = row.p < 0.001 ? "< 0.001" : row.p.toFixed(3);
    button.title = `${row.words}: ${(100 * row.a).toFixed(1)}% with A, ${(100 * row.b).toFixed(1)}% with B of ${number(row.n)} glyphs; `
      + `${row.broken} broken, ${row.fixed} fixed, p ${p} for this one alone. Show its flips.`;
    button.setAttribute("aria-label", button.title);
    const char = make("bdi", "char");
    if (row.codes) character(char, row.shown, row.codes);
    const bars = make("span", "bars");
    for (const [name, count] of /** @type {[string, number][]} */ ([["wrong", row.broken], ["right", row.fixed]])) {
      const bar = make("i", name);
      bar.style.width = `${(100 * count) / reach}%`;
      bars.append(bar);
    }
    button.append(...(row.codes ? [char] : []), make("span", "name", row.words), make("span", "counts", `✗${row.broken} ✓${row.fixed}`),
      make("span", "dim n", `of ${number(row.n)}`),
      make("span", `points ${row.p < 0.05 ? (delta > 0 ? "right" : "wrong") : "dim"}`, points), bars);
    item.append(button);
    return item;
  }

  /**
   * Up and down move within a column, left and right move to the neighbouring column.
   * @param {KeyboardEvent & { target: HTMLButtonElement }} event
   */
  key(event) {
    const across = ACROSS[event.key], down = DOWN[event.key];
    if ((!across && !down) || event.ctrlKey || event.metaKey || event.altKey) return;
    const columns = [...this.all(".column")].map((column) => /** @type {HTMLButtonElement[]} */ ([...column.querySelectorAll("button")]));
    const i = columns.findIndex((buttons) => buttons.includes(event.target));
    if (i < 0) return;
    const at = columns[i].indexOf(event.target);
    const target = down ? columns[i][at + down] : columns[i + across]?.[Math.min(at, columns[i + across].length - 1)];
    target?.focus();
    event.preventDefault();
  }
}

export default defineComponent(Changes);
