"""From a reflection file to the reflections of a refinement: indices, absences, equivalents, limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError
from anatase.io.shelx_hkl import ShelxReflections
from anatase.io.shelx_instructions import ShelxInstructions, ShelxTwin

__all__ = ["MergedReflections", "asymmetric_indices", "merge_reflections", "systematically_absent"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

RADIX = 2048  # indices from −1023 to 1023 make one number
STRONG = 3.0  # I/σ of a systematic absence that is worth a warning
OFF_LATTICE = 0.05  # index, that a transformed reflection may be off a whole number


@dataclass(frozen=True)
class MergedReflections:
    """Reflections (n) that a refinement sees.

    Parameters
    ----------
    hkl, f_squared, sigma
        Indices (n, 3), Fo² and σ (n,) on the scale of the file.
    batch
        Batch number (n,); the twin domains of HKLF 5 follow ``members``.
    used
        Whether each (n,) is fitted; the others count in R values of all data.
    members
        HKLF 5: indices (m, 3) of every contribution, the reflection (m,) that it is part of, its domain (m,) from 0.
    measured, r_int, r_sigma, friedel_merged
        Measured reflections, R(int) = Σ|Fo² − ⟨Fo²⟩|/ΣFo² of those with equivalents, R(σ) = Σσ/ΣFo², and whether
        Friedel mates were averaged.
    """

    hkl: Indices
    f_squared: Array
    sigma: Array
    batch: Indices
    used: Flags
    members: tuple[Indices, Indices, Indices] | None = None
    measured: int = 0
    r_int: float = 0.0
    r_sigma: float = 0.0
    friedel_merged: bool = False
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.hkl)


def asymmetric_indices(hkl: Indices, group: SpaceGroup, *, friedel: bool = False) -> Indices:
    """Return for each reflection (n, 3) the one of its equivalents that stands for all: the largest l, then k, then h.

    Examples
    --------
    >>> asymmetric_indices(np.array([[1, -2, -3]]), SpaceGroup.from_symbol("P 2/m")).tolist()
    [[-1, 2, 3]]
    """
    rotations = np.unique(group.rotations, axis=0)
    if friedel:
        rotations = np.unique(np.concatenate([rotations, -rotations]), axis=0)
    best, key = hkl.copy(), _keys(hkl)
    for rotation in rotations:
        other = hkl @ rotation
        keys = _keys(other)
        better = keys > key
        best[better], key[better] = other[better], keys[better]
    return best


def _keys(hkl: Indices) -> Indices:
    h, k, l = (hkl + RADIX // 2).T
    return np.asarray((l * RADIX + k) * RADIX + h)


def systematically_absent(hkl: Indices, group: SpaceGroup) -> Flags:
    """Return which reflections (n,) the operations extinguish: hR = h with h·t not whole (IT B, 1.4.2)."""
    absent = np.zeros(len(hkl), dtype=np.bool_)
    for rotation, shift in zip(group.rotations, group.translations, strict=True):
        phase = hkl @ shift
        same = np.all(hkl @ rotation == hkl, axis=1)
        absent |= same & (np.abs(phase - np.round(phase)) > 1e-3)
    return absent


def merge_reflections(measured: ShelxReflections, instructions: ShelxInstructions) -> MergedReflections:
    """Return what HKLF, MERG, OMIT and SHEL make of a reflection file.

    Systematic absences are left out. Equivalents are averaged as SHELXL does, with weights Fo²/σ² above 3σ and 3/σ
    below, and σ the larger of 1/√Σσ⁻² and Σ|Fo² − ⟨Fo²⟩|/(m √(m − 1)). HKLF 5 is not merged.

    Raises
    ------
    InputError
        When no reflection is left.
    """
    setting = instructions.reflections
    matrix = np.array(setting.matrix).reshape(3, 3)
    turned = measured.hkl @ matrix.T
    hkl = np.round(turned).astype(np.int64)
    warnings = []
    sigma = measured.sigma * setting.scale / np.sqrt(setting.weight)
    keep = np.all(np.abs(turned - hkl) < OFF_LATTICE, axis=1) & np.any(hkl != 0, axis=1)
    if dropped := int(np.count_nonzero(~keep)):
        warnings.append(f"{dropped} reflections fall off the lattice by the matrix of HKLF")
    beyond = instructions.wavelength**2 * instructions.lattice.inverse_d_squared(turned) > 4.0
    if impossible := int(np.count_nonzero(beyond & keep)):
        warnings.append(
            f"{impossible} reflections cannot be measured at {instructions.wavelength:g} Å and are left out"
        )
    keep &= ~beyond
    if bad := int(np.count_nonzero(keep & ~(sigma > 0.0))):
        warnings.append(f"{bad} reflections without a positive sigma are left out")
    value = measured.f_squared * setting.scale
    if setting.kind == 5:
        return _overlapped(hkl, value, sigma, measured.batch, keep, instructions, tuple(warnings))
    keep &= sigma > 0.0
    absent = systematically_absent(hkl, instructions.space_group) & keep
    if strong := int(np.count_nonzero(absent & (value > STRONG * sigma))):
        warnings.append(f"{strong} of {np.count_nonzero(absent)} systematic absences are above {STRONG:g} sigma")
    keep &= ~absent
    whole = MergedReflections(
        hkl[keep], value[keep], sigma[keep], np.maximum(measured.batch[keep], 1), np.ones(keep.sum(), np.bool_),
        measured=int(keep.sum()), warnings=tuple(warnings),
    )  # fmt: skip
    if not len(whole):
        raise InputError("no reflection is left", "check the .hkl file, LATT and SYMM")
    return _limited(_averaged(whole, instructions), instructions)


def _averaged(one: MergedReflections, instructions: ShelxInstructions) -> MergedReflections:
    merge, group = instructions.merge, instructions.space_group
    friedel = merge >= 3 and not group.is_centrosymmetric
    hkl = one.hkl if merge <= 1 else asymmetric_indices(one.hkl, group, friedel=friedel)
    r_sigma = float(one.sigma.sum() / one.f_squared.sum())
    if merge == 0 or (instructions.twin is not None and not _twin_law_normal(instructions.twin, group)):
        return MergedReflections(
            one.hkl, one.f_squared, one.sigma, one.batch, one.used, measured=one.measured, r_sigma=r_sigma,
            warnings=one.warnings,
        )  # fmt: skip
    batches = one.batch if instructions.batch_fractions and instructions.twin is None else np.ones_like(one.batch)
    _, first, group_of = np.unique(np.stack([_keys(hkl), batches]), axis=1, return_index=True, return_inverse=True)
    group_of = group_of.ravel()
    value, sigma, n = one.f_squared, one.sigma, len(first)
    weight = np.where(value > 3.0 * sigma, value / sigma**2, 3.0 / sigma)
    count = np.bincount(group_of, minlength=n)
    mean = np.bincount(group_of, weight * value, n) / np.bincount(group_of, weight, n)
    spread = np.bincount(group_of, np.abs(value - mean[group_of]), n)
    by_counting = 1.0 / np.sqrt(np.bincount(group_of, sigma**-2.0, n))
    several = count > 1
    by_spread = np.where(several, spread / (count * np.sqrt(np.maximum(count - 1, 1))), 0.0)
    merged = np.maximum(by_counting, by_spread)
    total = float(value[several[group_of]].sum())
    return MergedReflections(
        hkl[first], mean, merged, batches[first], np.ones(n, np.bool_), measured=one.measured,
        r_int=float(spread[several].sum() / total) if total > 0.0 else 0.0,
        r_sigma=float(merged.sum() / mean.sum()), friedel_merged=friedel, warnings=one.warnings,
    )  # fmt: skip


def _twin_law_normal(twin: ShelxTwin, group: SpaceGroup) -> bool:
    """Tell whether equivalents stay equivalent in every domain: the twin law takes the point group to itself."""
    law = np.array(twin.matrix).reshape(3, 3)
    rotations = np.unique(group.rotations, axis=0)
    turned = np.einsum("ij,njk,kl->nil", law.T, rotations, np.linalg.inv(law.T))
    return all(np.abs(rotations - one).max(axis=(1, 2)).min() < 1e-3 for one in turned)


def _limited(one: MergedReflections, instructions: ShelxInstructions) -> MergedReflections:
    """Apply OMIT and SHEL."""
    group, omit = instructions.space_group, instructions.omit_sigma
    d = instructions.lattice.d_spacing(one.hkl)
    longest, shortest = instructions.resolution
    keep = (d <= longest) & (d >= shortest)
    if instructions.omitted:
        named = asymmetric_indices(np.array(instructions.omitted, dtype=np.int64), group)
        keep &= ~np.isin(_keys(asymmetric_indices(one.hkl, group)), _keys(named))
    two_theta = 2.0 * np.degrees(np.arcsin(np.minimum(instructions.wavelength / (2.0 * d), 1.0)))
    limit = instructions.two_theta_limit
    used = one.used & (two_theta <= limit if limit >= 0.0 else two_theta >= -limit)
    threshold = 0.5 * omit * one.sigma
    value = one.f_squared
    if omit <= 0.0:
        value = np.maximum(value, threshold)
    else:
        used &= value >= threshold
    if not np.any(keep & used):
        raise InputError("OMIT and SHEL leave no reflection", "widen their limits")
    members = one.members
    if members is not None and not keep.all():
        number = np.cumsum(keep) - 1
        inside = keep[members[1]]
        members = (members[0][inside], number[members[1][inside]], members[2][inside])
    return MergedReflections(
        one.hkl[keep], value[keep], one.sigma[keep], one.batch[keep], used[keep], members, one.measured, one.r_int,
        one.r_sigma, one.friedel_merged, one.warnings,
    )  # fmt: skip


def _overlapped(
    hkl: Indices,
    value: Array,
    sigma: Array,
    batch: Indices,
    keep: Flags,
    instructions: ShelxInstructions,
    warnings: tuple[str, ...],
) -> MergedReflections:
    """Gather the lines of each spot: all but the last have negative batch numbers."""
    last = batch >= 0
    if not last[-1]:
        raise InputError("the last spot of the HKLF 5 file is not complete", "end it with a positive batch number")
    spot = np.concatenate([[0], np.cumsum(last)[:-1]])
    ends = np.flatnonzero(last)
    # a spot is left out where one of its lines falls off the lattice, or all are absent
    ok = np.ones(len(ends), dtype=np.bool_)
    np.logical_and.at(ok, spot, keep)
    ok &= sigma[ends] > 0.0
    absent = systematically_absent(hkl, instructions.space_group)
    present = np.zeros(len(ends), dtype=np.bool_)
    np.logical_or.at(present, spot, ~absent)
    ok &= present
    number = np.cumsum(ok) - 1
    inside = ok[spot] & ~absent
    members = (hkl[inside], number[spot[inside]], np.maximum(np.abs(batch[inside]), 1) - 1)
    ends = ends[ok]
    whole = MergedReflections(
        hkl[ends], value[ends], sigma[ends], np.ones(len(ends), np.int64), np.ones(len(ends), np.bool_), members,
        int(ok.sum()), 0.0, float(sigma[ends].sum() / value[ends].sum()), False, warnings,
    )  # fmt: skip
    if not len(whole):
        raise InputError("no reflection is left", "check the .hkl file, LATT and SYMM")
    return _limited(whole, instructions)
