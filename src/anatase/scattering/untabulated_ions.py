"""Ions that a table of form factors lacks, and what is told of them."""

from __future__ import annotations

from anatase.crystal.structure import Structure
from anatase.scattering.form_factors import gaussian_sum
from anatase.scattering.scattering_power import ScatteringModel

__all__ = ["untabulated_ions"]


def untabulated_ions(structure: Structure, model: ScatteringModel) -> tuple[str, ...]:
    """Return a warning that names the ions which scatter X-rays or electrons as neutral atoms, or nothing.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("N1", (Species("N", charge=-3),), (0, 0, 0))
    >>> untabulated_ions(Structure(Lattice(4, 4, 4), SpaceGroup.from_number(221), (site,)), ScatteringModel())
    ('N3- scatters as a neutral atom: IT92 has no form factor of it',)
    """
    if model.probe == "neutron":
        return ()
    charged = {(s.element, s.charge) for site in structure.sites for s in site.species if s.charge}
    lacking = sorted(ion for ion in charged if gaussian_sum(*ion, model.table).charge != ion[1])
    if not lacking:
        return ()
    names = ", ".join(f"{element}{abs(charge)}{'+' if charge > 0 else '-'}" for element, charge in lacking)
    verb, what = ("scatters as a neutral atom", "it") if len(lacking) == 1 else ("scatter as neutral atoms", "them")
    return (f"{names} {verb}: {model.table} has no form factor of {what}",)
