"""Lists of reflections for phases whose intensities are found without a structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from anatase.errors import InputError
from anatase.refine.calculation.evaluate import Listing, listing
from anatase.refine.intensities.reflection_curves import reflection_curves
from anatase.refine.model import Mode, PhasePart, RefinementModel, ReflectionList

__all__ = ["check_free", "phases_of_mode", "with_reflections"]

OF_INTENSITIES = ("scale", "march_", "harmonic", "absorption", "extinction", "roughness_")


def phases_of_mode(model: RefinementModel, *modes: Mode) -> list[int]:
    """Return the numbers of the phases that are fitted in any of the modes."""
    return [j for j, phase in enumerate(model.phases) if phase.mode in modes]


def check_free(model: RefinementModel, names: Sequence[str]) -> None:
    """Refuse parameters that the intensities of a Le Bail or Pawley fit make meaningless.

    Raises
    ------
    InputError
        When such a phase's scale, texture or atoms are to be refined.
    """
    for phase in (model.phases[j] for j in phases_of_mode(model, "lebail", "pawley")):
        parts = tuple(f"{phase.name}.{histogram.name}." for histogram in model.histograms)
        for name in names:
            own = name.removeprefix(f"{phase.name}.")
            of_part = next((name[len(part) :] for part in parts if name.startswith(part)), None)
            wrong = of_part.startswith(OF_INTENSITIES) if of_part is not None else own != name and "." in own
            if wrong:
                raise InputError(
                    f"{name} cannot be refined beside the free intensities of a {phase.mode} fit",
                    f"hold it, or fit {phase.name} by its structure",
                )


def with_reflections(model: RefinementModel) -> RefinementModel:
    """Return the model with lists of reflections for the Le Bail and Pawley phases that have none yet.

    Where the phase has atoms, |F|² starts as theirs, else so that every reflection has the same area, together about
    that of the pattern above its background.
    """
    free = [model.phases[j] for j in phases_of_mode(model, "lebail", "pawley")]
    if all(part.reflections is not None for phase in free for part in phase.parts):
        return model
    listed = listing(model)
    for j in phases_of_mode(model, "lebail", "pawley"):
        phase = model.phases[j]
        parts = tuple(
            _listed(model, i, j, listed) if part.reflections is None else part for i, part in enumerate(phase.parts)
        )
        model = model.with_phase(j, replace(phase, parts=parts))
    return model


def _listed(model: RefinementModel, index: int, which: int, listed: Listing) -> PhasePart:
    """Return the part of a phase with the reflections that lie in a histogram."""
    histogram, phase = model.histograms[index], model.phases[which]
    part, x = phase.parts[index], histogram.pattern.x
    hkl, multiplicity, _ = listed.reflections[index, which]
    if not phase.structure.sites:
        part = replace(part, reflections=ReflectionList(hkl, multiplicity, np.ones(len(hkl))))
        parts = (*phase.parts[:index], part, *phase.parts[index + 1 :])
        model = model.with_phase(which, replace(phase, parts=parts))
    found = reflection_curves(model, index, which, listed)
    area = np.asarray(found.curves.sum(axis=1)).ravel()
    inside = (area > 0.0) & (found.position >= x[0]) & (found.position <= x[-1])
    if not inside.any():
        raise InputError(
            f"no reflection of {phase.name} lies within {histogram.name}, {x[0]:g} to {x[-1]:g}",
            "look at the cell and the wavelength",
        )
    y = histogram.pattern.intensity
    net = max(float((y - np.percentile(y, 20)).sum()), 1.0)
    squared = found.f_squared[inside]
    if not phase.structure.sites:
        squared = net / inside.sum() / area[inside]
    elif part.scale > 0.0 and not (squared @ area[inside]) > 0.0:
        squared = np.ones(int(inside.sum()))
    return replace(part, reflections=ReflectionList(hkl[inside], multiplicity[inside], squared))
