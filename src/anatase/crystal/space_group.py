"""Space groups in all of gemmi's settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError

__all__ = ["SpaceGroup"]


@dataclass(frozen=True)
class SpaceGroup:
    """A space group in one setting: number (1–230), Hermann–Mauguin and Hall symbols."""

    number: int
    symbol: str
    hall: str

    @classmethod
    def _from_gemmi(cls, group: gemmi.SpaceGroup) -> SpaceGroup:
        return cls(group.number, group.xhm(), group.hall)

    @classmethod
    def from_symbol(cls, symbol: str) -> SpaceGroup:
        """Look a Hermann–Mauguin symbol up (``"P 63/m"``, ``"R-3c:H"``, ``"Fd-3m:2"``)."""
        group = gemmi.find_spacegroup_by_name(symbol)
        if group is None:
            raise InputError(f"'{symbol}' is no space group symbol", "give a Hermann-Mauguin symbol, as in 'P 63/m'")
        return cls._from_gemmi(group)

    @classmethod
    def from_hall(cls, hall: str) -> SpaceGroup:
        """Build the group of a Hall symbol that stands in gemmi's table of settings."""
        group = gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(hall))
        if group is None:
            raise InputError(f"'{hall}' is no tabulated Hall symbol", "standardise the structure first")
        return cls._from_gemmi(group)

    @cached_property
    def _group_ops(self) -> gemmi.GroupOps:
        return gemmi.symops_from_hall(self.hall)

    @cached_property
    def rotations(self) -> NDArray[np.int64]:
        """Rotation parts (n, 3, 3) of all operations, centring included, acting on xyz columns."""
        return np.array([op.rot for op in self._group_ops], dtype=np.int64) // gemmi.Op.DEN

    @cached_property
    def translations(self) -> NDArray[np.float64]:
        """Translation parts (n, 3) of all operations, in fractions of the cell."""
        return np.array([op.tran for op in self._group_ops], dtype=float) / gemmi.Op.DEN
