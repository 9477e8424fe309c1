// Looking inside: what is known of a place or an agent on the day shown.

import { el, newId } from "./dom.js";
import { agentsOn, at, guarded, holderOf, row } from "./run.js";

const NO_SLOT = 65535;

/** The panel that shows one place or agent, with a list of places for those who do not use the map. */
export class Inspector {
  constructor(run, words, { onSelect }) {
    [this.run, this.words, this.onSelect] = [run, words, onSelect];
    this.body = el("div", { class: "sp-inside", "aria-live": "polite" });
    const id = newId("places");
    const order = run.places.map((place, p) => [place.name, p]).sort((a, b) => a[0].localeCompare(b[0], words.lang));
    this.choice = el("select", { id, onchange: () => this.choose() },
      el("option", { value: "" }, "…"), ...order.map(([name, p]) => el("option", { value: p }, name)));
    const { t } = words;
    this.element = el("section", { class: "sp-inspect" }, el("h3", {}, t("inspect.label")),
      el("p", { class: "sp-choose" }, el("label", { for: id }, t("inspect.choose")), " ", this.choice), this.body);
    this.selected = null;
  }

  choose() {
    const p = this.choice.value;
    this.onSelect(p === "" ? null : { table: "places", slot: Number(p), id: 0 });
  }

  /** Select something ({table, slot, id}) or nothing. */
  select(what) {
    this.selected = what;
    this.choice.value = what?.table === "places" ? String(what.slot) : "";
    this.key = "";
  }

  /** Show the selected thing as it is on a day. */
  update(day) {
    const key = `${day} ${JSON.stringify(this.selected)}`;
    if (key === this.key) return;
    this.key = key;
    this.body.replaceChildren(...this.content(day));
  }

  content(day) {
    const { t } = this.words;
    if (!this.selected) return [el("p", { class: "sp-none" }, t("inspect.nothing"))];
    if (this.selected.table === "places") return this.place(day, this.selected.slot);
    const { table, slot, id } = this.selected;
    const found = slot < this.run.tables[table].rows ? row(this.run, table, day, slot) : { id: 0 };
    if (found.id !== id) return [el("p", { class: "sp-none" }, t("inspect.gone"))];
    return [el("h4", {}, this.title(table, found)), this.facts(this.agent(day, table, found))];
  }

  facts(pairs) {
    return el("dl", {}, ...pairs.filter(([, value]) => value !== "").flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  }

  title(table, found) {
    return this.words.t(`inspect.kind.${table === "units" ? this.run.codes.unit_kinds[found.kind] : table}`);
  }

  place(day, p) {
    const { t, number, percent, date } = this.words;
    const place = this.run.places[p];
    const value = (name) => at(this.run, "places", name, day, p);
    const need = value("demand_l");
    const truce = value("truce_until");
    const pairs = [
      [t("inspect.place.kind"), t(`place_kind.${place.kind}`)],
      [t("inspect.place.region"), place.region],
      [t("inspect.place.population"), place.population ? number(place.population) : ""],
      [t("inspect.place.holder"), place.kind === "source" ? "" : t(`holder.${holderOf(this.run, day, p)}`)],
      [t("inspect.place.fuel"), place.kind === "source" ? "" : need > 0 ? t("inspect.share", { share: percent(value("served")) }) : t("inspect.no_need")],
      [t("inspect.place.stock"), place.kind === "source" ? "" : t("inspect.litres", { n: value("stock_l") })],
      [t("inspect.place.support_insurgents"), place.kind === "source" ? "" : percent(value("support_insurgents"))],
      [t("inspect.place.support_state"), place.kind === "source" ? "" : percent(value("support_state"))],
      [t("inspect.place.truce"), truce > day && truce < NO_SLOT ? t("inspect.place.until", { date: date(this.run, truce) }) : ""],
    ];
    const here = agentsOn(this.run, day).filter((agent) => agent.place === p);
    const list = here.map((agent) => el("li", {}, el("button", {
      type: "button", onclick: () => this.onSelect({ table: agent.table, slot: agent.slot, id: agent.id }),
    }, this.line(day, agent))));
    return [el("h4", {}, place.name), this.facts(pairs), el("h5", {}, t("inspect.here")),
            list.length ? el("ul", { class: "sp-here" }, ...list) : el("p", { class: "sp-none" }, t("inspect.nobody_here"))];
  }

  line(day, agent) {
    const found = row(this.run, agent.table, day, agent.slot);
    const unit = agent.table === "convoys" ? "tankers" : "people";
    return `${this.title(agent.table, found)}: ${this.words.t(`inspect.agent.${unit}`)} ${this.words.number(agent.size)}`;
  }

  agent(day, table, found) {
    const { t, number, percent } = this.words;
    const name = (p) => this.run.places[p]?.name ?? "";
    const road = this.run.roads[found.road];
    const where = road ? t("inspect.on_road", { a: name(road.ends[0]), b: name(road.ends[1]) }) : name(found.place);
    const tasks = this.run.codes[table === "cells" ? "cell_tasks" : "unit_tasks"];
    const task = found.task === undefined ? "" : t(`task.${table === "cells" ? "cells" : "units"}.${tasks[found.task]}`);
    const pairs = [
      [t("inspect.agent.group"), table === "cells" ? this.run.groups[found.group] ?? "" : ""],
      [t(`inspect.agent.${table === "convoys" ? "tankers" : "people"}`), number(found.size)],
      [t("inspect.agent.full"), found.full === undefined ? "" : number(found.full)],
      [t("inspect.agent.fuel"), table === "convoys" ? t("inspect.litres", { n: found.litres }) : ""],
      [t("inspect.agent.at"), where],
      [t("inspect.agent.task"), task],
      [t("inspect.agent.target"), name(found.target)],
      [t("inspect.agent.home"), name(found.home)],
    ];
    return [...pairs, ...this.extra(day, table, found, percent)];
  }

  extra(day, table, found, percent) {
    const { t } = this.words;
    if (table === "convoys") {
      const [state, hired] = [found.escort !== NO_SLOT, found.detachment !== NO_SLOT];
      const who = !guarded(this.run, day, found.slot) ? "none" : state && hired ? "both" : state ? "state" : "contractors";
      return [[t("inspect.agent.guard"), t(`inspect.guards.${who}`)],
              [t("inspect.agent.attacked"), t(`inspect.${found.attacker !== NO_SLOT ? "yes" : "no"}`)]];
    }
    const pairs = [];
    if (found.loss !== undefined) pairs.push([t("inspect.agent.loss"), percent(found.loss)]);
    if (table === "detachments") {
      pairs.push([t("inspect.agent.readiness"), percent(found.readiness)],
                 [t("inspect.agent.arrears"), t("inspect.days", { n: Math.round(found.arrears_days) })]);
    }
    return pairs;
  }
}
