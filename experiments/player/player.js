// The player: one recorded run, or two side by side, with play, pause, step, speed, scrubbing, plots and events.

import { Controls } from "./controls.js";
import { decode, RecordingError } from "./decode.js";
import { el } from "./dom.js";
import { EventList, mainEventDay } from "./events.js";
import { Inspector } from "./inspect.js";
import { legend, shadeChoice, shortLegend } from "./legend.js";
import { Plot, plotsOf, plotsOfBoth } from "./plots.js";
import { whereTheyPart } from "./run.js";
import { Tabs } from "./tabs.js";
import { createWords, sentence } from "./words.js";
import { RunView, zoomCamera } from "./view.js";

/**
 * Show a recording, or two side by side, in an element.
 * @param {HTMLElement} root emptied and filled.
 * @param {object|string|Array} recordings a recording (document or JSON), or a list of one or two.
 * @param {object} options `text`: the words (text/en.json); `lang`: their language; `ground`: what recordings share that
 *   lack it; `day`: first day shown; `speed`: days a second; `future`: whether plots show faintly what is to come;
 *   `onDay(day)`: called when the day changes.
 * @returns {Promise<Player>} with play(), pause(), go(day), step(days), destroy(); `day`, `days`, `playing`, `runs`.
 */
export async function createPlayer(root, recordings, options = {}) {
  const words = createWords(options.text, options.lang ?? "en");
  const given = Array.isArray(recordings) ? recordings : [recordings];
  try {
    const runs = await Promise.all(given.slice(0, 2).map((recording) => decode(recording, options.ground)));
    if (runs.length > 1 && !sameMap(...runs)) throw new RecordingError("pair.other_map");
    return new Player(root, runs, words, options);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    root.replaceChildren(el("p", { class: "sp-error", role: "alert" }, words.t(error.key)));
    throw error;
  }
}

function sameMap(a, b) {
  return JSON.stringify(a.places.map((place) => place.id)) === JSON.stringify(b.places.map((place) => place.id));
}

class Player {
  constructor(root, runs, words, options) {
    [this.root, this.runs, this.words, this.options] = [root, runs, words, options];
    this.days = Math.max(...runs.map((run) => run.days));
    this.time = 0;
    this.playing = false;
    this.speed = options.speed ?? 7;
    const [west, south, east, north] = runs[0].map.frame;
    const home = [(west + east) / 2, (south + north) / 2];
    this.camera = { zoom: 1, x: home[0], y: home[1], home };
    this.still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.parting = runs.length > 1 ? whereTheyPart(...runs) : { day: -1, event: null };
    this.build();
    this.go(options.day ?? 0);
  }

  get day() {
    return Math.floor(this.time);
  }

  // --- the page --------------------------------------------------------------------------------------

  build() {
    const { words, runs } = this;
    const { t } = words;
    const pair = runs.length > 1;
    this.views = runs.map((run, k) => new RunView(run, words, this.camera, {
      label: pair ? this.label(k) : run.label ? [run.label] : "",
      onPick: (what, view) => this.select(what, view), onCamera: () => this.moved(),
    }));
    this.controls = new Controls(runs[0], this.days, words, {
      play: () => (this.playing ? this.pause() : this.play()), step: (n) => this.step(n), go: (day) => this.go(day),
      speed: (n) => { this.speed = n; },
    }, { speed: this.speed, partDay: this.parting.day });
    this.plots = this.makePlots();
    this.lists = runs.map((run, k) => new EventList(run, words, {
      heading: pair ? `${t("events.label")}: ${this.name(k)}` : t("events.label"), onDay: (day) => this.go(day),
    }));
    this.inspectors = runs.map((run, k) => new Inspector(run, words, { onSelect: (what) => this.select(what, this.views[k]) }));
    const plots = el("div", { class: "sp-plots" }, ...this.plots.map((plot) => plot.element));
    const lists = el("div", { class: "sp-lists" }, this.filter(), ...this.lists.map((list) => list.element));
    const inside = el("div", { class: "sp-inspectors" }, ...this.inspectors.map((inspector) => inspector.element));
    this.tabs = new Tabs(t("tabs"), [["plots", t("plot.label"), plots], ["events", t("events.label"), lists],
                                     ["inspect", t("inspect.label"), inside], ["symbols", t("legend.label"), this.help()]], () => this.showPanels());
    const panel = el("section", {
      class: `sp ${pair ? "sp-pair" : "sp-one"}`, lang: words.lang, "aria-label": pair ? t("pair.label") : t("title"),
    }, this.head(),
      el("div", { class: "sp-left" }, el("div", { class: "sp-maps" }, ...this.views.map((view) => view.element)),
        shortLegend(words), this.controls.element),
      el("div", { class: "sp-right" }, this.tabs.element),
      el("p", { class: "sp-cannot" }, el("b", {}, t("map.name")), ". ", t("cannot_tell")));
    this.panel = panel;
    this.root.replaceChildren(panel);
    for (const view of this.views) {
      view.attach();
      view.map.still = this.still;
    }
    this.shade("fuel");
    this.onKey = (event) => this.key(event);
    panel.addEventListener("keydown", this.onKey);
    this.watcher = new ResizeObserver(() => this.resized());
    for (const view of this.views) this.watcher.observe(view.canvas);
  }

  name(k) {
    return this.words.t(k === 0 ? "pair.first" : "pair.second");
  }

  label(k) {
    const { label, title } = this.runs[k];
    return [el("b", {}, this.name(k)), ` ${label || title}`];
  }

  makePlots() {
    const { runs, words } = this;
    const capital = runs[0].places.find((place) => place.kind === "capital").label;
    const specs = runs.length > 1 ? plotsOfBoth(runs, capital) : plotsOf(runs[0], capital);
    const names = runs.length > 1 ? { first: this.name(0), second: this.name(1) } : null;
    const future = this.options.future ?? true;
    return specs.map((spec) => new Plot(spec, runs[0], words, { future, names, onDay: (day) => this.go(day) }));
  }

  // What is said above two runs: that their luck is the same, and where they part.
  head() {
    const [a, b] = this.runs;
    const { t, date } = this.words;
    if (!b) return null;
    if (a.seed !== b.seed) return el("p", { class: "sp-parting" }, t("pair.other_seed", { a: a.seed, b: b.seed }));
    const { day, event } = this.parting;
    if (day < 0) return el("p", { class: "sp-parting" }, t("pair.same"));
    const said = [el("b", {}, t(day === 0 ? "pair.part_at_once" : "pair.part", { date: date(a, day), day }))];
    if (event) {
      said.push(" ", t("pair.event_first", {
        label: this.name(event.inFirst ? 0 : 1), date: date(a, event.day), event: sentence(this.words, event.inFirst ? a : b, event),
      }));
    }
    return el("p", { class: "sp-parting" }, ...said);
  }

  filter() {
    const box = el("input", { type: "checkbox", checked: true, onchange: () => {
      for (const list of this.lists) {
        list.filter(box.checked);
        list.update(this.day);
      }
    } });
    return el("label", { class: "sp-filter" }, box, " ", this.words.t("events.main"));
  }

  help() {
    const { t } = this.words;
    const { map } = this.runs[0];
    const note = `${t(map.outlines.length ? "map.note" : "map.note_short")} ${map.credit.replaceAll("\n", " ")}`;
    const shades = el("p", {}, shadeChoice(this.words, (key) => this.shade(key)));
    return el("div", { class: "sp-help" }, shades, legend(this.words), el("p", {}, note), el("h3", {}, t("controls.keys")), el("p", {}, t("controls.keys_list")));
  }

  // --- what it does ----------------------------------------------------------------------------------

  /** Play on from the moment shown; from the first day if that is the last. */
  play() {
    if (this.playing) return;
    if (this.time >= this.days - 1) this.time = 0;
    this.playing = true;
    this.before = null;
    this.frame = requestAnimationFrame((now) => this.tick(now));
    this.controls.update(this.time, true);
  }

  /** Stop at the day shown. */
  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.go(this.day);
  }

  /** Go on (or, with a negative number, back) by days. */
  step(days) {
    this.pause();
    this.go(this.day + days);
  }

  /** Go to a day; playing goes on from there. */
  go(day) {
    this.time = Math.min(this.days - 1, Math.max(0, Math.round(Number(day) || 0)));
    this.show();
    if (!this.playing) for (const view of this.views) view.describe();
  }

  tick(now) {
    if (!this.playing) return;
    // A page that was hidden, or that stumbled, does not leap.
    const passed = Math.min(0.1, (now - (this.before ?? now)) / 1000);
    this.before = now;
    this.time = Math.min(this.days - 1, this.time + passed * this.speed);
    this.show();
    if (this.time >= this.days - 1) this.pause();
    else this.frame = requestAnimationFrame((next) => this.tick(next));
  }

  show() {
    // An attack shows for a third of a second at least.
    const span = this.playing ? Math.max(1, this.speed / 3) : 1;
    for (const view of this.views) view.draw(this.time, span);
    this.controls.update(this.time, this.playing);
    this.showPanels();
    const { day } = this;
    if (day === this.told) return;
    this.told = day;
    this.options.onDay?.(day);
  }

  // While it plays only the panel that can be seen is kept up to date.
  showPanels() {
    const { day } = this;
    const seen = (key) => !this.playing || this.tabs.chosen === key;
    if (seen("plots")) for (const plot of this.plots) plot.update(this.time);
    if (seen("events")) for (const list of this.lists) list.update(day);
    if (seen("inspect")) for (const inspector of this.inspectors) inspector.update(Math.min(day, inspector.run.days - 1));
  }

  /** Look inside something of one view; the other view shows the same place. */
  select(what, view) {
    this.views.forEach((other, k) => {
      const shown = other === view || what?.table === "places" || what === null ? what : null;
      other.map.selected = shown;
      this.inspectors[k].select(shown);
      this.inspectors[k].update(Math.min(this.day, other.run.days - 1));
    });
    if (what) this.tabs.choose("inspect");
    this.redraw();
  }

  shade(key) {
    for (const view of this.views) view.map.shade = key;
    for (const item of this.panel.querySelectorAll("[data-key=dark], [data-key=support]")) {
      item.hidden = item.dataset.key !== { fuel: "dark", support: "support" }[key];
    }
    this.redraw();
  }

  moved() {
    for (const view of this.views) view.map.moved();
    this.redraw();
  }

  resized() {
    let changed = false;
    for (const view of this.views) changed = view.map.resize() || changed;
    if (changed) this.redraw();
  }

  redraw() {
    if (!this.playing) for (const view of this.views) view.draw(this.time, 1);
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { tagName, type } = event.target;
    if (tagName === "SELECT" || (tagName === "INPUT" && type !== "range")) return;
    const pressed = tagName === "BUTTON" || tagName === "SUMMARY";
    const actions = {
      " ": pressed ? null : () => (this.playing ? this.pause() : this.play()),
      ArrowLeft: () => this.step(event.shiftKey ? -30 : -1), ArrowRight: () => this.step(event.shiftKey ? 30 : 1),
      Home: () => this.step(-this.days), End: () => this.step(this.days),
      "+": () => this.zoom(1.5), "-": () => this.zoom(1 / 1.5), 0: () => this.zoom(0),
      n: () => this.step(mainEventDay(this.runs[0], Math.min(this.day, this.runs[0].days - 1), 1) - this.day),
      p: () => this.step(mainEventDay(this.runs[0], Math.min(this.day, this.runs[0].days - 1), -1) - this.day),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  zoom(factor) {
    zoomCamera(this.camera, factor);
    this.moved();
  }

  /** Stop and leave the element empty. */
  destroy() {
    this.playing = false;
    cancelAnimationFrame(this.frame);
    this.watcher.disconnect();
    this.root.replaceChildren();
  }
}
