"""Space groups in all of gemmi's settings, and in any other setting that a list of operations gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.errors import InputError

__all__ = ["SpaceGroup"]


@dataclass(frozen=True)
class SpaceGroup:
    """A space group in one setting: number (1–230), Hermann–Mauguin and Hall symbols.

    A setting outside the table of 564 is written by the Hall symbol of the standard setting followed by a
    change of basis, ``-P 2ybc (x+z,y,z)``; ``symbol`` is then that of the standard setting with the same tail.

    Examples
    --------
    >>> SpaceGroup.from_number(136).symbol
    'P 42/m n m'
    """

    number: int
    symbol: str
    hall: str

    @classmethod
    def from_gemmi(cls, group: gemmi.SpaceGroup) -> SpaceGroup:
        """Take an entry of gemmi's table of settings."""
        return cls(group.number, group.xhm(), group.hall)

    @classmethod
    def from_number(cls, number: int) -> SpaceGroup:
        """Return the standard setting (axis b, cell choice 1; hexagonal axes; origin choice 2) of a number 1–230."""
        if not 1 <= number <= 230:
            raise InputError(f"{number} is no space group number", "give a number from 1 to 230")
        return cls.from_gemmi(gemmi.get_spacegroup_reference_setting(number))

    @classmethod
    def from_symbol(cls, symbol: str) -> SpaceGroup:
        """Look a Hermann–Mauguin symbol up (``"P 63/m"``, ``"R-3c:H"``, ``"Fd-3m:2"``)."""
        group = gemmi.find_spacegroup_by_name(symbol)
        if group is None:
            raise InputError(f"'{symbol}' is no space group symbol", "give a Hermann-Mauguin symbol, as in 'P 63/m'")
        return cls.from_gemmi(group)

    @classmethod
    def from_hall(cls, hall: str) -> SpaceGroup:
        """Build the group of a Hall symbol, tabulated or not."""
        try:
            operations = gemmi.symops_from_hall(hall)
        except (RuntimeError, ValueError) as error:
            raise InputError(f"'{hall}' is no Hall symbol ({error})", "give one as in '-P 2ybc'") from error
        return cls._from_group_ops(operations)

    @classmethod
    def from_operations(cls, operations: Iterable[str]) -> SpaceGroup:
        """Build the group of a complete list of triplets (``"-x, y+1/2, -z+1/2"``), in any setting.

        Raises
        ------
        InputError
            When a triplet cannot be read or the list is no group.
        """
        parsed = []
        for triplet in operations:
            try:
                operation = gemmi.Op(triplet.strip().lower()).wrap()
            except (RuntimeError, ValueError) as error:
                raise InputError(f"'{triplet}' is no symmetry operation", "write it as in 'x+1/2, -y, z'") from error
            if abs(operation.det_rot()) != gemmi.Op.DEN**3:
                raise InputError(f"'{triplet}' does not keep volumes", "write it as in 'x+1/2, -y, z'")
            parsed.append(operation)
        if not parsed:
            raise InputError("the list of symmetry operations is empty", "give at least 'x,y,z'")
        return cls._from_group_ops(gemmi.GroupOps(parsed), {op.triplet() for op in parsed})

    @classmethod
    def _from_group_ops(cls, group: gemmi.GroupOps, listed: set[str] | None = None) -> SpaceGroup:
        found = cast("gemmi.SpaceGroup | None", gemmi.find_spacegroup_by_ops(group))
        if found is not None and (listed is None or len(listed) == len(list(found.operations()))):
            return cls.from_gemmi(found)
        from anatase.crystal.untabulated import identify_setting

        return cls(*identify_setting(group, listed))

    @property
    def _group_ops(self) -> gemmi.GroupOps:
        return _group_ops_of(self.hall)

    @property
    def rotations(self) -> NDArray[np.int64]:
        """Rotation parts (n, 3, 3) of all operations, centring included, acting on xyz columns."""
        return _operations_of(self.hall)[0]

    @property
    def translations(self) -> NDArray[np.float64]:
        """Translation parts (n, 3) of all operations, in fractions of the cell."""
        return _operations_of(self.hall)[1]

    @property
    def triplets(self) -> tuple[str, ...]:
        """All operations as coordinate triplets, identity first: ``('x,y,z', '-x,-y,-z')``."""
        return tuple(op.triplet() for op in self._group_ops)

    @property
    def _reference(self) -> gemmi.SpaceGroup:
        return gemmi.get_spacegroup_reference_setting(self.number)

    @property
    def crystal_system(self) -> str:
        """triclinic, monoclinic, orthorhombic, tetragonal, trigonal, hexagonal or cubic."""
        return self._reference.crystal_system_str()

    @property
    def bravais_type(self) -> str:
        """One of the 14: aP mP mS oP oS oI oF tP tI hP hR cP cI cF (de Wolff et al. 1985, Acta Cryst. A41, 278)."""
        family = {"triclinic": "a", "monoclinic": "m", "orthorhombic": "o", "tetragonal": "t", "cubic": "c"}
        centring = self._reference.hm[0]
        return family.get(self.crystal_system, "h") + ("S" if centring in "ABC" else centring)

    @property
    def laue_class(self) -> str:
        """The Laue class, ``mmm`` or ``-3m``."""
        return self._reference.laue_str()

    @property
    def point_group(self) -> str:
        """The crystal class, ``2/m`` or ``-42m``."""
        return self._reference.point_group_hm()

    @property
    def is_centrosymmetric(self) -> bool:
        """Whether the group has a centre of inversion."""
        return self._reference.is_centrosymmetric()

    @property
    def is_chiral(self) -> bool:
        """Whether a chiral structure can have the group: no inversion, mirror, glide or rotoinversion (Sohncke)."""
        return self._reference.is_sohncke()

    @property
    def is_polar(self) -> bool:
        """Whether a direction is left in place by all rotation parts."""
        average = self.rotations.mean(axis=0)
        return bool(np.abs(average).max() > 1e-9)

    @property
    def centring(self) -> str:
        """The centring letter of this setting: P A B C I F R."""
        return self._group_ops.find_centering()

    @property
    def order(self) -> int:
        """Number of operations in the cell, centring included: the multiplicity of the general position."""
        return len(self.rotations)

    def fits(self, lattice: Lattice, tolerance: float = 0.02) -> bool:
        """Tell whether a cell has the symmetry of the group: RᵀGR = G for each rotation R, relative to G's size."""
        metric = lattice.metric
        turned = np.einsum("nji,jk,nkl->nil", self.rotations, metric, self.rotations)
        lengths = np.sqrt(np.diag(metric))
        return bool(np.abs((turned - metric) / np.outer(lengths, lengths)).max() < tolerance)


@lru_cache(maxsize=1024)
def _group_ops_of(hall: str) -> gemmi.GroupOps:
    # not kept by the SpaceGroup: gemmi's object cannot be pickled, and structures travel between processes
    return gemmi.symops_from_hall(hall)


@lru_cache(maxsize=1024)
def _operations_of(hall: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    operations = list(gemmi.symops_from_hall(hall))
    rotations = np.array([op.rot for op in operations], dtype=np.int64) // gemmi.Op.DEN
    translations = np.array([op.tran for op in operations], dtype=float) / gemmi.Op.DEN
    rotations.flags.writeable = translations.flags.writeable = False
    return rotations, translations
