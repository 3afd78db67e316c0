"""Gaussian and Lorentzian FWHM of a phase's lines from all that broadens them, with every derivative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.line_width import (
    Broadening,
    caglioti,
    lorentz_instrument,
    size_broadening,
    spectral_broadening,
    strain_broadening,
    uniaxial_size_broadening,
)
from anatase.pattern.preferred_orientation import orientation_cosines
from anatase.pattern.stephens import quartic_columns, stephens_broadening, stephens_names
from anatase.simulation.faults import FAULTS, fault_broadening
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = ["Widths", "line_widths", "widths_without_hkl"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
WidthChange = tuple[tuple[str, ...], Literal["gauss", "lorentz"], Array]

NARROWEST = 1e-8  # deg², the least Gaussian variance that is drawn
AXIS_TOLERANCE = 1e-6  # of cos², within which the equivalents of a size axis are one


@dataclass(frozen=True)
class Widths:
    """Gaussian and Lorentzian FWHM (m,) in degrees, and their derivatives.

    ``by_two_theta`` (2, m), ``by_reciprocal`` (2, m) by 1/d² at constant 2θ, ``by_size_cos2`` (2, m) by cos² to
    the size axis; ``by_parameter``: names (k), which width, and its derivatives (k, m). ``faults``: the part (m,) of
    the Lorentzian FWHM that is from stacking faults, ``None`` without any.
    """

    gauss: Array
    lorentz: Array
    by_two_theta: Array
    by_reciprocal: Array
    by_size_cos2: Array
    by_parameter: list[WidthChange]
    faults: Array | None = None


@dataclass(frozen=True)
class _Term:
    """A broadening, the Gaussian share of its FWHM, the names of its parameters, and what ``by_hkl`` is by."""

    broadening: Broadening
    share: float
    names: tuple[str, ...]
    hkl_kind: int = 0  # 1: 1/d², 2: cos² to the size axis


def _terms(
    two_theta: Array,
    wavelength: Array,
    relative_width: Array | None,
    inverse_d2: Array,
    hkl: Indices,
    structure: Structure,
    instrument: Instrument,
    sample: Sample,
) -> list[_Term]:
    xyz = (instrument.lorentz_x, instrument.lorentz_y, instrument.lorentz_z)
    terms = [_Term(lorentz_instrument(two_theta, *xyz), 0.0, ("lorentz_x", "lorentz_y", "lorentz_z"))]
    if relative_width is not None:
        terms.append(_Term(spectral_broadening(two_theta, relative_width), 0.0, ()))
    if sample.size is not None and sample.size_across is None:
        size = size_broadening(two_theta, wavelength, sample.size, sample.shape_factor)
        terms.append(_Term(size, sample.size_gauss_share, ("size",)))
    elif sample.size is not None and sample.size_across is not None and sample.size_axis is not None:
        cos2 = orientation_cosines(hkl, sample.size_axis, structure.lattice, structure.space_group)
        if np.ptp(cos2, axis=1).max(initial=0.0) > AXIS_TOLERANCE:
            raise InputError(
                f"{structure.space_group.symbol} turns the size axis {sample.size_axis} into others",
                "give an axis that symmetry leaves in place, as the unique one, or one size",
            )
        sizes = (sample.size, sample.size_across, sample.shape_factor)
        size = uniaxial_size_broadening(two_theta, wavelength, cos2[:, 0], *sizes)
        terms.append(_Term(size, sample.size_gauss_share, ("size", "size_across"), 2))
    if sample.stephens:
        names = stephens_names(structure.space_group)
        if len(sample.stephens) != len(names):
            raise InputError(
                f"{len(sample.stephens)} strain terms for {structure.space_group.symbol}", f"give {', '.join(names)}"
            )
        columns = quartic_columns(hkl, structure.space_group)
        strain = stephens_broadening(two_theta, inverse_d2, columns, np.array(sample.stephens))
        terms.append(_Term(strain, sample.strain_gauss_share, names, 1))
    terms.append(_Term(strain_broadening(two_theta, sample.strain), sample.strain_gauss_share, ("strain",)))
    return terms


def line_widths(
    two_theta: Array,
    wavelength: Array,
    relative_width: Array | None,
    inverse_d2: Array,
    hkl: Indices,
    structure: Structure,
    instrument: Instrument,
    sample: Sample,
    *,
    derived: bool = True,
) -> Widths:
    """Return the widths of m lines of one phase.

    Parameters
    ----------
    two_theta, wavelength, inverse_d2, hkl
        Of the lines: degrees (m,), Å (m,), Å⁻² (m,), indices (m, 3).
    relative_width
        Δλ/λ (m,), the FWHM of the spectral line of each; ``None``: sharp.
    structure, instrument, sample
        What broadens them.
    derived
        Whether derivatives are asked for; else they are left empty.

    Raises
    ------
    PhysicsError
        When U, V and W give a negative variance, or nothing gives a line any width.
    """
    base = caglioti(two_theta, instrument.gauss_u, instrument.gauss_v, instrument.gauss_w)
    if base.value.size and base.value.min() < 0.0:
        worst = float(two_theta[np.argmin(base.value)])
        raise PhysicsError(
            f"U = {instrument.gauss_u:g}, V = {instrument.gauss_v:g}, W = {instrument.gauss_w:g} give the line at "
            f"{worst:.2f} deg a Gaussian FWHM² of {base.value.min():.2g} deg²; raise W, or U next to V²/(4 W)"
        )
    terms = _terms(two_theta, wavelength, relative_width, inverse_d2, hkl, structure, instrument, sample)
    variance, lorentz = base.value.copy(), np.zeros_like(two_theta)
    faults = None
    if sample.has_faults:
        terms.append(_Term(fault_broadening(two_theta, wavelength, hkl, structure, sample), 0.0, FAULTS))
        faults = terms[-1].broadening.value
    for term in terms:
        lorentz += (1.0 - term.share) * term.broadening.value
        if term.share:
            variance += (term.share * term.broadening.value) ** 2
    if lorentz.size and lorentz.min() < 0.0:
        raise PhysicsError(f"X, Y and Z give a negative Lorentzian FWHM ({lorentz.min():.2g} deg); raise X or Z")
    if variance.size and not (variance + lorentz).min() > 0.0:
        raise PhysicsError(
            f"nothing gives the line at {two_theta[np.argmin(variance + lorentz)]:.2f} deg a width; "
            "give the instrument gauss_w or lorentz_z above 0, or the sample a size"
        )
    gauss = np.sqrt(np.maximum(variance, NARROWEST))
    if not derived:
        nothing = np.empty((2, 0))
        return Widths(gauss, lorentz, nothing, nothing, nothing, [], faults)
    half = 0.5 / gauss
    by_two_theta, by_reciprocal, by_size = np.zeros((3, 2, two_theta.size))
    by_two_theta[0] = half * base.by_two_theta
    changes: list[WidthChange] = [(("gauss_u", "gauss_v", "gauss_w"), "gauss", half * base.by_parameter)]
    for term in terms:
        b, share = term.broadening, 1.0 - term.share
        by_hkl = by_reciprocal if term.hkl_kind == 1 else by_size
        if term.share:
            rate = term.share**2 * b.value / gauss
            by_two_theta[0] += rate * b.by_two_theta
            if term.hkl_kind and b.by_hkl is not None:
                by_hkl[0] += rate * b.by_hkl
            changes.append((term.names, "gauss", rate * b.by_parameter))
        if share:
            by_two_theta[1] += share * b.by_two_theta
            if term.hkl_kind and b.by_hkl is not None:
                by_hkl[1] += share * b.by_hkl
            changes.append((term.names, "lorentz", share * b.by_parameter))
    return Widths(gauss, lorentz, by_two_theta, by_reciprocal, by_size, changes, faults)


def widths_without_hkl(
    two_theta: float, wavelength: float, relative_width: float, instrument: Instrument, sample: Sample
) -> tuple[float, float]:
    """Return the Gaussian and Lorentzian FWHM (°) at 2θ (°) that instrument, spectrum, size and strain give.

    Of Δλ/λ (``relative_width``); none is refused, a negative variance counts as 0.
    """
    at, lambdas = np.array([two_theta]), np.array([wavelength])
    variance = float(caglioti(at, instrument.gauss_u, instrument.gauss_v, instrument.gauss_w).value[0])
    lorentz = float(lorentz_instrument(at, instrument.lorentz_x, instrument.lorentz_y, instrument.lorentz_z).value[0])
    lorentz += float(spectral_broadening(at, np.array([relative_width])).value[0])
    shares = [(strain_broadening(at, sample.strain), sample.strain_gauss_share)]
    if sample.size is not None:
        shares.append((size_broadening(at, lambdas, sample.size, sample.shape_factor), sample.size_gauss_share))
    for broadening, share in shares:
        lorentz += (1.0 - share) * float(broadening.value[0])
        variance += (share * float(broadening.value[0])) ** 2
    return max(variance, 0.0) ** 0.5, max(lorentz, 0.0)
