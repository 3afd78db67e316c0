"""Projects of GSAS-II (``.gpx``): phases, powder histograms with their data, what is refined and tied."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from anatase.io.foreign import ForeignPart, ForeignPhase, ForeignRefinement, SharedShift
from anatase.io.gsas_scale import free_scales
from anatase.io.gsasii_constraints import constraints_of_project
from anatase.io.gsasii_histograms import ProjectHistogram, histogram_of_project
from anatase.io.gsasii_parts import part_of_project
from anatase.io.gsasii_phases import ProjectPhase, phase_of_project
from anatase.io.gsasii_tree import TreeItem, project_tree, reading
from anatase.io.source import Source, open_source

__all__ = ["read_gpx"]

Mode = Literal["rietveld", "lebail", "pawley"]


def read_gpx(path: str | Path) -> ForeignRefinement:
    """Read a GSAS-II project; nothing that the file may ask Python to do is done.

    Scales at constant wavelength are those of the same pattern here; of time of flight they stay as GSAS-II has them.
    Single crystals, images and restraints are left out, and what else is not taken over is told.

    Raises
    ------
    InputError
        When this is no project, names what is no plain data, or its data have another shape than GSAS-II gives them.
    """
    source = open_source(path)
    tree = project_tree(source)
    taken: set[str] = set()
    below = tree["Phases"].below if "Phases" in tree else {}
    phases = [phase_of_project(source, title, data, taken) for title, data in below.items()]
    histograms = [histogram_of_project(source, item, taken) for name, item in tree.items() if name.startswith("PWDR ")]
    with reading(source, "its constraints"):
        constraints = tree["Constraints"].data if "Constraints" in tree else {}
        tied = constraints_of_project(constraints, phases, histograms)
    parts: dict[str, dict[str, ForeignPart]] = {phase.name: {} for phase in phases}
    modes: dict[str, Mode] = {phase.name: "pawley" if phase.pawley else "rietveld" for phase in phases}
    free = {name for phase in phases for name in phase.free} | {name for one in histograms for name in one.free}
    shared: list[SharedShift] = [group for histogram in histograms for group in histogram.shared]
    warnings = [warning for phase in phases for warning in phase.warnings]
    warnings += [warning for one in histograms for warning in one.warnings]
    for histogram in histograms:
        for phase, part, told, part_free in _parts(source, histogram, phases, modes, shared):
            parts[phase.name][histogram.histogram.name] = part
            free |= part_free
            warnings += told
    found = [ForeignPhase(one.name, one.structure, parts[one.name], modes[one.name]) for one in phases]
    return ForeignRefinement(
        tuple(found),
        tuple(one.histogram for one in histograms),
        frozenset(free - tied.held),
        (*shared, *tied.shared),
        tied.relations,
        title=Path(source.name).stem,
        warnings=(*warnings, *tied.warnings, *_left_out(tree)),
    )


def _parts(
    source: Source,
    histogram: ProjectHistogram,
    phases: list[ProjectPhase],
    modes: dict[str, Mode],
    shared: list[SharedShift],
) -> list[tuple[ProjectPhase, ForeignPart, tuple[str, ...], set[str]]]:
    """Return the part of each phase in a histogram, with what is told and free; adds modes and shared shifts."""
    found: list[tuple[ProjectPhase, ForeignPart, tuple[str, ...], set[str]]] = []
    scales: dict[str, tuple[float, bool]] = {}
    for phase in phases:
        with reading(source, f"phase '{phase.name}' in '{histogram.title}'"):
            data: Any = phase.parts.get(histogram.title)
            if data is None or not data.get("Use", True):
                continue
            part, refined, free, told = part_of_project(phase, histogram, data)
            scales[f"{phase.name}.{histogram.histogram.name}.scale"] = (part.scale, refined)
            found.append((phase, part, told, set(free)))
            if data.get("LeBail") and modes[phase.name] == "rietveld":
                modes[phase.name] = "lebail"
    free_here, together = free_scales(scales, histogram.scale[1])
    shared += together
    if found:
        found[0][3].update(free_here)
    return found


def _left_out(tree: dict[str, TreeItem]) -> tuple[str, ...]:
    """Return what kinds of items a project has that are not read."""
    kinds = {"HKLF": "single crystals", "IMG": "images", "PDF": "pair distribution functions", "SASD": "small angles"}
    found = {kinds[name.split()[0]] for name in tree if name.split() and name.split()[0] in kinds}
    if "Restraints" in tree and _any_list(tree["Restraints"].data):
        found.add("restraints")
    return tuple(f"{what} are not read" for what in sorted(found))


def _any_list(data: Any) -> bool:
    """Whether restraints, by phase and kind, hold any in their lists."""
    if not isinstance(data, dict):
        return False
    kinds = [kind for phase in data.values() if isinstance(phase, dict) for kind in phase.values()]
    return any(isinstance(one, list) and one for kind in kinds if isinstance(kind, dict) for one in kind.values())
