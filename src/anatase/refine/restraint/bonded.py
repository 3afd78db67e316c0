"""Which images of atoms a restraint is about: names, globs and symmetry codes resolved on a start."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.refine.model import RefinementModel
from anatase.refine.restraint.atom_images import (
    SAME,
    AtomImage,
    coded_image,
    equivalent_neighbours,
    images_within,
    nearest_image,
)

__all__ = ["angles_around", "atom_label", "bonds_around", "chain", "coordinations", "sites_of"]


def sites_of(model: RefinementModel, text: str) -> list[tuple[int, int, str]]:
    """Return number of phase, number of site and symmetry code of the atoms that a name or glob means.

    Raises
    ------
    InputError
        When there is none; the message gives names like it.
    """
    known = {
        f"{phase.name}.{site.label}": (i, j)
        for i, phase in enumerate(model.phases)
        for j, site in enumerate(phase.structure.sites)
    }
    if text in known:
        return [(*known[text], "")]
    head, _, code = text.rpartition(" ")
    if head.strip() in known:
        return [(*known[head.strip()], code)]
    found = [(*at, "") for name, at in known.items() if fnmatchcase(name, text)]
    if not found:
        close = get_close_matches(head.strip() or text, list(known), n=4, cutoff=0.4) or list(known)[:4]
        raise InputError(f"'{text}' names no atom of this refinement", f"did you mean {', '.join(close)}?")
    return found


def chain(model: RefinementModel, atoms: Sequence[str], *, around: int | None = None) -> tuple[int, list[AtomImage]]:
    """Return the phase and images of atoms named one by one: the one ``around`` first, each next to what is placed.

    ``around``: the number of the atom next to which the others are; ``None``: next to any that is placed.

    Raises
    ------
    InputError
        When a name means several atoms, or they are of several phases.
    """
    sites = [_one_site(model, text) for text in atoms]
    if len({phase for phase, _, _ in sites}) > 1:
        raise InputError(f"{', '.join(atoms)} belong to several phases", "restrain atoms of one phase")
    structure = model.phases[sites[0][0]].structure
    images: dict[int, AtomImage] = {}
    first = around or 0
    for n in (first, *(n for n in range(len(sites)) if n != first)):
        _, site, code = sites[n]
        placed = {i: image.place(structure) for i, image in images.items()}
        if code or not images:
            images[n] = coded_image(structure, site, code) if code else AtomImage(site)
        else:
            near = list(placed.values()) if around is None else [placed[around]]
            images[n] = nearest_image(structure, site, near, list(placed.values()))
    return sites[0][0], [images[n] for n in range(len(sites))]


def _one_site(model: RefinementModel, text: str) -> tuple[int, int, str]:
    found = sites_of(model, text)
    if len(found) > 1:
        raise InputError(f"'{text}' means {len(found)} atoms where one is needed", "write its name, or give 'within'")
    return found[0]


def _neighbours(model: RefinementModel, phase: int, site: int, text: str, within: float) -> list[AtomImage]:
    """Return the images of the named sites around a site, nearest first."""
    structure = model.phases[phase].structure
    place = AtomImage(site).place(structure)
    found = []
    for other, number, code in sites_of(model, text):
        if code:
            raise InputError(f"'{text}' has a symmetry code beside 'within'", "give one of the two")
        if other == phase:
            found += images_within(structure, number, place, within)
    return [image for _, image in sorted(found, key=lambda one: one[0])]


def bonds_around(model: RefinementModel, atoms: Sequence[str], within: float) -> list[tuple[int, list[AtomImage]]]:
    """Return phase and images (2) of each bond from the first sites to the second, shorter than ``within`` (Å).

    Of bonds that the symmetry of the first site makes equal, one stays; of a bond named from both ends, one.
    """
    found: list[tuple[int, list[AtomImage]]] = []
    ends = {(phase, site) for phase, site, _ in sites_of(model, atoms[1])}
    done: set[tuple[int, int]] = set()
    for phase, site, _ in sites_of(model, atoms[0]):
        structure = model.phases[phase].structure
        near = _neighbours(model, phase, site, atoms[1], within)
        permuted = equivalent_neighbours(structure, site, near)
        for n, image in enumerate(near):
            from_other_end = (phase, image.site) in done and (phase, site) in ends
            backwards = image.site == site and _among(structure, image.inverse, near[:n])
            if min((row[n] for row in permuted), default=n) == n and not from_other_end and not backwards:
                found.append((phase, [AtomImage(site), image]))
        done.add((phase, site))
    return found


def _among(structure: Structure, image: AtomImage, others: Sequence[AtomImage]) -> bool:
    """Return whether an image stands where one of others does."""
    gaps = [(image.place(structure) - other.place(structure)) @ structure.lattice.vectors for other in others]
    return any(float(gap @ gap) < SAME**2 for gap in gaps)


def angles_around(model: RefinementModel, atoms: Sequence[str], within: float) -> list[tuple[int, list[AtomImage]]]:
    """Return phase and images (3) of each angle at the middle sites between others nearer than ``within`` (Å).

    Of angles that the symmetry of the middle site makes equal, one stays.
    """
    found: list[tuple[int, list[AtomImage]]] = []
    for phase, site, _ in sites_of(model, atoms[1]):
        near = _neighbours(model, phase, site, atoms[0], within)
        first = len(near)
        near += [image for image in _neighbours(model, phase, site, atoms[2], within) if image not in near]
        ends = set(_neighbours(model, phase, site, atoms[2], within))
        permuted = equivalent_neighbours(model.phases[phase].structure, site, near)
        taken: set[tuple[int, int]] = set()
        for i in range(first):
            for j, other in enumerate(near):
                pair = (min(i, j), max(i, j))
                if i != j and other in ends and pair not in taken:
                    taken |= {(min(row[i], row[j]), max(row[i], row[j])) for row in permuted} | {pair}
                    found.append((phase, [near[i], AtomImage(site), other]))
    return found


def atom_label(model: RefinementModel, phase: int, image: AtomImage) -> str:
    """Return the name of an image for people: ``S``, ``O3 x,-y+1/2,z``."""
    label = model.phases[phase].structure.sites[image.site].label
    return f"{label} {image.code}".strip()


def coordinations(model: RefinementModel, text: str, within: float) -> list[tuple[int, list[AtomImage]]]:
    """Return phase and images of each named atom: itself, then every atom around it, those equal by symmetry too."""
    found = []
    for phase, site, _ in sites_of(model, text):
        structure = model.phases[phase].structure
        place = AtomImage(site).place(structure)
        each = [images_within(structure, other, place, within) for other in range(len(structure.sites))]
        found.append((phase, [AtomImage(site), *(image for near in each for _, image in near)]))
    return found
