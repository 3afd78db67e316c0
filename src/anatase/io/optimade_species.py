"""Who sits on the sites of an OPTIMADE structure: mixtures, vacancies, attached atoms, assemblies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Species
from anatase.errors import InputError

__all__ = ["Share", "group_shares", "species_of_sites"]

DEUTERIUM = (1.9, 2.2)  # u, between the masses of hydrogen and tritium


@dataclass(frozen=True, slots=True)
class Share:
    """An element with its share of a site, 0–1; ``isotope`` is 2 for deuterium, else 0."""

    element: str
    occupancy: float
    isotope: int = 0

    def scaled(self, factor: float) -> Share:
        """Return the same with its share multiplied."""
        return replace(self, occupancy=self.occupancy * factor)

    def species(self) -> Species:
        """Return it as a species of a site; servers' sums of shares are off by rounding."""
        return Species(self.element, round(self.occupancy, 6), isotope=self.isotope)


def species_of_sites(attributes: Mapping[str, Any], n_sites: int) -> tuple[list[tuple[Share, ...]], tuple[str, ...]]:
    """Return who sits on each site, an empty tuple for a vacancy, and warnings.

    Raises
    ------
    InputError
        When ``species`` does not describe every site, or names an unknown atom.
    """
    names = attributes.get("species_at_sites")
    if not isinstance(names, list) or len(names) != n_sites:
        listed = len(names) if isinstance(names, list) else "no"
        raise InputError(f"species_at_sites lists {listed} of {n_sites} sites", "the entry is incomplete at its source")
    described = attributes.get("species")
    table = described if isinstance(described, list) else []
    known: dict[str, tuple[Share, ...]] = {}
    warnings: list[str] = []
    for species in table:
        if isinstance(species, Mapping) and species.get("name") in names:
            known[str(species["name"])] = _shares(species)
            warnings += _attached(species)
    for name in dict.fromkeys(map(str, names)):
        if name not in known:
            known[name] = (Share(_element(name, name), 1.0),)  # some servers describe no plain element
    return [known[str(name)] for name in names], tuple(warnings)


def _shares(species: Mapping[str, Any]) -> tuple[Share, ...]:
    symbols, shares, masses = (species.get(key) for key in ("chemical_symbols", "concentration", "mass"))
    name = str(species["name"])
    if not isinstance(symbols, list) or not symbols:
        raise InputError(f"species '{name}' names no element", "the entry is incomplete at its source")
    if not isinstance(shares, list) or len(shares) != len(symbols):
        raise InputError(f"species '{name}' has no share for each element", "the entry is incomplete at its source")
    if not all(isinstance(x, (int, float)) and 0.0 <= x <= 1.001 for x in shares):
        raise InputError(f"species '{name}' has the shares {shares}", "shares lie between 0 and 1")
    weights = masses if isinstance(masses, list) and len(masses) == len(symbols) else [None] * len(symbols)
    return tuple(
        Share(element, min(float(share), 1.0), _isotope(element, mass))
        for symbol, share, mass in zip(symbols, shares, weights, strict=True)
        if symbol != "vacancy" and share > 0
        for element in (_element(str(symbol), name),)
    )


def _element(symbol: str, name: str) -> str:
    element = gemmi.Element(symbol)
    if symbol == "X" or element.atomic_number == 0 or element.name != symbol:
        raise InputError(f"species '{name}' holds '{symbol}', no known element", "its scattering is unknown")
    return symbol


def _isotope(element: str, mass: Any) -> int:
    heavy = isinstance(mass, (int, float)) and DEUTERIUM[0] < mass < DEUTERIUM[1]
    return 2 if element == "H" and heavy else 0


def _attached(species: Mapping[str, Any]) -> list[str]:
    attached, numbers = species.get("attached"), species.get("nattached")
    if not isinstance(attached, list) or not attached:
        return []
    counts = numbers if isinstance(numbers, list) and len(numbers) == len(attached) else [1] * len(attached)
    atoms = " ".join(f"{n} {symbol}" for symbol, n in zip(attached, counts, strict=True))
    return [f"{atoms} attached to species '{species['name']}' without positions: left out"]


def group_shares(attributes: Mapping[str, Any], n_sites: int) -> NDArray[np.float64]:
    """Return the probability (n_sites,) that a site is there at all: that of its group in an assembly, or 1.

    Raises
    ------
    InputError
        When an assembly names sites that do not exist, or groups without probabilities.
    """
    shares = np.ones(n_sites)
    assemblies = attributes.get("assemblies")
    for assembly in assemblies if isinstance(assemblies, list) else []:
        groups = assembly.get("sites_in_groups") if isinstance(assembly, Mapping) else None
        probabilities = assembly.get("group_probabilities") if isinstance(assembly, Mapping) else None
        if not isinstance(groups, list) or not isinstance(probabilities, list) or len(groups) != len(probabilities):
            raise InputError("an assembly of sites has no probability for each group", "the entry is incomplete")
        for group, probability in zip(groups, probabilities, strict=True):
            named = isinstance(group, list) and all(isinstance(site, int) and 0 <= site < n_sites for site in group)
            if not named or not isinstance(probability, (int, float)):
                raise InputError(f"an assembly holds {group} with probability {probability}", "the entry is wrong")
            shares[group] = probability
    return shares
