// Predict, then reveal: ten counters over the outcomes, then one dot for each run on the same scale.
import { fill, h, median, numeral, svg, wilson } from "./lesson_dom.js";

const COUNTERS = 10;
const WIDE = 640;

/** The chart of outcomes. Methods: reset(keep), showRuns(columns, words…), setBusy(text). */
export function spreadPanel(doc, words, hooks) {
  const w = words.predict;
  let counters = doc.outcomes.map(() => 0);
  let revealed = null;
  let shown = Infinity;
  const left = h("p", { class: "left", role: "status" });
  const reveal = h("button", {
    type: "button", class: "primary", text: doc.live ? fill(words.live.run_many, { n: doc.runs }) : w.reveal,
    "aria-describedby": "counters-left", onclick: () => hooks.reveal(),
  });
  left.id = "counters-left";
  const rows = doc.outcomes.map((id, k) => outcomeRow(doc, words, id, (step) => place(k, step)));
  const amount = h("div", { class: "amount", role: "group", "aria-label": words.reveal.show, hidden: true });
  const remarks = h("div", { class: "remarks", "aria-live": "polite" });
  const busy = h("p", { class: "busy", role: "status" });
  const note = h("p", { class: "how", text: w.how });

  const placed = () => counters.reduce((a, b) => a + b, 0);
  function place(k, step) {
    if (revealed || counters[k] + step < 0 || placed() + step > COUNTERS) return;
    counters[k] += step;
    draw();
  }
  function draw() {
    const free = COUNTERS - placed();
    const some = revealed && Math.min(shown, revealed.outcome.length);
    const first = revealed && revealed.outcome.slice(0, some);
    rows.forEach((row, k) => row.draw(counters[k], free, first, hooks.recordedSeeds()));
    left.textContent = revealed ? w.locked
      : free === 0 ? w.left_none : free === 1 ? w.left_one : fill(w.left_many, { n: free });
    reveal.disabled = free > 0 || revealed !== null;
    reveal.title = free > 0 ? w.reveal_early : "";
    reveal.hidden = revealed !== null;
    amount.hidden = !revealed;
    drawAmount();
    remarks.replaceChildren(...(revealed ? remarksOf(doc, words, revealed, some, counters, hooks.reference()) : []));
  }
  function drawAmount() {
    if (!revealed) return;
    const all = revealed.outcome.length;
    const choices = [1, 10, all].filter((n, k, list) => list.indexOf(n) === k && n <= all);
    amount.replaceChildren(
      h("span", { text: words.reveal.show }),
      ...choices.map((n) =>
        h("button", {
          type: "button", "aria-pressed": String(Math.min(shown, all) === n),
          text: n === 1 ? words.reveal.one_run : fill(words.reveal.runs, { n }),
          onclick: () => { shown = n; draw(); amount.querySelector('[aria-pressed="true"]').focus(); },
        }),
      ),
    );
  }
  draw();
  return {
    element: h(
      "div", { class: "spread" }, note, h("div", { class: "rows", role: "list" }, rows.map((row) => row.element)),
      h("div", { class: "under" }, left, reveal, amount), busy, remarks,
    ),
    reset(keepCounters) {
      if (!keepCounters) counters = counters.map(() => 0);
      revealed = null;
      busy.textContent = "";
      draw();
    },
    showRuns(columns) { revealed = columns; shown = Infinity; busy.textContent = ""; draw(); },
    setBusy(text) { busy.textContent = text; },
    counters: () => [...counters],
    setCounters(values) { counters = [...values]; draw(); },
    complete: () => placed() === COUNTERS,
    reveal,
  };
}

function outcomeRow(doc, words, id, step) {
  const w = words.predict;
  const name = words.outcomes[id].name;
  const k = doc.outcomes.indexOf(id);
  const less = h("button", { type: "button", class: "step", text: "−", "aria-label": fill(w.less, { outcome: name }), onclick: () => step(-1) });
  const more = h("button", { type: "button", class: "step", text: "+", "aria-label": fill(w.more, { outcome: name }), onclick: () => step(1) });
  const chart = svg("svg", { viewBox: `0 0 ${WIDE} 64`, preserveAspectRatio: "xMinYMid meet", role: "img", class: `chart o${k}` });
  const tally = h("span", { class: "tally" });
  const element = h(
    "div", { class: "row", role: "listitem" },
    h("div", { class: "row-words" }, h("span", { class: `swatch o${k}`, "aria-hidden": "true" }),
      h("span", { class: "row-name", text: name }), h("span", { class: "row-meaning", text: words.outcomes[id].meaning })),
    less, chart, more, tally,
  );
  return {
    element,
    draw(own, free, outcomes, recorded) {
      less.disabled = own === 0 || outcomes !== null;
      more.disabled = free === 0 || outcomes !== null;
      less.hidden = more.hidden = outcomes !== null;
      element.classList.toggle("revealed", outcomes !== null);
      drawChart(chart, own, outcomes, outcomes && indexOf(doc, id), recorded);
      const total = outcomes ? outcomes.length : 0;
      const count = outcomes ? outcomes.filter((code) => code === indexOf(doc, id)).length : 0;
      const [low, high] = wilson(count, total);
      const percent = { low: Math.round(low * 100), high: Math.round(high * 100) };
      tally.textContent = outcomes ? `${count} / ${total}` : String(own);
      const label = outcomes
        ? fill(words.reveal.row, { outcome: name, n: count, total, counters: own, ...percent })
        : fill(w.placed, { n: own, outcome: name });
      chart.setAttribute("aria-label", label);
      element.title = outcomes ? label : "";
    },
  };
}

const indexOf = (doc, id) => doc.outcome_codes.indexOf(id);

/** Counters as pills, each as wide as a tenth of the runs; dots for runs; a bracket for the interval. */
function drawChart(chart, own, outcomes, code) {
  const parts = [];
  const wide = WIDE / COUNTERS;
  const y = outcomes ? 12 : 32;
  for (let k = 0; k < COUNTERS; k++) {
    const on = k < own;
    if (!on && outcomes) continue;
    parts.push(svg("rect", {
      x: k * wide + 4, y: y - (outcomes ? 8 : 14), width: wide - 8, height: outcomes ? 16 : 28, rx: outcomes ? 8 : 14,
      class: on ? "counter" : "counter empty",
    }));
  }
  if (outcomes) {
    const total = outcomes.length;
    const count = outcomes.filter((c) => c === code).length;
    const gap = WIDE / total;
    const r = Math.min(9, gap * 0.44);
    for (let k = 0; k < count; k++) parts.push(svg("circle", { cx: (k + 0.5) * gap, cy: 36, r, class: "run" }));
    const [low, high] = wilson(count, total).map((share) => 4 + share * (WIDE - 8));
    parts.push(svg("path", { d: `M${low} 50v9M${low} 54.5H${high}M${high} 50v9`, class: "interval" }));
  }
  chart.replaceChildren(...parts);
}

function remarksOf(doc, words, runs, shown, counters, reference) {
  const w = words.reveal;
  const total = runs.outcome.length;
  const lines = [];
  if (shown < total) {
    lines.push(shown === 1 ? w.one_is_anecdote : fill(w.ten_is_little, { n: total }));
    return lines.map((text) => h("p", { class: "strong", text }));
  }
  const matched = matchedCounters(doc, runs, counters);
  lines.push(matched === COUNTERS ? w.matched_all : fill(w.matched, { n: numeral(matched, doc.lang) }));
  if (reference) lines.push(comparison(doc, words, runs, reference));
  lines.push(fill(w.deaths, {
    civilians: numeral(Math.round(median(runs.civilians)), doc.lang),
    others: numeral(Math.round(median(runs.others)), doc.lang),
  }));
  lines.push(fill(w.dry, { n: numeral(Math.round(median(runs.dry)), doc.lang) }));
  const falls = runs.day.filter((day, k) => runs.outcome[k] === 0 && day >= 0);
  if (falls.length > 2) lines.push(fill(w.first_fall, { day: numeral(Math.round(median(falls)), doc.lang) }));
  const none = noneWhy(doc, words, runs);
  if (none) lines.push(none);
  lines.push(fill(w.interval_note, { n: total }));
  return lines.map((text, k) => h("p", { class: k === 0 ? "strong" : null, text }));
}

/** How many of the ten counters lie where the runs do: the overlap of the two spreads. */
export function matchedCounters(doc, runs, counters) {
  const total = runs.outcome.length;
  const overlap = doc.outcomes.reduce((sum, id, k) => {
    const share = runs.outcome.filter((code) => code === indexOf(doc, id)).length / total;
    return sum + Math.min(share, counters[k] / COUNTERS);
  }, 0);
  return Math.round(overlap * COUNTERS);
}

function noneWhy(doc, words, runs) {
  const count = runs.outcome.filter((code) => code === indexOf(doc, "indeterminate")).length;
  if (!count) return null;
  const reasons = doc.conditions
    .map((name, bit) => ({ name, n: runs.unmet.filter((mask) => (mask >> bit) & 1).length }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n)
    .map(({ name, n }) => fill(words.reveal.reason, { condition: words.conditions[name], n }));
  return fill(words.reveal.none_why, { n: count, reasons: reasons.join("; ") });
}

/** What differs from the reference beyond luck: runs are paired by seed, so only pairs that end differently count. */
function comparison(doc, words, runs, reference) {
  const total = runs.outcome.length;
  const parts = doc.outcomes.flatMap((id) => {
    const code = indexOf(doc, id);
    let gained = 0;
    let lost = 0;
    runs.outcome.forEach((outcome, k) => {
      const before = reference.runs.outcome[k];
      if (outcome === code && before !== code) gained++;
      if (outcome !== code && before === code) lost++;
    });
    const net = gained - lost;
    if (Math.abs(net) <= 1.96 * Math.sqrt(gained + lost) || net === 0) return [];
    const text = net > 0 ? words.reveal.outcome_more : words.reveal.outcome_less;
    return [fill(text, { outcome: words.outcomes[id].name, n: Math.abs(net), total })];
  });
  return fill(words.reveal.compared, { preset: reference.name, change: parts.join("; ") || words.reveal.no_change });
}
