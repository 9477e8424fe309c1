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
  const lesson = new Lesson(doc, source, mount);
  root.append(lesson.build(extras));
  return { values: lesson.state.values, set: (next) => lesson.set(next), state: lesson.state };
}

class Lesson {
  constructor(doc, source, mount) {
    [this.doc, this.words, this.source] = [doc, doc.words, source];
    this.known = new Map(); // values as text → columns of runs that have been revealed
    this.own = doc.levers.length;
    this.values = [...doc.presets[0].values];
    this.seed = doc.recorded[0]?.seed ?? 1;
    this.job = null;
    this.unseen = null;
    this.state = this.shared();
    this.speak = liveRegion();
    this.spread = spreadPanel(doc, doc.words, {
      reveal: () => this.reveal(),
      recordedSeeds: () => doc.recorded.filter((entry) => same(entry.values, this.values)).map((entry) => entry.seed),
      reference: () => this.toCompareWith(),
    });
    this.watch = watchPanel(doc, doc.words, source, mount, this.state);
    this.compare = comparePanel(doc, doc.words, source, mount, this.state);
    this.book = notebook(doc, doc.words);
    this.levers = leverPanel(doc, doc.words, this.values, (next) => this.changed(next));
  }

  /** What the panels may ask and do. */
  shared() {
    const { doc } = this;
    return {
      values: () => [...this.values],
      runs: (at) => this.known.get(this.key(at)) ?? null,
      seed: (at) => doc.live ? this.seed : doc.recorded.find((entry) => same(entry.values, at))?.seed ?? null,
      setSeed: (next) => { this.seed = next; },
      go: (next) => this.set(next),
      branch: (day) => { this.tabbed.select("compare"); this.compare.setBranchDay(day); },
    };
  }

  build(extras) {
    const { words, spread, watch, compare, book } = this;
    this.frame = h("div", { class: "lesson" });
    this.tabbed = tabs(words.page.steps, [
      { id: "spread", name: `1 ${words.predict.title}, 2 ${words.reveal.title}`, panel: spread.element },
      { id: "watch", name: `3 ${words.watch.title}`, panel: watch.element },
      { id: "compare", name: `4 ${words.compare.title}`, panel: compare.element },
      { id: "notebook", name: words.notebook.title, panel: book.element },
    ], (id) => this.opened(id));
    this.frame.append(this.speak.element, this.levers.element, h("div", { class: "work" }, this.tabbed.element, extras));
    return this.frame;
  }

  // Levers that were added later and stand at their start make no other setting.
  key(values) {
    return this.doc.levers
      .map((lever, k) => (k < this.own || (values[k] ?? lever.start) !== lever.start ? `${lever.key}=${values[k]}` : ""))
      .join(" ");
  }

  toCompareWith() {
    const first = this.doc.presets[0];
    const runs = this.known.get(this.key(first.values)) ?? this.unseen;
    return runs && !same(first.values, this.values) ? { name: first.name, runs } : null;
  }

  opened(id) {
    this.frame.classList.toggle("wide", id === "compare" || (id === "watch" && !this.doc.live));
    if (id === "watch") this.watch.refresh(this.values, true);
    else this.watch.stop();
    if (id === "compare") this.compare.refresh(this.values);
    else this.compare.stop();
  }

  changed(next) {
    const before = this.values;
    this.values = next;
    this.job?.abort();
    this.job = null;
    this.spread.setBusy("");
    const runs = this.known.get(this.key(next));
    this.spread.reset(false);
    if (runs) {
      this.spread.setCounters(this.book.counters(this.key(next)));
      this.spread.showRuns(runs);
    }
    this.opened(this.tabbed.selected());
    this.announce(before);
  }

  announce(before) {
    const { doc, words, values } = this;
    const k = values.findIndex((value, n) => value !== before[n]);
    if (k < 0 || before.length !== values.length) return;
    this.speak.say(fill(words.levers.announce, { name: doc.levers[k].name, value: valueWords(doc.levers[k], values[k], doc.lang) }));
  }

  async reveal() {
    const { spread } = this;
    const at = [...this.values];
    this.job = new AbortController();
    const { signal } = this.job;
    spread.reveal.disabled = true;
    try {
      await this.reference(signal);
      const runs = await this.source.spread(at, (...how) => this.progress(...how), signal);
      if (signal.aborted) return;
      this.known.set(this.key(at), runs);
      this.book.add(this.key(at), at, spread.counters(), runs);
      spread.showRuns(runs);
      spread.element.querySelector(".amount [aria-pressed='true']")?.focus();
    } catch (error) {
      if (error.name === "AbortError") return;
      spread.reveal.disabled = false;
      spread.setBusy(error.message);
    }
  }

  progress(done, total, queued) {
    const w = this.words.reveal;
    this.spread.setBusy(queued ? fill(w.queued, { n: queued }) : fill(w.waiting, { done, total }));
  }

  // In a file the runs of the first preset are at hand to compare with, revealed or not.
  async reference(signal) {
    const { doc, source } = this;
    if (!doc.live) this.unseen ??= await source.spread(doc.presets[0].values, () => {}, signal);
  }

  set(next) {
    this.levers.set(next);
    this.changed([...next]);
  }
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
