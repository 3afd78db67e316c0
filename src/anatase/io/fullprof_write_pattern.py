"""Patterns as they stand in FullProf control files: optics, range, background, shifts."""

from __future__ import annotations

from math import degrees

import numpy as np

from anatase.io.foreign import ForeignBank, ForeignHistogram, ForeignRefinement
from anatase.io.fullprof_codes import Codewords
from anatase.io.fullprof_write_phase import numbers_and_codes
from anatase.io.fullprof_write_tof import bank_shift_line, keep_bank
from anatase.io.tied_values import TiedValues
from anatase.pattern.pattern import Array
from anatase.scattering.lorentz_polarization import effective_polarization
from anatase.scattering.radiation import Radiation

__all__ = [
    "background_kind",
    "data_file",
    "job_and_geometry",
    "keep_histogram",
    "optics_lines",
    "point_lines",
    "range_text",
    "shift_lines",
    "texture_function",
]

DEFAULT_RANGE = (5.0, 120.0)
DEFAULT_STEP = 0.02
POWERS = 12  # coefficients that FullProf's longer polynomial has
POINTS = 40  # that stand for a background which is no polynomial


def data_file(histogram: ForeignHistogram) -> str:
    """Return the data file of a pattern, by its name where none is known."""
    return histogram.data_file or f"{histogram.name}.dat"


def keep_histogram(tied: TiedValues, histogram: ForeignHistogram) -> None:
    """Keep zero error and shifts: SyCos cos θ + SySin sin 2θ of a plate, SySin sin 2θ of a capillary."""
    name, beam = histogram.name, histogram.beam
    if isinstance(beam, ForeignBank):
        keep_bank(tied, histogram, beam)
        return
    instrument = beam.instrument
    rate = -degrees(1.0) / instrument.radius
    tied.keep(f"{name}.zero", instrument.zero)
    flat = instrument.geometry == "bragg_brentano"
    per_mm = 2.0 * rate if flat else rate
    tied.keep(f"{name}.displacement", per_mm * instrument.displacement + 0.0, 1.0 / per_mm)
    tied.keep(f"{name}.penetration", rate / 2.0 * instrument.penetration + 0.0, 2.0 / rate)
    for word in ("gauss_u", "gauss_v", "gauss_w", "lorentz_x", "lorentz_y", "s_over_l", "h_over_l"):
        tied.keep(f"{name}.{word}", getattr(instrument, word))
    tied.keep(f"{name}.wavelength", beam.radiation.wavelength)


def _two_lines(radiation: Radiation, missing: list[str]) -> tuple[float, float, float]:
    """Return λ1, λ2 and their ratio; of more lines those nearer to either of the two strongest are joined."""
    lines = sorted(radiation.lines, key=lambda line: -line[1])
    if len(lines) == 1:
        return lines[0][0], lines[0][0], 1.0
    if len(lines) == 2:
        return lines[0][0], lines[1][0], lines[1][1] / lines[0][1]
    missing.append("the shape of the emission lines; two sharp ones stand for them")
    first = lines[0][0]
    second = next((place for place, _ in lines if abs(place - first) > 1e-3 * first), lines[1][0])
    groups: list[list[tuple[float, float]]] = [[], []]
    for place, weight in lines:
        groups[abs(place - second) < abs(place - first)].append((place, weight))
    means = [sum(p * w for p, w in group) / sum(w for _, w in group) for group in groups]
    weights = [sum(w for _, w in group) for group in groups]
    return means[0], means[1], weights[1] / weights[0]


def job_and_geometry(histogram: ForeignHistogram) -> tuple[int, int]:
    """Return Job and Ilo: X-rays, neutrons or time of flight, geometry."""
    beam = histogram.beam
    if isinstance(beam, ForeignBank):
        return -1, 0
    return int(beam.radiation.probe == "neutron"), 2 if beam.instrument.geometry == "transmission" else 0


def background_kind(histogram: ForeignHistogram) -> int:
    """Return Nba: a polynomial of 6 or 12 powers, or points joined by lines (> 0) or splines (< 0)."""
    model = histogram.background
    if model is None or not (
        model.nodes or model.inverse or model.debye or model.humps or len(model.chebyshev) > POWERS
    ):
        return 0 if model is None or len(model.chebyshev) <= POWERS // 2 else -3
    plain = model.nodes and not (model.chebyshev or model.inverse or model.debye or model.humps)
    if plain:
        return -len(model.nodes) if model.interpolation == "cubic" and len(model.nodes) > 4 else len(model.nodes)
    return POINTS


def _ends(histogram: ForeignHistogram) -> tuple[float, float]:
    model = histogram.background
    return histogram.limits or (model.limits if model is not None else DEFAULT_RANGE)


def optics_lines(
    refinement: ForeignRefinement, histogram: ForeignHistogram, number: int, missing: list[str]
) -> list[str]:
    """Return wavelengths, monochromator and absorption; of time of flight where the background polynomial starts."""
    beam = histogram.beam
    if isinstance(beam, ForeignBank):
        return [f"! Bkpos   Wdt  Iabscor  -> Patt# {number}", f" {_origin(histogram):.4f} 20.00 0"]
    first, second, ratio = _two_lines(beam.radiation, missing)
    parts = [phase.parts[histogram.name] for phase in refinement.phases if histogram.name in phase.parts]
    mu_r = next((part.sample.absorption for part in parts if part.sample.absorption is not None), 0.0)
    polarization = effective_polarization(beam.radiation)
    return [
        f"! Lambda1  Lambda2    Ratio    Bkpos    Wdt    Cthm     muR   AsyLim   Rpolarz  2nd-muR -> Patt# {number}",
        f" {first:.7f} {second:.7f} {ratio:.7f} {_origin(histogram):.4f} 15.0000 {polarization:.8f} {mu_r:.6f} 160.00"
        "  0.0000  0.0000",
    ]


def _origin(histogram: ForeignHistogram) -> float:
    return round(sum(_ends(histogram)) / 2.0, 4)


def range_text(histogram: ForeignHistogram) -> str:
    """Return Thmin, Step, Thmax, PSD and Sent0."""
    low, high = _ends(histogram)
    step = DEFAULT_STEP
    if histogram.pattern is not None and len(histogram.pattern) > 1:
        step = float(np.median(np.diff(histogram.pattern.x)))
    return f"{low:.6f} {step:.6f} {high:.6f}   0.000   0.000"


def texture_function(refinement: ForeignRefinement, histogram: ForeignHistogram) -> int:
    """Return Nor: 1 for March's function where a phase has a texture."""
    samples = [phase.parts[histogram.name].sample for phase in refinement.phases if histogram.name in phase.parts]
    return int(any(sample.texture_axis is not None or sample.textures for sample in samples))


def point_lines(codes: Codewords, histogram: ForeignHistogram) -> list[str]:
    """Return the points of a background that is no polynomial, and the excluded regions."""
    model, lines = histogram.background, []
    if model is not None and background_kind(histogram) not in (0, -3):
        if abs(background_kind(histogram)) == len(model.nodes) and not model.chebyshev:
            places, heights = np.array(model.nodes), np.array(model.heights)
            words = [codes.of(f"{histogram.name}.background.height_{k}") for k in range(len(places))]
        else:
            places = np.linspace(*_ends(histogram), POINTS)
            heights, words = model.intensity(places, _q(histogram, places)), POINTS * [0.0]
        lines.append("!2Theta/TOF/E(Kev)   Background")
        lines += [f"  {x:.5f} {y:.6f} {c:.6f}" for x, y, c in zip(places, heights, words, strict=True)]
    if histogram.excluded:
        lines.append("! Excluded regions (LowT  HighT)")
    return lines + [f"  {low:.5f} {high:.5f}" for low, high in histogram.excluded]


def _q(histogram: ForeignHistogram, places: Array) -> Array:
    if isinstance(histogram.beam, ForeignBank):
        return np.asarray(2.0 * np.pi / histogram.beam.bank.d_spacing(places))
    wavelength = histogram.beam.radiation.wavelength
    return np.asarray(4.0 * np.pi / wavelength * np.sin(np.radians(places / 2.0)))


def shift_lines(codes: Codewords, histogram: ForeignHistogram, missing: list[str]) -> list[str]:
    """Return zero error and shifts, and the background polynomial."""
    name, values, beam = histogram.name, codes.tied.values, histogram.beam
    if isinstance(beam, ForeignBank):
        return bank_shift_line(codes, histogram, beam, missing) + _power_lines(codes, histogram, missing)
    instrument = beam.instrument
    flat = instrument.geometry == "bragg_brentano"
    sycos = f"{name}.displacement" if flat else ""
    sysin = f"{name}.penetration" if flat else f"{name}.displacement"
    if instrument.geometry == "transmission":
        sysin = ""
    words = [f"{values[f'{name}.zero']:.8f} {codes.of(f'{name}.zero'):.6f}"]
    words += [f"{values.get(one, 0.0):.8f} {codes.of(one):.6f}" for one in (sycos, sysin)]
    words.append(f"{values[f'{name}.wavelength']:.7f} {codes.of(f'{name}.wavelength'):.6f} 0")
    lines = ["!  Zero    Code    SyCos    Code   SySin    Code  Lambda     Code MORE", "  " + "  ".join(words)]
    for word, there in (
        ("fixed incidence", instrument.incidence is not None),
        ("sideways displacement", instrument.displacement_across != 0.0),
        ("constant Lorentzian width", instrument.lorentz_z != 0.0),
        ("displacement in transmission", instrument.geometry == "transmission" and instrument.displacement != 0.0),
    ):
        if there:
            missing.append(f"the {word} of {name}")
    return lines + _power_lines(codes, histogram, missing)


def _power_lines(codes: Codewords, histogram: ForeignHistogram, missing: list[str]) -> list[str]:
    """Return the coefficients of powers of T/Bkpos − 1, six or twelve."""
    kind, model = background_kind(histogram), histogram.background
    if kind not in (0, -3):
        if model is not None and kind == POINTS and len(model.nodes) != POINTS:
            missing.append(f"the background of {histogram.name} as it is; points stand for it")
        return []
    count = 6 if kind == 0 else POWERS
    powers, free = np.zeros(count), 0
    if model is not None and model.chebyshev:
        middle, half = sum(model.limits) / 2.0, (model.limits[1] - model.limits[0]) / 2.0
        origin = _origin(histogram)
        scaled = np.polynomial.Polynomial([(origin - middle) / half, origin / half])
        found = np.polynomial.Polynomial(np.polynomial.chebyshev.cheb2poly(np.array(model.chebyshev)))(scaled).coef
        powers[: found.size] = found
        names = [f"{histogram.name}.background.chebyshev_{k}" for k in range(len(model.chebyshev))]
        free = max((k + 1 for k, name in enumerate(names) if name in codes.tied.refinement.free), default=0)
    words = [codes.alone(f"{histogram.name} background {k}") if k < free else 0.0 for k in range(count)]
    lines = ["!   Background coefficients/codes"]
    for start in range(0, count, 6):
        lines += numbers_and_codes(powers[start : start + 6].tolist(), words[start : start + 6])
    return lines
