// The controls: buttons, keys, zoom by drag, crosshair with read-out, check boxes, printing.

const patterns = [JSON.parse(document.getElementById("figure-data").textContent)].flat(); // one, or a list of them
let data = unpackPattern(patterns[0]);
const container = document.getElementById("plot");
const readout = document.getElementById("readout");
const keys = document.getElementById("keys");
let available = drawableAxes(data.axis, data.wavelength);
const state = {
  axis: data.axis, scale: "linear", subtract: false, weighted: false, range: [0, 1], cursor: -1,
  partials: data.phases.map(() => data.phases.length > 1),
};
let curves = curvesOn(state.axis, data);
let drawn = null;

function unpackPattern(raw) {
  const points = unpack(raw.x, Float32Array);
  return {
    ...raw,
    x: points,
    observed: unpack(raw.observed, Float32Array),
    sigma: unpack(raw.sigma, Float32Array),
    calculated: unpack(raw.calculated, Float32Array),
    background: unpack(raw.background, Float32Array),
    phases: raw.phases.map((phase) => unpackPhase(phase, points.length)),
  };
}

const ACTIONS = [
  { group: "axis", key: "a", text: "2θ", does: "2θ axis", run: () => setAxis("two_theta"), on: () => state.axis === "two_theta", off: () => !available.includes("two_theta") },
  { group: "axis", key: "t", text: "d", does: "d-spacing axis, or back", run: () => setAxis("d"), on: () => state.axis === "d", off: () => !available.includes("d") },
  { group: "axis", key: "q", text: "Q", does: "Q axis, or back", run: () => setAxis("q"), on: () => state.axis === "q", off: () => !available.includes("q") },
  { group: "scale", key: "l", text: "Linear", does: "linear intensity", run: () => setScale("linear"), on: () => state.scale === "linear" },
  { group: "scale", key: "s", text: "√", does: "square-root intensity, or back", run: () => setScale("sqrt"), on: () => state.scale === "sqrt" },
  { group: "scale", key: "n", text: "Log", does: "logarithmic intensity, or back", run: () => setScale("log"), on: () => state.scale === "log" },
  { group: "option", key: "b", text: "Subtract background", does: "subtract the background, or not", run: () => toggle("subtract"), on: () => state.subtract },
  { group: "option", key: "w", text: "Weighted difference", does: "difference over its s.u., or plain", run: () => toggle("weighted"), on: () => state.weighted },
  { group: "view", key: "0", text: "Whole range", does: "whole range (or double-click)", run: () => resetRange() },
  { group: "view", key: "?", text: "Keys", does: "this list", run: () => keys.showModal() },
];

function setAxis(axis) {
  const wanted = state.axis === axis ? data.axis : axis;
  if (!available.includes(wanted)) return;
  const ends = state.range.map((x) => convert(x, state.axis, wanted, data.wavelength)).sort((a, b) => a - b);
  const whole = isWhole();
  state.axis = wanted;
  curves = curvesOn(wanted, data);
  state.cursor = -1;
  if (whole || !ends.every(Number.isFinite)) resetRange();
  else setRange(ends);
}

function showPattern(which, buttons) {
  data = unpackPattern(patterns[which]);
  available = drawableAxes(data.axis, data.wavelength);
  state.axis = data.axis;
  state.cursor = -1;
  curves = curvesOn(state.axis, data);
  for (const action of ACTIONS) action.button.disabled = Boolean(action.off?.());
  buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === which)));
  resetRange();
}

function buildPatterns() {
  if (patterns.length < 2) return;
  const buttons = patterns.map((pattern) => Object.assign(document.createElement("button"), { type: "button", textContent: pattern.name }));
  buttons.forEach((button, which) => {
    button.addEventListener("click", () => showPattern(which, buttons));
    button.setAttribute("aria-pressed", String(which === 0));
    document.querySelector('[data-choice="pattern"]').append(button);
  });
}

function setScale(scale) {
  state.scale = state.scale === scale ? "linear" : scale;
  redraw();
}

function toggle(option) {
  state[option] = !state[option];
  redraw();
}

function isWhole() {
  return state.range[0] <= curves.x[0] && state.range[1] >= curves.x[curves.x.length - 1];
}

function resetRange() {
  setRange([curves.x[0], curves.x[curves.x.length - 1]]);
}

function setRange([low, high]) {
  const [first, last] = [curves.x[0], curves.x[curves.x.length - 1]];
  const range = [Math.max(first, low), Math.min(last, high)];
  if (range[1] - range[0] < (last - first) * 1e-4) return;
  state.range = range;
  redraw();
}

function zoom(factor) {
  const middle = state.cursor >= 0 ? curves.x[state.cursor] : (state.range[0] + state.range[1]) / 2;
  setRange(state.range.map((x) => middle + (x - middle) * factor));
}

function redraw(printWidth = 0) {
  drawn = draw(container, curves, state, data, printWidth);
  attachPointer(drawn);
  for (const action of ACTIONS) if (action.on) action.button?.setAttribute("aria-pressed", String(action.on()));
  if (!printWidth) showCursor();
}

function buildToolbar() {
  for (const action of ACTIONS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.text;
    button.title = `${action.does} (key ${action.key})`;
    button.disabled = Boolean(action.off?.());
    button.addEventListener("click", action.run);
    action.button = button;
    document.querySelector(`[data-choice="${action.group}"]`).append(button);
  }
}

function buildKeys() {
  const extra = [["← →", "move the cursor (Shift: ten points)"], ["+ −", "zoom at the cursor"]];
  const title = document.createElement("h2");
  title.textContent = "Keys of the figure";
  const list = document.createElement("dl");
  for (const [key, does] of [...ACTIONS.map((action) => [action.key, action.does]), ...extra]) {
    list.append(Object.assign(document.createElement("dt"), { textContent: key }));
    list.append(Object.assign(document.createElement("dd"), { textContent: does }));
  }
  const close = Object.assign(document.createElement("button"), { textContent: "Close", type: "button" });
  close.addEventListener("click", () => keys.close());
  keys.append(title, list, close);
}

function buildLegend() {
  const legend = document.getElementById("legend");
  const lines = [["observed", "Observed", "M12 6h0"], ["calculated", "Calculated", "M0 6h24"], ["background", "Background", "M0 6h24"], ["difference", "Difference", "M0 6h24"]];
  for (const [name, text, path] of lines) {
    const item = Object.assign(document.createElement("span"), { className: "item" });
    const mark = element("svg", { viewBox: "0 0 24 12", "aria-hidden": "true" });
    mark.append(element("path", { class: name, d: path, fill: "none" }));
    item.append(mark, text);
    legend.append(item);
  }
  data.phases.forEach((phase, k) => {
    const label = document.createElement("label");
    label.className = `phase-${k % 8}`;
    label.title = "Show this phase's part of the calculated pattern";
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: state.partials[k] });
    box.addEventListener("change", () => {
      state.partials[k] = box.checked;
      redraw();
    });
    label.append(box, Object.assign(document.createElement("span"), { className: `swatch phase-${k % 8}` }), phase.name);
    legend.append(label);
  });
}

function attachPointer({ svg, box, toX }) {
  const surface = element("rect", { class: "surface", x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top });
  svg.append(surface);
  const place = (event) => {
    const frame = svg.getBoundingClientRect();
    return [((event.clientX - frame.left) / frame.width) * box.width, ((event.clientY - frame.top) / frame.height) * box.height];
  };
  let start = null;
  let band = null;
  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = place(event)[0];
    surface.setPointerCapture(event.pointerId);
  });
  surface.addEventListener("pointermove", (event) => {
    const [x, y] = place(event);
    state.cursor = nearestIndex(curves.x, toX(x));
    showCursor(toX(x), y);
    if (start === null || Math.abs(x - start) < 4) return;
    band ??= svg.appendChild(element("rect", { class: "zoom", y: box.top, height: box.bottom - box.top, "pointer-events": "none" }));
    const ends = [start, x].map((end) => Math.min(box.right, Math.max(box.left, end)));
    band.setAttribute("x", Math.min(...ends));
    band.setAttribute("width", Math.abs(ends[1] - ends[0]));
  });
  surface.addEventListener("pointerup", (event) => {
    const ends = start === null ? null : [toX(start), toX(place(event)[0])].sort((a, b) => a - b);
    const dragged = band !== null;
    band?.remove();
    [start, band] = [null, null];
    if (dragged) setRange(ends);
  });
  surface.addEventListener("pointerleave", () => hideCursor());
  surface.addEventListener("dblclick", () => resetRange());
}

function hideCursor() {
  state.cursor = -1;
  container.querySelector(".cross")?.remove();
  container.querySelector(".tip")?.remove();
  readout.textContent = "\u00a0";
}

function showCursor(at = curves.x[state.cursor], pixelY = 0) {
  container.querySelector(".cross")?.remove();
  container.querySelector(".tip")?.remove();
  if (state.cursor < 0 || !drawn) return;
  const { svg, box, placeX } = drawn;
  const x = placeX(at);
  if (x < box.left || x > box.right) return;
  svg.insertBefore(element("line", { class: "cross", x1: x, x2: x, y1: box.top, y2: box.bottom }), svg.querySelector(".surface"));
  readout.textContent = reading(state.cursor);
  const near = reflectionsNear(at, pixelY, box);
  if (near.length) showTip(near, x, pixelY || box.top + 12, box);
}

function reading(k) {
  const x = curves.x[k];
  const places = available.map((axis) => {
    const { label, unit } = AXES[axis];
    return `${label} ${convert(x, state.axis, axis, data.wavelength).toFixed(axis === "two_theta" ? 3 : 4)}${unit === "°" ? "" : " "}${unit}`;
  });
  const difference = curves.observed[k] - curves.calculated[k];
  const values = [["observed", curves.observed[k]], ["calculated", curves.calculated[k]], ["difference", difference]];
  const decimals = Math.abs(curves.observed[k]) < 100 ? 2 : 0;
  const written = values.map(([name, value]) => `${name} ${formatNumber(value, decimals)}`);
  return [...places, ...written, `difference / s.u. ${formatNumber(difference / curves.sigma[k], 1)}`].join("   ·   ");
}

function reflectionsNear(x, pixelY, box) {
  const reach = 5 * ((state.range[1] - state.range[0]) / (box.right - box.left));
  const row = Math.floor((pixelY - box.tickTop) / ROW);
  const lines = [];
  curves.ticks.forEach((ticks, k) => {
    if (row >= 0 && row < box.rows && row !== k) return;
    const close = ticks.filter((entry) => Math.abs(entry.x - x) <= reach).sort((a, b) => b.tick[6] - a.tick[6]);
    for (const { tick } of close.slice(0, 3)) lines.push(reflectionText(data.phases[k], tick));
  });
  return lines.slice(0, 6);
}

function reflectionText(phase, [h, k, l, , d, multiplicity, intensity]) {
  const indices = [h, k, l].map((index) => (index < 0 ? `−${-index}` : index)).join(" ");
  return `${phase.name}  ${indices}   d ${d.toFixed(4)} Å   ×${multiplicity}   I ${intensity.toFixed(1)}`;
}

function showTip(lines, x, y, box) {
  const tip = Object.assign(document.createElement("div"), { className: "tip" });
  for (const line of lines) tip.append(Object.assign(document.createElement("div"), { textContent: line }));
  container.append(tip);
  const unit = container.clientWidth / box.width;
  const left = x * unit + 14;
  tip.style.left = `${left + tip.offsetWidth > container.clientWidth ? x * unit - tip.offsetWidth - 14 : left}px`;
  tip.style.top = `${y * unit + 12}px`;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
  if (event.target === container && event.key.startsWith("Arrow")) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const current = state.cursor >= 0 ? state.cursor : nearestIndex(curves.x, (state.range[0] + state.range[1]) / 2);
    state.cursor = Math.max(0, Math.min(curves.x.length - 1, current + step * (event.shiftKey ? 10 : 1)));
    event.preventDefault();
    showCursor();
    return;
  }
  if (event.key === "+" || event.key === "=") return zoom(0.5);
  if (event.key === "-") return zoom(2);
  ACTIONS.find((action) => action.key === event.key && !action.button.disabled)?.run();
});
window.addEventListener("resize", () => redraw());
window.addEventListener("beforeprint", () => redraw(700));
window.addEventListener("afterprint", () => redraw());

buildPatterns();
buildToolbar();
buildKeys();
buildLegend();
state.range = [curves.x[0], curves.x[curves.x.length - 1]];
redraw();
