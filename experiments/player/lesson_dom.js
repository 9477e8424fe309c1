// Small helpers for the lesson pages: elements without markup strings, words with {names}, intervals.

/** Make an element. `props`: class, text, on{event}, aria-*, other attributes; null and false are left out. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  setProps(element, props);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  setProps(element, props);
  element.append(...children.flat(Infinity).filter(Boolean));
  return element;
}

function setProps(element, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
}

/** Put values into the {names} of a text. */
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A number as people of a language write it, with at most four digits that say something. */
export function numeral(value, lang) {
  return Number(value).toLocaleString(lang, { maximumSignificantDigits: 4 });
}

/** The 95 % interval of a share, after Wilson (1927): [low, high], both from 0 to 1. */
export function wilson(count, total) {
  if (!total) return [0, 1];
  const z = 1.959964;
  const p = count / total;
  const middle = p + (z * z) / (2 * total);
  const half = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale)];
}

/** The middle of some numbers; of an even count the mean of the two in the middle. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const k = sorted.length >> 1;
  return sorted.length % 2 ? sorted[k] : (sorted[k - 1] + sorted[k]) / 2;
}

/** Whether two lists hold the same numbers. */
export function same(a, b) {
  return a.length === b.length && a.every((value, k) => value === b[k]);
}

/** A line that screen readers speak when it changes. */
export function liveRegion() {
  const element = h("p", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  return { element, say: (text) => (element.textContent = text) };
}

/** Tabs after the ARIA pattern: arrow keys move, Tab goes on to the panel. Returns {element, select, selected}. */
export function tabs(label, entries, onSelect = () => {}) {
  let current = entries[0].id;
  const list = h("div", { role: "tablist", "aria-label": label, class: "tabs" });
  const panels = h("div", { class: "panels" });
  const buttons = entries.map((entry, k) => {
    const button = h("button", {
      role: "tab", type: "button", id: `tab-${entry.id}`, "aria-controls": `panel-${entry.id}`, text: entry.name,
      onclick: () => select(entry.id),
      onkeydown: (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        const to = event.key === "Home" ? 0 : event.key === "End" ? entries.length - 1 : step && k + step;
        if (to === undefined) return;
        event.preventDefault();
        const next = entries[(to + entries.length) % entries.length];
        select(next.id);
        list.querySelector(`#tab-${next.id}`).focus();
      },
    });
    panels.append(
      h("section", { role: "tabpanel", id: `panel-${entry.id}`, "aria-labelledby": `tab-${entry.id}` }, entry.panel),
    );
    return button;
  });
  list.append(...buttons);
  function select(id) {
    const changed = id !== current;
    current = id;
    entries.forEach((entry, k) => {
      buttons[k].setAttribute("aria-selected", String(entry.id === id));
      buttons[k].tabIndex = entry.id === id ? 0 : -1;
      panels.children[k].hidden = entry.id !== id;
    });
    if (changed) onSelect(id);
  }
  select(current);
  return { element: h("div", { class: "tabbed" }, list, panels), select, selected: () => current };
}
