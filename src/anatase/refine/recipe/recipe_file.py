"""Recipe files: TOML or JSON, read with the line of what is wrong, and written."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

from anatase.errors import InputError
from anatase.io.text_file import write_text
from anatase.refine.recipe.recipe import Recipe
from anatase.refine.recipe.tables import recipe_from_table, recipe_table
from anatase.refine.recipe.toml_text import toml_text

__all__ = ["located", "read_recipe", "write_recipe"]

LARGEST = 4_000_000  # bytes; a recipe is written by hand or from one


def read_recipe(path: str | Path) -> Recipe:
    """Return the recipe that a file states: JSON where its name ends so, else TOML.

    Raises
    ------
    InputError
        When the file cannot be read, is no TOML or JSON, or says what no recipe can; with the line where it is known.
    """
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise InputError("the file is too long for a recipe", "give a recipe in TOML or JSON", file=file)
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", "check its name", file=file) from error
    except UnicodeDecodeError as error:
        raise InputError("is not written in UTF-8", "save it as UTF-8", file=file) from error
    try:
        table = json.loads(text) if file.suffix.lower() == ".json" else tomllib.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"is no JSON ({error.msg})", "correct it there", file=file, line=error.lineno) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else None
        raise InputError(f"is no TOML ({error})", "correct it there", file=file, line=line) from error
    if not isinstance(table, dict):
        raise InputError("holds no table", "write the keys of a recipe in braces", file=file)
    try:
        recipe = recipe_from_table(table)
    except InputError as error:
        raise located(error, str(file), text) from error
    return replace(recipe, source=str(file), text=text)


def write_recipe(recipe: Recipe, path: str | Path) -> None:
    """Write a recipe as JSON where the name ends so, else as TOML; ``read_recipe`` gives it back.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    file, table = Path(path), recipe_table(recipe)
    if file.suffix.lower() == ".json":
        write_text(file, json.dumps(table, indent=2, ensure_ascii=False) + "\n")
    else:
        write_text(file, toml_text(table))


def located(error: InputError, source: str, text: str) -> InputError:
    """Return an error of a recipe with its file, and with the line that holds what the error quotes, if it is found."""
    if error.file is not None or not source:
        return error
    lines = text.splitlines()
    first, last = 0, len(lines)
    header: int | None = None
    if block := re.match(r"(constraint|restraint) (\d+): ", error.found):
        starts = [i for i, line in enumerate(lines) if line.replace(" ", "").startswith(f"[[{block[1]}]]")]
        if int(block[2]) <= len(starts):
            header = first = starts[int(block[2]) - 1]
            last = next((i for i in range(first + 1, len(lines)) if lines[i].startswith("[")), len(lines))
    # a key that is none says where it is; the names of sections come last
    words = [*re.findall(r"no key '([^']+)'", error.found), *re.findall(r"'([^']+)'", error.found)]
    for headers in (False, True):
        for word in words:
            whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
            for i in range(first, last):
                if lines[i].startswith("[") == headers and whole.search(lines[i]):
                    return InputError(error.found, error.remedy, file=source, line=i + 1)
    return InputError(error.found, error.remedy, file=source, line=None if header is None else header + 1)
