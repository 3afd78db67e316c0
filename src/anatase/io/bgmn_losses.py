"""What of a refinement BGMN's files have no words for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anatase.io.foreign import ForeignDiffractometer, ForeignHistogram, ForeignPart, ForeignPhase, ForeignRefinement

__all__ = ["bgmn_losses"]

SHOWN = 8
# what BGMN refines of its own, or is told to refine
WRITTEN = re.compile(
    r".*\.(?:a|b|c|alpha|beta|gamma|scale|size|strain|x|y|z|u_iso|zero|displacement|penetration|"
    r"background\.chebyshev_\d+)"
)


def bgmn_losses(refinement: ForeignRefinement) -> tuple[str, ...]:
    """Return, in words, what a control file of BGMN and its structure files leave out of a refinement.

    Examples
    --------
    >>> bgmn_losses(ForeignRefinement((), (), frozenset({"xray.s_over_l", "rutile.a"})))
    ('that these are refined: xray.s_over_l',)
    """
    told: list[str] = []
    for histogram in refinement.histograms:
        told += _of_histogram(histogram, refinement.free)
    for phase in refinement.phases:
        told += _of_phase(phase)
        told += [text for part in phase.parts.values() for text in _of_part(phase.name, part)]
    lost = sorted(name for name in refinement.free if WRITTEN.fullmatch(name) is None)
    if lost:
        more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
        told.append(f"that these are refined: {', '.join(lost[:SHOWN])}{more}")
    ties = len(refinement.shared) + len(refinement.relations)
    if ties:
        told.append(f"{ties} ties and sums of parameters")
    return tuple(dict.fromkeys(told))


def _of_histogram(histogram: ForeignHistogram, free: frozenset[str]) -> Iterator[str]:
    name, background = histogram.name, histogram.background
    yield f"the line widths and asymmetry of the instrument of {name}: BGMN has them in a file of its own"
    if isinstance(histogram.beam, ForeignDiffractometer):
        instrument = histogram.beam.instrument
        shifts = [word for word in ("zero", "displacement", "penetration") if getattr(instrument, word)]
        held = [word for word in shifts if f"{name}.{word}" not in free]
        if shifts:
            yield f"the values of {', '.join(shifts)} of {name}, which start at 0{_held(held)}"
    if histogram.excluded:
        yield f"{len(histogram.excluded)} excluded ranges of {name}"
    if background is not None:
        yield f"the values of the background of {name}: BGMN finds them"
        if background.nodes or background.debye or background.humps or background.inverse:
            yield f"other terms of the background of {name} than polynomials"


def _held(held: list[str]) -> str:
    return f", {', '.join(held)} held there" if held else ""


def _of_phase(phase: ForeignPhase) -> Iterator[str]:
    if phase.mode != "rietveld":
        mode = {"lebail": "Le Bail", "pawley": "Pawley"}[phase.mode]
        yield f"the {mode} mode of {phase.name}: BGMN calculates its intensities from its atoms"
    if any(site.u_aniso is not None for site in phase.structure.sites):
        yield f"the anisotropic displacements of {phase.name}, for which their means stand"


def _of_part(phase: str, part: ForeignPart) -> Iterator[str]:
    sample = part.sample
    yield f"the values of scale, size and strain of {phase}: BGMN finds them"
    for word, there in (
        ("preferred orientation by March and Dollase", sample.texture_axis is not None or bool(sample.textures)),
        ("spherical harmonics", bool(sample.harmonics)),
        ("anisotropic size", sample.size_across is not None),
        ("anisotropic strain", bool(sample.stephens)),
        ("roughness", sample.roughness is not None),
        ("absorption", sample.absorption is not None),
        ("stacking faults", sample.has_faults),
        ("extinction", part.extinction > 0.0),
        ("lattice strain", any(part.lattice_strain)),
    ):
        if there:
            yield f"the {word} of {phase}"
