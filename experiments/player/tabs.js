// Tabs: one panel of several at a time, by mouse and by keyboard (arrow keys, Home, End), all of them on paper.

import { el, newId } from "./dom.js";

/** A set of tabs; `panels`: list of [key, label, element]; `onChange`: called when another is chosen. */
export class Tabs {
  constructor(label, panels, onChange) {
    this.onChange = onChange;
    this.buttons = new Map();
    this.panels = new Map();
    const list = el("div", { role: "tablist", "aria-label": label, class: "sp-tabs", onkeydown: (event) => this.key(event) });
    for (const [key, text, content] of panels) {
      const ids = [newId("tab"), newId("panel")];
      const button = el("button", { type: "button", role: "tab", id: ids[0], "aria-controls": ids[1], onclick: () => this.choose(key) }, text);
      const panel = el("div", { role: "tabpanel", id: ids[1], "aria-labelledby": ids[0], class: `sp-panel sp-panel-${key}` }, content);
      this.buttons.set(key, button);
      this.panels.set(key, panel);
      list.append(button);
    }
    this.element = el("div", { class: "sp-tabbed" }, list, ...this.panels.values());
    this.choose(panels[0][0]);
  }

  /** Show one panel. */
  choose(key) {
    this.chosen = key;
    for (const [name, button] of this.buttons) {
      button.setAttribute("aria-selected", String(name === key));
      button.tabIndex = name === key ? 0 : -1;
      this.panels.get(name).classList.toggle("sp-hidden", name !== key);
    }
    if (this.element) this.onChange();
  }

  key(event) {
    const names = [...this.buttons.keys()];
    const k = names.indexOf(this.chosen);
    const next = { ArrowLeft: k - 1, ArrowRight: k + 1, Home: 0, End: names.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const name = names[(next + names.length) % names.length];
    this.choose(name);
    this.buttons.get(name).focus();
  }
}
