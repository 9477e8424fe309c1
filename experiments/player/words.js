// Every word that people read, from one file a language (text/en.json); numbers and dates as the language writes them.

/**
 * The words of one language.
 * @param {object} text the language's file.
 * @param {string} lang its BCP 47 tag.
 */
export function createWords(text, lang) {
  const locale = text.locale ?? lang;
  const plural = new Intl.PluralRules(locale);
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const fine = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const both = new Intl.ListFormat(locale, { type: "conjunction" });
  const dates = {
    long: new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }),
    short: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }),
    month: new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" }),
  };

  /** The text under a key ("controls.play"), with {names} filled in; `n` chooses between forms for one and many. */
  function t(key, values = {}) {
    let entry = key.split(".").reduce((part, name) => part?.[name], text);
    if (entry && typeof entry === "object" && !Array.isArray(entry)) entry = entry[plural.select(values.n ?? 0)] ?? entry.other;
    if (typeof entry !== "string") return key;
    return entry.replace(/\{(\w+)\}/g, (_, name) => {
      const value = values[name];
      return typeof value === "number" ? whole.format(value) : value ?? "";
    });
  }

  /** A day of a run as a date: "long", "short" or "month". */
  function date(run, day, how = "long") {
    return dates[how].format(new Date(Date.parse(`${run.start_date}T00:00:00Z`) + day * 86400000));
  }

  /** People by side, civilians first: "3 civilians, 1 soldier"; sides with nobody are left out on demand. */
  function people(counts, skipNone = false) {
    const sides = Object.keys(counts).filter((side) => !skipNone || counts[side] > 0);
    return sides.map((side) => t(`people.${side}`, { n: counts[side] })).join(", ") || t("people.nobody");
  }

  return {
    lang, t, date, people,
    number: (x) => whole.format(x),
    fine: (x) => fine.format(x),
    percent: (x) => share.format(x),
    list: (items) => both.format(items),
  };
}

/** An event in one plain sentence. */
export function sentence(words, run, event) {
  const { t } = words;
  const place = event.place >= 0 ? run.places[event.place].name : "";
  const [a, b] = event.road >= 0 ? run.roads[event.road].ends.map((end) => run.places[end].name) : ["", ""];
  const kind = event.kind === "retake" ? retaking(run, event) : event.kind;
  const what = t(`event.${kind}`, { place, a, b, n: event.size });
  const more = [];
  if (event.killed > 0) more.push(t("event.killed", { who: words.people(event.deaths, true) }));
  if (event.tankers > 0) more.push(t("event.tankers", { n: event.tankers }));
  return [what, ...more].join(". ") + ".";
}

function retaking(run, event) {
  const { rows, columns } = run.tables.places;
  const state = run.codes.holders.indexOf("state");
  return columns.holder[event.day * rows + event.place] === state ? "retake" : "retake_fails";
}
