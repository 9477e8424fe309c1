// Live plots in SVG: what has been played is drawn strongly, what is still to come faintly or, on demand, not at all.

import { el, svg } from "./dom.js";
import { lastDays, seriesOf, SIDES } from "./run.js";
import { INK, SIDE } from "./symbols.js";

const WIDTH = 440;
const HEIGHT = 76;
const LEFT = 40;
const RIGHT = 8;
const TOP = 6;
const BOTTOM = 17;
const MONTH = 30;
const EXTRA = { legitimacy: ["#222222", ""], support: ["#d55e00", "7 4"], reputation: ["#8a857a", "2 3"] };
const COMPARED = [["#767676", "", 4], [INK, "7 4", 2]];

/** What is plotted of one run: list of {key, params, lines: [{name, values, colour, dash, width}], top, kind}. */
export function plotsOf(run, capital) {
  const s = run.series;
  const killed = SIDES.map((side) => ({ name: side, values: lastDays(s[seriesOf(side)], MONTH), ...look(side) }));
  const armed = SIDES.slice(1).map((side) => ({ name: side, values: relative(s[side]), ...look(side) }));
  const mood = ["legitimacy", "support", "reputation"].map((name) => ({
    name, values: s[name], colour: EXTRA[name][0], dash: EXTRA[name][1], width: 2,
  }));
  const one = (values) => [{ name: "", values, colour: INK, dash: "", width: 2 }];
  return [
    { key: "fuel", place: capital, kind: "share", top: 1, lines: one(s.capital_served) },
    { key: "killed", kind: "count", lines: killed },
    { key: "attacks", kind: "count", lines: one(lastDays(s.events, MONTH)) },
    { key: "held", kind: "share", least: 0.1, lines: one(s.held_share) },
    { key: "forces", kind: "share", least: 1, lines: armed.filter((line) => line.values.some((x) => x > 0)) },
    { key: "mood", kind: "number", top: 1, lines: mood },
  ];
}

/** What is plotted of two runs side by side: one line for each. */
export function plotsOfBoth(runs, capital) {
  const lines = (of) => runs.map((run, k) => ({
    name: k === 0 ? "first" : "second", values: of(run.series), colour: COMPARED[k][0], dash: COMPARED[k][1], width: COMPARED[k][2],
  }));
  const all = (s) => lastDays(Float32Array.from(s.civilian_deaths, (_, d) => SIDES.reduce((n, side) => n + s[seriesOf(side)][d], 0)), MONTH);
  return [
    { key: "fuel", place: capital, kind: "share", top: 1, lines: lines((s) => s.capital_served) },
    { key: "killed_civilians", kind: "count", lines: lines((s) => lastDays(s.civilian_deaths, MONTH)) },
    { key: "killed_all", kind: "count", lines: lines(all) },
    { key: "held", kind: "share", least: 0.1, lines: lines((s) => s.held_share) },
    { key: "contractors", kind: "count", lines: lines((s) => s.contractors) },
    { key: "legitimacy", kind: "number", top: 1, lines: lines((s) => s.legitimacy) },
  ];
}

function look(side) {
  return { colour: SIDE[side].colour, dash: SIDE[side].dash, width: 2 };
}

function relative(values) {
  const start = values[0] || 1;
  return Float32Array.from(values, (x) => x / start);
}

/** A plot on the page, with a cursor at the day. */
export class Plot {
  constructor(spec, run, words, { future = true, onDay = null, names = null } = {}) {
    [this.spec, this.run, this.words, this.future, this.names] = [spec, run, words, future, names];
    this.days = Math.max(...spec.lines.map((line) => line.values.length));
    this.top = spec.top ?? Math.max(spec.least ?? 5, ...spec.lines.flatMap((line) => [peak(line.values)]));
    this.title = words.t(`plot.${spec.key}`, { place: spec.place });
    this.values = el("ul", { class: "sp-values" });
    this.graph = this.draw(onDay);
    const kind = spec.lines.length > 1 ? "sp-plot sp-many" : "sp-plot";
    this.element = el("figure", { class: kind }, el("figcaption", {}, this.title), this.values, this.graph);
  }

  x(day) {
    return LEFT + (day / Math.max(1, this.days - 1)) * (WIDTH - LEFT - RIGHT);
  }

  y(value) {
    return HEIGHT - BOTTOM - (Math.min(value, this.top) / this.top) * (HEIGHT - TOP - BOTTOM);
  }

  // Three layers that only slide over each other while it plays, so that nothing is drawn anew: axes with, faintly,
  // what is to come; what has been, in a window that widens; the cursor.
  draw(onDay) {
    const view = { viewBox: `0 0 ${WIDTH} ${HEIGHT}` };
    const ways = this.spec.lines.map(({ values }) => this.way(values));
    const lines = () => this.spec.lines.map((line, k) => this.path(line, ways[k]));
    const faint = this.future ? [svg("g", { opacity: 0.28 }, ...lines())] : [];
    this.strong = svg("svg", view, ...lines());
    this.past = el("div", { class: "sp-past" }, this.strong);
    this.cursor = el("div", { class: "sp-cursor" });
    const node = el("div", { class: "sp-graph", role: "img", "aria-label": this.title },
      svg("svg", view, ...this.axes(), ...faint), this.past, this.cursor);
    if (onDay) {
      node.addEventListener("click", (event) => {
        const box = node.getBoundingClientRect();
        const share = (((event.clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
        onDay(Math.round(Math.min(1, Math.max(0, share)) * (this.days - 1)));
      });
    }
    return node;
  }

  way(values) {
    const tenths = (x) => Math.round(10 * x) / 10;
    const steps = new Array(values.length);
    for (let i = 0; i < values.length; i++) steps[i] = `${tenths(this.x(i))} ${tenths(this.y(values[i]))}`;
    return steps.length ? `M${steps.join("L")}` : "";
  }

  path({ colour, dash, width }, d) {
    return svg("path", { d, fill: "none", stroke: colour, "stroke-width": width, "stroke-dasharray": dash || null, "stroke-linejoin": "round" });
  }

  axes() {
    const label = (x, y, anchor, text) => svg("text", { x, y, "text-anchor": anchor, class: "sp-tick" }, text);
    const rules = [0, 0.5, 1].map((share) => {
      const y = this.y(share * this.top);
      return svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, stroke: share ? "#e2e2e2" : "#8a8a8a" });
    });
    const ticks = [0, 1].map((share) => label(LEFT - 5, this.y(share * this.top) + 4, "end", this.show(share * this.top)));
    const dates = monthTicks(this.run, this.days).map((day) => label(this.x(day), HEIGHT - 4, "middle", this.words.date(this.run, day, "month")));
    return [...rules, ...ticks, ...dates];
  }

  show(value) {
    if (this.spec.kind === "share") return this.words.percent(value);
    return this.spec.kind === "count" ? this.words.number(value) : this.words.fine(value);
  }

  name(line) {
    return this.names?.[line.name] ?? (line.name ? this.words.t(`plot.series.${line.name}`) : "");
  }

  /** Move the cursor to a moment. */
  update(time) {
    const day = Math.min(this.days - 1, Math.floor(time));
    const share = (100 * this.x(Math.min(time, this.days - 1))) / WIDTH;
    this.past.style.transform = `translateX(${share - 100}%)`;
    this.strong.style.transform = `translateX(${100 - share}%)`;
    this.cursor.style.transform = `translateX(${share}%)`;
    if (day === this.day) return;
    this.day = day;
    const said = this.spec.lines.map((line) => `${this.name(line)} ${this.shown(line, day)}`.trim());
    this.graph.setAttribute("aria-label", this.words.t("plot.says", {
      title: this.title, date: this.words.date(this.run, day), values: said.join(", "),
    }));
    this.values.replaceChildren(...this.spec.lines.map((line) => this.value(line, day)));
  }

  value(line, day) {
    const key = svg("svg", { viewBox: "0 0 22 8", class: "sp-key", "aria-hidden": "true" },
      svg("line", { x1: 0, x2: 22, y1: 4, y2: 4, stroke: line.colour, "stroke-width": line.width + 0.6, "stroke-dasharray": line.dash || null }));
    return el("li", {}, ...(this.spec.lines.length > 1 ? [key, `${this.name(line)} `] : []), el("b", {}, this.shown(line, day)));
  }

  shown(line, day) {
    return day < line.values.length ? this.show(line.values[day]) : "–";
  }
}

function peak(values) {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  if (most <= 0) return 0;
  const step = 10 ** Math.floor(Math.log10(most));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((k) => k * step).find((top) => top >= most * 0.999) ?? most;
}

// Days on which a quarter begins, or fewer, so that at most five names stand below a plot.
function monthTicks(run, days) {
  const start = new Date(Date.parse(`${run.start_date}T00:00:00Z`));
  const firsts = [];
  for (let month = 0; ; month++) {
    const day = Math.round((Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + month, 1) - start.getTime()) / 86400000);
    if (day >= days) break;
    if (day >= 0) firsts.push(day);
  }
  const every = Math.max(1, Math.ceil(firsts.length / 5));
  return firsts.filter((day, k) => k % every === 0 && day > days * 0.04 && day < days * 0.96);
}
