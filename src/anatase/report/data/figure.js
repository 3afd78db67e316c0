// The figure: one SVG with the pattern, a row of reflections per phase, and the difference curve.

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { left: 78, right: 14, top: 10, bottom: 48 };
const ROW = 17;
const GAP = 9;

function element(name, attributes = {}, text = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return node;
}

function layout(width, rows, high) {
  const main = Math.round(high ? width * 0.42 : Math.min(380, Math.max(220, width * 0.4)));
  const difference = Math.round(main * 0.28);
  const tickTop = MARGIN.top + main + GAP;
  const differenceTop = tickTop + rows * ROW + (rows ? GAP : 0);
  return {
    width, left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, main, tickTop, rows, differenceTop, difference,
    bottom: differenceTop + difference, height: differenceTop + difference + MARGIN.bottom,
  };
}

// The curves as shown: background subtracted or not, difference plain or in units of its s.u.
function shownCurves(curves, state) {
  const under = state.subtract ? curves.background : null;
  const less = (curve) => (under ? curve.map((y, k) => y - under[k]) : curve);
  return {
    observed: less(curves.observed),
    calculated: less(curves.calculated),
    background: under ? null : curves.background,
    profiles: curves.profiles.map((profile) => (under ? profile : profile.map((y, k) => y + curves.background[k]))),
    difference: curves.observed.map((y, k) => (y - curves.calculated[k]) / (state.weighted ? curves.sigma[k] : 1)),
  };
}

function extent(curves, from, to) {
  let [low, high] = [Infinity, -Infinity];
  for (const curve of curves) {
    for (let k = from; k < to; k++) {
      if (curve[k] < low) low = curve[k];
      if (curve[k] > high) high = curve[k];
    }
  }
  return Number.isFinite(low) ? [low, high > low ? high : low + 1] : [0, 1];
}

function intensityRange(shown, from, to, scale) {
  let [low, high] = extent([shown.observed, shown.calculated], from, to);
  if (scale === "log") {
    const positive = Array.from(shown.observed.subarray(from, to)).filter((y) => y > 0).sort((a, b) => a - b);
    const floor = positive.length ? positive[Math.floor(positive.length * 0.005)] : 1;
    low = Math.max(floor, high * 1e-5) * 0.8;
    return [low, Math.max(high, low * 1.5) * 1.25];
  }
  if (low > 0 && low < 0.4 * high) low = 0;
  const span = high - low;
  return [low === 0 ? 0 : low - 0.04 * span, high + 0.05 * span];
}

function draw(container, curves, state, data, high) {
  const width = Math.max(320, high || container.clientWidth);
  const box = layout(width, data.phases.length, high);
  const [x0, x1] = state.range;
  const from = Math.max(0, firstAtLeast(curves.x, x0) - 1);
  const to = Math.min(curves.x.length, firstAtLeast(curves.x, x1) + 1);
  const shown = shownCurves(curves, state);
  const [y0, y1] = intensityRange(shown, from, to, state.scale);
  const forward = SCALES[state.scale].forward;
  const [f0, f1] = [forward(y0), forward(y1)];
  const placeX = (x) => box.left + ((x - x0) / (x1 - x0)) * (box.right - box.left);
  const placeY = (y) => box.top + box.main * (1 - (forward(state.scale === "log" ? Math.max(y, y0) : y) - f0) / (f1 - f0));

  const svg = element("svg", { viewBox: `0 0 ${width} ${box.height}`, role: "img", "aria-label": description(data, state) });
  svg.append(clips(box));
  const pattern = element("g", { "clip-path": "url(#clip-main)" });
  drawPartials(pattern, curves, shown, state, { from, to, placeX, placeY, floor: y0 });
  pattern.append(element("path", { class: "observed", d: dotPath(curves.x, shown.observed, from, to, placeX, placeY) }));
  if (shown.background) pattern.append(element("path", { class: "background", d: linePath(curves.x, shown.background, from, to, placeX, placeY) }));
  pattern.append(element("path", { class: "calculated", d: linePath(curves.x, shown.calculated, from, to, placeX, placeY) }));
  drawUnexplained(pattern, curves, shown, placeX, placeY, state.range, box);
  svg.append(pattern);
  drawReflections(svg, curves, data, state.range, placeX, box);
  drawDifference(svg, curves, shown, state, { from, to, placeX, box });
  drawIntensityAxis(svg, [y0, y1], state, placeY, box);
  drawHorizontalAxis(svg, state, placeX, box);
  svg.append(element("rect", { class: "frame", x: box.left, y: box.top, width: box.right - box.left, height: box.main }));
  container.querySelector("svg")?.remove();
  container.prepend(svg);
  return { svg, box, placeX, toX: (pixel) => x0 + ((pixel - box.left) / (box.right - box.left)) * (x1 - x0) };
}

function description(data, state) {
  const names = data.phases.map((phase) => phase.name).join(", ") || "no phase";
  return `Observed and calculated intensity against ${AXES[state.axis].label}, with reflections of ${names} and the difference curve`;
}

function clips(box) {
  const definitions = element("defs");
  const areas = { main: [box.top, box.main], difference: [box.differenceTop, box.difference] };
  for (const [name, [top, height]] of Object.entries(areas)) {
    const clip = element("clipPath", { id: `clip-${name}` });
    clip.append(element("rect", { x: box.left, y: top, width: box.right - box.left, height }));
    definitions.append(clip);
  }
  return definitions;
}

function drawPartials(group, curves, shown, state, { from, to, placeX, placeY, floor }) {
  shown.profiles.forEach((profile, k) => {
    if (!state.partials[k] || to <= from) return;
    const base = shown.background || new Float64Array(profile.length).fill(Math.max(0, floor));
    const line = linePath(curves.x, profile, from, to, placeX, placeY);
    const back = linePath(curves.x, base, from, to, placeX, placeY).slice(1).split("L").reverse().join("L");
    group.append(element("path", { class: `partial-area phase-${k % 8}`, d: `${line}L${back}Z` }));
    group.append(element("path", { class: `partial-line phase-${k % 8}`, d: line }));
  });
}

function drawUnexplained(group, curves, shown, placeX, placeY, [x0, x1], box) {
  for (const peak of curves.unexplained) {
    if (!(peak.x >= x0 && peak.x <= x1)) continue;
    const k = nearestIndex(curves.x, peak.x);
    const x = placeX(peak.x);
    const y = Math.max(box.top + 9, placeY(Math.max(shown.observed[k], shown.calculated[k])) - 5);
    group.append(element("path", { class: "unexplained", d: `M${x} ${y}l-4 -7h8z` }));
  }
}

function drawReflections(svg, curves, data, [x0, x1], placeX, box) {
  curves.ticks.forEach((ticks, k) => {
    const top = box.tickTop + k * ROW;
    const paths = { strong: "", weak: "" };
    for (const { tick, x } of ticks) {
      if (x >= x0 && x <= x1) paths[tick[6] >= 10 ? "strong" : "weak"] += `M${placeX(x).toFixed(2)} ${tick[6] >= 10 ? top + 1 : top + 4}V${top + 12}`;
    }
    svg.append(element("path", { class: `bars phase-${k % 8}`, d: paths.weak }));
    svg.append(element("path", { class: `bars strong phase-${k % 8}`, d: paths.strong }));
    const name = data.phases[k].formula;
    svg.append(element("text", { class: `row-name phase-${k % 8}`, x: box.left - 9, y: top + 11, "text-anchor": "end" }, name.length > 12 ? `${name.slice(0, 11)}…` : name));
  });
}

function drawDifference(svg, curves, shown, state, { from, to, placeX, box }) {
  const [low, high] = extent([shown.difference], from, to);
  const reach = Math.max(Math.abs(low), Math.abs(high)) * 1.08 || 1;
  const middle = box.differenceTop + box.difference / 2;
  const placeY = (y) => middle - (y / reach) * (box.difference / 2);
  svg.append(element("line", { class: "zero", x1: box.left, x2: box.right, y1: middle, y2: middle }));
  const group = element("g", { "clip-path": "url(#clip-difference)" });
  group.append(element("path", { class: "difference", d: linePath(curves.x, shown.difference, from, to, placeX, placeY) }));
  svg.append(group);
  svg.append(element("rect", { class: "frame", x: box.left, y: box.differenceTop, width: box.right - box.left, height: box.difference }));
  const ticks = linearTicks(-reach, reach, 3);
  drawTicksLeft(svg, ticks, placeY, box, ticks.decimals);
  const title = state.weighted ? "Difference / s.u." : "Difference";
  svg.append(element("text", { class: "title", transform: `translate(16 ${middle}) rotate(-90)`, "text-anchor": "middle" }, title));
}

function drawIntensityAxis(svg, [y0, y1], state, placeY, box) {
  const count = Math.max(3, Math.round(box.main / 60));
  let ticks = linearTicks(y0, y1, count);
  let decimals = ticks.decimals;
  if (state.scale === "log") [ticks, decimals] = [logTicks(y0, y1), y0 < 1 ? 2 : 0];
  if (state.scale === "sqrt") [ticks, decimals] = [sqrtTicks(y0, y1, placeY, 30), y1 < 10 ? 2 : 0];
  drawTicksLeft(svg, ticks, placeY, box, decimals);
  const label = `Intensity${state.subtract ? " above background" : ""}${SCALES[state.scale].label}`;
  svg.append(element("text", { class: "title", transform: `translate(16 ${box.top + box.main / 2}) rotate(-90)`, "text-anchor": "middle" }, label));
}

function drawTicksLeft(svg, ticks, placeY, box, decimals) {
  let path = "";
  for (const value of ticks.minor) path += `M${box.left} ${placeY(value).toFixed(2)}h3.5`;
  for (const value of ticks.major) {
    path += `M${box.left} ${placeY(value).toFixed(2)}h7`;
    svg.append(element("text", { x: box.left - 9, y: placeY(value) + 4, "text-anchor": "end" }, formatNumber(value, decimals)));
  }
  svg.append(element("path", { class: "tick", d: path }));
}

function drawHorizontalAxis(svg, state, placeX, box) {
  const [x0, x1] = state.range;
  const ticks = linearTicks(x0, x1, (box.right - box.left) / 85);
  let path = "";
  for (const bottom of [box.bottom, box.top + box.main]) {
    for (const value of ticks.minor) path += `M${placeX(value).toFixed(2)} ${bottom}v-3.5`;
    for (const value of ticks.major) path += `M${placeX(value).toFixed(2)} ${bottom}v-7`;
  }
  svg.append(element("path", { class: "tick", d: path }));
  for (const value of ticks.major) {
    svg.append(element("text", { x: placeX(value), y: box.bottom + 17, "text-anchor": "middle" }, formatNumber(value, ticks.decimals)));
  }
  const { label, unit } = AXES[state.axis];
  svg.append(element("text", { class: "title", x: (box.left + box.right) / 2, y: box.bottom + 39, "text-anchor": "middle" }, `${label} / ${unit}`));
}
