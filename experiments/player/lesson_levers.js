// The levers: in a file each offers its few levels, live any value within its parameter's range.
import { fill, h, numeral, same } from "./lesson_dom.js";

/** A lever's value with the name that the lesson gives it, if any. */
export function valueWords(lever, value, lang) {
  return lever.labels[String(value)] ?? numeral(value, lang);
}

/** Levers and presets. `change(values)` is called with the new values; returns {element, set(values)}. */
export function leverPanel(doc, words, values, change) {
  const w = words.levers;
  const list = h("div", { class: "levers" });
  const presets = h("div", { class: "presets", role: "group", "aria-label": w.presets });
  const ask = h("p", { class: "ask", "aria-live": "polite" });
  let current = [...values];

  const update = (next) => {
    current = [...next];
    change([...current]);
    mark();
  };
  const controls = doc.levers.map((lever, k) => {
    const make = doc.live && !lever.switch ? slider : levels;
    const control = make(doc, lever, words, (value) => update(current.with(k, value)));
    list.append(control.element);
    return control;
  });
  const buttons = doc.presets.map((preset) =>
    h("button", { type: "button", class: "preset", text: preset.name, onclick: () => set(preset.values, true) }),
  );
  presets.append(...buttons);

  function mark() {
    const at = doc.presets.findIndex((preset) => same(preset.values, current));
    buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === at)));
    ask.textContent = at >= 0 ? doc.presets[at].ask : "";
  }
  function set(next, tell = false) {
    current = [...next];
    controls.forEach((control, k) => control.set(current[k]));
    mark();
    if (tell) change([...current]);
  }
  /** Make a lever of any other parameter; ready-made settings leave it where it starts. */
  function add(parameter) {
    if (doc.levers.some((lever) => lever.key === parameter.key)) return;
    const lever = {
      ...parameter, id: parameter.key.replace(".", "_"), name: parameter.key, theory: parameter.meaning,
      levels: parameter.switch ? [0, 1] : [], labels: {},
    };
    doc.levers.push(lever);
    doc.presets.forEach((preset) => preset.values.push(lever.start));
    const k = doc.levers.length - 1;
    const make = lever.switch ? levels : slider;
    const control = make(doc, lever, words, (value) => update(current.with(k, value)));
    control.set(lever.start);
    controls.push(control);
    list.append(control.element);
    update([...current, lever.start]);
    control.element.querySelector("input").focus();
  }
  set(values);
  const shut = h("button", { type: "button", class: "show-levers", "aria-expanded": "false", text: w.show, onclick: () => {
    const open = element.classList.toggle("open");
    shut.setAttribute("aria-expanded", String(open));
  } });
  const element = h(
    "section", { class: "lever-panel", "aria-labelledby": "levers-title" },
    h("h2", { id: "levers-title", text: w.title }),
    h("p", { class: "presets-title", text: w.presets }), presets, ask, shut, list,
    doc.live ? another(doc, w, add) : null,
  );
  return { element, set };
}

/** A field that offers every parameter of the model by its key. */
function another(doc, w, add) {
  const field = h("input", { type: "text", id: "another", list: "parameters", autocomplete: "off", spellcheck: "false" });
  const options = h("datalist", { id: "parameters" },
    doc.parameters.map((parameter) => h("option", { value: parameter.key, text: parameter.meaning })));
  const take = () => {
    const found = doc.parameters.find((parameter) => parameter.key === field.value.trim());
    if (!found) return;
    field.value = "";
    add(found);
  };
  return h("details", { class: "another" }, h("summary", { text: w.another }),
    h("p", { class: "theory", text: w.another_hint }),
    h("form", { class: "tools", onsubmit: (event) => { event.preventDefault(); take(); } },
      h("label", { class: "visually-hidden", for: "another", text: w.another }), field, options,
      h("button", { text: w.add })));
}

function heading(lever, id) {
  return [
    h("span", { class: "lever-name", id, text: lever.name }),
    " ",
    h("span", { class: "unit", text: lever.unit ? `(${lever.unit})` : "" }),
  ];
}

/** Radio buttons that look like one bar; the arrow keys move, as in any group of radio buttons. */
function levels(doc, lever, words, change) {
  const name = `lever-${lever.id}`;
  const offered = lever.levels.includes(lever.start) ? lever.levels : [...lever.levels, lever.start].sort((a, b) => a - b);
  const inputs = offered.map((value) =>
    h("input", {
      type: "radio", name, value: String(value), id: `${name}-${value}`, "aria-describedby": `${name}-theory`,
      onchange: () => change(value),
    }),
  );
  const bar = h(
    "div", { class: "levels" },
    inputs.map((input, k) => [
      input,
      h(
        "label", { for: input.id },
        valueWords(lever, offered[k], doc.lang),
        offered[k] === lever.start ? h("span", { class: "start-mark", text: words.levers.start }) : null,
      ),
    ]),
  );
  const element = h(
    "fieldset", { class: "lever" },
    h("legend", {}, heading(lever, `${name}-name`)), bar,
    h("p", { class: "theory", id: `${name}-theory`, text: lever.theory }),
  );
  return { element, set: (value) => inputs.forEach((input, k) => (input.checked = offered[k] === value)) };
}

/** A slider over the whole range beside a field for the exact value; small values get room (power scale). */
function slider(doc, lever, words, change) {
  const name = `lever-${lever.id}`;
  const { low, high } = lever;
  const steps = 200;
  const bent = low >= 0 && high > 10 * Math.max(lever.start, 1e-9) ? 3 : 1;
  const toValue = (x) => rounded(low + (high - low) * (x / steps) ** bent);
  const toSlider = (value) => Math.round(steps * ((value - low) / (high - low)) ** (1 / bent));
  const rounded = (value) => Math.min(high, Math.max(low, Number(value.toPrecision(3))));
  const range = h("input", {
    type: "range", min: 0, max: steps, step: 1, id: name, "aria-describedby": `${name}-theory`,
    "aria-labelledby": `${name}-name`,
    oninput: () => { const value = toValue(Number(range.value)); show(value, false); change(value); },
  });
  const field = h("input", {
    type: "number", min: low, max: high, step: "any", "aria-label": `${lever.name}: ${words.levers.exact}`,
    onchange: () => {
      if (field.value === "" || !field.reportValidity()) return; // the browser says what is allowed
      show(Number(field.value), true);
      change(Number(field.value));
    },
  });
  function show(value, move) {
    field.value = String(value);
    range.setAttribute("aria-valuetext", `${numeral(value, doc.lang)} ${lever.unit}`);
    if (move) range.value = String(toSlider(value));
  }
  const element = h(
    "div", { class: "lever", role: "group", "aria-labelledby": `${name}-name` },
    h("div", { class: "lever-head" }, h("span", {}, heading(lever, `${name}-name`)), field),
    range,
    h("p", { class: "theory", id: `${name}-theory` },
      lever.theory, " ",
      h("span", { class: "range", text: fill(words.levers.range, { low: numeral(low, doc.lang), high: numeral(high, doc.lang), unit: "" }).trim() })),
  );
  return { element, set: (value) => show(value, true) };
}
