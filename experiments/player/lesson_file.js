// A lesson in a single file: unpack what the page carries, and answer from it. No network, nothing installed.
import { createPlayer } from "./player.js";
import { startLesson } from "./lesson.js";
import { h, same } from "./lesson_dom.js";

/** Unpack gzip data in base64, as text. */
async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** Answers from the file: cells by their values, recordings by cell. */
export function fileSource(doc) {
  const recording = async (values, seed) => {
    const entry = doc.recorded.find((e) => same(e.values, values) && e.seed === seed);
    return entry ? { ...doc.recordings[entry.index] } : null;
  };
  const cell = (values) => doc.cells.find((entry) => same(entry.values, values));
  return {
    async spread(values) {
      const found = cell(values);
      if (!found) throw new Error(doc.words.page.not_in_file);
      return { ...found.runs, seed: doc.seeds };
    },
    recording,
    pair: (first, second, seed) => Promise.all([recording(first, seed), recording(second, seed)]),
  };
}

/** Start the lesson that this page carries. */
export async function startFile() {
  const root = document.getElementById("lesson");
  const say = (text) => root.replaceChildren(h("p", { class: "notice", role: "alert", text }));
  const { dataset } = root;
  if (typeof DecompressionStream === "undefined") return say(dataset.tooOld);
  let doc;
  try {
    doc = JSON.parse(await unpack(document.getElementById("lesson-data").textContent));
  } catch (error) {
    return say(`${dataset.damaged} (${error.message})`);
  }
  root.replaceChildren();
  const mount = (stage, recordings, day = 0) =>
    createPlayer(stage, recordings, { text: doc.player_words, lang: doc.lang, ground: doc.ground, day });
  startLesson(root, doc, fileSource(doc), mount);
  printable(document.getElementById("print-worksheet"));
  root.dataset.ready = "true";
}

/** Print the worksheet alone. */
export function printable(button) {
  button?.addEventListener("click", () => {
    document.body.classList.add("printing-worksheet");
    window.print();
    document.body.classList.remove("printing-worksheet");
  });
}
