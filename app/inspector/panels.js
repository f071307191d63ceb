// @ts-check
// Panels that only read stored data: candidates, other checkpoints, similar glyphs, families. Each returns its elements.

import { bytes, character, make, number } from "../shared/common.js";
import { GRID } from "../shared/paint.js";
import { miniature } from "./cell_canvas.js";
import { pairs } from "./cell.js";

/** @typedef {import("./inspector.js").Inspector} Inspector */

/**
 * @param {string} text
 * @param {string} [aside]
 */
export function heading(text, aside) {
  const title = make("h3", "", `${text} `);
  if (aside) title.append(make("span", "dim", aside));
  return title;
}

/**
 * @param {string} kind
 * @param {{ shown: string, codes: string }} text
 */
export function bdi(kind, text) {
  const element = make("bdi", kind);
  character(element, text.shown, text.codes);
  return element;
}

/**
 * A button with one thumbnail of a sprite.
 * @param {Inspector} owner
 * @param {number} index
 * @param {"example" | "near-card"} kind
 * @param {string} label
 */
function thumbnail(owner, index, kind, label) {
  const { columns, thumb } = owner.data, scale = kind === "example" ? 2 : 1.25;
  const button = make("button", kind);
  button.type = "button";
  button.setAttribute("aria-label", label);
  if (owner.sprites.get(kind)) {
    button.style.setProperty("--sheet", `url(${owner.sprites.get(kind)})`);
    button.style.setProperty("--width", `${(columns * thumb) / scale}px`);
    const x = (-(index % columns) * thumb) / scale, y = (-Math.floor(index / columns) * thumb) / scale;
    button.style.setProperty("--at", `${x}px ${y}px`);
  }
  return button;
}

/** @param {Inspector} owner */
export function candidatesPanel(owner) {
  const { data } = owner;
  const list = make("ol", "candidates");
  let shown = 0;
  list.replaceChildren(...data.candidates.map((candidate, place) => {
    const line = make("li", candidate.truth ? "truth" : "");
    const bar = make("span", "bar");
    bar.style.setProperty("--p", String(candidate.p));
    const examples = make("span", "examples");
    for (const id of candidate.examples) {
      const button = thumbnail(owner, shown++, "example", `An example of ${candidate.name} from another family, glyph ${id}`);
      button.title = `Inspect glyph ${id}`;
      button.addEventListener("click", () => owner.requests.ask(id));
      examples.append(button);
    }
    const words = make("span", "words");
    words.append(make("span", "name", candidate.name));
    if (candidate.truth) words.append(make("span", "sign", "✓ true"));
    const pick = make("button", "pick", place + 1);
    pick.type = "button";
    pick.title = `Correct the label to ${candidate.name}  ${place + 1}`;
    pick.ariaLabel = `Correct the label to ${candidate.name}`;
    pick.addEventListener("click", () => owner.really(place));
    line.append(pick, bdi("char", candidate), words, make("span", "p", candidate.p.toFixed(3)),
      make("span", "code", candidate.codes), bar, examples);
    return line;
  }));
  const numbers = make("dl", "numbers"), facts = make("dl", "facts");
  pairs(numbers, data.numbers);
  pairs(facts, data.facts);
  return [heading("Candidates", "with examples from other families"), list, heading("Glyph"), numbers, facts];
}

/** @param {Inspector} owner */
export function modelsPanel(owner) {
  const { files, predictions } = owner.data.panel;
  const chooser = make("fieldset", "files");
  chooser.append(make("legend", "spoken", "Checkpoints to show"));
  files.forEach(({ file, name, chosen }, i) => {
    const label = make("label", "");
    const box = make("input", "");
    Object.assign(box, { type: "checkbox", checked: chosen, disabled: i === 0 });
    box.dataset.key = file;
    box.addEventListener("change", () => owner.requestChange(() => {
      const others = owner.data.state.others.filter((other) => other !== file);
      return { others: box.checked ? [...others, file] : others };
    }));
    label.append(box, make("bdi", "", name));
    chooser.append(label);
  });
  const names = new Map(files.map(({ file, name }) => [file, name]));
  const blocks = predictions.map((prediction, i) => predictionBlock(owner, prediction, names.get(prediction.file) ?? "", i));
  const alone = files.length === 1 ? "No other checkpoint was evaluated on this database: glyphcore prepare --all."
    : predictions.length === 1 ? "Choose checkpoints to see them beside the first." : "";
  return [heading("Checkpoints", "evaluated on this database"), chooser, ...blocks, ...(alone ? [make("p", "dim", alone)] : [])];
}

/**
 * @param {Inspector} owner
 * @param {import("./inspector.js").CheckpointPrediction} prediction
 * @param {string} name
 * @param {number} i
 */
function predictionBlock(owner, prediction, name, i) {
  const block = make("section", "opinion");
  block.dataset.kind = prediction.row.kind;
  block.setAttribute("aria-label", name);
  const head = make("div", "opinion-head");
  const differ = `${prediction.differs.length} cells differ${prediction.translated ? " (another codebook: compared by nearest patch)" : ""}`;
  head.append(make("bdi", "name", name), make("span", "verdict", `${prediction.row.sign} ${prediction.row.words}`),
    make("span", "dim", i ? differ : "the first"));
  if (i) {
    const first = make("button", "small", "Make first");
    first.type = "button";
    first.dataset.key = `first ${prediction.file}`;
    const others = owner.data.panel.predictions.map((prediction) => prediction.file).filter((file) => file !== prediction.file);
    first.addEventListener("click", () => owner.requestChange(() => ({ first: prediction.file, others: others })));
    head.append(first);
  }
  const canvas = make("canvas", "mini");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Grid of ${name}, ${i ? differ : "the first"}`);
  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    /** @type {(value: number, side: number) => number} */
    const at = (value, side) => Math.max(0, Math.min(GRID - 1, Math.floor((value / side) * GRID)));
    owner.pin(at(event.clientY - box.top, box.height) * GRID + at(event.clientX - box.left, box.width));
  });
  const top = make("ol", "short");
  top.append(...prediction.top.map((candidate) => {
    const line = make("li", candidate.truth ? "truth" : "");
    const bar = make("span", "bar");
    bar.style.setProperty("--p", String(candidate.p));
    line.append(bdi("char", candidate), make("span", "name", `${candidate.truth ? "✓ " : ""}${candidate.name}`), make("span", "p", candidate.p.toFixed(3)), bar);
    line.title = candidate.codes;
    return line;
  }));
  const body = make("div", "opinion-body");
  body.append(canvas, top);
  block.append(head, body);
  return block;
}

/**
 * Draw the small grids of the checkpoints. Called after they are on the page and whenever the cursor moves.
 * @param {Inspector} owner
 */
export function drawPredictions(owner) {
  const { predictions } = owner.data.panel;
  owner.all(".mini").forEach((canvas, i) => {
    const { primitive, used, patches, differs } = predictions[i];
    predictions[i].patchTable ??= patchTable(used, patches);
    miniature(canvas, primitive, predictions[i].patchTable, differs, owner.cell, owner.colours());
  });
}

/**
 * @param {number[]} used
 * @param {string} patches
 * @returns {Map<number, Uint8Array>}
 */
export function patchTable(used, patches) {
  const grey = bytes(patches);
  return new Map(used.map((id, i) => [id, grey.subarray(i * 64, i * 64 + 64)]));
}

const SCOPES = { "": "Other families", all: "Every glyph", train: "Training split" };

/** @param {Inspector} owner */
export function nearPanel(owner) {
  const { items, scope } = owner.data.panel;
  const group = make("span", "group");
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-label", "Which glyphs");
  for (const [value, words] of Object.entries(SCOPES)) {
    const button = make("button", "", words);
    button.type = "button";
    button.dataset.key = `scope ${value}`;
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(value === scope));
    button.addEventListener("click", () => owner.requestChange(() => ({ near: value })));
    group.append(button);
  }
  const agreeing = items.filter((neighbour) => neighbour.truthName === owner.data.row.truthName).length;
  const summary = items.length ? `${agreeing} of ${items.length} have the same true label; by cosine of the embeddings` : "none";
  const more = make("p", "more", "Show the most similar glyphs in Browse, by ");
  for (const by of ["embedding", "grid"]) {
    const button = make("button", "small", by);
    button.type = "button";
    button.title = `Browse the glyphs that are most similar by ${by}, most similar first`;
    button.addEventListener("click", () => owner.requests.ask(by));
    more.append(button);
  }
  return [heading("Nearest glyphs", summary), group, cards(owner, items, (neighbour) => neighbour.cosine.toFixed(3)), more];
}

/** @param {Inspector} owner */
export function familiesPanel(owner) {
  const { items, total, glyphs, right, known } = owner.data.panel;
  const where = known ? `in ${number(total)} families` : "families are unknown";
  const shown = items.length < total ? `, ${items.length} shown, worst first` : ", worst first";
  return [
    heading(owner.data.row.truthName, `${number(right)} of ${number(glyphs)} glyphs right, ${where}${shown}`),
    cards(owner, items, (family) => family.family, (family) => (family.n > 1 ? ` ${family.right}/${family.n}` : ""), true),
  ];
}

/**
 * Cards of glyphs. With ``oneLabel``, a misread glyph shows only its prediction: the heading has the truth already.
 * @param {Inspector} owner
 * @param {import("./inspector.js").Near[]} items
 * @param {(neighbour: import("./inspector.js").Near) => string} remark
 * @param {(neighbour: import("./inspector.js").Near) => string} count
 */
function cards(owner, items, remark, count = () => "", oneLabel = false) {
  const list = make("div", "near");
  list.append(...items.map((neighbour, i) => {
    const read = neighbour.kind === "right" ? "predicted correctly" : `predicted as ${neighbour.predName}, ${neighbour.words}`;
    const words = `${neighbour.truthName}, ${read}, ${neighbour.family}${count(neighbour) && `,${count(neighbour)} right`}, ${remark(neighbour)}`;
    const button = thumbnail(owner, i, "near-card", words);
    button.dataset.kind = neighbour.kind;
    button.title = `${words}, glyph ${neighbour.id}`;
    if (neighbour.id === owner.data.row.id) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => owner.requests.ask(neighbour.id));
    const line = make("span", "line");
    if (neighbour.kind === "right" || !oneLabel) line.append(bdi("truth", { shown: neighbour.truth, codes: neighbour.codes }));
    if (neighbour.kind !== "right") line.append("→", bdi("pred", { shown: neighbour.pred, codes: neighbour.predCodes }));
    line.append(make("span", "sign", `${neighbour.sign}${count(neighbour)}`));
    button.append(make("span", "glyph"), line, make("span", "remark", remark(neighbour)));
    return button;
  }));
  return list;
}
