"""``anatase identify``: phases of measured patterns, as a table, JSON and reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from anatase.identify.many import Options

__all__ = ["identify"]

PROBES = ("xray", "neutron", "electron")
EACH = ("wavelength", "probe", "instrument")  # may be given once for every file


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--elements", metavar="LIST", help="Elements that may be present, as in Ti,O,Zn; any subset is tried.")
@click.option("--exclude", metavar="LIST", help="Elements that are certainly absent.")
@click.option("--require", "required", metavar="LIST", help="Elements of which each is in some phase.")
@click.option("--at-least-one", metavar="LIST", help="Elements of which one is in some phase.")
@click.option("--with", "present", multiple=True, metavar="PHASE", help="A phase that is there: id, name or formula.")
@click.option("--without", "absent", multiple=True, metavar="PHASE", help="A phase that is not there.")
@click.option("--library", metavar="PATH", help="A library database, or a folder of CIFs (indexed once and cached).")
@click.option("--standard", type=(str, float), metavar="PHASE WT%", help="Was weighed in: tells what is amorphous.")
@click.option(
    "--grains", multiple=True, metavar="[PHASE=]UM", help="Diameter of the grains in µm, for microabsorption."
)
@click.option("--fine-grains", is_flag=True, help="The grains are too fine for microabsorption.")
@click.option("--joint", is_flag=True, help="The files are patterns of one sample: identify its phases from all.")
@click.option("--wavelength", metavar="NAME|Å", multiple=True, help="CuKa, MoKa1 …, or Å; one, or one for each file.")
@click.option("--probe", type=click.Choice(PROBES), multiple=True, help="What was diffracted; one, or one for each.")
@click.option("--instrument", metavar="FILE", multiple=True, help=".prm or .instprm; one, or one for each file.")
@click.option("--bank", type=int, metavar="N", help="Number of the bank in that file.")
@click.option("--range", "limits", type=(float, float), metavar="LOW HIGH", help="Part of the axis to use.")
@click.option("--scan", type=int, metavar="N", help="Which scan of a file that holds several, from 1.")
@click.option("--max-phases", default=6, show_default=True, type=click.IntRange(0, 12), help="The most to report.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON (a list for several files).")
@click.option("--report", metavar="FOLDER", help="Write an HTML report per file, and summary.csv for several, here.")
@click.option("--quiet", is_flag=True, help="No progress, and no table where a report is written.")
def identify(
    files: tuple[str, ...], joint: bool, as_json: bool, report: str | None, quiet: bool, **chosen: object
) -> int:
    """Identify and quantify the phases of measured patterns.

    Prints a table and writes a report to ./anatase_report, or prints JSON with --json.
    """
    from anatase.cli.answers import Output, answer_files, answer_sample

    output = Output(as_json, Path(report) if report else None if as_json else Path("anatase_report"), quiet)
    return (answer_sample if joint else answer_files)(files, _options(files, chosen), output)


def _options(files: tuple[str, ...], chosen: dict[str, object]) -> list[Options]:
    """Return the options of each file."""
    from anatase.errors import InputError
    from anatase.identify.many import Options

    options: list[Options] = []
    for i in range(len(files)):
        own = {"range": chosen["limits"], **{name: value for name, value in chosen.items() if name != "limits"}}
        for name in EACH:
            values: tuple[str, ...] = chosen[name]  # type: ignore[assignment]
            if len(values) > 1 and len(values) != len(files):
                raise InputError(f"{len(files)} files and {len(values)} of --{name}", "give one, or one for each file")
            own[name] = None if not values else values[i] if len(values) > 1 else values[0]
        options.append(Options(**own))  # type: ignore[arg-type]
    return options
