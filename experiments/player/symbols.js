// How each side is drawn, by shape and by Okabe-Ito colour, as on the figures (experiments/figures/style.py).

export const INK = "#222222";
export const MUTED = "#5c5c5c";
export const PAPER = "#ffffff";
export const SIDE = {
  civilians: { colour: "#009e73", shape: "circle", dash: "" },
  insurgents: { colour: "#d55e00", shape: "triangle", dash: "7 4" },
  state: { colour: "#0072b2", shape: "square", dash: "9 3 2 3" },
  contractors: { colour: "#cc79a7", shape: "diamond", dash: "2 3" },
};
export const BURST = "#f0e442";

// Corners of each shape for radius 1, chosen so that all look equally large.
const CORNERS = {
  triangle: [[0, -1.25], [1.1, 0.75], [-1.1, 0.75]],
  square: [[-0.88, -0.88], [0.88, -0.88], [0.88, 0.88], [-0.88, 0.88]],
  diamond: [[0, -1.25], [1.05, 0], [0, 1.25], [-1.05, 0]],
};

/** Put a shape of radius `r` around (x, y) into the current path. */
export function trace(ctx, shape, x, y, r) {
  ctx.beginPath();
  if (shape === "circle") {
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  for (const [dx, dy] of CORNERS[shape]) ctx.lineTo(x + dx * r, y + dy * r);
  ctx.closePath();
}

/** Draw a side's symbol. */
export function drawSymbol(ctx, side, x, y, r, edge = "rgba(20,20,20,0.75)") {
  const { colour, shape } = SIDE[side];
  trace(ctx, shape, x, y, r);
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.lineWidth = Math.max(0.7, r * 0.14);
  ctx.strokeStyle = edge;
  ctx.stroke();
}

/** Draw the ring that says that a convoy is guarded. */
export function drawGuard(ctx, x, y, r) {
  trace(ctx, "circle", x, y, r + 2.4);
  ctx.lineWidth = 1.8;
  ctx.strokeStyle = SIDE.state.colour;
  ctx.stroke();
}

/** Draw a place: a round sign that shows who holds it. */
export function drawPlace(ctx, holder, x, y, r) {
  trace(ctx, "circle", x, y, r);
  ctx.fillStyle = PAPER;
  ctx.fill();
  ctx.lineWidth = 1.4;
  ctx.strokeStyle = INK;
  ctx.stroke();
  const side = SIDE[holder];
  if (!side) {
    ctx.beginPath();
    ctx.moveTo(x - 0.5 * r, y);
    ctx.lineTo(x + 0.5 * r, y);
    ctx.stroke();
    return;
  }
  trace(ctx, side.shape, x, y + (side.shape === "triangle" ? 0.12 * r : 0), 0.62 * r);
  ctx.fillStyle = side.colour;
  ctx.fill();
}

/** Draw an attack: a star of eight points. */
export function drawBurst(ctx, x, y, r, alpha) {
  ctx.globalAlpha = alpha;
  ctx.beginPath();
  for (let k = 0; k < 16; k++) {
    const reach = k % 2 ? 0.5 * r : r;
    ctx.lineTo(x + reach * Math.sin((k * Math.PI) / 8), y - reach * Math.cos((k * Math.PI) / 8));
  }
  ctx.closePath();
  ctx.fillStyle = BURST;
  ctx.fill();
  ctx.lineWidth = 1.3;
  ctx.strokeStyle = "#000000";
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** The radius of an attack's symbol, by deaths on all sides. */
export function burstRadius(killed) {
  return 5 + 1.6 * Math.sqrt(killed);
}

/** The radius of an agent's symbol, by people or tankers. */
export function agentRadius(table, size) {
  return table === "convoys" ? 2.6 + Math.min(5, 0.42 * Math.sqrt(size)) : 2.4 + Math.min(7, 0.2 * Math.sqrt(size));
}

// The pale and the dark end of the risk colours: viridis backwards, its palest end cut off.
const RISK = [[173, 220, 48], [94, 201, 98], [33, 145, 140], [59, 82, 139], [68, 1, 84]];

/** A colour for a share from 0 to 1 on the scale of risk. */
export function riskColour(share) {
  return between(RISK, share);
}

const CIVIDIS = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];

/** A colour for a share of a population. */
export function supportColour(share) {
  return between(CIVIDIS, share);
}

function between(colours, share) {
  const place = Math.min(1, Math.max(0, share)) * (colours.length - 1);
  const k = Math.min(colours.length - 2, Math.floor(place));
  const mix = colours[k].map((c, i) => Math.round(c + (place - k) * (colours[k + 1][i] - c)));
  return `rgb(${mix.join(",")})`;
}
