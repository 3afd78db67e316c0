// Curves: unpacking, resorting by axis, and thinning to what the pixels can show.

function unpack(text, Type) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let k = 0; k < binary.length; k++) bytes[k] = binary.charCodeAt(k);
  return new Type(bytes.buffer);
}

function unpackPhase(phase, count) {
  const coded = unpack(phase.profile, Uint16Array);
  const profile = new Float64Array(count);
  for (let k = 0; k < count; k++) profile[k] = phase.top * Math.pow(coded[k] / 65535, 2);
  return { ...phase, profile };
}

// All curves in the order of increasing x on the chosen axis; points without a place on it are left out.
function curvesOn(axis, data) {
  const places = Array.from(data.x, (x) => convert(x, data.axis, axis, data.wavelength));
  const order = places.map((_, k) => k).filter((k) => Number.isFinite(places[k]));
  order.sort((a, b) => places[a] - places[b]);
  const pick = (curve) => Float64Array.from(order, (k) => curve[k]);
  return {
    x: Float64Array.from(order, (k) => places[k]),
    observed: pick(data.observed),
    sigma: pick(data.sigma),
    calculated: pick(data.calculated),
    background: pick(data.background),
    profiles: data.phases.map((phase) => pick(phase.profile)),
    ticks: data.phases.map((phase) => phase.ticks.map((tick) => ({ tick, x: convert(tick[3], data.axis, axis, data.wavelength) }))),
    unexplained: data.unexplained.map(([position, d]) => ({ d, x: convert(position, data.axis, axis, data.wavelength) })),
  };
}

function firstAtLeast(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nearestIndex(sorted, value) {
  const after = firstAtLeast(sorted, value);
  if (after === 0) return 0;
  if (after === sorted.length) return sorted.length - 1;
  return value - sorted[after - 1] < sorted[after] - value ? after - 1 : after;
}

// A line through points that are denser than pixels: first, lowest, highest and last of each half pixel.
function linePath(xs, ys, from, to, placeX, placeY) {
  const parts = [];
  let k = from;
  while (k < to) {
    const column = Math.floor(placeX(xs[k]) * 2);
    let [lowest, highest, last] = [k, k, k];
    while (last + 1 < to && Math.floor(placeX(xs[last + 1]) * 2) === column) {
      last++;
      if (ys[last] < ys[lowest]) lowest = last;
      if (ys[last] > ys[highest]) highest = last;
    }
    for (const j of [...new Set([k, lowest, highest, last])].sort((a, b) => a - b)) {
      parts.push(`${placeX(xs[j]).toFixed(2)} ${placeY(ys[j]).toFixed(2)}`);
    }
    k = last + 1;
  }
  return parts.length ? `M${parts.join("L")}` : "";
}

// Points as dots of a round-capped path, at most one to a cell of 0.7 × 0.7 pixels.
function dotPath(xs, ys, from, to, placeX, placeY) {
  const parts = [];
  let column = NaN;
  let taken = new Set();
  for (let k = from; k < to; k++) {
    const [x, y] = [placeX(xs[k]), placeY(ys[k])];
    if (Math.floor(x / 0.7) !== column) {
      column = Math.floor(x / 0.7);
      taken = new Set();
    }
    const row = Math.floor(y / 0.7);
    if (taken.has(row)) continue;
    taken.add(row);
    parts.push(`M${x.toFixed(1)} ${y.toFixed(1)}h0`);
  }
  return parts.join("");
}
