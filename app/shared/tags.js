// Tags and notes. Keys 1 2 3 t o u work wherever nothing is being typed; what is said is shown before it is stored.

import { UNSAID, bus, deepest, know, make, mounted, number, tagSign, typing, unsent } from "./common.js";

class Marks {
  constructor(parent) {
    this.root = parent.querySelector(".marks");
    this.tools = this.find(".group");
    this.entry = this.find(".entry");
    this.input = this.find("input");
    this.area = this.find("textarea");
    this.history = [];
    this.onKey = (event) => this.key(event);
    this.onChosen = () => this.draw();
    this.onKnown = () => this.publish();
    bus.mark = (id) => this.mark(id);
    // Before the other components: 1 2 3 are for tags on every page.
    document.addEventListener("keydown", this.onKey, true);
    bus.addEventListener("chosen", this.onChosen);
    bus.addEventListener("known", this.onKnown);
    for (const button of this.root.querySelectorAll("[data-do]"))
      button.addEventListener("click", () => this.act(button.dataset.do));
    this.entry.addEventListener("submit", (event) => {
      event.preventDefault();
      this.keep();
    });
    this.entry.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.act("close");
      else if (event.key === "Enter" && event.target === this.area && !event.shiftKey) this.keep();
      else return;
      event.preventDefault();
    });
  }

  find(selector) { return this.root.querySelector(selector); }

  stop() {
    document.removeEventListener("keydown", this.onKey, true);
    bus.removeEventListener("chosen", this.onChosen);
    bus.removeEventListener("known", this.onKnown);
    clearTimeout(this.timer);
    clearTimeout(this.quiet);
    bus.chosen = [];
    bus.mark = (id) => bus.known.get(id) ?? UNSAID;
  }

  update(data) {
    const first = !this.data;
    this.data = data;
    this.said = unsent(data.about); // a change is sent again with the next one until a run says that it has arrived
    const { said } = this, before = said.pending.length;
    if (data.done.client === said.client) said.pending = said.pending.filter((each) => each.number > data.done.number);
    if (!said.pending.length) {
      clearTimeout(this.timer);
      delete this.root.dataset.sending;
    }
    if (before && !said.pending.length && !data.single) this.settle();
    this.find(".problem").textContent = data.problem;
    for (const button of this.root.querySelectorAll("[data-do=all], [data-do=none]")) button.hidden = data.single;
    if (!this.tools.children.length) {
      this.tools.replaceChildren(...data.standard.map((tag, i) => {
        const button = make("button", "");
        button.type = "button";
        button.dataset.tag = tag;
        button.title = `Tag ${tag}  ${i + 1}`;
        button.append(make("span", "key", i + 1), `${tagSign(tag)} ${tag}`);
        button.addEventListener("click", () => this.toggle(tag));
        return button;
      }));
    }
    this.find("datalist").replaceChildren(...data.tags.map((tag) => {
      const option = make("option", "");
      option.value = tag;
      return option;
    }));
    know(data.done.ids, data.marks);
    if (first) this.transmit();
  }

  // Counts elsewhere on the page follow when somebody has tagged for a while and then does something else.
  settle() {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.send("settled", this.said.number), 1200);
  }

  // What is known of a glyph with what was said since.
  mark(id) {
    const { tags, note } = bus.known.get(id) ?? UNSAID;
    const mark = { tags: [...tags], note };
    for (const each of this.said?.pending ?? []) {
      if (!each.ids.includes(id)) continue;
      if (!each.tag) mark.note = each.note;
      else if (!each.on) mark.tags = mark.tags.filter((tag) => tag !== each.tag);
      else if (!mark.tags.includes(each.tag)) mark.tags = [...mark.tags, each.tag].sort();
    }
    return mark;
  }

  targets() {
    if (bus.chosen.length) return bus.chosen;
    return bus.current === null || bus.current === undefined ? [] : [bus.current];
  }

  publish() {
    bus.dispatchEvent(new Event("marks"));
    this.draw();
  }

  draw() {
    if (!this.data) return;
    const ids = this.targets(), marks = ids.map((id) => this.mark(id));
    const chosen = this.find(".chosen");
    chosen.textContent = bus.chosen.length ? `${number(bus.chosen.length)} chosen` : ids.length ? `#${ids[0]}` : "no glyph";
    chosen.classList.toggle("one", !bus.chosen.length);
    for (const button of this.tools.children) {
      const having = marks.filter((mark) => mark.tags.includes(button.dataset.tag)).length;
      button.setAttribute("aria-pressed", having === 0 ? "false" : having === ids.length ? "true" : "mixed");
      button.disabled = !ids.length;
    }
    for (const name of ["tag", "note"]) this.find(`[data-do=${name}]`).disabled = !ids.length;
    this.find("[data-do=undo]").disabled = !this.history.length;
    this.find("[data-do=none]").disabled = !bus.chosen.length;
    const parts = [];
    const all = new Map();
    for (const mark of marks) for (const tag of mark.tags) all.set(tag, (all.get(tag) ?? 0) + 1);
    for (const [tag, count] of [...all].sort()) {
      if (this.data.standard.includes(tag)) continue;
      const part = make("span", "tag", `# ${tag}${ids.length > 1 ? ` ${count} of ${ids.length}` : ""}`);
      const off = make("button", "", "×");
      off.type = "button";
      off.title = off.ariaLabel = `Take tag ${tag} off`;
      off.addEventListener("click", () => this.say([{ ids: having(ids, marks, tag), tag, on: false }]));
      part.append(off);
      parts.push(part);
    }
    const notes = marks.filter((mark) => mark.note);
    if (notes.length) {
      const note = make("span", "note", `✎ ${notes.length === 1 ? notes[0].note : `${notes.length} notes`}`);
      note.title = notes.map((mark) => mark.note).join("\n\n");
      parts.push(note);
    }
    const remark = bus.known.get(bus.current)?.remark;
    if (remark) {
      parts.push(make("span", "remark", `? ${remark}`));
      parts.at(-1).title = remark;
    }
    this.find(".said").replaceChildren(...parts);
  }

  toggle(tag) {
    const ids = this.targets(), marks = ids.map((id) => this.mark(id));
    const with_ = having(ids, marks, tag);
    const on = with_.length < ids.length;
    if (ids.length) this.say([{ ids: on ? ids.filter((id) => !with_.includes(id)) : with_, tag, on }]);
  }

  // Show changes, remember how to take them back, and send them.
  say(changes, undoing = false) {
    if (!undoing) {
      const back = [];
      for (const { ids, tag, on } of changes) {
        if (tag) back.push({ ids, tag, on: !on });
        else for (const id of ids) back.push({ ids: [id], note: this.mark(id).note });
      }
      this.history.push(back.reverse());
    }
    clearTimeout(this.quiet);
    for (const change of changes) this.said.pending.push({ ...change, number: ++this.said.number });
    this.publish();
    this.transmit();
  }

  transmit() {
    clearTimeout(this.timer);
    const { about, client, pending } = this.said;
    if (!pending.length) return;
    this.root.dataset.sending = "";
    this.send("change", { about, client, changes: pending });
    this.timer = setTimeout(() => this.transmit(), 4000);
  }

  ask(what) {
    const ids = this.targets();
    if (!ids.length) return;
    const mark = this.mark(ids[0]);
    this.asking = { what, ids: [...ids] };
    this.input.hidden = what !== "tag";
    this.area.hidden = what !== "note";
    const field = what === "tag" ? this.input : this.area;
    const whose = ids.length > 1 ? `${ids.length} glyphs` : `glyph ${ids[0]}`;
    field.ariaLabel = what === "tag" ? `Tag for ${whose}` : `Note for ${whose}`;
    field.placeholder = what === "tag" ? "a tag" : "a note; empty takes it away";
    field.value = what === "note" && ids.length === 1 ? mark.note : "";
    this.entry.hidden = false;
    this.before = deepest();
    field.focus();
  }

  keep() {
    const { what, ids } = this.asking;
    const text = (what === "tag" ? this.input : this.area).value.replace(/\s+$/, "").trimStart();
    this.act("close");
    if (what === "tag" && text) this.say([{ ids, tag: text.replace(/\s+/g, " "), on: true }]);
    else if (what === "note") this.say([{ ids, note: text }]);
  }

  act(what) {
    if (what === "close") {
      this.entry.hidden = true;
      this.before?.focus?.();
    } else if (what === "undo") {
      const back = this.history.pop();
      if (back) this.say(back, true);
    } else if (what === "all" || what === "none") bus.dispatchEvent(new Event(what));
    else this.ask(what);
  }

  key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !this.data) return;
    if (typing()) return;
    const standard = this.data.standard[Number(event.key) - 1];
    const acts = { t: "tag", o: "note", u: "undo" };
    if (standard) this.toggle(standard);
    else if (event.key in acts) this.act(acts[event.key]);
    else return;
    event.preventDefault();
  }
}

function having(ids, marks, tag) {
  return ids.filter((_, i) => marks[i].tags.includes(tag));
}

export default mounted(Marks);
