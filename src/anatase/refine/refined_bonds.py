"""Bonds of a refined structure with their s.u."""

from __future__ import annotations

from dataclasses import dataclass

import gemmi
import numpy as np

from anatase.crystal.structure import Site, Structure
from anatase.estimate import Estimate
from anatase.refine.model import Phase
from anatase.refine.refinement import Refinement
from anatase.refine.restraint.atom_images import AtomImage, positions
from anatase.refine.restraint.bond_geometry import distance
from anatase.refine.restraint.bonded import bonds_around

__all__ = ["RefinedBond", "refined_bonds"]

SLACK = 0.4  # Å beyond the sum of covalent radii (Cordero et al. 2008, as gemmi has them) up to which atoms are bonded


# what metals are bonded to where there is oxygen or fluorine: not to the P of phosphate
ANIONS = frozenset(("O", "F", "N", "Cl", "Br", "I"))


@dataclass(frozen=True)
class RefinedBond:
    """Two atoms by the numbers of their sites, the second an ``image`` of its own, and how long the bond is (Å)."""

    first: int
    image: AtomImage
    length: Estimate


def refined_bonds(refinement: Refinement, phase: Phase) -> tuple[RefinedBond, ...]:
    """Return the bonds of a phase, those equal by symmetry once, with s.u. of coordinates, cell and their correlation.

    Atoms are bonded when nearer than the sum of their covalent radii + 0.4 Å; in an oxide or fluoride, metals to anions
    alone. The s.u. go with ``su_corrected``.
    """
    structure = phase.structure
    if not structure.sites:
        return ()
    radii = [_radius(site) for site in structure.sites]
    names = refinement.fitted.parametrisation.names
    rows = {name: i for i, name in enumerate(names)}
    spread = refinement.fitted.spread * refinement.serial.factor**2
    atoms = f"{phase.name}.*"
    found = []
    for number, (first, image) in bonds_around(refinement.model, (atoms, atoms), 2.0 * max(radii) + SLACK):
        if refinement.model.phases[number].name != phase.name:
            continue
        if _only_near(structure, first.site, image.site):
            continue
        points, slopes = positions(structure, phase.name, (first, image), rows)
        values, by_point = distance(points)
        if values[0] > radii[first.site] + radii[image.site] + SLACK:
            continue
        slope = np.einsum("rnc,nc->r", slopes, by_point[0])
        variance = float(slope @ spread @ slope)
        su = float(np.sqrt(variance)) if variance > 0.0 else None
        found.append(RefinedBond(first.site, image, Estimate(float(values[0]), su)))
    return tuple(found)


def _only_near(structure: Structure, first: int, second: int) -> bool:
    """Tell whether two sites are near each other without a bond: a metal and no anion, in an oxide or fluoride."""
    if not structure.elements & {"O", "F"}:
        return False
    pair = [structure.sites[site].species[0].element for site in (first, second)]
    metal = any(gemmi.Element(element).is_metal for element in pair)
    return metal and not any(element in ANIONS for element in pair)


def _radius(site: Site) -> float:
    """Return the covalent radius of the largest species of a site, Å."""
    return max(float(gemmi.Element(one.element).covalent_r) for one in site.species)
