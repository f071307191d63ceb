// @ts-check
// Panels that ask the model again: edits and their effect, the influence of each cell, the smallest edit that is right.

import { make, number } from "../shared/common.js";
import { CELL, GRID, paint } from "../shared/paint.js";
import { name, signed } from "./cell.js";
import { bdi, heading } from "./panels.js";

/** @typedef {import("./inspector.js").Inspector} Inspector */
/** @typedef {import("./inspector.js").Panel} Panel */

/**
 * The data of the sensitivity panel for the board, by cell.
 * @typedef {ReturnType<typeof overlayOf>} Overlay
 */

/** @param {number} cell */
function place(cell) { return `${Math.floor(cell / GRID)}, ${cell % GRID}`; }

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} run
 * @param {string} [key] identifies the button, so that it keeps the focus when the panel is redrawn
 */
function action(text, title, run, key) {
  const button = make("button", "", text);
  button.type = "button";
  button.title = title;
  button.dataset.key = key ?? text;
  button.addEventListener("click", run);
  return button;
}

/** @param {Inspector} owner */
export function waitingPanel(owner) {
  const line = make("p", "waits", `Loading ${owner.data.panel.waits}. This takes some seconds, once.`);
  line.setAttribute("role", "status");
  return [line];
}

/** @param {Inspector} owner */
export function problemPanel(owner) {
  const line = make("p", "problem", owner.data.panel.problem);
  line.setAttribute("role", "alert");
  return [line];
}

/** @param {string} remark */
function remarkLine(remark) { return remark ? [make("p", "dim", remark)] : []; }

/** @param {Inspector} owner */
export function editPanel(owner) {
  const { moves, remark } = owner.data.panel;
  const { edits } = owner.data.state;
  const list = make("ol", "edits");
  list.append(...edits.map(([cell, id], i) => {
    const line = make("li", "");
    line.append(action(place(cell), "Go to this cell", () => owner.pin(cell), `cell ${cell}`),
      make("span", "", `${name(owner.data.primitive[cell])} → ${name(id)}`));
    const drop = action("×", "Undo this edit", () => owner.requestChange(() => ({
      edits: owner.data.state.edits.filter((_, k) => k !== i),
    })), `drop ${i}`);
    drop.setAttribute("aria-label", `Undo the edit of cell ${place(cell)}`);
    line.append(drop);
    return line;
  }));
  const tools = make("div", "tools");
  const undo = action("↶ Undo", "Undo the last edit  z", () => owner.undo());
  const reset = action("Reset", "Remove all edits  Z", () => owner.reset());
  undo.disabled = reset.disabled = !edits.length;
  tools.append(undo, reset);
  if (!edits.length) {
    const how = "Choose a cell on the board, then its new primitive: the model predicts again, and the candidates move.";
    return [heading("Edits", "none yet"), make("p", "dim", how), tools, ...remarkLine(remark)];
  }
  const aside = `${edits.length} ${edits.length === 1 ? "cell" : "cells"}, stored in the link`;
  return [heading("Edits", aside), list, tools, heading("Candidates", "before → after"), moveList(moves), ...remarkLine(remark)];
}

/** @param {Panel["moves"]} moves */
function moveList(moves) {
  const list = make("ol", "moves");
  list.append(...moves.map((move) => {
    const by = move.rank_before - move.rank_after;
    const line = make("li", move.truth ? "truth" : "");
    line.classList.toggle("out", move.rank_after > 5);
    const rank = make("span", "rank", `${move.rank_after}`);
    const arrow = make("span", by > 0 ? "arrow up" : by < 0 ? "arrow down" : "arrow", by > 0 ? `▲${by}` : by < 0 ? `▼${-by}` : "=");
    arrow.setAttribute("aria-label", by ? `${by > 0 ? "up" : "down"} ${Math.abs(by)}` : "same place");
    const words = make("span", "words");
    words.append(make("span", "name", move.name));
    if (move.truth) words.append(make("span", "sign", "✓ true"));
    const bar = make("span", "change");
    bar.style.setProperty("--from", String(Math.min(move.before, move.after)));
    bar.style.setProperty("--to", String(Math.max(move.before, move.after)));
    bar.dataset.kind = move.after >= move.before ? "up" : "down";
    line.append(rank, arrow, bdi("char", move), words, make("span", "p", `${move.before.toFixed(3)} → ${move.after.toFixed(3)}`),
      make("span", "delta", signed(move.after - move.before)), bar);
    return line;
  }));
  return list;
}

/**
 * The data of the sensitivity panel for the board: the drop of the watched probability, and the cells that change the label.
 * @param {Panel} panel
 * @param {number} which
 */
export function overlayOf(panel, which) {
  if (panel.kind !== "sensitivity" || panel.problem || panel.waits) return null;
  /** @type {number[]} */
  const cells = panel.cells;
  const column = Math.min(which, panel.watched.length - 1);
  return {
    drop: new Map(cells.map((cell, i) => [cell, panel.watched[column].p - panel.after[i][column]])),
    flips: new Map(cells.flatMap((cell, i) => (panel.becomes[i] ? [[cell, panel.becomes[i].truth]] : []))),
    becomes: new Map(cells.map((cell, i) => [cell, panel.becomes[i]])),
    watched: panel.watched[column],
  };
}

const LISTED = 14;

/** @param {Inspector} owner */
export function sensitivityPanel(owner) {
  const { panel } = owner.data;
  if (!owner.overlay) return problemPanel(owner);
  const { drop, becomes, watched, flips } = owner.overlay;
  const group = make("span", "group");
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", "Whose probability");
  panel.watched.forEach((label, i) => {
    const words = panel.watched.length === 1 && label.truth ? "True label = prediction" : label.truth ? "True label" : "Prediction";
    const button = action(`${words} p ${label.p.toFixed(3)}`, label.name, () => owner.watch(i), `watch ${i}`);
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(label === watched));
    group.append(button);
  });
  const order = [...drop].sort((a, b) => Number(Boolean(becomes.get(b[0]))) - Number(Boolean(becomes.get(a[0]))) || Math.abs(b[1]) - Math.abs(a[1]));
  const list = make("ol", "weights");
  list.append(...order.slice(0, LISTED).map(([cell, value]) => {
    const line = make("li", "");
    const other = becomes.get(cell);
    line.append(action(place(cell), "Go to this cell", () => owner.pin(cell), `cell ${cell}`),
      make("span", "arrow", Math.abs(value) < 5e-4 ? "=" : value > 0 ? "▼" : "▲"),
      make("span", "p", `${watched.p.toFixed(3)} → ${(watched.p - value).toFixed(3)}`), make("span", "delta", signed(-value)),
      make("span", other ? (other.truth ? "right" : "wrong") : "dim", other ? (other.truth ? "✓ the true label" : `≠ ${other.name}`) : ""));
    if (other) line.title = `The label becomes ${other.name}`;
    return line;
  }));
  const many = `${flips.size} of ${drop.size} cells ${flips.size === 1 ? "changes" : "change"} the prediction`;
  const legend = "Each cell with ink is set to EMPTY, one after another. ▼ purple: the probability falls; ▲ green: it rises; ≠ the prediction becomes another label; ✓ it becomes the true label.";
  return [heading("Sensitivity", many), group, make("p", "dim", legend), list, ...remarkLine(panel.remark)];
}

/** @param {Inspector} owner */
export function fixPanel(owner) {
  const { panel } = owner.data;
  if (panel.right) return [heading("Smallest edit"), make("p", "", "✓ Predicted correctly: no edit is necessary."), ...remarkLine(panel.remark)];
  const searched = `Tested: runner-up, target and EMPTY for each of ${panel.cells} cells with ink, ${number(panel.singles)} edits of one cell`
    + (panel.wider ? `; then ${number(panel.wider)} edits of up to ${panel.depth} cells, which extend the best 4 edits by the 40 most helpful cells.` : ".");
  const outcome = make("p", panel.enough ? "right" : "wrong");
  const size = panel.edits.length === 1 ? "one cell" : `${panel.edits.length} cells`;
  outcome.append(make("b", "", panel.enough ? `✓ An edit of ${size} gives` : "✗ No tested edit gives"), " ",
    bdi("char", panel.goal), ` ${panel.goal.name}${panel.enough ? "," : "; the closest one gives it"} p ${panel.p.toFixed(3)}`);
  const list = make("ol", "edits");
  list.append(...panel.edits.map(([cell, id]) => {
    const line = make("li", "");
    const pictures = make("span", "swap");
    for (const patch of [owner.data.primitive[cell], id]) {
      const canvas = make("canvas", "tile");
      canvas.width = canvas.height = CELL;
      paint(canvas, owner.patchOf(patch), owner.colours()("--st-text-color"));
      pictures.append(canvas);
    }
    line.append(action(place(cell), "Go to this cell", () => owner.pin(cell), `cell ${cell}`), pictures,
      make("span", "", `${name(owner.data.primitive[cell])} → ${name(id)}`));
    return line;
  }));
  const apply = action("Apply and see the candidates", "Makes these edits  Enter", () => owner.requestChange(() => ({
    panel: "edit", edits: panel.edits,
  })));
  const more = panel.enough && panel.others ? [make("p", "dim", `${number(panel.others)} other tested edits of this size also correct the prediction.`)] : [];
  return [heading("Smallest edit", "that corrects the prediction"), outcome, list, ...(panel.edits.length ? [apply] : []), ...more,
    make("p", "dim", searched), ...remarkLine(panel.remark)];
}
