"""Radiations: probe, wavelengths with weights and widths, polarization."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

from anatase.errors import InputError, PhysicsError
from anatase.scattering.emission import ANODES, HC_EV_ANGSTROM, Line, emission_profile

__all__ = ["TUBES", "Probe", "Radiation", "electron_wavelength", "radiation_from_name", "synchrotron_radiation"]

Probe = Literal["xray", "neutron", "electron"]

# Kα1, Kα2 in Å of the anodes that a bare wavelength may mean
TUBES: dict[str, tuple[float, float]] = {
    anode: (lines.ka1, lines.ka2) for anode, lines in ANODES.items() if lines.usual
}

ELECTRON_REST_ENERGY = 510.99895  # keV, CODATA 2018
NEUTRON_MEV_ANGSTROM2 = 81.8042102  # h²/(2 m_n), meV Å²: λ = √(81.804/E)
SHORTEST, LONGEST = 0.001, 50.0  # Å
TUBE_NAME = re.compile(r"([a-z]{1,2}?)(?:k([ab])([0-9]?)(?:_(?:holzer|berger))?)?")
ENERGY = re.compile(r"([0-9.e+-]+)(kev|mev|kv)")


@dataclass(frozen=True, slots=True)
class Radiation:
    """A probe and its spectral lines.

    Parameters
    ----------
    probe
        ``"xray"``, ``"neutron"`` or ``"electron"``.
    lines
        Pairs of wavelength (Å) and relative weight (area); the strongest is put first.
    polarization
        Ratio K of the intensities polarized in and across the plane of diffraction, in the polarization factor
        1 + K M cos²2θ with ``monochromator_two_theta`` (°) giving M = cos²2θ_M. Unpolarized tube: 1; neutrons,
        electrons and a fully σ-polarized synchrotron beam: 0.
    name
        What a user calls it: ``"CuKa"``, ``"MoKa1"``, ``"0.4131 Å"``.
    assumed
        True when the file named no wavelength and this one was taken by default.
    line_widths
        Full width at half maximum (Å) of each line's Lorentzian; empty where lines count as sharp.

    Raises
    ------
    InputError
        When lines and widths differ in number.
    PhysicsError
        When a wavelength or a weight is negative or not finite, or all weights are 0.
    """

    probe: Probe
    lines: tuple[tuple[float, float], ...]
    polarization: float = 1.0
    monochromator_two_theta: float = 0.0
    name: str = ""
    assumed: bool = False
    line_widths: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.line_widths and len(self.line_widths) != len(self.lines):
            raise InputError(
                f"radiation '{self.name}' has {len(self.lines)} lines and {len(self.line_widths)} widths",
                "give one width for each line, or none",
            )
        if not self.lines:
            return
        weights = [weight for _, weight in self.lines]
        if not all(0.0 <= number < inf for line in self.lines for number in line) or not max(weights) > 0.0:
            raise PhysicsError(
                f"radiation '{self.name}' has lines {list(self.lines)}; give wavelengths above 0 and weights of 0 or "
                "more, not all 0"
            )
        strongest = weights.index(max(weights))
        if strongest:
            order = [strongest, *(i for i in range(len(weights)) if i != strongest)]
            object.__setattr__(self, "lines", tuple(self.lines[i] for i in order))
            if self.line_widths:
                object.__setattr__(self, "line_widths", tuple(self.line_widths[i] for i in order))

    @property
    def wavelength(self) -> float:
        """The strongest line's wavelength, Å."""
        return self.lines[0][0]


def electron_wavelength(kilovolts: float) -> float:
    """Return the wavelength in Å of electrons accelerated by a voltage in kV.

    λ = h/√(2 m e V (1 + e V/2mc²)) = hc/√(e V (e V + 2 m c²)) (International Tables C, table 4.3.2.1).

    Examples
    --------
    >>> round(electron_wavelength(200.0), 6)
    0.025079
    """
    return HC_EV_ANGSTROM / 1e3 / sqrt(kilovolts * (kilovolts + 2.0 * ELECTRON_REST_ENERGY))


def synchrotron_radiation(wavelength: float, sigma_fraction: float = 1.0) -> Radiation:
    """Return one X-ray wavelength (Å) of a beam of which a fraction f is polarized across the plane of diffraction.

    P = f + (1 − f) cos²2θ, so that K = (1 − f)/f (Kahn et al. (1982) J. Appl. Cryst. 15, 330).

    Raises
    ------
    InputError
        When the fraction is not above 0 and at most 1, or the wavelength is not positive.

    Examples
    --------
    >>> round(synchrotron_radiation(0.4131, 0.95).polarization, 4)
    0.0526
    """
    if not 0.0 < sigma_fraction <= 1.0 or not SHORTEST < wavelength < LONGEST:
        raise InputError(
            f"{wavelength:g} Å polarized to a fraction of {sigma_fraction:g} is no synchrotron beam",
            "give a wavelength from 0.001 to 50 Å and a fraction above 0, at most 1",
        )
    polarization = (1.0 - sigma_fraction) / sigma_fraction
    return Radiation("xray", ((wavelength, 1.0),), polarization, name=f"{wavelength:g} Å")


def radiation_from_name(name: str, probe: Probe = "xray") -> Radiation:
    """Return the radiation that a user names: ``CuKa``, ``CoKa1``, ``CuKb``, ``200 kV``, or a wavelength in Å.

    ``XxKa`` has both Kα lines (weights 1 and 0.5), ``XxKa1`` only the first, ``XxKb`` is Kβ1. A further digit asks
    for the shape of the line in that many Lorentzians, with their widths: ``CuKa4``, ``CoKa7``, ``CuKb5`` (Hölzer
    et al., 1997), ``CuKa5`` (Berger, 1986). A bare number is one line: a laboratory one by its polarization when it
    lies between a tube's Kα1 and Kα2 or at its Kβ1, give or take 0.001 Å, else a synchrotron's (K = 0). Neutrons have
    no polarization factor. Energies: ``12.4 keV`` of X-rays, ``200 kV`` of electrons, ``25.3 meV`` of neutrons.

    Raises
    ------
    InputError
        When the name is neither a tube, an energy nor a number from 0.001 to 50, or a tube is named for another probe.

    Examples
    --------
    >>> radiation_from_name("CuKa").lines
    ((1.5405929, 1.0), (1.5444274, 0.5))
    """
    text = name.lower().replace("α", "a").replace("β", "b").replace("å", "")  # lower() makes one of two angstrom signs
    text = "".join(text.split())
    word = text.replace("-", "").replace("alpha", "a").replace("beta", "b").replace("ka12", "ka").replace("ka1,2", "ka")
    tube = _tube(word)
    if tube is not None:
        if probe != "xray":
            raise InputError(f"'{name}' is an X-ray line, not one of {probe}s", "give the wavelength in angstrom")
        return tube
    wavelength = _wavelength(text, probe)
    if not SHORTEST < wavelength < LONGEST:
        tubes = ", ".join(f"{t}Ka" for t in TUBES)
        raise InputError(
            f"'{name}' is no wavelength",
            f"give one of {tubes} or a number from {SHORTEST:g} to {LONGEST:g} in angstrom",
        )
    if probe != "xray":
        return Radiation(probe, ((wavelength, 1.0),), polarization=0.0, name=f"{wavelength:g} Å")
    laboratory = any(alpha1 - 1e-3 < wavelength < alpha2 + 1e-3 for alpha1, alpha2 in TUBES.values())
    laboratory = laboratory or any(abs(wavelength - lines.kb1) < 1e-3 for lines in ANODES.values() if lines.usual)
    return Radiation("xray", ((wavelength, 1.0),), polarization=float(laboratory), name=f"{wavelength:g} Å")


def _tube(word: str) -> Radiation | None:
    """Return the radiation of a tube from its name without spaces and Greek letters, ``None`` where it is no tube."""
    match = TUBE_NAME.fullmatch(word)
    anode = match.group(1).capitalize() if match else ""
    if match is None or anode not in ANODES:
        return None
    lines = ANODES[anode]
    kind: Line = "Kb" if match.group(2) == "b" else "Ka"
    sharp = {
        "Ka": ((lines.ka1, 1.0), (lines.ka2, 0.5)),
        "Ka1": ((lines.ka1, 1.0),),
        "Kb": ((lines.kb1, 1.0),),
        "Kb1": ((lines.kb1, 1.0),),
    }
    pairs = sharp.get(f"{kind}{match.group(3) or ''}")
    if pairs is not None:
        return Radiation(
            "xray", pairs, name=f"{anode}{kind}1" if len(pairs) == 1 and kind == "Ka" else f"{anode}{kind}"
        )
    if (count := int(match.group(3))) < 3:
        return None  # CuKa2 would be the second line alone, which no instrument selects
    try:
        profile = emission_profile(anode, kind, count)
    except InputError:
        return None
    shape = tuple(zip(profile.wavelengths, profile.weights, strict=True))
    return Radiation("xray", shape, name=f"{anode}{kind}{count}", line_widths=profile.widths)


def _wavelength(text: str, probe: Probe) -> float:
    """Return the wavelength (Å) of a number or an energy, −1 where it is neither."""
    energy = ENERGY.fullmatch(text)
    try:
        if energy is None:
            return float(text.removesuffix("a").replace("_", " "))  # Python would read 1_54 as 154
        value, unit = float(energy.group(1)), energy.group(2)
    except ValueError:
        return -1.0
    if not value > 0.0:
        return -1.0
    if probe == "electron" and unit in ("kv", "kev"):
        return electron_wavelength(value)
    if probe == "xray" and unit == "kev":
        return HC_EV_ANGSTROM / 1e3 / value
    return sqrt(NEUTRON_MEV_ANGSTROM2 / value) if probe == "neutron" and unit == "mev" else -1.0
