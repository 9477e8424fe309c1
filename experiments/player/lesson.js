// A lesson: set levers, predict, reveal the spread of many runs, watch one, compare two. The same page serves a single
// file (everything in it, a few recorded runs) and the live classroom (`source` asks the teacher's machine).
import { fill, h, liveRegion, numeral, same, tabs } from "./lesson_dom.js";
import { leverPanel, valueWords } from "./lesson_levers.js";
import { spreadPanel } from "./lesson_spread.js";
import { comparePanel, watchPanel } from "./lesson_watch.js";

/**
 * Build a lesson in `root`.
 * @param root where to put it.
 * @param doc what `experiments.classroom.page` makes of a lesson.
 * @param source {spread(values, progress, signal), recording(values, seed), branch(…), exportFile(…)}.
 * @param mount (element, recordings) → player.
 * @returns {values(), set(values), state}.
 */
export function startLesson(root, doc, source, mount, extras = []) {
  const words = doc.words;
  const speak = liveRegion();
  const known = new Map(); // values as text → columns of runs that have been revealed
  const own = doc.levers.length;
  // Levers that were added later and stand at their start make no other setting.
  const key = (values) => doc.levers
    .map((lever, k) => (k < own || (values[k] ?? lever.start) !== lever.start ? `${lever.key}=${values[k]}` : ""))
    .join(" ");
  let values = [...doc.presets[0].values];
  let seed = doc.recorded[0]?.seed ?? 1;
  let job = null;
  let unseen = null;

  const state = {
    values: () => [...values],
    runs: (at) => known.get(key(at)) ?? null,
    seed: (at) => doc.live ? seed : doc.recorded.find((entry) => same(entry.values, at))?.seed ?? null,
    setSeed: (next) => { seed = next; },
    go: (next) => set(next),
    branch: (day) => { tabbed.select("compare"); compare.setBranchDay(day); },
  };
  const spread = spreadPanel(doc, words, {
    reveal: () => reveal(),
    recordedSeeds: () => doc.recorded.filter((entry) => same(entry.values, values)).map((entry) => entry.seed),
    reference: () => {
      const first = doc.presets[0];
      const runs = known.get(key(first.values)) ?? unseen;
      return runs && !same(first.values, values) ? { name: first.name, runs } : null;
    },
  });
  const watch = watchPanel(doc, words, source, mount, state);
  const compare = comparePanel(doc, words, source, mount, state);
  const book = notebook(doc, words);
  const levers = leverPanel(doc, words, values, (next) => changed(next));
  const tabbed = tabs(words.page.steps, [
    { id: "spread", name: `1 ${words.predict.title}, 2 ${words.reveal.title}`, panel: spread.element },
    { id: "watch", name: `3 ${words.watch.title}`, panel: watch.element },
    { id: "compare", name: `4 ${words.compare.title}`, panel: compare.element },
    { id: "notebook", name: words.notebook.title, panel: book.element },
  ], (id) => opened(id));

  const frame = h("div", { class: "lesson" });
  function opened(id) {
    frame.classList.toggle("wide", id === "compare" || (id === "watch" && !doc.live));
    if (id === "watch") watch.refresh(values, true);
    else watch.stop();
    if (id === "compare") compare.refresh(values);
    else compare.stop();
  }
  function changed(next) {
    const before = values;
    values = next;
    job?.abort();
    job = null;
    spread.setBusy("");
    const runs = known.get(key(values));
    spread.reset(false);
    if (runs) {
      spread.setCounters(book.counters(key(values)));
      spread.showRuns(runs);
    }
    opened(tabbed.selected());
    announce(before);
  }
  function announce(before) {
    const k = values.findIndex((value, n) => value !== before[n]);
    if (k < 0 || before.length !== values.length) return;
    speak.say(fill(words.levers.announce, { name: doc.levers[k].name, value: valueWords(doc.levers[k], values[k], doc.lang) }));
  }
  async function reveal() {
    const at = [...values];
    job = new AbortController();
    const { signal } = job;
    spread.reveal.disabled = true;
    try {
      await reference(signal);
      const runs = await source.spread(at, (done, total, queued) => {
        spread.setBusy(queued ? fill(words.reveal.queued, { n: queued }) : fill(words.reveal.waiting, { done, total }));
      }, signal);
      if (signal.aborted) return;
      known.set(key(at), runs);
      book.add(key(at), at, spread.counters(), runs);
      spread.showRuns(runs);
      spread.element.querySelector(".amount [aria-pressed='true']")?.focus();
    } catch (error) {
      if (error.name === "AbortError") return;
      spread.reveal.disabled = false;
      spread.setBusy(error.message);
    }
  }
  /** In a file the runs of the first preset are at hand to compare with, revealed or not. */
  async function reference(signal) {
    if (!doc.live) unseen ??= await source.spread(doc.presets[0].values, () => {}, signal);
  }
  function set(next) {
    levers.set(next);
    changed([...next]);
  }
  frame.append(...[speak.element, levers.element, h("div", { class: "work" }, tabbed.element, extras)]);
  root.append(frame);
  return { values: state.values, set, state };
}

/** What was tried on this page: settings, counters, results. Kept nowhere else. */
function notebook(doc, words) {
  const w = words.notebook;
  const entries = [];
  const empty = h("p", { class: "how", text: w.empty });
  const body = h("tbody");
  const table = h("table", { hidden: true },
    h("thead", {}, h("tr", {}, [w.settings, w.prediction, w.result].map((text) => h("th", { scope: "col", text })))), body);
  const describe = (values) => doc.presets.find((preset) => same(preset.values, values))?.name
    ?? doc.levers.map((lever, k) => ({ lever, value: values[k] ?? lever.start }))
      .filter(({ lever, value }) => value !== lever.start)
      .map(({ lever, value }) => `${lever.name}: ${valueWords(lever, value, doc.lang)}`).join("; ");
  const listed = (numbers, unit) => doc.outcomes.map((id, k) => ({ id, n: numbers[k] })).filter(({ n }) => n)
    .map(({ id, n }) => `${words.outcomes[id].name}: ${numeral(n, doc.lang)}${unit}`).join("; ");
  return {
    element: h("div", { class: "notebook" }, empty, h("p", { class: "how", text: words.page.keeps_nothing }), table),
    add(key, values, counters, runs) {
      entries.push({ key, counters });
      empty.hidden = true;
      table.hidden = false;
      const counts = doc.outcomes.map((id) => runs.outcome.filter((c) => c === doc.outcome_codes.indexOf(id)).length);
      body.append(h("tr", {}, h("td", { text: describe(values) }), h("td", { text: listed(counters, "") }),
        h("td", { text: listed(counts, ` / ${runs.outcome.length}`) })));
    },
    counters: (key) => entries.findLast((entry) => entry.key === key).counters,
  };
}
