"""The tree of a GSAS-II project: items with data, and items under them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from anatase.errors import InputError, PhysicsError
from anatase.io.plain_pickle import plain_pickles
from anatase.io.source import Source

__all__ = ["TreeItem", "project_tree", "reading", "refined_value"]


@dataclass(frozen=True)
class TreeItem:
    """An item of the first level: its name, its data, and the data of the items under it by their name."""

    name: str
    data: Any
    below: dict[str, Any]


def project_tree(source: Source) -> dict[str, TreeItem]:
    """Return the items of a project by name.

    Raises
    ------
    InputError
        When the file is no GSAS-II project or names what is no plain data.
    """
    tree: dict[str, TreeItem] = {}
    for branch in plain_pickles(source):
        with reading(source, "its tree"):
            (name, data), *rest = ((str(item[0]), item[1]) for item in branch)
            tree[name] = TreeItem(name, data, dict(rest))
    if "Controls" not in tree and "Phases" not in tree:
        raise source.error("this is no GSAS-II project", "give a .gpx file")
    return tree


@contextmanager
def reading(source: Source, what: str) -> Iterator[None]:
    """Turn what goes wrong with data of another shape into an error that names their place."""
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            yield
    except InputError as error:
        if error.file:
            raise
        raise source.error(f"{what}: {error.found}", error.remedy) from error
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError, PhysicsError) as error:
        reason = str(error).partition("\n")[0][:80]
        raise source.error(f"{what} cannot be read ({type(error).__name__}: {reason})", "save it again") from error


def refined_value(items: dict[str, Any], name: str, default: float = 0.0) -> tuple[float, bool]:
    """Return a value that GSAS-II keeps with its flag, and the flag: ``[0.0, False]``."""
    found = items.get(name, [default, False])
    return float(found[0]), bool(found[1])
