"""Where a fit leaves lines no Gaussian width: U, V, W that touch zero, said in degrees."""

from __future__ import annotations

import numpy as np

from anatase.refine.fit import Fitted

__all__ = ["zero_widths"]


def zero_widths(fitted: Fitted) -> dict[str, str]:
    """Return, for each of U, V and W that a zero width leaves without s.u., the words for it, by parameter.

    FWHM² = (p (1 − s) − r s)² + 2 q s (1 − s), as ``PositiveWidths`` has it, is zero at the start of the range where
    p = 0, at its end where r = 0, and at s = p/(p + r) where q = 0.
    """
    parametrisation, told = fitted.parametrisation, dict[str, str]()
    for rows, widths in parametrisation.widths:
        columns = np.flatnonzero(parametrisation.matrix[list(rows)].any(axis=0))
        p, r, q = fitted.fit.values[columns]
        if not fitted.covariance.at_bound[columns].any():
            continue
        places = [0.0] * bool(p <= 0.0) + [1.0] * bool(r <= 0.0)
        if q <= 0.0 and not places:
            places = [p / (p + r)]
        tangents = [widths.first + s * (widths.last - widths.first) for s in places]
        named = " and ".join(f"{2.0 * np.degrees(np.arctan(t)):.1f}" for t in tangents)
        names = [parametrisation.names[row] for row in rows]
        words = f"the Gaussian width of {names[0].rpartition('.')[0]} is zero at {named}° 2θ: "
        told.update(dict.fromkeys(names, words + f"{', '.join(names)} have no s.u."))
    return told
