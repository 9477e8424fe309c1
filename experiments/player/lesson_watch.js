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

  /** Put a run in the place of the one before, on the same day, and go on playing if that one did. */
  async function show(recordings) {
    const box = h("div", {});
    stage.append(box);
    const next = await mount(box, recordings, player?.day);
    const goOn = player?.playing;
    player?.destroy();
    player = next;
    stage.replaceChildren(box);
    if (goOn) next.play();
  }
  const named = (values) => presetName(doc, values) ?? words.levers.changed;
  async function one(values, seed) {
    const mine = ++token;
    status.textContent = doc.live ? w.running : "";
    try {
      const recording = await source.recording(values, seed);
      if (mine !== token || !recording) return;
      recording.label = named(values);
      await show(recording);
      status.textContent = "";
      const runs = state.runs(values);
      intro.textContent = sentence(recording, runs);
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
      player?.destroy();
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
    element: h("div", { class: "watch" }, intro, choices, tools, status, stage),
    refresh,
    stop() { token++; player?.pause(); },
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
  const stage = pairStage(mount, words);
  const here = h("p", { class: "how" });
  const choices = h("div", { class: "presets recorded" });
  const select = h("select", { id: "beside" });
  const go = h("button", { type: "button", class: "primary", text: w.go, onclick: () => stage.show(async () => {
    const values = state.values();
    const other = doc.presets[Number(select.value)];
    const recordings = await source.pair(other.values, values, state.seed(values));
    return [recordings, [other.name, presetName(doc, values) ?? words.levers.changed]];
  }) });
  const branch = doc.live ? branchForm(doc, words, source, state, stage) : null;

  function refresh(values) {
    fillChoice(select, doc, values);
    const name = presetName(doc, values);
    const recorded = doc.live || state.seed(values) !== null;
    here.textContent = recorded ? w.how : fill(words.watch.not_recorded, { n: doc.runs });
    choices.replaceChildren(...(recorded ? [] : recordedButtons(doc, (preset) => state.go(preset.values))));
    go.textContent = name ? `${w.go}: ${name}` : w.go;
    go.disabled = !recorded || !select.options.length;
  }
  return {
    element: h("div", {}, here, choices,
      h("div", { class: "tools" }, h("label", { for: "beside", text: w.with }), select, go),
      branch?.element, stage.status, stage.element),
    refresh,
    setBranchDay(day) { if (branch) { branch.day.value = String(day); branch.day.focus(); } },
    stop: stage.stop,
  };
}

function presetName(doc, values) {
  return doc.presets.find((preset) => same(preset.values, values))?.name;
}

/** Where two runs are shown: `show(ask)` waits for [recordings, labels], and says what went wrong. */
function pairStage(mount, words) {
  const element = h("div", { class: "stage" });
  const status = h("p", { class: "busy", role: "status" });
  let player = null;
  return {
    element, status,
    async show(ask) {
      status.textContent = words.watch.running;
      try {
        const [recordings, labels] = await ask();
        recordings.forEach((recording, k) => (recording.label = labels[k]));
        player?.destroy();
        element.replaceChildren();
        player = await mount(element, recordings);
        status.textContent = "";
      } catch (error) {
        status.textContent = error.message;
      }
    },
    stop() { player?.pause(); },
  };
}

/** Offer the presets that can stand beside what is set, keeping the choice where it still can. */
function fillChoice(select, doc, values) {
  const before = select.value;
  select.replaceChildren(...doc.presets
    .map((preset, k) => ({ preset, k }))
    .filter(({ preset }) => doc.live || doc.recorded.some((e) => same(e.values, preset.values)))
    .filter(({ preset }) => !same(preset.values, values))
    .map(({ preset, k }) => h("option", { value: k, text: preset.name })));
  if ([...select.options].some((option) => option.value === before)) select.value = before;
}

/** What can be changed from a day on, in a run of what is set. */
function branchForm(doc, words, source, state, stage) {
  const w = words.watch;
  const day = h("input", { type: "number", min: 0, max: doc.days - 1, step: 1, value: 150, id: "branch-day" });
  const what = h("select", { id: "branch-what" }, doc.branch.map((choice, k) => h("option", { value: k, text: choice.name })));
  const value = h("input", { type: "number", step: "any", id: "branch-value" });
  const chosen = () => doc.branch[Number(what.value)];
  const suggest = () => Object.assign(value, { min: chosen().low, max: chosen().high, value: String(chosen().start) });
  what.addEventListener("change", suggest);
  suggest();
  const start = h("button", { type: "button", class: "primary", text: w.branch_go, onclick: () => stage.show(async () => {
    const change = { [chosen().key]: Number(value.value) };
    const said = fill(w.changed_from, { day: day.value, what: chosen().name, value: value.value });
    const values = state.values();
    return [await source.branch(values, state.seed(values), Number(day.value), change), [w.as_it_was, said]];
  }) });
  return {
    day,
    element: h("fieldset", { class: "branch" }, h("legend", { text: w.branch }),
      h("p", { class: "how", text: w.branch_hint }),
      h("div", { class: "tools" }, h("label", { for: "branch-day", text: w.branch_day }), day,
        h("label", { for: "branch-what", text: w.branch_what }), what,
        h("label", { for: "branch-value", text: w.branch_to }), value, start)),
  };
}
