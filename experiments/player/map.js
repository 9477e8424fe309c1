// The map of one run on a canvas: roads by risk, places by holder, agents, attacks. It draws a moment and answers what
// is under a point; who plays and listens is elsewhere.

import { agentsOn, at, eventsOn, guarded, holderOf, SIDE_OF } from "./run.js";
import { agentRadius, burstRadius, drawBurst, drawGuard, drawPlace, drawSymbol, riskColour, supportColour } from "./symbols.js";
import { drawGround, drawNames, projector, sizeFactor } from "./ground.js";

const PLACE_RADIUS = { capital: 9, regional_capital: 7.5, town: 5.5, base: 5, crossing: 4.5, source: 5 };
const SHADE_KM = { capital: 70, regional_capital: 55, town: 38, base: 26, crossing: 26, source: 0 };
const FEARED = 0.05; // perceived attacks a passage at which a road is drawn halfway to the darkest
const GOLDEN = 2.399963;
const SHOWN = new Set(["road_attack", "outpost_attack", "base_attack", "coercion", "fire", "sweep_contact", "sweep_harm",
                       "retake"]);
const MOST_SHOTS = 8;
const whole = new WeakMap(); // what no day changes, of the whole map: by map, drawn once for all runs on it

/** One map. `camera` {zoom, x, y} may be shared by several maps. */
export class MapView {
  constructor(canvas, run, camera) {
    this.canvas = canvas;
    this.run = run;
    this.camera = camera;
    this.shade = "fuel";
    this.selected = null;
    this.still = false; // no gliding between days, for people who want less motion
    this.layouts = new Map();
    this.resize();
  }

  /** Fit the canvas to its box on the page; returns whether its size has changed. */
  resize() {
    const { clientWidth: w, clientHeight: h } = this.canvas;
    const dots = Math.min(2, window.devicePixelRatio || 1);
    if (w === this.width && h === this.height && dots === this.dots) return false;
    [this.width, this.height, this.dots] = [w, h, dots];
    this.canvas.width = Math.max(1, Math.round(w * dots));
    this.canvas.height = Math.max(1, Math.round(h * dots));
    this.own = null;
    this.moved();
    return true;
  }

  // A layer of the map's own size.
  layer() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.canvas.width, this.canvas.height];
    return canvas;
  }

  /** Draw anew what only the camera and the size change. */
  moved() {
    this.layouts.clear();
    this.to = projector(this.run.map.frame, this.width, this.height, this.camera);
    this.factor = sizeFactor(this.width, this.height);
    [this.ground, this.names] = this.camera.zoom === 1 ? this.wholeLayers() : this.drawLayers(this.own ??= [this.layer(), this.layer()]);
  }

  wholeLayers() {
    const size = `${this.width} ${this.height} ${this.dots}`;
    const kept = whole.get(this.run.map);
    if (kept?.size === size) return kept.layers;
    const layers = this.drawLayers([this.layer(), this.layer()]);
    whole.set(this.run.map, { size, layers });
    return layers;
  }

  drawLayers([ground, names]) {
    drawGround(this.fresh(ground), this.run, this.to, this.width, this.height);
    drawNames(this.fresh(names), this.run, this.to, this.width, this.height, this.markers());
    return [ground, names];
  }

  fresh(canvas) {
    const ctx = canvas.getContext("2d");
    ctx.setTransform(this.dots, 0, 0, this.dots, 0, 0);
    ctx.clearRect(0, 0, this.width, this.height);
    return ctx;
  }

  placeAt(p) {
    const [x, y] = this.run.places[p].at;
    return [this.to.x(x), this.to.y(y)];
  }

  placeRadius(p) {
    return PLACE_RADIUS[this.run.places[p].kind] * this.factor;
  }

  // The boxes of the places, which names keep clear of.
  markers() {
    return this.run.places.map((_, p) => {
      const [[x, y], r] = [this.placeAt(p), this.placeRadius(p)];
      return [x - r, y - r, x + r, y + r];
    });
  }

  /** Draw the moment `time` (days, with a fraction on the way to the next); `span`: days whose attacks still show. */
  draw(time, span = 1) {
    const day = Math.min(this.run.days - 1, Math.floor(time));
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.ground, 0, 0);
    ctx.setTransform(this.dots, 0, 0, this.dots, 0, 0);
    this.drawShade(ctx, day);
    this.drawRoads(ctx, day);
    for (let p = 0; p < this.run.places.length; p++) this.drawPlace(ctx, p, day);
    this.drawAgents(ctx, day, this.still ? 0 : time - day);
    this.drawAttacks(ctx, time, span);
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.names, 0, 0);
    ctx.setTransform(this.dots, 0, 0, this.dots, 0, 0);
    this.drawSelected(ctx, day, this.still ? 0 : time - day);
  }

  drawShade(ctx, day) {
    if (this.shade === "none") return;
    for (let p = 0; p < this.run.places.length; p++) {
      const r = SHADE_KM[this.run.places[p].kind] * this.to.scale;
      if (!r) continue;
      const [x, y] = this.placeAt(p);
      if (this.shade === "fuel") {
        const lack = at(this.run, "places", "demand_l", day, p) > 0 ? 1 - at(this.run, "places", "served", day, p) : 0;
        ctx.globalAlpha = 0.5 * Math.max(0, lack);
        ctx.fillStyle = "#2b2118";
      } else {
        ctx.globalAlpha = 0.6;
        ctx.fillStyle = supportColour(at(this.run, "places", "support_insurgents", day, p));
      }
      ctx.beginPath();
      ctx.arc(x, y, r, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.globalAlpha = 1;
  }

  drawRoads(ctx, day) {
    this.run.roads.forEach(({ ends, track }, k) => {
      const risk = at(this.run, "roads", "risk", day, k);
      const share = risk / (risk + FEARED);
      const [[x0, y0], [x1, y1]] = ends.map((p) => this.placeAt(p));
      ctx.setLineDash(track ? [5, 3] : []);
      ctx.lineWidth = (1.5 + 3.5 * share) * this.factor;
      ctx.strokeStyle = share < 0.04 ? "#8a857a" : riskColour(share);
      ctx.beginPath();
      ctx.moveTo(x0, y0);
      ctx.lineTo(x1, y1);
      ctx.stroke();
    });
    ctx.setLineDash([]);
  }

  drawPlace(ctx, p, day) {
    const [x, y] = this.placeAt(p);
    const r = this.placeRadius(p);
    if (this.run.places[p].kind !== "source") {
      drawPlace(ctx, holderOf(this.run, day, p), x, y, r);
      return;
    }
    ctx.fillStyle = "#222222";
    ctx.fillRect(x - r, y - 0.35 * r, 2 * r, 0.7 * r);
    ctx.fillRect(x - 0.35 * r, y - r, 0.7 * r, 2 * r);
  }

  /** Where each agent of a day is drawn: map of "table:slot" to {…agent, px, py, r}. */
  layout(day) {
    const known = this.layouts.get(day);
    if (known) return known;
    const found = new Map();
    const crowd = new Map();
    for (const agent of agentsOn(this.run, day)) {
      const r = agentRadius(agent.table, agent.size) * this.factor;
      let [px, py] = [this.to.x(agent.x), this.to.y(agent.y)];
      if (agent.place >= 0) {
        const k = crowd.get(agent.place) ?? 0;
        crowd.set(agent.place, k + 1);
        const reach = this.placeRadius(agent.place) + (2 + 4.4 * Math.sqrt(k + 0.6)) * this.factor;
        px += reach * Math.cos(k * GOLDEN + 0.6);
        py += reach * Math.sin(k * GOLDEN + 0.6);
      } else {
        const turn = agent.id * GOLDEN;
        px += 4 * this.factor * Math.cos(turn);
        py += 4 * this.factor * Math.sin(turn);
      }
      found.set(`${agent.table}:${agent.slot}`, { ...agent, px, py, r });
    }
    if (this.layouts.size >= MOST_SHOTS) this.layouts.delete(this.layouts.keys().next().value);
    this.layouts.set(day, found);
    return found;
  }

  // An agent's place between two days: where the same thing is on both, it glides.
  between(key, agent, next, share) {
    const then = share > 0 ? next.get(key) : undefined;
    if (!then || then.id !== agent.id) return [agent.px, agent.py];
    return [agent.px + share * (then.px - agent.px), agent.py + share * (then.py - agent.py)];
  }

  drawAgents(ctx, day, share) {
    const now = this.layout(day);
    const next = share > 0 && day + 1 < this.run.days ? this.layout(day + 1) : now;
    for (const [key, agent] of now) {
      const [x, y] = this.between(key, agent, next, share);
      if (x < -20 || y < -20 || x > this.width + 20 || y > this.height + 20) continue;
      drawSymbol(ctx, SIDE_OF[agent.table], x, y, agent.r);
      if (agent.table === "convoys" && guarded(this.run, day, agent.slot)) drawGuard(ctx, x, y, agent.r);
    }
  }

  drawAttacks(ctx, time, span) {
    const last = Math.min(this.run.days - 1, Math.floor(time));
    for (let day = Math.max(0, Math.floor(time - span) + 1); day <= last; day++) {
      const age = Math.min(1, Math.max(0, (time - day) / span));
      for (const event of eventsOn(this.run, day)) {
        if (!SHOWN.has(event.kind)) continue;
        const [x, y] = this.eventAt(event);
        drawBurst(ctx, x, y, burstRadius(event.killed) * this.factor * (1 + 0.25 * age), 0.95 - 0.65 * age);
      }
    }
  }

  eventAt(event) {
    if (event.road < 0) {
      const [x, y] = this.placeAt(Math.max(0, event.place));
      return [x + 7 * this.factor * Math.cos(event.index), y + 7 * this.factor * Math.sin(event.index)];
    }
    const [[x0, y0], [x1, y1]] = this.run.roads[event.road].ends.map((p) => this.placeAt(p));
    const share = 0.25 + 0.5 * ((event.index * 0.618034) % 1);
    return [x0 + share * (x1 - x0), y0 + share * (y1 - y0)];
  }

  drawSelected(ctx, day, share) {
    if (!this.selected) return;
    let spot = null;
    if (this.selected.table === "places") {
      spot = [...this.placeAt(this.selected.slot), this.placeRadius(this.selected.slot)];
    } else {
      const key = `${this.selected.table}:${this.selected.slot}`;
      const agent = this.layout(day).get(key);
      if (agent && agent.id === this.selected.id) {
        const next = day + 1 < this.run.days ? this.layout(day + 1) : this.layout(day);
        spot = [...this.between(key, agent, next, share), agent.r];
      }
    }
    if (!spot) return;
    for (const [colour, width] of [["#ffffff", 5], ["#222222", 2.4]]) {
      ctx.beginPath();
      ctx.arc(spot[0], spot[1], spot[2] + 6, 0, 2 * Math.PI);
      ctx.lineWidth = width;
      ctx.strokeStyle = colour;
      ctx.stroke();
    }
  }

  /** What is under a point of the canvas on a day: {table, slot, id}, places as table "places", or null. */
  pick(x, y, day, reach = 9) {
    let best = null;
    let nearest = Infinity;
    const offer = (distance, found) => {
      if (distance < nearest) [nearest, best] = [distance, found];
    };
    for (const agent of this.layout(day).values()) {
      const distance = Math.hypot(agent.px - x, agent.py - y) - agent.r;
      if (distance < reach) offer(distance, { table: agent.table, slot: agent.slot, id: agent.id });
    }
    for (let p = 0; p < this.run.places.length; p++) {
      const [px, py] = this.placeAt(p);
      const distance = Math.hypot(px - x, py - y) - this.placeRadius(p) - 2;
      if (distance < reach) offer(distance, { table: "places", slot: p, id: 0 });
    }
    return best;
  }
}
