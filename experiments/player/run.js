// What can be asked of a decoded run: who is where on a day, what happened, what differs from another run.

export const NO_PLACE = 255;
export const SIDES = ["civilians", "insurgents", "state", "contractors"];
export const TABLES = ["convoys", "cells", "units", "detachments"];
export const SIDE_OF = { cells: "insurgents", units: "state", detachments: "contractors", convoys: "civilians" };

/** The number in a column of a table on a day. */
export function at(run, table, name, day, slot) {
  const t = run.tables[table];
  return t.columns[name][day * t.rows + slot];
}

/** The row of a table on a day, as an object. */
export function row(run, table, day, slot) {
  const t = run.tables[table];
  const found = { table, slot };
  for (const [name, values] of Object.entries(t.columns)) found[name] = values[day * t.rows + slot];
  return found;
}

/** Where an agent is, in kilometres: {x, y, place, road}; a place's index is -1 on the road. */
export function whereIs(run, table, day, slot) {
  const place = at(run, table, "place", day, slot);
  const road = at(run, table, "road", day, slot);
  if (road === NO_PLACE || road >= run.roads.length) {
    const [x, y] = run.places[place].at;
    return { x, y, place, road: -1 };
  }
  const [a, b] = run.roads[road].ends;
  const from = table === "cells" ? a : place;
  const to = from === a ? b : a;
  const share = table === "cells" ? lying(at(run, table, "id", day, slot)) : at(run, table, "along", day, slot);
  const [x0, y0] = run.places[from].at;
  const [x1, y1] = run.places[to].at;
  return { x: x0 + share * (x1 - x0), y: y0 + share * (y1 - y0), place: -1, road };
}

// Where along its road a cell lies in wait: anywhere but the ends, the same for as long as it lives.
function lying(id) {
  return 0.25 + 0.5 * ((id * 0.618034) % 1);
}

/** The agents alive at the end of a day: list of {table, slot, id, size, x, y, place, road}. */
export function agentsOn(run, day) {
  const found = [];
  for (const table of TABLES) {
    const { rows, columns } = run.tables[table];
    for (let slot = 0; slot < rows; slot++) {
      const id = columns.id[day * rows + slot];
      const size = columns.size[day * rows + slot];
      if (id === 0 || size === 0) continue;
      // An escort that rides with a convoy is shown as the convoy's ring.
      if (table === "units" && run.codes.unit_tasks[columns.task[day * rows + slot]] === "ride") continue;
      found.push({ table, slot, id, size, ...whereIs(run, table, day, slot) });
    }
  }
  return found;
}

/** Whether a convoy is guarded on a day, by the state's escort or by contractors. */
export function guarded(run, day, slot) {
  const none = 65535;
  return at(run, "convoys", "escort", day, slot) !== none || at(run, "convoys", "detachment", day, slot) !== none;
}

/** The events of a day: list of plain objects with names instead of codes; `index` counts from the run's first. */
export function eventsOn(run, day) {
  const found = [];
  for (let e = run.eventsFrom[day]; e < run.eventsFrom[day + 1]; e++) found.push(eventAt(run, e));
  return found;
}

/** One event by its index. */
export function eventAt(run, index) {
  const c = run.events;
  const road = c.road[index] < run.roads.length ? c.road[index] : -1;
  const place = c.place[index] < run.places.length ? c.place[index] : -1;
  const deaths = {};
  for (const side of SIDES) deaths[side] = c[`deaths_${side}`][index];
  return {
    index, place, road, deaths,
    day: c.day[index],
    kind: run.codes.event_kinds[c.kind[index]],
    group: run.groups[c.group[index]] ?? "",
    size: c.size[index],
    tankers: c.tankers[index],
    killed: SIDES.reduce((n, side) => n + deaths[side], 0),
  };
}

const TELLING = new Set(["capture", "left", "truce", "departure", "campaign_begins", "campaign_ends", "collapse"]);
const MANY = 10;

/** Whether an event belongs to the main ones: places change hands, forces come or go, or many die. */
export function isMain(run, event) {
  if (event.kind === "retake") return holderOf(run, event.day, event.place) === "state";
  return TELLING.has(event.kind) || event.killed >= MANY || event.deaths.civilians >= MANY / 2;
}

/** Who holds a place at the end of a day. */
export function holderOf(run, day, place) {
  return run.codes.holders[at(run, "places", "holder", day, place)];
}

/** Places held by insurgents at the end of a day, by index. */
export function heldPlaces(run, day) {
  return run.places.map((_, p) => p).filter((p) => holderOf(run, day, p) === "insurgents");
}

/** Deaths by side from the first day to a day, from sums that are made once. */
export function deathsUntil(run, day) {
  run.sums ??= Object.fromEntries(SIDES.map((side) => [side, running(run.series[seriesOf(side)])]));
  return Object.fromEntries(SIDES.map((side) => [side, run.sums[side][day]]));
}

/** The name of a side's daily deaths among the series. */
export function seriesOf(side) {
  return { civilians: "civilian_deaths", insurgents: "insurgent_deaths", state: "state_deaths",
           contractors: "contractor_deaths" }[side];
}

function running(values) {
  const sums = new Float64Array(values.length);
  let total = 0;
  for (let i = 0; i < values.length; i++) sums[i] = total += values[i];
  return sums;
}

/** Sums over the last `width` days. */
export function lastDays(values, width) {
  const found = new Float64Array(values.length);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    total += values[i] - (i >= width ? values[i - width] : 0);
    found[i] = total;
  }
  return found;
}

/** The first day on which two runs differ in anything, or -1: {day, event} with the first event that tells them apart. */
export function whereTheyPart(a, b) {
  const days = Math.min(a.days, b.days);
  let day = -1;
  for (let d = 0; d < days && day < 0; d++) if (a.fingerprint[d] !== b.fingerprint[d]) day = d;
  if (day < 0) return { day, event: null };
  for (let d = day; d < days; d++) {
    const [left, right] = [eventsOn(a, d), eventsOn(b, d)];
    const different = firstDifference(left, right) ?? firstDifference(right, left);
    if (different) return { day, event: { ...different, inFirst: left.includes(different) } };
  }
  return { day, event: null };
}

function firstDifference(these, those) {
  const said = new Set(those.map(fingerprintOf));
  return these.find((event) => !said.has(fingerprintOf(event)));
}

function fingerprintOf({ kind, place, road, size, tankers, deaths }) {
  return JSON.stringify([kind, place, road, size, tankers, deaths]);
}
