// One run on the page: its map with its buttons, and a line of facts of the day.

import { el } from "./dom.js";
import { agentsOn, deathsUntil, eventAt, eventsOn, heldPlaces, isMain } from "./run.js";
import { sentence } from "./words.js";
import { MapView } from "./map.js";

const NEWS = 6; // days
const ATTACKS = new Set(["road_attack", "outpost_attack", "base_attack", "coercion"]);

/** The view of one run. `onPick(what, view)`: something on the map was chosen; `onCamera`: the shared camera moved. */
export class RunView {
  constructor(run, words, camera, { label = "", onPick, onCamera }) {
    [this.run, this.words, this.camera, this.onPick, this.onCamera] = [run, words, camera, onPick, onCamera];
    const { t } = words;
    this.canvas = el("canvas", { class: "sp-map", role: "img", "aria-label": t("map.name") });
    this.facts = el("dl", { class: "sp-facts", "aria-label": t("facts.label") });
    this.ticker = el("p", { class: "sp-ticker" });
    this.element = el("figure", { class: "sp-view" },
      label ? el("figcaption", { class: "sp-label" }, ...label) : null,
      this.facts,
      el("div", { class: "sp-frame" }, this.canvas, this.zoomButtons()),
      this.ticker);
    this.listen();
  }

  /** Begin to draw; the element must be on the page. */
  attach() {
    this.map = new MapView(this.canvas, this.run, this.camera);
  }

  zoomButtons() {
    const { t } = this.words;
    const button = (key, sign, factor) => el("button", { type: "button", class: "sp-zoom", title: t(`map.${key}`),
      "aria-label": t(`map.${key}`), onclick: () => this.zoom(factor) }, sign);
    return el("div", { class: "sp-zooms" }, button("zoom_in", "+", 1.5), button("zoom_out", "−", 1 / 1.5), button("whole", "⤢", 0));
  }

  /** Enlarge the map about its middle, or show the whole of it (factor 0). */
  zoom(factor) {
    zoomCamera(this.camera, factor);
    this.onCamera();
  }

  listen() {
    let from = null;
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      from = { x: event.offsetX, y: event.offsetY, moved: false };
      if (this.camera.zoom > 1) canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from || this.camera.zoom <= 1 || !event.buttons) return;
      const [dx, dy] = [event.offsetX - from.x, event.offsetY - from.y];
      if (!from.moved && Math.hypot(dx, dy) < 5) return;
      this.camera.x -= dx / this.map.to.scale;
      this.camera.y += dy / this.map.to.scale;
      from = { x: event.offsetX, y: event.offsetY, moved: true };
      this.onCamera();
    });
    canvas.addEventListener("pointerup", (event) => {
      if (from && !from.moved) {
        const reach = event.pointerType === "touch" ? 18 : 9;
        this.onPick(this.map.pick(event.offsetX, event.offsetY, this.day ?? 0, reach), this);
      }
      from = null;
    });
    canvas.addEventListener("pointercancel", () => { from = null; });
  }

  /** Draw a moment. */
  draw(time, span) {
    const moment = Math.min(time, this.run.days - 1);
    this.map.draw(moment, span);
    const day = Math.floor(moment);
    if (day === this.day) return;
    this.day = day;
    this.tell(day);
  }

  tell(day) {
    const { t, number, percent, people } = this.words;
    const capital = this.run.places.findIndex((place) => place.kind === "capital");
    const held = heldPlaces(this.run, day);
    const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
    this.facts.replaceChildren(
      fact(t("facts.killed"), people(deathsUntil(this.run, day))),
      fact(t("facts.fuel", { place: this.run.places[capital].label }),
        t("facts.fuel_value", { share: percent(this.run.series.capital_served[day]) })),
      fact(t("facts.held"), t("facts.held_value", { n: held.length })),
      fact(t("facts.contractors"), number(this.run.series.contractors[day])));
    this.ticker.replaceChildren(...this.latest(day));
  }

  // The last main event, for as long as it is news.
  latest(day) {
    for (let e = this.run.eventsFrom[day + 1] - 1; e >= this.run.eventsFrom[Math.max(0, day - NEWS)]; e--) {
      const event = eventAt(this.run, e);
      if (!isMain(this.run, event)) continue;
      return [el("b", {}, this.words.date(this.run, event.day, "short")), " ", sentence(this.words, this.run, event)];
    }
    return [];
  }

  /** Say in words what the map shows, for those who do not see it. */
  describe() {
    const { t, date, list } = this.words;
    const day = this.day ?? 0;
    const held = heldPlaces(this.run, day).map((p) => this.run.places[p].name);
    const attacks = eventsOn(this.run, day).filter((event) => ATTACKS.has(event.kind)).length;
    const convoys = agentsOn(this.run, day).filter((agent) => agent.table === "convoys").length;
    this.canvas.setAttribute("aria-label", t("map.says", {
      date: date(this.run, day), held: held.length ? list(held) : t("map.none_held"), attacks, convoys,
    }));
  }
}

/** Change a camera's zoom; 0 shows the whole map. */
export function zoomCamera(camera, factor) {
  const zoom = factor === 0 ? 1 : Math.min(8, Math.max(1, camera.zoom * factor));
  camera.zoom = zoom;
  if (zoom === 1) [camera.x, camera.y] = camera.home;
}
