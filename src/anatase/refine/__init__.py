"""Refinement: from patterns and phases to cells, atoms, fractions and their uncertainties.

Nothing heavy is imported before one of the names is used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anatase.refine.refine import refine as refine
    from anatase.refine.refinement import Parameter as Parameter
    from anatase.refine.refinement import Refinement as Refinement
    from anatase.refine.refinement import Step as Step

__all__ = ["Parameter", "Refinement", "Step", "refine"]


class _Package(ModuleType):
    """The package, whose ``refine`` stays the verb: an import would put the module of the same name in its place.

    It is the verb as well: ``anatase.refine(scan, structure)``.
    """

    @property
    def refine(self) -> Any:
        return import_module("anatase.refine.refine").refine

    @refine.setter
    def refine(self, module: ModuleType) -> None:
        pass

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.refine(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        return getattr(import_module("anatase.refine.refinement"), name)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *__all__})


sys.modules[__name__].__class__ = _Package
