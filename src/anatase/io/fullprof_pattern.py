"""Patterns of FullProf control files in our terms: radiation, instrument, shifts, background, time-of-flight banks."""

from __future__ import annotations

from math import acos, degrees, radians, sqrt
from typing import Any, Literal

import numpy as np

from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.fullprof_content import PcrPattern, PcrProfile
from anatase.io.fullprof_phase import coded_use, profile_widths, size_rate, texture_sample
from anatase.io.fullprof_text import PcrText, decoded
from anatase.io.phase_widths import crystallite_sample, shared_out
from anatase.io.tied_parameters import Use
from anatase.pattern.background_model import BackgroundModel, DebyeTerm
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.radiation import TUBES, Radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Geometry, Instrument
from anatase.simulation.sample import Sample

__all__ = ["RADIUS", "pattern_background", "pattern_bank", "pattern_diffractometer"]

RADIUS = 200.0  # mm: a control file names none; shifts by displacement scale with it
SMALL_HEIGHT = 1e-4  # S/L or D/L where a file gives only the other


def _radiation(text: PcrText, pattern: PcrPattern) -> Radiation:
    """Return the wavelengths and the polarization 1 + K cos²2θ_M cos²2θ."""
    first, second, ratio, _, _, monochromator, *rest = [*pattern.optics, 0.0, 0.0, 0.0][:9]
    if not first > 0.0:
        raise text.error(f"Lambda1 is {first:g}", "give the wavelength in angstrom", pattern.line)
    lines: tuple[tuple[float, float], ...] = ((first, 1.0),)
    if second > 0.0 and abs(second - first) > 1e-6 and abs(ratio) > 0.0:
        lines = ((first, 1.0), (second, abs(ratio)))
    if pattern.job == 1:
        return Radiation("neutron", lines, 0.0, name=f"{first:g} Å")
    if not 0.0 <= monochromator <= 1.0:
        raise text.error(f"Cthm = {monochromator:g} is no cos² of an angle", "give a number from 0 to 1", pattern.line)
    share = rest[2]
    ratio = share / (1.0 - share) if pattern.geometry == 3 and share < 1.0 else 1.0
    return Radiation(
        "xray", lines, ratio if monochromator > 0.0 else 0.0, degrees(acos(sqrt(monochromator))), f"{first:g} Å"
    )


def _geometry(pattern: PcrPattern) -> Geometry:
    """Return a capillary for neutrons, where μR is given, and for wavelengths of no tube; else a flat plate."""
    if pattern.geometry == 2:
        return "transmission"
    absorbed = len(pattern.optics) > 6 and pattern.optics[6] > 0.0
    tube = any(low - 1e-3 < pattern.optics[0] < high + 1e-3 for low, high in TUBES.values())
    return "bragg_brentano" if pattern.job == 0 and tube and not absorbed else "debye_scherrer"


def pattern_diffractometer(
    text: PcrText, pattern: PcrPattern, name: str, profiles: list[tuple[str, PcrProfile]], warnings: list[str]
) -> tuple[ForeignDiffractometer, list[Sample], list[Use]]:
    """Return radiation and instrument, the phases' samples, and what codewords free of them."""
    radiation, geometry = _radiation(text, pattern), _geometry(pattern)
    widths = [profile_widths(profile, pattern.limits, warnings) for _, profile in profiles]
    common, added, whole = shared_out(widths)
    if not whole:
        warnings.append(f"line {pattern.line}: V or W of the phases differ in {name}: those of the first are taken")
    absorption = pattern.optics[6] if geometry == "debye_scherrer" and pattern.optics[6] > 0.0 else None
    samples = [
        crystallite_sample(
            texture_sample(profile, pattern.orientation, absorption, warnings), more, radiation.wavelength
        )
        for (_, profile), more in zip(profiles, added, strict=True)
    ]
    heights = [one.value for _, profile in profiles[:1] for one in profile.shape[6:8]]
    s, h = _heights(heights, warnings, pattern.line)
    for _, profile in profiles:
        if any(one.value != 0.0 or one.code != 0.0 for one in profile.shape[2:6]):
            warnings.append(f"line {profile.line}: the asymmetry parameters Asy1 to Asy4 are left out")
    shifts, uses = _shifts(pattern, name, geometry, warnings)
    instrument = Instrument(
        geometry,
        common.gauss_u,
        common.gauss_v,
        common.gauss_w,
        common.lorentz_x,
        common.lorentz_y,
        common.lorentz_z,
        s,
        h,
        radius=RADIUS,
        **shifts,
    )
    uses += _profile_uses(name, profiles, samples, radiation.wavelength)
    return ForeignDiffractometer(radiation, instrument), samples, uses


def _heights(heights: list[float], warnings: list[str], line: int) -> tuple[float, float]:
    """Return S/L and D/L; where only one is there the other is small."""
    if len(heights) < 2 or max(heights) <= 0.0:
        return 0.0, 0.0
    if min(heights) <= 0.0:
        warnings.append(f"line {line}: S_L or D_L is 0 beside the other: {SMALL_HEIGHT:g} taken")
    return max(heights[0], SMALL_HEIGHT), max(heights[1], SMALL_HEIGHT)


def _shifts(
    pattern: PcrPattern, name: str, geometry: Geometry, warnings: list[str]
) -> tuple[dict[str, Any], list[Use]]:
    """Return zero error, displacement and transparency: observed − true = Zero + SyCos cos θ + SySin sin 2θ."""
    zero, sycos, sysin, wavelength = pattern.shifts
    found: dict[str, Any] = {"zero": zero.value}
    uses = coded_use(zero, f"{name}.zero") + coded_use(wavelength, f"{name}.wavelength")
    rate = -radians(1.0) * RADIUS
    if geometry == "bragg_brentano":
        found["displacement"] = rate / 2.0 * sycos.value + 0.0  # no negative zero
        found["penetration"] = 2.0 * rate * sysin.value + 0.0
        uses += coded_use(sycos, f"{name}.displacement", rate / 2.0)
        uses += coded_use(sysin, f"{name}.penetration", 2.0 * rate)
    elif geometry == "debye_scherrer":
        found["displacement"] = rate * sysin.value + 0.0
        uses += coded_use(sysin, f"{name}.displacement", rate)
        if sycos.value != 0.0:
            warnings.append(f"line {sycos.line}: SyCos belongs to a flat plate in reflection: left out")
    elif sycos.value != 0.0 or sysin.value != 0.0:
        warnings.append(f"line {sycos.line}: SyCos and SySin belong to a plate in reflection: left out")
    return found, uses


def _profile_uses(
    name: str, profiles: list[tuple[str, PcrProfile]], samples: list[Sample], wavelength: float
) -> list[Use]:
    """Return what the codewords of the phases' profiles free: widths of the instrument, then of each sample."""
    uses: list[Use] = []
    keys: dict[str, set[str]] = {}
    for index, ((phase, profile), sample) in enumerate(zip(profiles, samples, strict=True)):
        u, v, w, x, y = profile.widths[:5]
        if profile.profile == 7:
            named = {"gauss_u": u, "gauss_v": v, "gauss_w": w, "lorentz_y": x, "lorentz_x": y}
        else:
            named = {"gauss_u": u, "gauss_v": v, "gauss_w": w, "lorentz_x": profile.scale[1], "lorentz_y": x}
        for target, number in named.items():
            found = decoded(number.code)
            if found is None:
                continue
            if index == 0 or not keys.setdefault(target, set()):
                uses.append(Use(found[0], f"{name}.{target}", found[1]))
            elif found[0] not in keys[target] and target == "lorentz_y":
                uses.append(Use(found[0], f"{phase}.{name}.strain", found[1] * radians(0.25)))
            elif found[0] not in keys[target] and target == "lorentz_x" and sample.size is not None:
                uses.append(Use(found[0], f"{phase}.{name}.size", found[1] * size_rate(sample, wavelength)))
            keys.setdefault(target, set()).add(found[0])
        if len(profile.widths) > 5 and sample.size is not None and profile.widths[5].value > 0.0:
            rate = size_rate(sample, wavelength) / (2.0 * sqrt(profile.widths[5].value))
            uses += coded_use(profile.widths[5], f"{phase}.{name}.size", rate)
        if sample.texture_axis is not None:
            uses += coded_use(profile.shape[0], f"{phase}.{name}.march_r")
        elif sample.textures:
            uses += coded_use(profile.shape[0], f"{phase}.{name}.march_r0")
            uses += coded_use(profile.shape[1], f"{phase}.{name}.march_share0", -1.0)
        if index == 0:
            for target, number in zip(("s_over_l", "h_over_l"), profile.shape[6:8], strict=False):
                uses += coded_use(number, f"{name}.{target}")
    return uses


def pattern_bank(
    text: PcrText, pattern: PcrPattern, name: str, profiles: list[tuple[str, PcrProfile]], warnings: list[str]
) -> tuple[ForeignBank, list[Sample], list[Use]]:
    """Return a time-of-flight bank with the profile of its first phase: t = Zero + Dtt1 d + Dtt2 d²."""
    zero, dtt1, dtt2 = pattern.shifts
    angle = pattern.bank_angle
    if not 0.0 < angle < 180.0:
        raise text.error(f"a bank stands at {angle:g} deg", "give its scattering angle", zero.line)
    if angle <= 2.0:  # older files give 2 sin θ
        angle = degrees(2.0 * np.arcsin(angle / 2.0))
    bank = TofBank(dtt1.value, dtt2.value, 0.0, zero.value, angle, name=name)
    uses = coded_use(zero, f"{name}.zero") + coded_use(dtt1, f"{name}.difc") + coded_use(dtt2, f"{name}.difa")
    shape = None
    if profiles and pattern.profile == 9:
        profile = profiles[0][1]
        sigma = [one.value for one in profile.widths[:3]]
        gamma = [one.value for one in profile.gammas[:3]]
        alpha0, beta0, alpha1, beta1 = (one.value for one in profile.shape[2:6])
        shape = TofProfile(
            (alpha0, alpha1), (beta0, beta1), (sigma[2], sigma[1], sigma[0]), (gamma[2], gamma[1], gamma[0])
        )
        targets = ("alpha_0", "beta_0", "alpha_1", "beta_1")
        numbers = [*zip(("variance_2", "variance_1", "variance_0"), profile.widths[:3], strict=True)]
        numbers += [*zip(("gamma_2", "gamma_1", "gamma_0"), profile.gammas[:3], strict=True)]
        numbers += [*zip(targets, profile.shape[2:6], strict=True)]
        for target, number in numbers:
            uses += coded_use(number, f"{name}.{target}")
        if len(profiles) > 1:
            warnings.append(f"line {pattern.line}: the profile of the first phase in {name} is taken for all")
    else:
        warnings.append(f"line {pattern.line}: of the time-of-flight profile functions 9 is read: no profile taken")
    return ForeignBank(bank, shape), [Sample() for _ in profiles], uses


def pattern_background(pattern: PcrPattern, name: str, warnings: list[str]) -> tuple[BackgroundModel | None, list[Use]]:
    """Return the background: points, or a polynomial in T/Bkpos − 1 brought to Chebyshev's over the range."""
    low, high = pattern.limits
    ends = (low, high) if low < high else (0.0, 180.0)
    if pattern.points:
        return _nodes(pattern, name, ends)
    if pattern.background_kind in (1, -2) or not pattern.background:
        warnings.append(f"line {pattern.line}: a background from a file or a Fourier filter (Nba) is not read")
        return None, []
    count = 6 if pattern.background_kind == -1 else len(pattern.background)
    numbers = pattern.background[:count]
    used = [k for k, one in enumerate(numbers) if one.value != 0.0 or decoded(one.code) is not None]
    terms = max(used, default=0) + 1
    origin = pattern.optics[0] if pattern.is_tof else pattern.optics[3]
    if origin == 0.0:
        origin = (ends[0] + ends[1]) / 2.0
    scaled = np.polynomial.Polynomial([(ends[0] + ends[1]) / 2.0 / origin - 1.0, (ends[1] - ends[0]) / 2.0 / origin])
    series = np.polynomial.Polynomial([one.value for one in numbers[:terms]])(scaled)
    power = series.coef
    chebyshev = np.polynomial.chebyshev.poly2cheb(power)
    chebyshev = np.pad(chebyshev, (0, max(terms - chebyshev.size, 0)))
    debye = (
        tuple(
            DebyeTerm(amplitude.value, distance.value, 0.0)
            for amplitude, distance in zip(pattern.background[6:12], pattern.background[12:18], strict=True)
            if amplitude.value != 0.0 and distance.value > 0.0
        )
        if pattern.background_kind == -1
        else ()
    )
    # a power changes all polynomials up to its own degree
    last = max((k for k, one in enumerate(numbers) if decoded(one.code) is not None), default=-1)
    uses = [Use(f"{name} background {k}", f"{name}.background.chebyshev_{k}") for k in range(last + 1)]
    return BackgroundModel(ends, tuple(float(value) for value in chebyshev), debye=debye), uses


def _nodes(pattern: PcrPattern, name: str, ends: tuple[float, float]) -> tuple[BackgroundModel, list[Use]]:
    points = sorted(pattern.points, key=lambda point: point[0])
    kept = [point for k, point in enumerate(points) if k == 0 or point[0] > points[k - 1][0]]
    kind: Literal["linear", "cubic"] = "cubic" if pattern.background_kind < 0 else "linear"
    places, heights = tuple(x for x, _ in kept), tuple(one.value for _, one in kept)
    uses = [use for k, (_, one) in enumerate(kept) for use in coded_use(one, f"{name}.background.height_{k}")]
    return BackgroundModel(ends, nodes=places, heights=heights, interpolation=kind), uses
