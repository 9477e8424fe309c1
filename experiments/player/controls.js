// Playback controls: buttons, speed, the slider with marks of the main events, and the day in words.

import { el, newId, svg } from "./dom.js";
import { eventAt } from "./run.js";

const SPEEDS = [1, 3, 7, 15, 30, 60];
const ICONS = {
  first: "M5 4h2v12H5zM17 4v12L8 10z",
  back: "M14 4v12L5 10z",
  play: "M5 3v14l12-7z",
  pause: "M5 4h4v12H5zM11 4h4v12h-4z",
  step: "M6 4v12l9-6z",
  last: "M13 4h2v12h-2zM3 4v12l9-6z",
};
const MARKED = { capture: "#d55e00", campaign_begins: "#222222", collapse: "#000000", departure: "#a3437d" };

function icon(name) {
  return svg("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" },
    svg("path", { d: ICONS[name], fill: "currentColor" }));
}

/** The row of controls. `actions`: play, step(days), go(day), speed(n). */
export class Controls {
  constructor(run, days, words, actions, { speed = 7, partDay = -1 } = {}) {
    [this.run, this.days, this.words] = [run, days, words];
    const { t } = words;
    const button = (name, action) => el("button", { type: "button", class: "sp-button", title: t(`controls.${name}`),
      "aria-label": t(`controls.${name}`), onclick: action }, icon(name));
    this.play = button("play", actions.play);
    this.slider = el("input", { type: "range", min: 0, max: days - 1, step: 1, value: 0, "aria-label": t("controls.day"),
      oninput: () => actions.go(Number(this.slider.value)) });
    const id = newId("speed");
    const speeds = SPEEDS.map((n) => el("option", { value: n, selected: n === speed }, t("controls.days_a_second", { n })));
    this.speed = el("select", { id, onchange: () => actions.speed(Number(this.speed.value)) }, ...speeds);
    this.now = el("output", { class: "sp-now" });
    const part = partDay >= 0 && el("button", { type: "button", class: "sp-button sp-part", onclick: () => actions.go(partDay) }, t("controls.part"));
    this.element = el("div", { class: "sp-controls", role: "group", "aria-label": t("controls.label") },
      el("div", { class: "sp-buttons" }, button("first", () => actions.go(0)), button("back", () => actions.step(-1)), this.play,
        button("step", () => actions.step(1)), button("last", () => actions.go(days - 1))),
      this.now,
      part || null,
      el("div", { class: "sp-speed" }, el("label", { for: id }, t("controls.speed")), " ", this.speed),
      el("div", { class: "sp-track" }, this.marks(partDay), this.slider));
  }

  // Marks above the slider: captures, campaigns, collapse, contractors leaving; and where two runs part.
  marks(partDay) {
    const found = [];
    const x = (day) => (100 * day) / Math.max(1, this.days - 1);
    for (let e = 0; e < this.run.events.day.length; e++) {
      const event = eventAt(this.run, e);
      const colour = MARKED[event.kind];
      if (colour) found.push(svg("rect", { x: x(event.day) - 0.15, y: 2, width: 0.3, height: 8, fill: colour }));
    }
    if (partDay >= 0) found.push(svg("rect", { x: x(partDay) - 0.3, y: 0, width: 0.6, height: 12, fill: "#0072b2" }));
    return svg("svg", { class: "sp-marks", viewBox: "0 0 100 12", preserveAspectRatio: "none", "aria-hidden": "true" }, ...found);
  }

  /** Show a moment and whether it is moving. */
  update(time, playing) {
    const day = Math.floor(time);
    const name = playing ? "pause" : "play";
    if (this.shown !== name) {
      this.shown = name;
      this.play.replaceChildren(icon(name));
      this.play.setAttribute("aria-label", this.words.t(`controls.${name}`));
      this.play.title = this.words.t(`controls.${name}`);
    }
    if (day === this.day) return;
    this.day = day;
    const text = this.words.t("controls.now", { date: this.words.date(this.run, day), day, days: this.days - 1 });
    this.slider.value = String(day);
    this.slider.setAttribute("aria-valuetext", text);
    this.now.textContent = text;
  }
}
