// Axes: conversions between 2θ, d and Q; intensity scales; tick positions.

const RADIAN = Math.PI / 180;
const AXES = {
  two_theta: { label: "2θ", unit: "°", fromD: (d, wavelength) => (2 / RADIAN) * Math.asin(wavelength / (2 * d)) },
  d: { label: "d", unit: "Å", fromD: (d) => d },
  q: { label: "Q", unit: "Å⁻¹", fromD: (d) => (2 * Math.PI) / d },
  tof: { label: "Time of flight", unit: "µs" },
};
const TO_D = {
  two_theta: (x, wavelength) => wavelength / (2 * Math.sin((x / 2) * RADIAN)),
  d: (x) => x,
  q: (x) => (2 * Math.PI) / x,
};

// Which axes a pattern can be drawn on: Bragg's law needs a wavelength, times of flight a calibration.
function drawableAxes(axis, wavelength) {
  if (axis === "tof") return ["tof"];
  if (axis === "two_theta") return wavelength ? ["two_theta", "d", "q"] : ["two_theta"];
  return wavelength ? ["two_theta", "d", "q"] : ["d", "q"];
}

function convert(x, from, to, wavelength) {
  return from === to ? x : AXES[to].fromD(TO_D[from](x, wavelength), wavelength);
}

const SCALES = {
  linear: { forward: (y) => y, label: "" },
  sqrt: { forward: (y) => Math.sign(y) * Math.sqrt(Math.abs(y)), label: " (square-root scale)" },
  log: { forward: (y) => Math.log10(y), label: " (logarithmic scale)" },
};

// Steps of 1, 2 or 5 times a power of ten, about `target` of them between low and high.
function linearTicks(low, high, target) {
  const raw = (high - low) / Math.max(1, target);
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  const lead = raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10;
  const step = lead * power;
  const parts = lead === 2 ? 4 : 5;
  return { major: multiples(low, high, step), minor: multiples(low, high, step / parts), decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

function multiples(low, high, step) {
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step);
  return ticks;
}

function logTicks(low, high) {
  const ticks = { major: [], minor: [] };
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (let lead = 1; lead < 10; lead++) {
      const value = lead * Math.pow(10, power);
      if (value >= low && value <= high) ticks[lead === 1 ? "major" : "minor"].push(value);
    }
  }
  if (ticks.major.length < 2) ticks.major = ticks.major.concat(ticks.minor.filter((v) => /^[25]/.test(v.toExponential())));
  return ticks;
}

// Round values spread so that neighbours stand at least `gap` pixels apart on the square-root axis.
function sqrtTicks(low, high, position, gap) {
  const leads = [1, 2, 5];
  const values = [];
  for (let power = Math.floor(Math.log10(high)) - 4; power <= Math.log10(high); power++) {
    for (const lead of leads) values.push(lead * Math.pow(10, power));
  }
  const step = linearTicks(low, high, 6).major;
  const wanted = values.concat(step).filter((v) => v >= low && v <= high).sort((a, b) => b - a);
  const major = low <= 0 ? [0] : [];
  for (const value of wanted) {
    if (major.every((other) => Math.abs(position(other) - position(value)) >= gap)) major.push(value);
  }
  return { major, minor: [] };
}

function formatNumber(value, decimals) {
  if (value !== 0 && Math.abs(value) >= 1e6) return value.toExponential(1).replace("e+", "×10^").replace(/\^(\d+)/, (_, p) => superscript(p));
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split(".");
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") : whole;
  return (value < 0 && Number(value.toFixed(decimals)) !== 0 ? "−" : "") + grouped + (fraction ? `.${fraction}` : "");
}

function superscript(digits) {
  return [...digits].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]).join("");
}
