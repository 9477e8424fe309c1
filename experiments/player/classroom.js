// A live lesson: the same page as the single file, but every run is made by the teacher's machine when it is asked for.
import { opened } from "./decode.js";
import { createPlayer } from "./player.js";
import { fill, h } from "./lesson_dom.js";
import { printable } from "./lesson_file.js";
import { startLesson } from "./lesson.js";

/** Asks the teacher's machine. Every answer that is no success becomes an Error with one line. */
export function liveSource(doc) {
  const w = doc.words.live;
  const settings = (values) => Object.fromEntries(doc.levers.map((lever, k) => [lever.key, values[k]]));
  let latest = null;
  async function ask(path, body, signal) {
    let answer;
    try {
      answer = await fetch(path, {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal,
      });
    } catch (error) {
      throw error.name === "AbortError" ? error : new Error(w.lost);
    }
    if (answer.ok) return answer;
    if (answer.status === 503 || answer.status === 429) throw new Error(w.busy);
    const { field, message } = await answer.json().catch(() => ({ field: "", message: String(answer.status) }));
    throw new Error(field ? fill(w.refused, { field, message }) : message);
  }
  const recordings = async (path, body, signal) => opened(await (await ask(path, body, signal)).arrayBuffer());
  return {
    /** Only the newest picture is wanted: while a slider moves, the one asked for before is given up. */
    async recording(values, seed) {
      latest?.abort();
      latest = new AbortController();
      const body = { scenario: doc.scenario.name, settings: settings(values), seed };
      return (await recordings("/api/run", body, latest.signal))[0];
    },
    async pair(first, second, seed) {
      const one = (values) => recordings("/api/run", { scenario: doc.scenario.name, settings: settings(values), seed });
      return (await Promise.all([first, second].map(one))).flat();
    },
    async spread(values, progress, signal) {
      const answer = await ask("/api/spread", { scenario: doc.scenario.name, settings: settings(values), runs: doc.runs }, signal);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) throw new Error(w.lost);
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines.map((text) => JSON.parse(text))) {
          if (line.error) throw new Error(line.error);
          if (line.runs) return line.runs;
          progress(line.done, line.total, line.queued);
        }
      }
    },
    async branch(values, seed, day, changes) {
      const body = { scenario: doc.scenario.name, settings: settings(values), seed, day, changes };
      return recordings("/api/branch", body);
    },
    async exportFile(tried, seed) {
      const body = { lesson: doc.name, scenario: doc.scenario.name, settings: tried.map(settings), seed, lang: doc.lang };
      return (await ask("/api/export", body)).blob();
    },
  };
}

/** The button that saves what is set now as one file. */
function exportTools(doc, source, lesson) {
  const w = doc.words.live;
  const status = h("span", { role: "status" });
  const button = h("button", { type: "button", text: w.export, onclick: async () => {
    button.disabled = true;
    status.textContent = w.exporting;
    try {
      const blob = await source.exportFile([lesson().values()], lesson().state.seed(lesson().values()));
      const link = h("a", { href: URL.createObjectURL(blob), download: `${doc.name}-${doc.scenario.name}.html` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      status.textContent = "";
    } catch (error) {
      status.textContent = error.message;
    }
    button.disabled = false;
  } });
  return h("div", { class: "extras" }, button, status);
}

async function start() {
  const root = document.getElementById("lesson");
  const { lesson: name, scenario, lang } = root.dataset;
  const answer = await fetch(`/api/lesson/${name}?scenario=${scenario}&lang=${lang}`);
  const doc = await answer.json();
  if (!answer.ok) {
    root.replaceChildren(h("p", { class: "notice", role: "alert", text: doc.message }));
    return;
  }
  const source = liveSource(doc);
  const mount = (stage, recordings, day = 0) => createPlayer(stage, recordings, {
    text: doc.player_words, lang: doc.lang, ground: doc.ground, day });
  let lesson = null;
  const extras = exportTools(doc, source, () => lesson);
  root.replaceChildren();
  lesson = startLesson(root, doc, source, mount, [extras]);
  printable(document.getElementById("print-worksheet"));
  root.dataset.ready = "true";
}

start();
