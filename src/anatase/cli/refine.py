"""``anatase refine``: phases in measured patterns, or a crystal, by least squares."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["refine"]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--mode", type=click.Choice(["rietveld", "lebail", "pawley"]), help="How phases are fitted.")
@click.option("--instrument", metavar="FILE", multiple=True, help=".prm or .instprm; one, or one for each pattern.")
@click.option(
    "--wavelength", metavar="NAME|Å", multiple=True, help="CuKa, MoKa1 …, or Å; one, or one for each pattern."
)
@click.option("--probe", type=click.Choice(["xray", "neutron"]), multiple=True, help="What was diffracted.")
@click.option("--range", "limits", type=(float, float), metavar="LOW HIGH", help="Part of the axis to fit.")
@click.option("--exclude", type=(float, float), metavar="LOW HIGH", multiple=True, help="A range to leave out.")
@click.option("--background", type=click.IntRange(1, 36), metavar="N", help="Chebyshev terms; by default as needed.")
@click.option("--preset", type=click.Choice(["laboratory", "synchrotron", "neutron", "tof"]), help="Order of steps.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--report", metavar="FOLDER", help="Write an HTML report here; ./anatase_report by default.")
@click.option("--cif", metavar="FILE", help="Write the answer as CIF, pattern and reflections included.")
@click.option("--quiet", is_flag=True, help="No progress, and no table where a report is written.")
def refine(
    files: tuple[str, ...], as_json: bool, report: str | None, cif: str | None, quiet: bool, **chosen: object
) -> int:
    """Refine the phases of structure files in measured patterns, from a cold start and without further settings.

    FILEs are patterns and structures in any order. Several patterns are fitted together. A SHELX .ins or .res file
    with its .hkl is a single crystal.
    """
    from anatase.cli.refine_answer import Output, refine_and_show
    from anatase.cli.refine_files import RefineChoices, refined

    folder = Path(report) if report else None if as_json else Path("anatase_report")
    choices = RefineChoices(**chosen)  # type: ignore[arg-type]
    output = Output(as_json, folder, Path(cif) if cif else None, quiet)
    return refine_and_show(files, lambda tell: refined(files, choices, tell), output)
