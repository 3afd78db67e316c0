"""Parameters that a model has only once a setting asks for them: texture, anisotropic widths, absorption."""

from __future__ import annotations

import re
from collections.abc import Iterable

from anatase.errors import InputError
from anatase.refine.parameters.parameters import matching

__all__ = ["matching_or_told"]

# what the last part of a parameter's name looks like, and the setting under [sample."phase.pattern"] that makes it
SETTINGS = (
    (re.compile(r"march_(r|share)\d+"), "textures = [[[0, 0, 1], 0.8, 0.5]]"),
    (re.compile(r"march_"), "texture_axis = [0, 0, 1]"),
    (re.compile(r"harmonic"), "harmonic_order = 4"),
    (re.compile(r"S[\d*?\[]"), "stephens = true"),
    (re.compile(r"size_across"), "size_axis = [0, 0, 1] and size_across = 500.0"),
    (re.compile(r"roughness"), "roughness = [0.0, 0.0]"),
    (re.compile(r"absorption"), "absorption = 0.1"),
    (re.compile(r"(deformation|twin)_faults"), "deformation_faults = 0.01"),
)


def matching_or_told(patterns: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that match, as ``matching`` does; its error tells of a setting that a parameter needs first.

    Raises
    ------
    InputError
        When a pattern matches no name.

    Examples
    --------
    >>> try:
    ...     matching_or_told(["*.march_r"], ["A.xray.scale"])
    ... except InputError as error:
    ...     print(error.remedy)
    set texture_axis = [0, 0, 1] under [sample."phase.pattern"] first
    """
    known = list(names)
    found: dict[str, None] = {}
    for pattern in patterns:
        try:
            found.update(dict.fromkeys(matching([pattern], known)))
        except InputError as error:
            last = pattern.rpartition(".")[2]
            setting = next((words for form, words in SETTINGS if form.match(last)), "")
            if not setting:
                raise
            raise InputError(
                f"'{pattern}' names no parameter of this refinement yet",
                f'set {setting} under [sample."phase.pattern"] first',
            ) from error
    return tuple(found)
