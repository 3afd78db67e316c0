"""Write the histograms of a refinement, and the phases in them, as cards of a GSAS experiment file.

GSAS keeps all widths with each phase, so that instrument and crystallites go into one set of coefficients.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from math import degrees, pi, radians, sin

import numpy as np
from numpy.typing import NDArray

from anatase.io.foreign import ForeignBank, ForeignDiffractometer, ForeignHistogram, ForeignPart, ForeignPhase
from anatase.io.gsas_exp_histograms import CW_PARAMETERS, TOF_PARAMETERS
from anatase.io.gsas_prm import ANODE_OF
from anatase.io.gsas_profile import CENTIDEGREE, CW_FUNCTIONS, TOF_FUNCTIONS, VARIANCE
from anatase.io.gsas_scale import scale_unit
from anatase.io.gsas_write_prm import (
    bank_cards,
    card,
    coefficient_cards,
    constants_card,
    cw_coefficients,
    profile_cards,
    tof_coefficients,
)
from anatase.pattern.background_model import BackgroundModel, chebyshev_columns
from anatase.pattern.tof_profile import TofProfile

__all__ = ["histogram_cards", "part_cards", "shared_profile_cards"]

Array = NDArray[np.float64]

MICROMETRE = 1e4  # Å
MILLISECOND = 1000.0  # µs
MOST_TERMS, CLOSE = 24, 1e-3  # Chebyshev terms for another background, and the share of it that they may miss
HIGHEST = 1000.0  # °2θ or ms, beyond all data
GROUPS = 10  # of constraints on one card
# what of the crystallites adds to a coefficient
OWN = {"LX": "size", "GP": "size", "LY": "strain", "GU": "strain", "gam-2": "size", "gam-1": "strain"}


def histogram_cards(
    histogram: ForeignHistogram, number: int, phases: Sequence[ForeignPhase], free: Collection[str], missing: list[str]
) -> list[str]:
    """Return the cards of a histogram; what GSAS has none for is added to ``missing``.

    Raises
    ------
    InputError
        For radiations, or terms of a bank, that GSAS does not have.
    """
    stem, name, beam = f"HST{number:>3}", histogram.name, histogram.beam
    present = ["1" if name in phase.parts else "0" for phase in phases]
    modes = [2 if name in phase.parts and phase.mode != "rietveld" else 0 for phase in phases]
    if any(phase.mode == "pawley" and name in phase.parts for phase in phases):
        missing.append("Pawley's least squares of intensities, written as Le Bail's extraction")
    lines = [
        card(f"{stem}  HFIL", f"  {histogram.data_file or name}"),
        card(f"{stem}  HNAM", f"  {name}"),
        card(f"{stem} BANK", f"{histogram.bank:5d}"),
        card(f"{stem} NPHAS", "".join(f"{flag:>5}" for flag in (*present, *"000000000"))[:45]),
        card(f"{stem} EPHAS", "".join(f"{mode:5d}" for mode in (*modes, *[0] * 9))[:45] + "    Y"),
        card(f"{stem}ABSCOR", f"{0.0:15.6E}{0.0:15.6E}    N    0"),
        card(f"{stem}HSCALE", f"{1.0:15.6E}    N    0"),
    ]
    flags = "".join(letter if f"{name}.{one}" in free else " " for one, letter in _flagged(beam))
    if isinstance(beam, ForeignBank):
        lines += bank_cards(stem, beam, f"  {flags}")
    else:
        tubes = {tube: code for code, tube in ANODE_OF.items()}
        lines.append(constants_card(f"{stem} ICONS", beam.radiation, beam.instrument.zero, f"  {flags}"))
        lines.append(card(f"{stem} IRAD", f"{tubes.get(beam.radiation.name, 0):5d}"))
        lines.append(card(f"{stem}I ITYP", f"{0:5d}{0.0:10.4f}{180.0:10.4f}{1:10d}"))
        if beam.instrument.displacement_across:
            missing.append(f"{name}: displacement of the capillary across the beam")
    return lines + _background_cards(stem, histogram, free, missing)


def _flagged(beam: ForeignDiffractometer | ForeignBank) -> tuple[tuple[str, str], ...]:
    """Return the constants that columns 33 to 35 of ICONS flag, and their letters."""
    if isinstance(beam, ForeignBank):
        return ("difc", "C"), ("difa", "A"), ("zero", "Z")
    return ("wavelength", "L"), ("polarization", "P"), ("zero", "Z")


def _background_cards(stem: str, histogram: ForeignHistogram, free: Collection[str], missing: list[str]) -> list[str]:
    """Return the cards of background, range and what is left out; lengths of time in ms."""
    name, beam = histogram.name, histogram.beam
    time_of_flight = isinstance(beam, ForeignBank)
    unit = MILLISECOND if time_of_flight else 1.0
    model = histogram.background
    ends = model.limits if model is not None else histogram.limits or (5.0 * unit, 150.0)
    limits = histogram.limits or ends
    kind, values = (1, [0.0]) if model is None else _background(model, beam, f"{name}: background", missing)
    flag = "Y" if any(one.startswith(f"{name}.background.") for one in free) else "N"
    if isinstance(beam, ForeignBank):
        shortest = ends[0] / beam.bank.difc
    else:
        shortest = beam.radiation.wavelength / (2.0 * sin(radians(min(ends[1], 179.0)) / 2.0))
    left_out = [(0.0, limits[0]), *sorted(histogram.excluded), (limits[1], HIGHEST * unit)]
    lines = [
        card(f"{stem} TRNGE", f"{ends[0] / unit:10.5f}{ends[1] / unit:10.5f}"),
        card(f"{stem} NREF", f"{0:5d}{shortest:10.4f}    N    Y"),
        card(f"{stem} NEXC", f"{len(left_out):5d}"),
        card(f"{stem}BAKGD ", f"{kind:5d}{len(values):5d}    {flag}    0    Y"),
        *coefficient_cards(f"{stem}BAKGD", values),
    ]
    for index, (low, high) in enumerate(left_out, start=1):
        lines.append(card(f"{stem}EXC{index:>3}", f"{low / unit:10.4f}{high / unit:10.4f}"))
    return lines


def _background(
    model: BackgroundModel, beam: ForeignDiffractometer | ForeignBank, what: str, missing: list[str]
) -> tuple[int, list[float]]:
    """Return function and coefficients: 1 a Chebyshev polynomial, 7 evenly spaced nodes; others become the first."""
    plain = not (model.inverse or model.debye or model.humps)
    if plain and not model.nodes:
        return 1, list(model.chebyshev) or [0.0]
    even = np.linspace(*model.limits, max(len(model.nodes), 2))
    if plain and model.interpolation == "linear" and not model.chebyshev and np.allclose(model.nodes, even):
        return 7, list(model.heights)
    x = np.linspace(*model.limits, 400)
    if isinstance(beam, ForeignBank):
        q = np.asarray(2.0 * pi / beam.bank.d_spacing(x))
    else:
        q = np.asarray(4.0 * pi * np.sin(np.radians(x) / 2.0) / beam.radiation.wavelength)
    curve = model.intensity(x, q)
    best: Array = np.zeros(1)
    for terms in range(max(len(model.chebyshev), 1), MOST_TERMS + 1):
        columns = chebyshev_columns(x, terms, model.limits)
        best = np.asarray(np.linalg.lstsq(columns, curve, rcond=None)[0], dtype=np.float64)
        if np.abs(columns @ best - curve).max() < CLOSE * np.abs(curve).mean():
            break
    missing.append(f"{what} with other terms, written as {best.size} Chebyshev terms")
    return 1, [float(value) for value in best]


def part_cards(
    phase: ForeignPhase, histogram: ForeignHistogram, stem: str, free: Collection[str], missing: list[str]
) -> list[str]:
    """Return the cards of a phase in a histogram; ``stem`` begins them, as ``HAP1 1``."""
    part, name = phase.parts[histogram.name], f"{phase.name}.{histogram.name}"
    share = part.scale / scale_unit(histogram.beam, phase.structure.lattice.volume)
    sample = part.sample
    scaled = "Y" if f"{name}.scale" in free else "N"
    blocks = "Y" if f"{name}.extinction" in free else "N"
    lines = [
        card(f"{stem}PHSFR", f"{share:15.6E}    {scaled}    0"),
        card(f"{stem}EXTPOW", f"{(part.extinction / MICROMETRE) ** 2:15.6E}    {blocks}    0"),
    ]
    single = () if sample.texture_axis is None else ((sample.texture_axis, sample.march_r, 1.0),)
    axes = sample.textures or single or (((0, 0, 1), 1.0, 1.0),)
    lines.append(card(f"{stem}NAXIS", f"{len(axes):5d}"))
    for index, (hkl, ratio, weight) in enumerate(axes):
        suffix = str(index) if sample.textures else ""
        flags = "".join("Y" if f"{name}.march_{one}{suffix}" in free else "N" for one in ("r", "share"))
        numbers = "".join(f"{value:10.6f}" for value in (ratio, weight, *hkl))
        lines.append(card(f"{stem}PREFO{index + 1}", f"{numbers}   {flags}    0    0"))
    left = {
        "anisotropic strain": sample.stephens, "size along an axis": sample.size_across, "harmonics": sample.harmonics,
        "absorption": sample.absorption, "roughness": sample.roughness, "stacking faults": sample.has_faults,
        "strain of the cell": part.lattice_strain,
    }  # fmt: skip
    missing += [f"{name}: {what}" for what, value in left.items() if value]
    names, values, wanted = _profile(histogram, part, name, free, missing)
    flags = f"{0:5d}" + "".join("Y" if one in wanted else "N" for one in names)
    return lines + profile_cards(f"{stem}PRCF ", f"{stem}PRCF", names, values, flags)


def _profile(
    histogram: ForeignHistogram, part: ForeignPart, name: str, free: Collection[str], missing: list[str]
) -> tuple[tuple[str, ...], dict[str, float], set[str]]:
    """Return the names of a profile function's coefficients, their values, and which are refined."""
    beam, sample = histogram.beam, part.sample
    of_size, of_strain = f"{name}.size" in free, f"{name}.strain" in free
    if isinstance(beam, ForeignBank):
        table = TOF_PARAMETERS
        constant, linear, square = (beam.profile or TofProfile()).gamma
        linear += 2.0 * sample.strain * beam.bank.difc
        square += 0.0 if sample.size is None else sample.shape_factor * beam.bank.difc / sample.size
        function, values = tof_coefficients(replace(beam.profile or TofProfile(), gamma=(constant, linear, square)))
        names = TOF_FUNCTIONS[function]
        wanted = ({"gam-2"} if of_size else set()) | ({"gam-1"} if of_strain else set())
    else:
        table, names, instrument = CW_PARAMETERS, CW_FUNCTIONS[3], beam.instrument
        if instrument.lorentz_z:
            missing.append(f"{histogram.name}: constant Lorentzian width")
        values = cw_coefficients(replace(beam, instrument=replace(instrument, lorentz_z=0.0)))
        size = 0.0 if sample.size is None else degrees(sample.shape_factor * beam.radiation.wavelength / sample.size)
        strain, g, h = degrees(4.0 * sample.strain), sample.size_gauss_share, sample.strain_gauss_share
        values["LX"] += size * (1.0 - g) / CENTIDEGREE
        values["LY"] += strain * (1.0 - h) / CENTIDEGREE
        values["GP"] = (size * g) ** 2 / VARIANCE
        values["GU"] += (strain * h) ** 2 / VARIANCE
        if instrument.geometry == "bragg_brentano":
            values["shft"] = 36000.0 * instrument.displacement / (pi * instrument.radius)
            values["trns"] = 9000.0 * instrument.penetration / (pi * instrument.radius)
        else:
            values["trns"] = degrees(instrument.displacement / instrument.radius) / CENTIDEGREE
        wanted = {one for one, flag in (("LX", of_size and g < 1.0), ("GP", of_size and g > 0.0)) if flag}
        wanted |= {one for one, flag in (("LY", of_strain and h < 1.0), ("GU", of_strain and h > 0.0)) if flag}
    wanted |= {one for one, ours in table.items() if one in names and f"{histogram.name}.{ours}" in free}
    return names, values, wanted


def shared_profile_cards(
    histograms: Sequence[ForeignHistogram], phases: Sequence[ForeignPhase], free: Collection[str]
) -> list[str]:
    """Return the cards that keep refined widths of the instrument the same for all phases of a histogram."""
    groups: dict[int, list[int]] = {}
    for number, histogram in enumerate(histograms, start=1):
        present = [phase for phase in phases if histogram.name in phase.parts]
        bank = isinstance(histogram.beam, ForeignBank)
        table = TOF_PARAMETERS if bank else CW_PARAMETERS
        for term, one in enumerate(TOF_FUNCTIONS[3] if bank else CW_FUNCTIONS[3], start=1):
            own = [f"{phase.name}.{histogram.name}.{OWN.get(one)}" for phase in present]
            shared = len(present) > 1 and f"{histogram.name}.{table.get(one)}" in free
            if shared and not any(name in free for name in own):
                groups.setdefault(term, []).append(number)
    lines = []
    for term, numbers in sorted(groups.items()):
        # a card counts the lines of ten groups; the first has the number of groups in place of group 0
        counts = [len(numbers), *[1] * len(numbers)]
        for block in range(0, len(counts), GROUPS):
            key = f"LEQV PF{term:>2}  {block // GROUPS or ' '}"
            lines.append(card(key, "".join(f"{count:5d}" for count in counts[block : block + GROUPS])))
        for group, number in enumerate(numbers, start=1):
            lines.append(card(f"LEQV PF{term:>2}{group:>2}1", f"  {f'ALL,{number}':<10}{1.0:9.3f}"))
    return lines
