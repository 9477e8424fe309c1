// What the symbols mean, drawn with the very functions that draw the map; and the choice of what shades the places.

import { el, newId } from "./dom.js";
import { drawBurst, drawGuard, drawPlace, drawSymbol, riskColour, supportColour } from "./symbols.js";

const SIZE = 20;

function sample(draw) {
  const dots = 2;
  const canvas = el("canvas", { width: SIZE * dots, height: SIZE * dots, class: "sp-sample", "aria-hidden": "true" });
  const ctx = canvas.getContext("2d");
  ctx.scale(dots, dots);
  draw(ctx, SIZE / 2);
  return canvas;
}

function road(ctx) {
  [0.08, 0.4, 0.9].forEach((share, k) => {
    ctx.fillStyle = riskColour(share);
    ctx.fillRect(1 + 6 * k, SIZE / 2 - 1 - k, 6, 2 + 2 * k);
  });
}

function disc(ctx, colours) {
  colours.forEach((colour, k) => {
    ctx.fillStyle = colour;
    ctx.fillRect(1 + (18 / colours.length) * k, 4, 18 / colours.length, 12);
  });
}

const CENTRE = SIZE / 2;
const ENTRIES = [
  ["convoys", (ctx) => drawSymbol(ctx, "civilians", CENTRE, CENTRE, 5)],
  ["guarded", (ctx) => { drawSymbol(ctx, "civilians", CENTRE, CENTRE, 4.5); drawGuard(ctx, CENTRE, CENTRE, 4.5); }],
  ["cells", (ctx) => drawSymbol(ctx, "insurgents", CENTRE, CENTRE, 5)],
  ["units", (ctx) => drawSymbol(ctx, "state", CENTRE, CENTRE, 5)],
  ["detachments", (ctx) => drawSymbol(ctx, "contractors", CENTRE, CENTRE, 5)],
  ["attack", (ctx) => drawBurst(ctx, CENTRE, CENTRE, 8, 0.95)],
  ["held_state", (ctx) => drawPlace(ctx, "state", CENTRE, CENTRE, 8)],
  ["held_insurgents", (ctx) => drawPlace(ctx, "insurgents", CENTRE, CENTRE, 8)],
  ["held_nobody", (ctx) => drawPlace(ctx, "nobody", CENTRE, CENTRE, 8)],
  ["risk", road],
  ["dark", (ctx) => disc(ctx, ["rgba(43,33,24,0.12)", "rgba(43,33,24,0.3)", "rgba(43,33,24,0.5)"])],
  ["support", (ctx) => disc(ctx, [0, 0.33, 0.67, 1].map(supportColour))],
];
const SHORT = ["convoys", "cells", "units", "detachments", "attack", "held_insurgents"];

/** The whole legend; of `dark` and `support` the one that is shaded by is shown. */
export function legend(words) {
  const { t } = words;
  const items = ENTRIES.map(([key, draw]) => el("li", { "data-key": key }, sample(draw), t(`legend.${key}`)));
  return el("div", { class: "sp-legend" }, el("ul", {}, ...items), el("p", {}, `${t("legend.size")}. ${t("map.hint")}`));
}

/** The main symbols in one line. */
export function shortLegend(words) {
  const items = ENTRIES.filter(([key]) => SHORT.includes(key));
  return el("ul", { class: "sp-short" }, ...items.map(([key, draw]) => el("li", {}, sample(draw), words.t(`legend.short.${key}`))));
}

/** The choice of what shades the places. */
export function shadeChoice(words, onChange) {
  const { t } = words;
  const id = newId("shade");
  const select = el("select", { id, onchange: () => onChange(select.value) },
    ...["fuel", "support", "none"].map((key) => el("option", { value: key }, t(`shade.${key}`))));
  return el("span", { class: "sp-shade" }, el("label", { for: id }, t("shade.label")), " ", select);
}
