"""A refinement in plain words: the answer in one sentence, beams, modes, steps, functions that were refined."""

from __future__ import annotations

from anatase.refine.model import ConstantWavelength, Histogram, Phase
from anatase.refine.refinement import Refinement
from anatase.refine.uncertainty.exploration import Exploration
from anatase.report.notation import radiation_text

__all__ = [
    "background_words",
    "beam_words",
    "counted_words",
    "exploration_words",
    "mode_words",
    "profile_words",
    "residual_words",
    "steps_words",
    "texture_words",
    "verdict_of_refinement",
]

NOTABLE = 1.05  # factor of s.u. that is worth a word
MODES = {"rietveld": "", "lebail": " (Le Bail)", "pawley": " (Pawley)"}


def verdict_of_refinement(refinement: Refinement) -> str:
    """State the answer in one sentence: parameters, points, Rwp, GOF, and whether it converged."""
    return (
        f"{counted_words(refinement)} refined on {refinement.n_points} points: Rwp {refinement.rwp:.2f} %, "
        f"GOF {refinement.gof:.2f}, {_state(refinement)}."
    )


def counted_words(refinement: Refinement) -> str:
    """Count what was refined: ``33 parameters (7 more follow them) and 57 intensities``."""
    free, tied = refinement.fitted.problem.eliminated, refinement.n_tied
    follow = f" ({tied} more follow{'s' if tied == 1 else ''} them)" if tied else ""
    return f"{refinement.n_refined} parameters{follow}" + (f" and {free} intensities" if free else "")


def _state(refinement: Refinement) -> str:
    """Say where the fit ended, and first what makes it no answer."""
    absent, impossible = refinement.absent, refinement.impossible
    if len(absent) == len(refinement.model.phases):
        which = "the phase is" if len(absent) == 1 else "no phase is"
        return f"but {which}{' not' if len(absent) == 1 else ''} shown to be present"
    if not refinement.converged:
        return f"not converged: a shift of {refinement.max_shift:.2g} s.u. is left"
    if impossible:
        more = f" and {len(impossible) - 1} more" if len(impossible) > 1 else ""
        return f"but {impossible[0]} = {refinement[impossible[0]].estimate}{more} can be in no crystal"
    return "converged"


def residual_words(refinement: Refinement) -> str:
    """Say what the residuals tell of the model and of its s.u."""
    serial = refinement.serial
    if serial.durbin_watson >= serial.band[0]:
        return "Neighbouring residuals show no correlation: the model describes the pattern to within its noise."
    return (
        f"Neighbouring residuals misfit alike over about {serial.length:.0f} points: the model misses details, and "
        f"s.u. are {serial.factor:.2f} times those of the covariance alone. A low Rwp does not prove the structure."
    )


def steps_words(refinement: Refinement) -> str:
    """Say how many steps were taken, and which were taken back."""
    back = [step.title for step in refinement.steps if step.reverted]
    count = len(refinement.steps)
    said = f"{count} step{'' if count == 1 else 's'}"
    return f"{said}; taken back: {', '.join(back)}" if back else said


def mode_words(phase: Phase) -> str:
    """Return how a phase is fitted where it is not by its structure: `` (Le Bail)``."""
    return MODES[phase.mode]


def beam_words(histogram: Histogram) -> str:
    """Name the radiation of a histogram."""
    if isinstance(histogram.beam, ConstantWavelength):
        return radiation_text(histogram.beam.radiation)
    return "neutrons, time of flight"


def background_words(histogram: Histogram) -> str:
    """Describe the background function of a histogram."""
    model = histogram.background
    parts = []
    if model.chebyshev:
        count = len(model.chebyshev)
        parts.append(f"Chebyshev polynomial of the first kind with {count} coefficient{'s' if count > 1 else ''}")
    if model.inverse:
        parts.append("a term in 1/x")
    if model.nodes:
        joined = "a cubic spline" if model.interpolation == "cubic" else "straight lines"
        parts.append(f"{joined} through {len(model.nodes)} nodes")
    if model.debye:
        parts.append(f"{len(model.debye)} Debye terms")
    if model.humps:
        parts.append(f"{len(model.humps)} humps")
    return ", ".join(parts) or "none"


def exploration_words(exploration: Exploration, factor: float = 1.0) -> list[str]:
    """Say in a line each what bootstrap, posterior, profiles and other starts found.

    ``factor`` is that of the s.u. for serial correlation, of which posterior and profiles know nothing.
    """
    lines = []
    if (drawn := exploration.bootstrap) is not None:
        kept = f", {drawn.block_length} neighbouring residuals kept together" if drawn.block_length > 1 else ""
        lines.append(f"bootstrap: {len(drawn.samples)} refits, {drawn.failures} failed{kept}")
    if (sampled := exploration.posterior) is not None:
        lines.append(
            f"posterior: {sampled.steps} steps of each chain, {sampled.acceptance:.0%} of them accepted; "
            f"{len(sampled.samples)} samples kept"
        )
    for one in exploration.profiles:
        low, high = ("no limit" if end is None else f"{end:.7g}" for end in one.interval_68)
        lines.append(f"profile of {one.name}: {one.value:.7g}, 68 % from {low} to {high}")
    if (exploration.posterior is not None or exploration.profiles) and factor > NOTABLE:
        which = [word for word, asked in (("posterior", exploration.posterior), ("profiles", exploration.profiles))
                 if asked]  # fmt: skip
        lines.append(
            f"{' and '.join(which)}: neighbouring residuals count as independent here; multiply half-widths by "
            f"{factor:.2f} to compare them with the s.u. of the refined values, which are corrected for that"
        )
    if (minima := exploration.minima) is not None:
        found = ", ".join(f"{one.rwp:.2f} % ({one.hits})" for one in minima.minima)
        lines.append(f"minima from {minima.starts} starts, Rwp and how many ended there: {found}")
    return lines


def profile_words(histogram: Histogram) -> str:
    """Describe the profile function of a histogram."""
    if not isinstance(histogram.beam, ConstantWavelength):
        return "back-to-back exponentials convolved with a pseudo-Voigt function (Von Dreele, Jorgensen & Windsor 1982)"
    instrument = histogram.beam.instrument
    said = (
        "pseudo-Voigt function (Thompson, Cox & Hastings 1987) with Gaussian FWHM² = U tan²θ + V tanθ + W and "
        "Lorentzian FWHM = X/cosθ + Y tanθ + Z, "
        f"U = {instrument.gauss_u:.6g}, V = {instrument.gauss_v:.6g}, W = {instrument.gauss_w:.6g} deg², "
        f"X = {instrument.lorentz_x:.6g}, Y = {instrument.lorentz_y:.6g}, Z = {instrument.lorentz_z:.6g} deg"
    )
    if instrument.s_over_l > 0.0:
        said += (
            f"; axial divergence (Finger, Cox & Jephcoat 1994) S/L = {instrument.s_over_l:.5g}, "
            f"H/L = {instrument.h_over_l:.5g}"
        )
    return said


def texture_words(phase: Phase, index: int) -> str:
    """Describe the correction of a phase for preferred orientation in a histogram, ``none`` for none."""
    sample = phase.parts[index].sample
    if sample.texture_axis is not None:
        axis = " ".join(str(h) for h in sample.texture_axis)
        return f"March-Dollase, axis {axis}, r = {sample.march_r:.5g}"
    if sample.textures:
        return "March-Dollase, " + "; ".join(
            f"axis {' '.join(map(str, axis))}, r = {r:.5g}, share {share:.4g}" for axis, r, share in sample.textures
        )
    if sample.harmonics:
        return f"symmetrised spherical harmonics up to order {sample.harmonic_order}"
    return "none"
