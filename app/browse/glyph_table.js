// @ts-check
// The glyphs of a page as a table: a row has the role of a card in the grid, and a click on a header sorts.

import { bus, character, make, defineComponent, number, tagSign } from "../shared/common.js";
import { Grid } from "../shared/grid.js";

const SIDE = 40; // side of a picture in pixels

/**
 * A column: its current sort order, and the sort after a click on its header (``_header`` in glyph_table.py).
 * @typedef {{ name: string, title: string, help: string, number: boolean, sort: string, sorted: string }} Column
 */

/** @typedef {import("../shared/grid.js").Item & { cells: Record<string, string> }} Item */

/** @typedef {import("../shared/grid.js").GlyphCard & { fields: Record<string, HTMLElement> }} Row */

export class GlyphTable extends Grid {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    super(parent);
    this.header = this.find("thead tr");
    /** @type {Column[]} */
    this.columns = [];
    this.on(this.header, "click", (event) => this.resort(event.target.closest("button")));
  }

  /** @param {import("../shared/grid.js").Data & { header: Column[] }} data */
  update(data) {
    const names = (/** @type {Column[]} */ columns) => columns.map((column) => column.name).join();
    if (names(data.header) !== names(this.columns)) {
      for (const row of this.cards.splice(0)) row.remove();
      this.cursorCard = undefined;
    }
    this.columns = data.header;
    const focused = this.focused()?.dataset?.name;
    this.header.replaceChildren(...data.header.map((column) => this.heading(column)));
    if (focused) this.find(`thead [data-name="${focused}"]`)?.focus();
    super.update(data);
  }

  /** @param {Column} column */
  heading({ name, title, help, number, sort, sorted }) {
    const heading = make("th", number ? "n" : "");
    heading.scope = "col";
    if (sorted) heading.ariaSort = sorted;
    heading.title = help;
    if (sort) {
      const button = make("button", "", title);
      button.type = "button";
      Object.assign(button.dataset, { name, sort });
      button.setAttribute("aria-label", `Sort by ${title}`);
      heading.append(button);
    } else heading.append(make("span", "", title));
    return heading;
  }

  /** @param {HTMLButtonElement | null} button */
  resort(button) {
    if (!button) return;
    this.root.setAttribute("aria-busy", "true");
    this.send("sort", button.dataset.sort);
  }

  make() {
    const row = /** @type {Row} */ (/** @type {unknown} */ (make("tr", "card")));
    row.tabIndex = -1;
    row.fields = {};
    for (const { name, number } of this.columns) row.append(row.fields[name] = make("td", number ? `${name} n` : name));
    row.glyph = make("span", "glyph");
    row.more = make("span", "more");
    row.more.title = "Show the other glyphs of this group  +";
    row.fields.picture.append(row.glyph, make("span", "tick", "✓"), row.more);
    for (const name of /** @type {const} */ (["truth", "pred"]))
      row.fields[name].append(row[name] = make("bdi", "char"), make("span", "name"));
    Object.assign(row, { sign: row.fields.sign, tags: row.fields.tags });
    this.list.append(row);
    return row;
  }

  /**
   * @param {import("../shared/grid.js").Page} page
   * @param {{ url: string, columns: number, side: number }} sprite
   */
  showPage(page, sprite) { super.showPage(page, { ...sprite, side: SIDE }); }

  /**
   * @param {Row} row
   * @param {Item} item
   */
  fill(row, item) {
    row.dataset.kind = item.kind;
    character(row.truth, item.truth, item.codes);
    character(row.pred, item.pred, item.predCodes);
    for (const [field, name] of /** @type {const} */ ([["truth", item.truthName], ["pred", item.predName]])) {
      row.fields[field].title = name; // the tooltip shows a name that does not fit
      /** @type {HTMLElement} */ (row.fields[field].lastElementChild).textContent = name;
    }
    row.fields.id.textContent = String(item.id);
    row.fields.codes.textContent = item.codes;
    row.sign.textContent = item.sign;
    row.sign.title = item.words;
    row.more.textContent = item.more ? `+${number(item.more)}` : "";
    if (row.fields.figure) row.fields.figure.textContent = item.figure.replace(/^\D+/, "");
    for (const [name, text] of Object.entries(item.cells)) row.fields[name].textContent = text;
    this.signs(row);
  }

  /** Show the names of the tags, and the note. @param {Row} row */
  signs(row) {
    if (row.hidden) return;
    const id = Number(row.dataset.id), { tags, note } = bus.annotation(id);
    const text = [...tags.map((tag) => `${tagSign(tag)} ${tag}`), ...(note ? [`✎ ${note}`] : [])].join("  ");
    if (row.tags.textContent !== text) row.tags.textContent = text;
    row.classList.toggle("chosen", this.chosen.has(id));
    row.setAttribute("aria-selected", String(this.chosen.has(id)));
  }

  /** A click that selects text does not open the row. @param {MouseEvent & { target: Element }} event */
  click(event) {
    if (String(getSelection())) return;
    super.click(event);
  }

  /** @returns {import("../shared/common.js").KeyRow<any>[]} */
  keys() {
    /** @type {import("../shared/common.js").KeyRow<GlyphTable>} */
    const enter = ["Enter", "inspect", { Enter: (table) => !table.focused()?.dataset?.name && table.open() }];
    return [enter, ...super.keys()];
  }
}

export default defineComponent(GlyphTable);
