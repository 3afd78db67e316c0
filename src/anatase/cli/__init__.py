"""The command line: ``anatase VERB``. Each verb lives in its own module and is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys

import click

from anatase.errors import AnataseError, ConvergenceError

__all__ = ["COMMANDS", "main"]

# verb -> (module, one-line help); the module holds the click command under the verb's name
COMMANDS: dict[str, tuple[str, str]] = {
    "identify": ("anatase.cli.identify", "Identify and quantify the phases of measured patterns."),
    "refine": ("anatase.cli.refine", "Refine phases in measured patterns, or a crystal, by least squares."),
    "simulate": ("anatase.cli.simulate", "Simulate powder patterns, lines, rings, spots and zone axes of structures."),
    "find_peaks": ("anatase.cli.find_peaks", "List the peaks of a pattern with their standard uncertainties."),
    "show": ("anatase.cli.show", "Print what a structure file holds: cell, symmetry, sites, symmetry elements."),
    "convert": ("anatase.cli.convert", "Read a pattern in any format and write it as xye, csv or CIF."),
    "library": ("anatase.cli.library", "Look at, extend or rebuild the library of reference structures."),
}


class LazyGroup(click.Group):
    """A click group that imports a verb's module only when that verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = cmd_name.replace("-", "_")
        if name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[name][0]), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="anatase")
def cli() -> None:
    """From measured diffraction to a structure answer that a crystallographer can trust."""


def main() -> None:
    """Run the command line; exit code 0 done, 1 the user's input is at fault, 2 ours."""
    # the matrices are small: more threads only get into each other's way, worst with several processes
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except ConvergenceError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except AnataseError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    except Exception as error:  # the outermost edge: no traceback reaches a user
        click.echo(
            f"internal error: {type(error).__name__}: {error}\n"
            "This is a defect of anatase. Please report it with the command and the input file.",
            err=True,
        )
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
