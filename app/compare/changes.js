// Losses and gains by class, family and label: a bar of broken and fixed glyphs each, and a button to see them.

import { Component, Requests, character, make, mounted, number } from "../shared/common.js";

class Changes extends Component {
  constructor(parent) {
    super(parent.querySelector(".changes"));
    this.requests = new Requests(this.root, (change) => { this.send("choose", change); return true; });
    this.on(this.root, "click", (event) => {
      const button = event.target.closest("button");
      if (button) this.requests.ask(JSON.parse(button.dataset.choose));
    });
    this.on(this.root, "keydown", (event) => this.key(event));
  }

  update(data) {
    this.root.replaceChildren(...data.columns.map((column) => {
      const reach = Math.max(1, ...[...column.losses, ...column.gains].map((row) => row.broken + row.fixed));
      const part = make("div", "column");
      part.append(make("h3", "", `${column.title}  `));
      part.firstChild.append(make("span", "dim", `${number(column.n)}: ${number(column.lost)} lost, ${number(column.won)} gained`));
      for (const [kind, title, rows] of [["broken", "Worst losses", column.losses], ["fixed", "Best gains", column.gains]]) {
        const list = make("ol");
        list.setAttribute("aria-label", `${column.title}, ${title.toLowerCase()}`);
        list.append(...rows.map((row) => this.row(column.name, kind, row, reach, data.chosen[column.name] === row.name)));
        const head = make("h4", kind === "broken" ? "wrong" : "right", kind === "broken" ? "▼ " : "▲ ");
        head.append(title + (rows.length < column[kind === "broken" ? "lost" : "won"] ? `, the first ${rows.length}` : ""));
        part.append(head, rows.length ? list : make("p", "dim", "none"));
      }
      return part;
    }));
    this.requests.done();
  }

  row(column, kind, row, reach, chosen) {
    const item = make("li"), button = make("button");
    button.type = "button";
    button.dataset.choose = JSON.stringify({ [column]: row.name, kind });
    button.setAttribute("aria-pressed", chosen);
    const delta = 100 * (row.b - row.a);
    const points = `${delta > 0 ? "+" : "−"}${Math.abs(delta).toFixed(1)}`;
    const p = row.p < 0.001 ? "< 0.001" : row.p.toFixed(3);
    button.title = `${row.words}: ${(100 * row.a).toFixed(1)}% with A, ${(100 * row.b).toFixed(1)}% with B of ${number(row.n)} glyphs; `
      + `${row.broken} broken, ${row.fixed} fixed, p ${p} for this one alone. Show its flips.`;
    button.setAttribute("aria-label", button.title);
    const char = make("bdi", "char");
    if (row.codes) character(char, row.shown, row.codes);
    const bars = make("span", "bars");
    for (const [name, count] of [["wrong", row.broken], ["right", row.fixed]]) {
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

  // Up and down walk over a column, left and right to its neighbours.
  key(event) {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key], down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if ((!across && !down) || event.ctrlKey || event.metaKey || event.altKey) return;
    const columns = [...this.root.querySelectorAll(".column")].map((each) => [...each.querySelectorAll("button")]);
    const i = columns.findIndex((buttons) => buttons.includes(event.target));
    if (i < 0) return;
    const at = columns[i].indexOf(event.target);
    const target = down ? columns[i][at + down] : columns[i + across]?.[Math.min(at, columns[i + across].length - 1)];
    target?.focus();
    event.preventDefault();
  }
}

export default mounted(Changes);
