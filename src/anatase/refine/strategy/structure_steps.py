"""Steps that explain intensities: texture, displacements, coordinates."""

from __future__ import annotations

from anatase.crystal.displacement import isotropic_rates
from anatase.crystal.site_freedom import TENSOR, site_freedom
from anatase.refine.model import ConstantWavelength, Phase
from anatase.refine.strategy.strategy import Planner, Progress, Proposal
from anatase.refine.strategy.texture_search import best_march_axis

__all__ = ["overall_displacement", "positions", "site_displacements", "texture"]

MAJOR = 0.1  # share of the Bragg intensity
TEXTURE_GAIN = 0.03  # of χ²
LINES_PER_DISPLACEMENT, LINES_PER_COORDINATE = 4, 3
NO_RATE = 1e-9  # of a tensor component that an isotropic displacement does not change


def texture(which: int) -> Planner:
    """Return the step that gives one phase the axis of preferred orientation that helps most."""

    def plan(progress: Progress) -> Proposal | None:
        phase = progress.model.phases[which]
        seen = progress.seen()[which]
        if (
            phase.mode != "rietveld"
            or seen.share < MAJOR
            or seen.lines < 5
            or not isinstance(progress.model.histograms[0].beam, ConstantWavelength)
        ):
            return None
        found = best_march_axis(progress.model, which)
        if found is None or found[0] < TEXTURE_GAIN:
            return None
        _, axis, model = found
        return Proposal(
            f"preferred orientation of {phase.name}",
            f"of common faces and edges, ({' '.join(map(str, axis))}) explains its intensities best",
            tuple(f"{phase.name}.{one.name}.march_r" for one in model.histograms),
            model=model,
            gain=TEXTURE_GAIN,
        )

    return plan


def overall_displacement(progress: Progress) -> Proposal | None:
    """Free one displacement for all atoms of each phase that is seen well."""
    names, ties = list[str](), list[tuple[str, ...]]()
    for phase, seen in zip(progress.model.phases, progress.seen(), strict=True):
        group = _displacements(phase)
        if group and seen.share > MAJOR and seen.lines >= 5:
            names += group
            ties.append(group)
    if not names:
        return None
    return Proposal(
        "overall displacement",
        "it lets intensities fall with angle as the thermal motion of these atoms does; differences between sites, and "
        "between the directions of anisotropic ones, stay",
        tuple(names),
        tuple(ties),
    )


def _displacements(phase: Phase) -> tuple[str, ...]:
    return tuple(name for index in range(len(phase.structure.sites)) for name in _of_site(phase, index))


def _of_site(phase: Phase, index: int) -> tuple[str, ...]:
    """Return the names by which the isotropic part of a site's displacement moves."""
    site = phase.structure.sites[index]
    if site.u_aniso is None:
        return (f"{phase.name}.{site.label}.u_iso",)
    rates = dict(zip(TENSOR, isotropic_rates(phase.structure.lattice), strict=True))
    free = site_freedom(phase.structure, index).tensor
    return tuple(f"{phase.name}.{site.label}.{name}" for name in free if abs(rates[name]) > NO_RATE)


def positions(progress: Progress) -> Proposal | None:
    """Free the coordinates of major phases with three clear lines for each of them."""
    names = []
    for phase, seen in zip(progress.model.phases, progress.seen(), strict=True):
        own = _coordinates(phase)
        if own and seen.share > 2.0 * MAJOR and seen.lines >= LINES_PER_COORDINATE * len(own) + 3:
            names += own
    if not names:
        return None
    return Proposal("atomic coordinates", "there are three clear lines and more for each coordinate", tuple(names))


def _coordinates(phase: Phase) -> list[str]:
    return [
        f"{phase.name}.{site.label}.{axis}"
        for index, site in enumerate(phase.structure.sites)
        for axis in site_freedom(phase.structure, index).axes
        if site.species[0].element not in ("H", "D")
    ]


def site_displacements(progress: Progress) -> Proposal | None:
    """Free displacements by element, or by site where there are lines enough."""
    names, ties = list[str](), list[tuple[str, ...]]()
    for phase, seen in zip(progress.model.phases, progress.seen(), strict=True):
        sites = phase.structure.sites
        own = _displacements(phase)
        elements = sorted({site.species[0].element for site in sites})
        if len(sites) < 2 or seen.share < 2.0 * MAJOR or not any(name in progress.free for name in own):
            continue
        if seen.lines >= LINES_PER_DISPLACEMENT * len(sites):
            names += own
            ties += [_of_site(phase, index) for index in range(len(sites))]
        elif len(elements) > 1 and seen.lines >= LINES_PER_DISPLACEMENT * len(elements):
            names += own
            ties += [_of_element(phase, element) for element in elements]
    if not names:
        return None
    return Proposal(
        "displacements of sites",
        "there are four clear lines and more for each displacement",
        tuple(names),
        tuple(ties),
    )


def _of_element(phase: Phase, element: str) -> tuple[str, ...]:
    sites = phase.structure.sites
    return tuple(
        name
        for index, site in enumerate(sites)
        if site.species[0].element == element
        for name in _of_site(phase, index)
    )
