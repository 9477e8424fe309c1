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

// Undo the differences from row to row; typed arrays wrap as the writer's did. The block stays as it is.
function column(block, entry) {
  const count = entry.shape.reduce((n, m) => n * m, 1);
  const width = entry.shape.length > 1 ? entry.shape[1] : 1;
  const Kind = KINDS[entry.type];
  const raw = new Kind(block.slice(entry.at, entry.at + count * Kind.BYTES_PER_ELEMENT));
  for (let i = width; i < count; i++) raw[i] += raw[i - width];
  const { scale = 1, low = 0 } = entry;
  if (scale === 1 && low === 0) return raw;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = low + scale * raw[i];
  return values;
}

// A table's columns, each unpacked when it is first asked for: much is kept that few look at.
function table(block, entries) {
  const found = { rows: 0, columns: {} };
  for (const [name, entry] of Object.entries(entries)) {
    const count = entry.shape.reduce((n, m) => n * m, 1);
    if (entry.at + count * KINDS[entry.type].BYTES_PER_ELEMENT > block.byteLength) throw new RecordingError("error.damaged");
    found.rows = entry.shape.length > 1 ? entry.shape[1] : 1;
    Object.defineProperty(found.columns, name, { configurable: true, enumerable: true, get() {
      const value = column(block, entry);
      Object.defineProperty(found.columns, name, { value, enumerable: true });
      return value;
    } });
  }
  return found;
}

// Lines are steps in tenths of kilometres.
function line(steps) {
  const points = new Float64Array(steps.length);
  for (let i = 0; i < steps.length; i++) points[i] = steps[i] / 10 + (i > 1 ? points[i - 2] : 0);
  return points;
}

const maps = new WeakMap(); // recordings that share their ground share its lines, and what is drawn of them
function lines(map) {
  if (!maps.has(map)) {
    const outlines = map.outlines.map((o) => ({ ...o, rings: o.rings.map(line) }));
    maps.set(map, { ...map, outlines, river: line(map.river) });
  }
  return maps.get(map);
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
  const block = doc.block ?? await unpack(doc.data);
  const tables = {};
  for (const [name, entries] of Object.entries(doc.tables)) {
    tables[name] = table(block, entries.shape ? { value: entries } : entries);
  }
  return {
    ...whole,
    data: undefined,
    block: undefined,
    tables,
    series: tables.series.columns,
    events: tables.events.columns,
    fingerprint: tables.fingerprint.columns.value,
    eventsFrom: firstOfDay(doc.days, tables.events.columns.day),
    map: lines(whole.map),
  };
}

/** Recordings as a live page gets them (experiments/recording_parcel.py): a list of documents with a `block` of bytes. */
export function opened(buffer) {
  const found = [];
  const view = new DataView(buffer);
  for (let at = 0; at < buffer.byteLength;) {
    const [head, size, sent] = [0, 4, 8].map((k) => view.getUint32(at + k, true));
    const text = new TextDecoder().decode(new Uint8Array(buffer, at + 12, head));
    at += 12 + head;
    const block = expanded(new Uint8Array(buffer, at, sent), new Uint8Array(buffer, at + sent, sent), size);
    found.push({ ...JSON.parse(text), block });
    at += 2 * sent;
  }
  return found;
}

// Put back the zeros that were left out before each byte.
function expanded(sent, skipped, size) {
  const whole = new Uint8Array(size);
  for (let k = 0, at = 0; k < sent.length; k++, at++) whole[at += skipped[k]] = sent[k];
  return whole.buffer;
}
