// The part of the map that no day changes: countries, river, roads' casing, ways out, names. Drawn once for a size.

import { INK, MUTED } from "./symbols.js";

const SEA = "#e9eff3";
const LAND = { neighbour: "#efeeea", theatre: "#f6f3e9", home: "#fcf9ee" };
const RIVER = "#a8c8dc";
const ORDER = ["neighbour", "theatre", "home"];
const RANK = { capital: 0, regional_capital: 1, town: 2, base: 3, crossing: 4, source: 5 };
export const FONT = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';

/** Kilometres to pixels for a frame in a rectangle, moved and enlarged by a camera {zoom, x, y} (km at the middle). */
export function projector(frame, width, height, camera) {
  const [west, south, east, north] = frame;
  const fit = Math.min(width / (east - west), height / (north - south));
  const scale = fit * camera.zoom;
  return {
    scale,
    x: (km) => width / 2 + (km - camera.x) * scale,
    y: (km) => height / 2 - (km - camera.y) * scale,
  };
}

/** How large symbols and letters are: 1 on a map 800 pixels wide. */
export function sizeFactor(width, height) {
  return Math.min(1.5, Math.max(0.6, Math.min(width / 800, height / 500)));
}

/** Draw the ground. */
export function drawGround(ctx, run, to, width, height) {
  ctx.fillStyle = run.map.outlines.length ? SEA : LAND.home;
  ctx.fillRect(0, 0, width, height);
  ctx.lineJoin = "round";
  const outlines = [...run.map.outlines].sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
  for (const { role, rings } of outlines) {
    ctx.fillStyle = LAND[role];
    ctx.strokeStyle = role === "home" ? "#6b6b6b" : "#bdbab2";
    ctx.lineWidth = role === "home" ? 1.4 : 0.8;
    for (const ring of rings) {
      pathOf(ctx, ring, to);
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    }
  }
  if (run.map.river.length) {
    pathOf(ctx, run.map.river, to);
    ctx.strokeStyle = RIVER;
    ctx.lineWidth = 2.4;
    ctx.stroke();
  }
  drawCountries(ctx, run, to, width, height);
  drawCasing(ctx, run, to);
}

function pathOf(ctx, points, to) {
  ctx.beginPath();
  for (let i = 0; i < points.length; i += 2) ctx.lineTo(to.x(points[i]), to.y(points[i + 1]));
}

function drawCountries(ctx, run, to, width, height) {
  const size = Math.round(12 * sizeFactor(width, height));
  ctx.font = `${size}px ${FONT}`;
  ctx.fillStyle = "#857f72";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const { text, at } of run.map.countries) {
    const half = ctx.measureText(text).width / 2 + 4;
    const x = to.x(at[0]);
    if (x > half && x < width - half) ctx.fillText(text, x, to.y(at[1]));
  }
}

function drawCasing(ctx, run, to) {
  ctx.strokeStyle = "#ffffff";
  ctx.lineWidth = 5;
  for (const { ends } of run.roads) {
    const [[x0, y0], [x1, y1]] = ends.map((p) => run.places[p].at);
    ctx.beginPath();
    ctx.moveTo(to.x(x0), to.y(y0));
    ctx.lineTo(to.x(x1), to.y(y1));
    ctx.stroke();
  }
}

/** Arrows at the edge on the roads to places beyond it: [{place, x, y, angle}], the quickest way to each. */
export function waysOut(run, to, width, height) {
  const inside = ([x, y]) => to.x(x) > 0 && to.x(x) < width && to.y(y) > 0 && to.y(y) < height;
  const found = new Map();
  for (const road of run.roads) {
    for (const [near, far] of [road.ends, [...road.ends].reverse()]) {
      const [from, goal] = [run.places[near].at, run.places[far].at];
      if (!inside(from) || inside(goal) || (found.get(far)?.hours ?? Infinity) <= road.truck_hours) continue;
      found.set(far, { place: far, hours: road.truck_hours, ...tip(from, goal, to, width, height) });
    }
  }
  return [...found.values()];
}

function tip(from, goal, to, width, height) {
  const rim = 9;
  const [x, y] = [to.x(from[0]), to.y(from[1])];
  const [dx, dy] = [to.x(goal[0]) - x, to.y(goal[1]) - y];
  const reach = (start, way, size) => (way === 0 ? Infinity : ((way > 0 ? size - rim : rim) - start) / way);
  const share = Math.min(1, reach(x, dx, width), reach(y, dy, height));
  return { x: x + share * dx, y: y + share * dy, angle: Math.atan2(dy, dx) };
}

/** Draw the arrows and the names of the places they lead to; `taken` collects the boxes that are covered. */
export function drawWaysOut(ctx, run, to, width, height, taken) {
  const size = Math.max(11, 12 * sizeFactor(width, height));
  for (const { place, x, y, angle } of waysOut(run, to, width, height)) {
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(angle);
    ctx.beginPath();
    ctx.moveTo(6, 0);
    ctx.lineTo(-5, 5);
    ctx.lineTo(-5, -5);
    ctx.closePath();
    ctx.fillStyle = INK;
    ctx.fill();
    ctx.restore();
    if (run.places[place].kind !== "source") continue;
    const far = Math.abs(Math.cos(angle)) > 0.7;
    const anchor = far ? (Math.cos(angle) > 0 ? "right" : "left") : x > width / 2 ? "right" : "left";
    const shift = far ? 0 : anchor === "right" ? -9 : 9;
    const up = far ? (y > height / 2 ? -13 : 13) : Math.sin(angle) > 0 ? -4 : 6;
    writeName(ctx, run.places[place].label, x + shift, y + up, anchor, `italic ${size}px ${FONT}`, MUTED, taken);
  }
}

/** Write the names of places, the most important first, each only where it covers nothing. */
export function drawNames(ctx, run, to, width, height, markers) {
  const taken = [...markers];
  drawWaysOut(ctx, run, to, width, height, taken);
  const factor = sizeFactor(width, height);
  const order = run.places.map((_, p) => p);
  order.sort((a, b) => RANK[run.places[a].kind] - RANK[run.places[b].kind] || run.places[b].population - run.places[a].population);
  for (const p of order) {
    const place = run.places[p];
    const [x, y] = [to.x(place.at[0]), to.y(place.at[1])];
    if (x < 0 || x > width || y < 0 || y > height) continue;
    const rank = RANK[place.kind];
    const size = Math.max(11, (rank === 0 ? 16 : rank === 1 ? 14 : 12) * factor);
    const font = `${rank === 0 ? "bold " : ""}${size}px ${FONT}`;
    const gap = (rank === 0 ? 12 : rank === 1 ? 10 : 8) * factor;
    for (const [dx, dy, anchor] of spots(place, gap, size)) {
      if (writeName(ctx, place.label, x + dx, y + dy, anchor, font, INK, taken, [width, height])) break;
    }
  }
}

// Where a name may go: first where it was set by hand, then to the sides, above and below.
function spots(place, gap, size) {
  const [dx, dy] = place.label_shift;
  const length = Math.hypot(dx, dy) || 1;
  const reach = gap + (place.label_anchor === "center" ? size / 3 : 0);
  const own = [(dx / length) * reach, (-dy / length) * reach, place.label_anchor];
  const others = [[gap, 0, "left"], [-gap, 0, "right"], [0, -gap - size / 3, "center"], [0, gap + size / 3, "center"]];
  return [own, ...others];
}

function writeName(ctx, text, x, y, anchor, font, colour, taken, limits = null) {
  ctx.font = font;
  const w = ctx.measureText(text).width;
  const h = parseFloat(font.match(/([\d.]+)px/)[1]);
  const left = anchor === "right" ? x - w : anchor === "center" ? x - w / 2 : x;
  const box = [left - 1, y - h / 2, left + w + 1, y + h / 2];
  if (limits && (box[0] < 0 || box[1] < 0 || box[2] > limits[0] || box[3] > limits[1])) return false;
  if (taken.some((b) => b[0] < box[2] && box[0] < b[2] && b[1] < box[3] && box[1] < b[3])) return false;
  taken.push(box);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3.2;
  ctx.lineJoin = "round";
  ctx.strokeStyle = "rgba(255,255,255,0.88)";
  ctx.strokeText(text, left, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, left, y);
  return true;
}
