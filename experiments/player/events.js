// The list of what happened, in plain words, the latest first.

import { el } from "./dom.js";
import { eventAt, isMain } from "./run.js";
import { sentence } from "./words.js";

const MOST = 60;

/** The event list of one run. */
export class EventList {
  constructor(run, words, { heading, onDay, main = true }) {
    [this.run, this.words, this.onDay, this.main] = [run, words, onDay, main];
    this.list = el("ol", { class: "sp-events-list", tabindex: "0", "aria-label": heading });
    this.element = el("section", { class: "sp-events" }, el("h3", {}, heading), this.list);
    this.key = "";
  }

  /** Show or leave out the lesser events. */
  filter(main) {
    this.main = main;
    this.key = "";
  }

  /** Show what happened until a day. */
  update(day) {
    const last = this.run.eventsFrom[Math.min(day, this.run.days - 1) + 1];
    const key = `${last} ${day} ${this.main}`;
    if (key === this.key) return;
    this.key = key;
    const shown = [];
    for (let e = last - 1; e >= 0 && shown.length < MOST; e--) {
      const event = eventAt(this.run, e);
      if (!this.main || isMain(this.run, event)) shown.push(this.item(event, event.day === day));
    }
    if (!shown.length) shown.push(el("li", { class: "sp-none" }, this.words.t("events.none")));
    this.list.replaceChildren(...shown);
    this.list.scrollTop = 0;
  }

  item(event, today) {
    const date = this.words.date(this.run, event.day, "short");
    const go = el("button", {
      type: "button", class: "sp-date", onclick: () => this.onDay(event.day),
      "aria-label": this.words.t("events.go", { date: this.words.date(this.run, event.day) }),
    }, date);
    return el("li", { class: today ? "sp-today" : null }, go, " ", sentence(this.words, this.run, event));
  }
}

/** The next (`step` 1) or last (`step` -1) day with a main event after or before a day; the day itself if none. */
export function mainEventDay(run, day, step) {
  const days = run.events.day;
  let e = step > 0 ? run.eventsFrom[day + 1] : run.eventsFrom[day] - 1;
  for (; e >= 0 && e < days.length; e += step) if (isMain(run, eventAt(run, e))) return days[e];
  return day;
}
