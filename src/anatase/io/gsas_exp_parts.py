"""What a phase is like in one histogram of a GSAS experiment file: scale, texture, extinction, its own line widths."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import Any

from anatase.errors import InputError, PhysicsError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer, ForeignPart, SharedShift
from anatase.io.gsas_cards import Cards
from anatase.io.gsas_exp_histograms import CW_PARAMETERS, TOF_PARAMETERS, PhaseProfile
from anatase.io.gsas_exp_phases import ExpPhase
from anatase.io.gsas_profile import cw_terms
from anatase.io.gsas_scale import free_scales, scale_unit
from anatase.io.phase_widths import PhaseWidths, crystallite_sample, shared_out
from anatase.simulation.sample import Sample

__all__ = ["parts_of", "profile_constraints", "profile_parameters", "widths_by_phase"]

Beam = ForeignDiffractometer | ForeignBank

MICROMETRE = 1e4  # Å
SHARED = re.compile(r"LEQV PF([ \d]\d)([ \d]\d)\d")  # term, group, line
KIND = re.compile(r"LEQV ([A-Z]+)")
ITEM = re.compile(r"\s*(ALL|\d+),(ALL|\d+(?::\d+)?)\s+(-?[\d.]+)")
# widths that make the crystallites of a phase where another phase has less of them
OF_SIZE, OF_STRAIN = frozenset({"LX", "gam-2"}), frozenset({"GU", "LY", "gam-1"})


def widths_by_phase(beam: Beam, profiles: Sequence[PhaseProfile]) -> tuple[Beam, tuple[Sample, ...], tuple[str, ...]]:
    """Return the beam with the widths that all phases share, the samples that make up for the rest, and warnings.

    GSAS keeps all widths with each phase. Here the instrument takes the least of those that size (LX, γ2) and strain
    (GU, LY, γ1) add to; what a phase has more is size with K = 1, or strain.
    """
    if len(profiles) < 2:
        return beam, tuple(Sample() for _ in profiles), ()
    if isinstance(beam, ForeignBank):
        return _banks_widths(beam, profiles)
    names = ("gauss_u", "gauss_v", "gauss_w", "lorentz_x", "lorentz_y")
    terms = [cw_terms(profile.coefficients)[0] for profile in profiles]
    kept, added, whole = shared_out([PhaseWidths(**{name: one[name] for name in names}) for one in terms])
    wavelength = beam.radiation.wavelength
    samples = tuple(crystallite_sample(Sample(), one, wavelength, shape_factor=1.0) for one in added)
    instrument = replace(beam.instrument, **{name: getattr(kept, name) for name in names})
    told = () if whole else ("GV or GW differ between the phases; took those of the first",)
    return replace(beam, instrument=instrument), samples, told


def _banks_widths(
    beam: ForeignBank, profiles: Sequence[PhaseProfile]
) -> tuple[Beam, tuple[Sample, ...], tuple[str, ...]]:
    if beam.profile is None:
        return beam, tuple(Sample() for _ in profiles), ()
    gammas = [(one.coefficients.get("gam-1", 0.0), one.coefficients.get("gam-2", 0.0)) for one in profiles]
    linear, square = (min(column) for column in zip(*gammas, strict=True))
    difc, samples = beam.bank.difc, []
    for of_strain, of_size in gammas:
        size = difc / (of_size - square) if of_size > square else None
        samples.append(Sample(size=size, shape_factor=1.0, strain=(of_strain - linear) / (2.0 * difc)))
    others = [{k: v for k, v in one.coefficients.items() if k in TOF_PARAMETERS and k[:3] != "gam"} for one in profiles]
    told = () if all(one == others[0] for one in others) else ("profiles differ between the phases; took the first",)
    profile = replace(beam.profile, gamma=(beam.profile.gamma[0], linear, square))
    return replace(beam, profile=profile), tuple(samples), told


def profile_parameters(
    profile: PhaseProfile, sample: Sample, phase: str, histogram: str, time_of_flight: bool
) -> dict[str, str]:
    """Return the parameter here of each profile coefficient that has one, by the coefficient's name."""
    table = TOF_PARAMETERS if time_of_flight else CW_PARAMETERS
    found = {}
    for name, value in profile.coefficients.items():
        if name == "asym" and value <= 0.0:
            continue  # no axial divergence is as asymmetric, and none grows out of zero
        if name in OF_SIZE and sample.size is not None:
            found[name] = f"{phase}.{histogram}.size"
        elif name in OF_STRAIN and sample.strain > 0.0:
            found[name] = f"{phase}.{histogram}.strain"
        elif name in table:
            found[name] = f"{histogram}.{table[name]}"
    return found


def profile_constraints(
    cards: Cards, parameters: Mapping[tuple[int, int], tuple[Sequence[str], Mapping[str, str]]], free: Container[str]
) -> tuple[tuple[SharedShift, ...], tuple[str, ...]]:
    """Return the shifts that free profile terms share (``LEQV PF`` cards: phase, histogram, multiplier), and warnings.

    ``parameters`` hold, by phase and histogram, the names of the terms in their order, and the parameter of each.
    """
    groups: dict[tuple[int, int], list[tuple[float, str]]] = {}
    for key in sorted(cards):
        match = SHARED.fullmatch(key)
        if match is None:
            continue
        term = int(match.group(1))
        group = groups.setdefault((term, int(match.group(2))), [])
        for phase, histogram, factor in ITEM.findall(cards.text(key)):
            for (p, h), (names, places) in parameters.items():
                wanted = phase in ("ALL", str(p)) and _within(h, histogram) and term <= len(names)
                if wanted and names[term - 1] in places:
                    group.append((float(factor), places[names[term - 1]]))
    shared = []
    for terms in groups.values():
        unique = {term: None for term in terms if term[1] in free}
        if len({name for _, name in unique}) > 1:
            shared.append(SharedShift(tuple(unique)))
    others = sorted({match.group(1) for key in cards if (match := KIND.match(key))} - {"PF", "HOLD"})
    return tuple(shared), tuple(f"constraints of kind {kind} are not taken over" for kind in others)


def _within(histogram: int, text: str) -> bool:
    if text == "ALL":
        return True
    low, _, high = text.partition(":")
    return int(low) <= histogram <= int(high or low)


def parts_of(
    cards: Cards, number: int, name: str, beam: Beam, phases: Sequence[ExpPhase], samples: Sequence[Sample]
) -> tuple[dict[str, ForeignPart], frozenset[str], tuple[SharedShift, ...], tuple[str, ...]]:
    """Return the part of each phase in histogram ``number``, what is free of it, shared shifts, and warnings."""
    parts, free, warnings = {}, set(), []
    fractions: dict[str, tuple[float, bool]] = {}
    whole = cards.column(f"HST{number:>3}HSCALE", 0, 15)
    factor = 1.0 if whole is None else whole
    for phase, sample in zip(phases, samples, strict=True):
        stem = f"HAP{phase.number}{number:>2}"
        share = cards.column(f"{stem}PHSFR", 0, 15)
        flagged = cards.text(f"{stem}PHSFR")[19:20].upper() == "Y"
        scale = factor * (1.0 if share is None else share) * scale_unit(beam, phase.structure.lattice.volume)
        fractions[f"{phase.name}.{name}.scale"] = (scale, flagged)
        texture, refined, told = _texture(cards, stem)
        extinction = max(cards.column(f"{stem}EXTPOW", 0, 15) or 0.0, 0.0)
        if extinction and cards.text(f"{stem}EXTPOW")[19:20].upper() == "Y":
            refined.append("extinction")
        try:
            whole_sample = replace(sample, **texture)
        except (InputError, PhysicsError) as error:
            told, whole_sample, refined = (*told, f"texture left out: {error}"), sample, []
        parts[phase.name] = ForeignPart(scale, whole_sample, sqrt(extinction) * MICROMETRE)
        free |= {f"{phase.name}.{name}.{one}" for one in refined}
        warnings += [f"{phase.name} in {name}: {warning}" for warning in told]
    scaled = cards.text(f"HST{number:>3}HSCALE")[19:20].upper() == "Y"
    free_here, shared = free_scales(fractions, scaled)
    return parts, free_here | free, shared, tuple(warnings)


def _texture(cards: Cards, stem: str) -> tuple[dict[str, Any], list[str], tuple[str, ...]]:
    """Return the texture of a sample, names of its refined parameters, and warnings.

    ``PREFO`` cards hold March's ratio, the share of the crystallites, h, k, l, and two flags.
    """
    axes, flags = [], []
    for index in range(1, int(cards.column(f"{stem}NAXIS", 0, 5) or 1) + 1):
        key = f"{stem}PREFO{index}"
        ratio, share, *hkl = [cards.column(key, 10 * k, 10 * k + 10) for k in range(5)]
        text = cards.text(key).ljust(55).upper()
        refined = (text[53] == "Y", text[54] == "Y")
        if ratio is None or (ratio == 1.0 and not any(refined)):
            continue
        whole = tuple(round(value or 0.0) for value in hkl)
        if any(abs((value or 0.0) - index_) > 1e-3 for value, index_ in zip(hkl, whole, strict=True)):
            return {}, [], (f"the axis of texture {hkl} is no plane; texture left out",)
        axes.append((whole, ratio, 1.0 if share is None else share))
        flags.append(refined)
    if not axes:
        return {}, [], ()
    if len(axes) == 1 and axes[0][2] == 1.0 and not flags[0][1]:
        return {"texture_axis": axes[0][0], "march_r": axes[0][1]}, ["march_r"] if flags[0][0] else [], ()
    refined_names = [f"march_r{i}" for i, (r, _) in enumerate(flags) if r]
    refined_names += [f"march_share{i}" for i, (_, share) in enumerate(flags) if share]
    total = sum(share for _, _, share in axes)
    scaled = tuple((axis, r, share / max(total, 1.0)) for axis, r, share in axes)
    return {"textures": scaled}, refined_names, ()
