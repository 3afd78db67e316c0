"""Lists of structure factors as SHELXL writes them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure

__all__ = ["fcf_text"]

Array = NDArray[np.float64]


def fcf_text(
    structure: Structure,
    hkl: NDArray[np.int64],
    calculated: Array,
    observed: Array,
    sigma: Array,
    used: NDArray[np.bool_],
) -> str:
    """Return a list of structure factors as SHELXL's LIST 4 has it: h k l Fc² Fo² σ(Fo²) and whether it was fitted.

    hkl (n, 3), the rest (n,), on the absolute scale.
    """
    lattice = structure.lattice
    head = [
        "data_refined",
        "_shelx_refln_list_code 4",
        f"_shelx_title '{structure.name.replace(chr(39), '')}'",
        "loop_",
        "_space_group_symop_operation_xyz",
        *(f"'{triplet}'" for triplet in structure.space_group.triplets),
        *(
            f"_cell_{key} {value:.5f}"
            for key, value in zip(
                ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"),
                lattice.parameters,
                strict=True,
            )
        ),
        "loop_",
        *(f"_refln_{tag}" for tag in ("index_h", "index_k", "index_l", "F_squared_calc", "F_squared_meas")),
        "_refln_F_squared_sigma",
        "_refln_observed_status",
    ]
    rows = [
        f"{h:4d}{k:4d}{l:4d} {c:13.4f} {o:13.4f} {s:11.4f} {'o' if fitted else 'x'}"
        for (h, k, l), c, o, s, fitted in zip(
            hkl.tolist(), calculated.tolist(), observed.tolist(), sigma.tolist(), used.tolist(), strict=True
        )
    ]
    return "\n".join([*head, *rows]) + "\n"
