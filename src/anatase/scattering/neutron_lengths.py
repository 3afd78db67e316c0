"""Bound coherent neutron scattering lengths and cross sections of elements and isotopes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from anatase.errors import InputError
from anatase.scattering.dispersion import atomic_number
from anatase.scattering.neutron_resonances import resonant_length

__all__ = [
    "THERMAL_WAVELENGTH",
    "NeutronScattering",
    "has_neutron_length",
    "isotopes_of",
    "neutron_amplitude",
    "neutron_length",
    "neutron_scattering",
]

THERMAL_WAVELENGTH = 1.798  # Å, 2200 m/s: where absorption cross sections are tabulated
FM_PER_ANGSTROM = 1e5
FM2_PER_BARN = 100.0


@dataclass(frozen=True, slots=True)
class NeutronScattering:
    """What a nucleus does to neutrons: length in fm, cross sections in barn, absorption at 1.798 Å."""

    length: float
    coherent: float = 0.0
    incoherent: float = 0.0
    absorption: float = 0.0

    @property
    def imaginary_length(self) -> float:
        """Return b″ = σ_a/(2λ) in fm, by the optical theorem; σ_a ∝ λ makes it the same at all wavelengths."""
        return self.absorption * FM2_PER_BARN / (2.0 * THERMAL_WAVELENGTH * FM_PER_ANGSTROM)


@cache
def _table() -> dict[tuple[str, int], NeutronScattering]:
    text = resources.files("anatase.scattering").joinpath("data/neutron_lengths.csv").read_text("utf-8")
    rows = [line.split(",") for line in text.splitlines() if line[0] != "#"][1:]
    return {(row[0], int(row[1])): NeutronScattering(*(float(word) for word in row[2:])) for row in rows}


def isotopes_of(element: str) -> tuple[int, ...]:
    """Return the mass numbers whose scattering lengths are known."""
    return tuple(mass_number for symbol, mass_number in _table() if symbol == element and mass_number)


def neutron_scattering(element: str, isotope: int = 0) -> NeutronScattering:
    """Return length and cross sections of an isotope, or of the natural element (isotope 0; ``D`` is ²H).

    Lengths of natural elements and of ²H: Sears (1992) Neutron News 3(3), 26. Isotopes and cross sections: Rauch &
    Waschkowski (2003) Neutron Data Booklet (ILL), 1.1-1, with the later measurements that periodictable lists.
    The values are those at 1.798 Å; resonances below 1 eV change them with the wavelength (``neutron_amplitude``).

    Raises
    ------
    InputError
        When the element is none, or no length of it or of the isotope is tabulated (Po, At, Rn, Fr, Ac, beyond Cm).

    Examples
    --------
    >>> neutron_scattering("B", 11).length
    6.65
    >>> round(neutron_scattering("B", 10).imaginary_length, 3)
    1.066
    """
    number = atomic_number(element)
    symbol, isotope = ("H", 2) if element == "D" and isotope == 0 else (element if number > 1 else "H", isotope)
    found = _table().get((symbol, isotope))
    if found is not None:
        return found
    known = ", ".join(str(mass) for mass in isotopes_of(symbol)) or "none"
    which = f"{symbol} with mass number {isotope}" if isotope else f"natural {symbol}"
    raise InputError(
        f"no neutron scattering length of {which} is tabulated", f"isotopes with one: {known}; 0 is the natural element"
    )


def has_neutron_length(element: str, isotope: int = 0) -> bool:
    """Tell whether a scattering length is tabulated: not for Po, At, Rn, Fr, Ac and all beyond Cm."""
    return isotope in isotopes_of(element) or (isotope == 0 and (element == "D" or (element, 0) in _table()))


def neutron_length(element: str, isotope: int = 0) -> float:
    """Return the real bound coherent scattering length in fm of an isotope or of the natural element."""
    return neutron_scattering(element, isotope).length


def neutron_amplitude(element: str, isotope: int = 0, wavelength: float | None = None) -> tuple[float, float]:
    """Return b and b″ in fm at a wavelength in Å, or at 1.798 Å.

    b″ = σ_a/(2λ) does not depend on λ but for resonant rare earths, whose b and b″ at the wavelength are those of
    Lynn & Seeger (1990); ¹¹³Cd (0.178 eV) and other resonances beyond 0.1 eV stay as they are at 1.798 Å.

    Raises
    ------
    InputError
        When the element is none, or no length of the isotope is tabulated.
    """
    nucleus = neutron_scattering(element, isotope)
    resonant = None if wavelength is None else resonant_length(element, isotope, wavelength)
    return resonant or (nucleus.length, nucleus.imaginary_length)
