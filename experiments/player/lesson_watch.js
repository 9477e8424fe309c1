// Watching one recorded run, two side by side, and (live) changing something from a day on.
import { fill, h, same } from "./lesson_dom.js";

/** Where runs are shown. `mount(root, recordings)` puts the player there and returns it, with an optional destroy(). */
export function watchPanel(doc, words, source, mount, state) {
  const w = words.watch;
  const intro = h("p", { class: "how" });
  const tools = h("div", { class: "tools" });
  const choices = h("div", { class: "presets recorded" });
  const stage = h("div", { class: "stage" });
  const status = h("p", { class: "busy", role: "status" });
  let player = null;
  let token = 0;

  async function show(recordings) {
    player?.destroy?.();
    stage.replaceChildren();
    player = await mount(stage, recordings);
    return player;
  }
  async function one(values, seed) {
    const mine = ++token;
    status.textContent = doc.live ? w.running : "";
    try {
      const recording = await source.recording(values, seed);
      if (mine !== token) return;
      status.textContent = "";
      await show(recording);
      const runs = state.runs(values);
      intro.textContent = recording ? sentence(recording, runs) : "";
    } catch (error) {
      if (mine === token && error.name !== "AbortError") status.textContent = error.message;
    }
  }
  function sentence(recording, runs) {
    const outcome = recording.summary.outcome;
    const ends = fill(w.ends, { seed: recording.seed, outcome: words.outcomes[outcome].name.toLowerCase() });
    if (!runs) return ends;
    const code = doc.outcome_codes.indexOf(outcome);
    const count = (c) => runs.outcome.filter((o) => o === c).length;
    const usual = Math.max(...doc.outcome_codes.map((_, c) => count(c)));
    return `${fill(w.intro, { n: runs.outcome.length })} ${ends} ${count(code) === usual ? w.like_most : w.not_like_most}`;
  }
  /** Bring the panel up to date with the levers. `open`: the panel is being looked at. */
  function refresh(values, open) {
    tools.replaceChildren();
    choices.replaceChildren();
    const seed = state.seed(values);
    if (!doc.live && seed === null) {
      token++;
      player?.destroy?.();
      player = null;
      stage.replaceChildren();
      intro.textContent = fill(w.not_recorded, { n: doc.runs });
      choices.append(...recordedButtons(doc, (preset) => state.go(preset.values)));
      return;
    }
    if (doc.live) tools.append(...liveTools(values, seed));
    if (open) one(values, seed);
  }
  function liveTools(values, seed) {
    const field = h("input", { type: "number", min: 0, max: 999999, step: 1, value: seed, id: "seed",
      onchange: () => { state.setSeed(Math.max(0, Math.round(Number(field.value)) || 0)); refresh(state.values(), true); } });
    return [
      h("label", { for: "seed", text: w.seed }), field,
      h("button", { type: "button", text: w.another_seed,
        onclick: () => { state.setSeed(state.seed(values) + 1); refresh(state.values(), true); } }),
      h("button", { type: "button", text: w.branch,
        onclick: () => state.branch(Math.max(0, Math.floor(player?.day ?? 0))) }),
    ];
  }
  return {
    element: h("div", {}, intro, choices, tools, status, stage),
    refresh, show, one, stage,
    stop() { token++; player?.pause?.(); },
    say(text) { status.textContent = text; },
    day: () => Math.max(0, Math.floor(player?.day ?? 0)),
  };
}

/** A button for each preset with a recorded run. */
export function recordedButtons(doc, go) {
  return doc.presets
    .filter((preset) => doc.recorded.some((entry) => same(entry.values, preset.values)))
    .map((preset) => h("button", { type: "button", class: "preset", text: preset.name, onclick: () => go(preset) }));
}

/** Two settings with the same luck, side by side. */
export function comparePanel(doc, words, source, mount, state) {
  const w = words.compare;
  const stage = h("div", { class: "stage" });
  const status = h("p", { class: "busy", role: "status" });
  const here = h("p", { class: "how" });
  const select = h("select", { id: "beside" });
  const go = h("button", { type: "button", class: "primary", text: w.go, onclick: () => run() });
  const branchTools = doc.live ? branchForm() : null;
  let player = null;

  async function show(recordings) {
    player?.destroy?.();
    stage.replaceChildren();
    player = await mount(stage, recordings);
    status.textContent = "";
  }
  async function run() {
    status.textContent = words.watch.running;
    try {
      const values = state.values();
      const seed = state.seed(values) ?? doc.recorded[0]?.seed;
      const other = doc.presets[Number(select.value)];
      const pair = [await source.recording(other.values, seed), await source.recording(values, seed)];
      if (!pair[1]) {
        const preset = doc.presets.find((p) => doc.recorded.some((e) => same(e.values, p.values)) && p !== other);
        pair[1] = await source.recording(preset.values, seed);
      }
      await show(pair);
    } catch (error) {
      status.textContent = error.message;
    }
  }
  function branchForm() {
    const b = words.watch;
    const day = h("input", { type: "number", min: 0, max: 1080, step: 1, value: 150, id: "branch-day" });
    const lever = h("select", { id: "branch-lever", "aria-label": words.levers.title },
      doc.levers.map((l, k) => h("option", { value: k, text: l.name })));
    const value = h("input", { type: "number", step: "any", id: "branch-value", "aria-label": words.levers.exact });
    const suggest = () => { value.value = String(doc.levers[Number(lever.value)].start); };
    lever.addEventListener("change", suggest);
    suggest();
    const start = h("button", { type: "button", class: "primary", text: b.branch_go, onclick: async () => {
      status.textContent = b.running;
      const chosen = doc.levers[Number(lever.value)];
      try {
        await show(await source.branch(state.values(), state.seed(state.values()), Number(day.value), { [chosen.key]: Number(value.value) }));
      } catch (error) { status.textContent = error.message; }
    } });
    return {
      day,
      element: h("fieldset", { class: "branch" }, h("legend", { text: b.branch }),
        h("p", { class: "how", text: b.branch_hint }),
        h("div", { class: "tools" }, h("label", { for: "branch-day", text: b.branch_day }), day, lever, value, start)),
    };
  }
  function refresh(values) {
    const available = doc.presets
      .map((preset, k) => ({ preset, k }))
      .filter(({ preset }) => doc.live || doc.recorded.some((e) => same(e.values, preset.values)));
    const before = select.value;
    select.replaceChildren(...available
      .filter(({ preset }) => !same(preset.values, values))
      .map(({ preset, k }) => h("option", { value: k, text: preset.name })));
    if ([...select.options].some((option) => option.value === before)) select.value = before;
    const name = doc.presets.find((preset) => same(preset.values, values))?.name;
    const recorded = doc.live || state.seed(values) !== null;
    here.textContent = recorded ? w.how : fill(words.watch.not_recorded, { n: doc.runs });
    choices.replaceChildren(...(recorded ? [] : recordedButtons(doc, (preset) => state.go(preset.values))));
    go.textContent = name ? `${w.go}: ${name}` : w.go;
    go.disabled = !recorded || !select.options.length;
  }
  const choices = h("div", { class: "presets recorded" });
  return {
    element: h("div", {}, here, choices,
      h("div", { class: "tools" }, h("label", { for: "beside", text: w.with }), select, go),
      branchTools?.element, status, stage),
    refresh, run,
    setBranchDay(day) { if (branchTools) { branchTools.day.value = String(day); branchTools.day.focus(); } },
    stop() { player?.pause?.(); },
  };
}
