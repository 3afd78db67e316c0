"""Whole patterns of 4,251 points from the structure, with and without derivatives, beside phasesmith."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from bars import Bar, best_of
from crystals import Crystal
from rivals import RANGE, RIVALS, WAVELENGTH, phasesmith_structure

from anatase.crystal.structure import Structure
from anatase.scattering.radiation import Radiation
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import simulate, simulate_derivatives
from anatase.simulation.powder_gradient import simulate_gradient

__all__ = ["compare_profiles"]

STEP = 0.02  # degrees: 4,251 points
U, V, W, X, Y = 0.002, -0.002, 0.003, 0.02, 0.02  # deg², deg: the widths of both programs
INSTRUMENT = Instrument(gauss_u=U, gauss_v=V, gauss_w=W, lorentz_x=X, lorentz_y=Y)
ALPHA2 = 1.54439  # Å
RADIATIONS = {
    "Kα1": Radiation("xray", ((WAVELENGTH, 1.0),), name="CuKa1"),
    "Kα1 and Kα2": Radiation("xray", ((WAVELENGTH, 1.0), (ALPHA2, 0.5)), name="CuKa"),
}
EIGHT_LN2 = 8.0 * np.log(2.0)
SUPPORT = 20.0  # FWHM to each side, phasesmith's default; ours draws whole tails
FEW = 50  # parameters
BUDGET = 2.0  # s of one call's repeats


def _ours(radiation: Radiation) -> Callable[[Structure], Any]:
    return lambda structure: simulate(replace(structure), radiation, RANGE, STEP, INSTRUMENT, dispersion=False)


def _our_derivatives(structure: Structure) -> Any:
    return simulate_derivatives(replace(structure), RADIATIONS["Kα1"], RANGE, STEP, INSTRUMENT, dispersion=False)


def _our_gradient(structure: Structure) -> Any:
    weights = np.random.default_rng(0).normal(size=4251)
    return simulate_gradient(replace(structure), weights, RADIATIONS["Kα1"], RANGE, STEP, INSTRUMENT, dispersion=False)


def _phasesmith(kind: str) -> tuple[Callable[[Structure], Any], Callable[[Any], Any]]:
    """Return what prepares phasesmith's structure, and what goes from there to the pattern.

    Its widths are variances: σ² = (U tan²θ + V tan θ + W)/(8 ln 2); X/cos θ and Y tan θ are FWHM as ours.
    """
    import phasesmith as ps

    instrument = ps.ConstantWavelengthInstrument(WAVELENGTH, U / EIGHT_LN2, V / EIGHT_LN2, W / EIGHT_LN2, X, Y)
    experiment = ps.ConstantWavelengthExperiment.x_ray(instrument)
    if kind != "Kα1":
        both = ps.WavelengthComponents.doublet(WAVELENGTH, ALPHA2, 0.5)
        experiment = ps.ConstantWavelengthExperiment.x_ray_components(instrument, both)
    pattern = ps.PowderPattern(np.arange(4251) * STEP + RANGE[0])
    policy = ps.ExecutionPolicy(threads=1)

    def prepare(structure: Structure) -> Any:
        own = phasesmith_structure(structure)
        return own, ps.PreparedReflectionGenerator(own.space_group)

    def calculate(prepared: Any) -> Any:
        own, generator = prepared
        families = generator.generate(own.cell, ps.CwTwoThetaRange(*RANGE, WAVELENGTH))
        phase = ps.RietveldPhase(
            "crystal",
            "crystal",
            own,
            ps.StructuralReflectionBatch.from_generated(families),
            ps.XrayNonResonant(),
            ps.BraggBrentanoUnpolarizedLp(WAVELENGTH),
            coordinate_tolerance=1e-6,
        )
        return ps.PreparedStructuralPattern(
            pattern, experiment, phase, support_fwhm=SUPPORT, execution=policy
        ).calculate()

    return prepare, calculate


def _rates(call: Callable[[Any], Any], arguments: Sequence[Any], repeats: int) -> np.ndarray:
    """Return seconds by the clock and of the processor (n, 2) of a call for each argument, nan where it fails."""
    rows = []
    for argument in arguments:
        try:
            call(argument)
            best = best_of(lambda a=argument: call(a), repeats, BUDGET)
            rows.append((best.wall, best.cpu))
        except Exception as error:  # noqa: BLE001 a rival may fail in any way; it is named
            print(f"  failed: {type(error).__name__}: {str(error)[:90]}")
            rows.append((np.nan, np.nan))
    return np.array(rows)


def _disagreement(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return Σ|y − y'|/Σy' of patterns brought to one sum."""
    return float(np.abs(ours / ours.sum() - theirs / theirs.sum()).sum())


def compare_profiles(crystals: list[Crystal], repeats: int) -> list[Bar]:
    """Print patterns per second of both programs and return the bars."""
    structures = [crystal.structure for crystal in crystals]
    bars = []
    for kind, radiation in RADIATIONS.items():
        ours = _rates(_ours(radiation), structures, repeats)
        rate, cpu = len(ours) / ours.sum(axis=0)
        print(f"  {kind}: {rate:.0f} structures/s ({cpu:.0f} by the processor's time)")
        bars.append(Bar(f"patterns of 4,251 points/s, {kind}", rate, 500.0, True))
        rival = next(r for r in RIVALS if r.name == "phasesmith")
        if not rival.installed:
            print(f"  phasesmith is not installed and is left out: pip install {rival.pip}")
            continue
        prepare, calculate = _phasesmith(kind)
        prepared = [prepare(structure) for structure in structures]
        theirs = _rates(calculate, prepared, 1)
        both = ~np.isnan(theirs[:, 0])
        total = float(theirs[both, 0].sum() / ours[both, 0].sum())
        mean = float(np.exp(np.log(theirs[both, 0] / ours[both, 0]).mean()))
        r = [_disagreement(_ours(radiation)(structures[i]).intensity, calculate(prepared[i]).y) for i in range(6)]
        print(f"  {kind}: phasesmith takes {total:.1f} times as long in all, {mean:.1f} in the geometric mean, over")
        print(
            f"  {both.sum()} structures; R beside ours, first six: up to {max(r):.1e} (another table of f0, tails cut)"
        )
        bars.append(Bar(f"patterns, {kind}: ratio to phasesmith, total times", total, 1.0, True, "×"))
    return bars + _compare_derivatives(crystals, repeats)


def _compare_derivatives(crystals: list[Crystal], repeats: int) -> list[Bar]:
    """Print what the Jacobian and the gradient of a weighted sum take beside the pattern, and return the bars.

    A Jacobian of k parameters holds k patterns, each to be written: its time goes with k, whoever calculates it. The
    gradient, which is what a fit of many parameters needs, does not.
    """
    structures = [crystal.structure for crystal in crystals]
    calls = (_ours(RADIATIONS["Kα1"]), _our_derivatives, _our_gradient)
    # one structure after the other, so that whoever shares the machine slows all three
    rows = [[_rates(call, [structure], repeats)[0] for call in calls] for structure in structures]
    plain, jacobian, gradient = np.array(rows).transpose(1, 0, 2)
    names = np.array([len(_our_gradient(structure).names) for structure in structures])
    print("  derivatives by every parameter of instrument, cell and atoms, over the pattern alone, total times")
    print(f"    {'parameters':>12} {'structures':>11} {'Jacobian':>9} {'gradient':>9}")
    for low, high in ((0, 25), (25, FEW), (FEW, 250), (250, 5000)):
        part = (names > low) & (names <= high)
        ratios = [_ratio(times[part], plain[part]) for times in (jacobian, gradient)]
        print(f"    {f'{low + 1} to {high}':>12} {part.sum():11} {ratios[0]:9.1f} {ratios[1]:9.1f}")
    few = names <= FEW
    dense = _ratio(jacobian, plain)
    each = 1e9 * jacobian[:, 1].sum() / (4251 * names.sum())
    print(
        f"  the Jacobian of all {len(names)} structures: {dense:.1f} times the pattern, for information: it is dense,"
    )
    print(f"  {names.sum()} rows of 4,251 points in all, {each:.0f} ns for each of its numbers")
    least, every = _ratio(jacobian[few], plain[few]), _ratio(gradient, plain)
    return [
        Bar(f"Jacobian, up to {FEW} parameters: total time over the pattern", least, 4.0, False, "×"),
        Bar("gradient of Σ w y, every structure: total time over the pattern", every, 4.0, False, "×"),
    ]


def _ratio(times: np.ndarray, plain: np.ndarray) -> float:
    """Return total processor's time (n, 2) over that of the plain patterns, which other programs disturb less."""
    return float(times[:, 1].sum() / plain[:, 1].sum())
