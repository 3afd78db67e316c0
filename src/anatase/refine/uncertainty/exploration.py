"""What is asked of a refinement beyond its covariance: bootstrap, posterior, profiles, other minima."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from anatase.errors import InputError
from anatase.refine.fit import Fitted
from anatase.refine.uncertainty.bootstrap import Bootstrap
from anatase.refine.uncertainty.multistart import MultiStart
from anatase.refine.uncertainty.posterior import Posterior
from anatase.refine.uncertainty.profile_likelihood import ProfileLikelihood
from anatase.refine.uncertainty.refined_parameters import (
    bootstrap_parameters,
    multistart_parameters,
    profile_parameter,
    sample_parameters,
)

__all__ = ["Exploration", "Wanted", "explore"]


@dataclass(frozen=True)
class Wanted:
    """What to ask: refits of a bootstrap, steps of each chain, names or globs to profile, starts; and the seed."""

    bootstrap: int = 0
    mcmc: int = 0
    profile: tuple[str, ...] = ()
    multistart: int = 0
    seed: int = 0

    @property
    def anything(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.bootstrap or self.mcmc or self.profile or self.multistart)


@dataclass(frozen=True)
class Exploration:
    """What was found; ``None`` or empty where it was not asked for."""

    bootstrap: Bootstrap | None = None
    posterior: Posterior | None = None
    profiles: tuple[ProfileLikelihood, ...] = ()
    minima: MultiStart | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader must know of all of it."""
        told = [
            text for one in (self.bootstrap, self.posterior, self.minima) if one is not None for text in one.warnings
        ]
        told += [text for one in self.profiles for text in one.warnings]
        return tuple(dict.fromkeys(told))


def explore(fitted: Fitted, wanted: Wanted, progress: Callable[[str], None] | None = None) -> Exploration:
    """Ask of a fit what is wanted; each part begins with the same seed, so that one does not change another.

    Raises
    ------
    InputError
        When a name to profile is of no refined parameter.
    MissingExtra
        When samples are wanted and emcee is not installed.
    """
    tell = progress or (lambda text: None)

    def tick(what: str) -> Callable[[int, int], None]:
        return lambda done, total: tell(f"{what}: {done} of {total}")

    names = _named(fitted, wanted.profile)
    return Exploration(
        bootstrap_parameters(
            fitted, np.random.default_rng(wanted.seed), refits=wanted.bootstrap, tick=tick("refits of the bootstrap")
        )
        if wanted.bootstrap
        else None,
        sample_parameters(
            fitted, np.random.default_rng(wanted.seed), steps=wanted.mcmc, tick=tick("steps of the posterior")
        )
        if wanted.mcmc
        else None,
        tuple(profile_parameter(fitted, name, tick=tick(f"profile of {name}")) for name in names),
        multistart_parameters(fitted, np.random.default_rng(wanted.seed), starts=wanted.multistart, tick=tick("starts"))
        if wanted.multistart
        else None,
    )


def _named(fitted: Fitted, globs: Sequence[str]) -> list[str]:
    """Return the refined parameters that names or globs mean."""
    found: list[str] = []
    for glob in globs:
        names = [name for name in fitted.parametrisation.names if name == glob or fnmatchcase(name, glob)]
        if not names:
            known = ", ".join(fitted.parametrisation.names[:12])
            raise InputError(f"'{glob}' names no refined parameter", f"choose among {known} …")
        found += names
    return list(dict.fromkeys(found))
