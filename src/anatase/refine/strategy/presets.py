"""The orders in which the steps of a refinement are taken."""

from __future__ import annotations

from collections.abc import Callable

from anatase.refine.model import Phase, RefinementModel
from anatase.refine.strategy.pattern_steps import (
    cell_and_shift,
    flight_zero,
    more_background,
    own_cells,
    scale_and_background,
    wavelengths,
)
from anatase.refine.strategy.strategy import Planner
from anatase.refine.strategy.structure_steps import overall_displacement, positions, site_displacements, texture
from anatase.refine.strategy.width_steps import (
    anisotropic_strain,
    asymmetry,
    flight_shape,
    gaussian_widths,
    size_and_strain,
)

__all__ = ["PLANS"]


def _textures(model: RefinementModel) -> tuple[Planner, ...]:
    """Return the steps of texture of all but cubic phases: plates and needles lie flat."""
    return tuple(texture(i) for i, phase in enumerate(model.phases) if not _isometric(phase))


def _cubic_textures(model: RefinementModel) -> tuple[Planner, ...]:
    """Return the steps of texture of cubic phases, whose grains seldom lie flat: they come last."""
    return tuple(texture(i) for i, phase in enumerate(model.phases) if _isometric(phase))


def _isometric(phase: Phase) -> bool:
    return phase.structure.space_group.crystal_system == "cubic"


def _strains(model: RefinementModel) -> tuple[Planner, ...]:
    return tuple(anisotropic_strain(i) for i in range(len(model.phases)))


def _laboratory(model: RefinementModel) -> tuple[Planner, ...]:
    return (
        scale_and_background, cell_and_shift, wavelengths, own_cells, size_and_strain, asymmetry, *_textures(model),
        overall_displacement, gaussian_widths, *_strains(model), more_background, positions, site_displacements,
        *_cubic_textures(model),
    )  # fmt: skip


def _synchrotron(model: RefinementModel) -> tuple[Planner, ...]:
    return (
        scale_and_background, cell_and_shift, wavelengths, own_cells, size_and_strain, asymmetry, overall_displacement,
        gaussian_widths, *_strains(model), more_background, positions, site_displacements, *_textures(model),
        *_cubic_textures(model),
    )  # fmt: skip


def _neutron(model: RefinementModel) -> tuple[Planner, ...]:
    return (
        scale_and_background, cell_and_shift, wavelengths, own_cells, gaussian_widths, size_and_strain, asymmetry,
        overall_displacement, more_background, positions, site_displacements, *_strains(model), *_textures(model),
        *_cubic_textures(model),
    )  # fmt: skip


def _tof(model: RefinementModel) -> tuple[Planner, ...]:  # noqa: ARG001 as of the other kinds
    return (
        scale_and_background, cell_and_shift, own_cells, flight_zero, size_and_strain, flight_shape,
        overall_displacement, more_background, positions, site_displacements,
    )  # fmt: skip


# The orders of steps: a preset's name gives the steps for a model.
PLANS: dict[str, Callable[[RefinementModel], tuple[Planner, ...]]] = {
    "laboratory": _laboratory,
    "synchrotron": _synchrotron,
    "neutron": _neutron,
    "tof": _tof,
}
