"""A recipe as plain data, there and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, cast, get_args

from anatase.errors import AnataseError, InputError
from anatase.pattern.background_model import DebyeTerm, Hump
from anatase.refine.constraint.constraints import constraint_from_table, constraint_table
from anatase.refine.model import Mode
from anatase.refine.recipe.recipe import BackgroundChoice, Recipe, RecipeStep
from anatase.refine.restraint.restraints import restraint_from_table, restraint_table
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = ["recipe_from_table", "recipe_table"]

Table = Mapping[str, Any]
BACKGROUND = tuple(one.name for one in fields(BackgroundChoice))
OPTIONS = ("max_iterations", "shift_tolerance", "restraint_weight")
LARGEST = 1e100
STEP = ("title", "reason", "free", "hold")


def recipe_table(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as plain data for TOML or JSON; what is not said is left out.

    Examples
    --------
    >>> recipe_table(Recipe(mode={"*": "pawley"}, free=("*.a",)))
    {'free': ['*.a'], 'mode': {'*': 'pawley'}}
    """
    blank = Recipe()
    options = {key: getattr(recipe, key) for key in OPTIONS if getattr(recipe, key) != getattr(blank, key)}
    table: dict[str, Any] = {
        "title": recipe.title,
        "free": list(recipe.free),
        "mode": dict(recipe.mode),
        "background": {name: _background_table(one) for name, one in recipe.background.items()},
        "instrument": {name: _plain(one) for name, one in recipe.instrument.items()},
        "sample": {name: _plain(one) for name, one in recipe.sample.items()},
        "values": dict(recipe.values),
        "limits": {name: list(ends) for name, ends in recipe.limits.items()},
        "excluded": {name: [list(ends) for ends in ranges] for name, ranges in recipe.excluded.items()},
        "options": options,
        "step": [_step_table(step) for step in recipe.steps],
        "constraint": [constraint_table(one) for one in recipe.constraints],
        "restraint": [restraint_table(one) for one in recipe.restraints],
    }
    return {key: value for key, value in table.items() if value}


def _plain(settings: Table) -> dict[str, Any]:
    return {key: _listed(value) for key, value in settings.items()}


def _listed(value: object) -> object:
    return [_listed(one) for one in value] if isinstance(value, tuple | list) else value


def _background_table(one: BackgroundChoice) -> dict[str, Any]:
    blank = BackgroundChoice()
    table = {key: getattr(one, key) for key in BACKGROUND if getattr(one, key) != getattr(blank, key)}
    for key in ("debye", "humps"):
        if key in table:
            table[key] = [asdict(term) for term in table[key]]
    return _plain(table)


def _step_table(step: RecipeStep) -> dict[str, Any]:
    table = {"title": step.title, "reason": step.reason, "free": list(step.free), "hold": list(step.hold)}
    return {key: value for key, value in table.items() if value or key == "free"}


def recipe_from_table(table: Table) -> Recipe:
    """Return the recipe that plain data state.

    Raises
    ------
    InputError
        When a key is unknown or holds what does not belong there; ``found`` quotes the key.
    """
    if unknown := [key for key in table if key not in READ]:
        raise InputError(f"a recipe has no key '{unknown[0]}'", f"its keys are {', '.join(READ)}")
    found: dict[str, Any] = {}
    for key, value in table.items():
        found.update(READ[key](value))
    return Recipe(**found)


def _title(given: object) -> dict[str, Any]:
    if not isinstance(given, str):
        raise InputError(f"'title' is {given!r}", "give text")
    return {"title": given}


def _names(given: object, key: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise InputError(f"'{key}' is {given!r}", "give a list of names")
    return tuple(given)


def _table(given: object, key: str) -> Table:
    if not isinstance(given, Mapping):
        raise InputError(f"'{key}' is {given!r}", f"give a table, under [{key}]")
    return given


def _tables(given: object, key: str) -> list[Table]:
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise InputError(f"'{key}' is no list of tables", f"give tables, each under [[{key}]]")
    return given


def _number(given: object, key: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float) or not abs(given) <= LARGEST:
        raise InputError(f"'{key}' is {given!r}", "give a number")
    return float(given)


def _numbers(given: object, key: str) -> tuple[float, ...]:
    if not isinstance(given, list):
        raise InputError(f"'{key}' is {given!r}", "give a list of numbers")
    return tuple(_number(one, key) for one in given)


def _mode(given: object) -> dict[str, Any]:
    # a single word stands for all phases
    modes = {"*": given} if isinstance(given, str) else _table(given, "mode")
    for phase, mode in modes.items():
        if mode not in get_args(Mode):
            raise InputError(f"the mode of '{phase}' is {mode!r}", f"give one of {', '.join(get_args(Mode))}")
    return {"mode": dict(modes)}


def _background(given: object) -> dict[str, Any]:
    found = {}
    for name, one in _table(given, "background").items():
        table = dict(_table(one, name))
        if unknown := [key for key in table if key not in BACKGROUND]:
            raise InputError(
                f"the background of '{name}' has no key '{unknown[0]}'", f"its keys are {', '.join(BACKGROUND)}"
            )
        for key in ("chebyshev", "nodes", "heights"):
            if key in table:
                table[key] = _numbers(table[key], key)
        if "inverse" in table:
            table["inverse"] = _number(table["inverse"], "inverse")
        terms = table.get("terms", 0)
        if isinstance(terms, bool) or not isinstance(terms, int) or not 0 <= terms <= 60:
            raise InputError(f"'terms' is {terms!r}", "give a number of Chebyshev terms, up to 60")
        if terms and table.get("chebyshev"):
            raise InputError(f"the background of '{name}' has 'terms' and 'chebyshev'", "give one of them")
        if table.get("interpolation", "linear") not in ("linear", "cubic"):
            raise InputError(f"'interpolation' is {table['interpolation']!r}", "give linear or cubic")
        table["debye"] = tuple(_made(DebyeTerm, term, "debye") for term in _tables(table.get("debye", []), "debye"))
        table["humps"] = tuple(_made(Hump, hump, "humps") for hump in _tables(table.get("humps", []), "humps"))
        if table.get("heights") and len(table["heights"]) != len(table.get("nodes", ())):
            raise InputError(f"'heights' of '{name}' are {len(table['heights'])}", "give one for each of 'nodes'")
        found[name] = BackgroundChoice(**table)
    return {"background": found}


def _made(kind: type[Any], table: Table, key: str) -> Any:
    known = [one.name for one in fields(kind)]
    if unknown := [name for name in table if name not in known]:
        raise InputError(f"'{key}' has no key '{unknown[0]}'", f"its keys are {', '.join(known)}")
    values = {name: v if isinstance(v, bool) else _number(v, name) for name, v in table.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise InputError(f"'{key}' lacks a value ({error})", f"its keys are {', '.join(known)}") from error
    except AnataseError as error:
        raise InputError(f"'{key}': {error}", "correct it") from error


def _settings(kind: type[Any], key: str) -> Callable[[object], dict[str, Any]]:
    known = [one.name for one in fields(kind)]

    def read(given: object) -> dict[str, Any]:
        found = {}
        for name, one in _table(given, key).items():
            table = _table(one, name)
            if unknown := [field for field in table if field not in known]:
                raise InputError(f"the {key} of '{name}' has no key '{unknown[0]}'", f"it has {', '.join(known)}")
            found[name] = {field: _tupled(value) for field, value in table.items()}
        return {key: found}

    return read


def _tupled(value: object) -> object:
    if isinstance(value, list):
        return tuple(_tupled(one) for one in value)
    if isinstance(value, Mapping) or (isinstance(value, int | float) and not abs(value) <= LARGEST):
        raise InputError(f"a setting is {value!r}", "give numbers, names, or lists of them")
    return value


def _values(given: object) -> dict[str, Any]:
    return {"values": {name: _number(value, name) for name, value in _table(given, "values").items()}}


def _range(given: object, name: str) -> tuple[float, float]:
    ends = _numbers(given, name)
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise InputError(f"the range of '{name}' is {given!r}", "give its lower and its upper end")
    return ends[0], ends[1]


def _limits(given: object) -> dict[str, Any]:
    return {"limits": {name: _range(ends, name) for name, ends in _table(given, "limits").items()}}


def _excluded(given: object) -> dict[str, Any]:
    found = {}
    for name, ranges in _table(given, "excluded").items():
        if not isinstance(ranges, list):
            raise InputError(f"'{name}' of 'excluded' is {ranges!r}", "give a list of ranges, as in [[10.0, 12.5]]")
        found[name] = tuple(_range(ends, name) for ends in ranges)
    return {"excluded": found}


def _options(given: object) -> dict[str, Any]:
    table = _table(given, "options")
    if unknown := [key for key in table if key not in OPTIONS]:
        raise InputError(f"'options' has no key '{unknown[0]}'", f"its keys are {', '.join(OPTIONS)}")
    for key, value in table.items():
        if not _number(value, key) > 0.0 or (key == "max_iterations" and not isinstance(value, int)):
            raise InputError(f"'{key}' is {value!r}", f"give a positive {'whole ' * (key == 'max_iterations')}number")
    return dict(table)


def _steps(given: object) -> dict[str, Any]:
    steps = []
    for table in _tables(given, "step"):
        if unknown := [key for key in table if key not in STEP]:
            raise InputError(f"a step has no key '{unknown[0]}'", f"its keys are {', '.join(STEP)}")
        for key in ("title", "reason"):
            if not isinstance(table.get(key, ""), str):
                raise InputError(f"'{key}' of a step is {table[key]!r}", "give text")
        free, hold = (_names(table.get(key, []), key) for key in ("free", "hold"))
        steps.append(RecipeStep(free, table.get("title", ""), table.get("reason", ""), hold))
    return {"steps": tuple(steps)}


READ: dict[str, Callable[[object], dict[str, Any]]] = {
    "title": _title,
    "mode": _mode,
    "free": lambda given: {"free": _names(given, "free")},
    "background": _background,
    "instrument": _settings(Instrument, "instrument"),
    "sample": _settings(Sample, "sample"),
    "values": _values,
    "limits": _limits,
    "excluded": _excluded,
    "options": _options,
    "step": _steps,
    "constraint": lambda given: {
        "constraints": tuple(_each(given, "constraint", cast("Callable[[Table], Any]", constraint_from_table)))
    },
    "restraint": lambda given: {
        "restraints": tuple(_each(given, "restraint", cast("Callable[[Table], Any]", restraint_from_table)))
    },
}


def _each(given: object, key: str, read: Callable[[Table], Any]) -> list[Any]:
    """Return what each table states; an error tells which of them it is."""
    found = []
    for i, table in enumerate(_tables(given, key)):
        try:
            found.append(read(table))
        except InputError as error:
            raise InputError(f"{key} {i + 1}: {error.found}", error.remedy) from error
    return found
