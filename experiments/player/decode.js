// Reads a recording (docs/recording.md) into typed arrays. Nothing here knows about pages.

const FORMAT = "stalemate-recording";
const VERSION = 1;
const KINDS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };
const GROUND = ["map", "places", "roads", "groups", "codes"];

/** A recording that cannot be shown; `key` names the player's text that says why. */
export class RecordingError extends Error {
  constructor(key, detail = "") {
    super(detail || key);
    this.key = key;
  }
}

async function unpack(base64) {
  if (typeof DecompressionStream === "undefined") throw new RecordingError("error.browser");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  try {
    return await new Response(stream).arrayBuffer();
  } catch {
    throw new RecordingError("error.damaged");
  }
}

// Undo the differences from row to row; typed arrays wrap as the writer's did.
function column(block, entry) {
  const count = entry.shape.reduce((n, m) => n * m, 1);
  const width = entry.shape.length > 1 ? entry.shape[1] : 1;
  const raw = new KINDS[entry.type](block, entry.at, count);
  for (let i = width; i < count; i++) raw[i] += raw[i - width];
  const { scale = 1, low = 0 } = entry;
  if (scale === 1 && low === 0) return { values: raw, rows: width };
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = low + scale * raw[i];
  return { values, rows: width };
}

function table(block, entries) {
  const found = { rows: 0, columns: {} };
  for (const [name, entry] of Object.entries(entries)) {
    const { values, rows } = column(block, entry);
    found.columns[name] = values;
    found.rows = rows;
  }
  return found;
}

// Lines are steps in tenths of kilometres.
function line(steps) {
  const points = new Float64Array(steps.length);
  for (let i = 0; i < steps.length; i++) points[i] = steps[i] / 10 + (i > 1 ? points[i - 2] : 0);
  return points;
}

// Index of the first event of each day, and one past the last.
function firstOfDay(days, eventDays) {
  const first = new Uint32Array(days + 1);
  let e = 0;
  for (let day = 0; day <= days; day++) {
    while (e < eventDays.length && eventDays[e] < day) e++;
    first[day] = e;
  }
  return first;
}

/**
 * Decode a recording.
 * @param {object|string} recording the document, or its JSON.
 * @param {object} [ground] what recordings of one geography share, if the recording lacks it.
 * @returns {Promise<object>} the document's own keys, with `map` lines as points, and for each table typed arrays in
 *   `tables[name].columns[column]`, `tables[name].rows` to a day; `tables.series` as `series`; `eventsFrom[day]`.
 */
export async function decode(recording, ground = {}) {
  let doc = recording;
  if (typeof recording === "string") {
    try {
      doc = JSON.parse(recording);
    } catch {
      throw new RecordingError("error.damaged");
    }
  }
  if (!doc || doc.format !== FORMAT || doc.format_version !== VERSION) throw new RecordingError("error.format");
  const whole = { ...doc };
  for (const key of GROUND) {
    whole[key] = doc[key] ?? ground[key];
    if (whole[key] === undefined) throw new RecordingError("error.damaged", `no ${key}`);
  }
  const block = await unpack(doc.data);
  const tables = {};
  for (const [name, entries] of Object.entries(doc.tables)) {
    tables[name] = entries.shape ? { rows: 1, columns: { value: column(block, entries).values } } : table(block, entries);
  }
  const { map } = whole;
  return {
    ...whole,
    data: undefined,
    tables,
    series: tables.series.columns,
    events: tables.events.columns,
    fingerprint: tables.fingerprint.columns.value,
    eventsFrom: firstOfDay(doc.days, tables.events.columns.day),
    map: {
      ...map,
      outlines: map.outlines.map((o) => ({ ...o, rings: o.rings.map(line) })),
      river: line(map.river),
    },
  };
}
