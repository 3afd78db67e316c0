"""Radiations: probe, wavelengths with weights, polarization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from anatase.errors import InputError

__all__ = ["TUBES", "Probe", "Radiation", "radiation_from_name"]

Probe = Literal["xray", "neutron", "electron"]

# Kα1, Kα2 in Å: Hölzer et al. (1997) Phys. Rev. A 56, 4554 for Cr–Cu,
# Bearden (1967) Rev. Mod. Phys. 39, 78 rescaled to the SI for Mo and Ag, as in Int. Tables C, 4.2.2.
TUBES: dict[str, tuple[float, float]] = {
    "Cr": (2.2897260, 2.2936510),
    "Fe": (1.9360410, 1.9399730),
    "Co": (1.7889960, 1.7928350),
    "Cu": (1.5405929, 1.5444274),
    "Mo": (0.7093171, 0.7136070),
    "Ag": (0.5594218, 0.5638131),
}


@dataclass(frozen=True, slots=True)
class Radiation:
    """A probe and its spectral lines.

    Parameters
    ----------
    probe
        ``"xray"``, ``"neutron"`` or ``"electron"``.
    lines
        Pairs of wavelength (Å) and relative weight, strongest first.
    polarization
        Fraction K of the beam in the polarization factor (1 + K cos²2θ·M)/(1 + K), with ``monochromator_two_theta``
        (°) giving M = cos²2θ_M. Unpolarized tube: 1; neutrons and a fully σ-polarized synchrotron beam: 0.
    name
        What a user calls it: ``"CuKa"``, ``"MoKa1"``, ``"0.4131 Å"``.
    assumed
        True when the file named no wavelength and this one was taken by default.
    """

    probe: Probe
    lines: tuple[tuple[float, float], ...]
    polarization: float = 1.0
    monochromator_two_theta: float = 0.0
    name: str = ""
    assumed: bool = False

    @property
    def wavelength(self) -> float:
        """The strongest line's wavelength, Å."""
        return self.lines[0][0]


def radiation_from_name(name: str, probe: Probe = "xray") -> Radiation:
    """Return the radiation that a user names: ``CuKa``, ``CoKa1``, ``MoKa``, or a wavelength in Å.

    ``XxKa`` has both Kα lines (weights 1 and 0.5), ``XxKa1`` only the first. A bare number is one
    line: a laboratory one by its polarization when it lies between a tube's Kα1 and Kα2, give or take 0.001 Å,
    else a synchrotron's (K = 0). Neutrons have no polarization factor.

    Raises
    ------
    InputError
        When the name is neither a tube nor a number from 0.001 to 50, or a tube is named for another probe.
    """
    text = name.lower().replace("α", "a").replace("å", "")  # lower() makes one of the two angstrom signs
    text = "".join(text.split())
    word = text.replace("-", "").replace("alpha", "a")
    for tube, (alpha1, alpha2) in TUBES.items():
        symbol = tube.lower()
        both = word in (symbol, f"{symbol}ka", f"{symbol}ka12", f"{symbol}ka1,2")
        if not both and word != f"{symbol}ka1":
            continue
        if probe != "xray":
            raise InputError(f"'{name}' is an X-ray line, not one of {probe}s", "give the wavelength in angstrom")
        if both:
            return Radiation("xray", ((alpha1, 1.0), (alpha2, 0.5)), name=f"{tube}Ka")
        return Radiation("xray", ((alpha1, 1.0),), name=f"{tube}Ka1")
    try:
        wavelength = float(text.removesuffix("a").replace("_", " "))  # Python would read 1_54 as 154
    except ValueError:
        wavelength = -1.0
    if not 0.001 < wavelength < 50.0:
        tubes = ", ".join(f"{t}Ka" for t in TUBES)
        raise InputError(f"'{name}' is no wavelength", f"give one of {tubes} or a number in angstrom, as in 0.4131")
    if probe != "xray":
        return Radiation(probe, ((wavelength, 1.0),), polarization=0.0, name=f"{wavelength:g} Å")
    laboratory = any(alpha1 - 1e-3 < wavelength < alpha2 + 1e-3 for alpha1, alpha2 in TUBES.values())
    return Radiation("xray", ((wavelength, 1.0),), polarization=float(laboratory), name=f"{wavelength:g} Å")
