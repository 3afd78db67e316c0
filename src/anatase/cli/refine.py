"""``anatase refine``: phases in measured patterns, or a crystal, by least squares."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["refine"]

MODES = ("rietveld", "lebail", "pawley")
PRESETS = ("laboratory", "synchrotron", "neutron", "tof")
PROGRAMS = ("topas", "fullprof", "gsas", "gsas2", "bgmn", "shelx")
PROBES = ("xray", "neutron")
ENGINES = ("anatase", "gsas2")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--mode", type=click.Choice(MODES), help="How phases are fitted; by Rietveld without it.")
@click.option("--recipe", metavar="FILE", help="TOML or JSON: what is free, in which steps, tied and restrained how.")
@click.option("--instrument", metavar="FILE", multiple=True, help=".prm or .instprm; one, or one for each pattern.")
@click.option("--wavelength", metavar="NAME|Å", multiple=True, help="CuKa …, or Å; one, or one for each pattern.")
@click.option("--probe", type=click.Choice(PROBES), multiple=True, help="What was diffracted; one, or one for each.")
@click.option("--range", "limits", type=(float, float), metavar="LOW HIGH", help="Part of the axis to fit.")
@click.option("--exclude", type=(float, float), metavar="LOW HIGH", multiple=True, help="A range to leave out.")
@click.option("--background", type=click.IntRange(1, 36), metavar="N", help="Chebyshev terms; by default as needed.")
@click.option("--preset", type=click.Choice(PRESETS), help="Order of the steps; by default that of the radiation.")
@click.option("--series", is_flag=True, help="Refine the patterns one after the other, each from its neighbour's end.")
@click.option("--bootstrap", type=click.IntRange(0), metavar="N", default=0, help="Refit N patterns drawn anew.")
@click.option("--mcmc", type=click.IntRange(0), metavar="STEPS", default=0, help="Sample the posterior with emcee.")
@click.option("--profile", multiple=True, metavar="NAME", help="Profile the likelihood of a parameter; globs allowed.")
@click.option("--multistart", type=click.IntRange(0), metavar="N", default=0, help="Look for other minima.")
@click.option("--engine", type=click.Choice(ENGINES), default="anatase", help="gsas2: GSAS-II as well, side by side.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all that is drawn at random.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--report", metavar="FOLDER", help="Write an HTML report here; ./anatase_report by default.")
@click.option("--cif", metavar="FILE", help="Write the answer as CIF, pattern and reflections included.")
@click.option("--export", type=(click.Choice(PROGRAMS), str), metavar="PROGRAM FILE", multiple=True,
              help="Write it for topas, fullprof, gsas, gsas2, bgmn or shelx.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress; warnings, but no table, where a report is written.")
def refine(
    files: tuple[str, ...], as_json: bool, report: str | None, cif: str | None, quiet: bool, **chosen: object
) -> int:
    """Refine the phases of structure files in measured patterns, from a cold start and without further settings.

    FILEs are patterns and structures in any order. Several patterns are fitted together, or with --series one after
    the other. A SHELX .ins or .res file with its .hkl is a single crystal. A file of GSAS (.EXP), GSAS-II (.gpx),
    TOPAS (.inp), FullProf (.pcr) or BGMN (.sav) states a whole refinement.
    """
    from anatase.cli.refine_answer import refine_and_show
    from anatase.cli.refine_choices import choices_of
    from anatase.cli.refine_output import Output

    export = tuple((program, Path(path)) for program, path in chosen.pop("export"))  # type: ignore[attr-defined]
    folder = Path(report) if report else None if as_json else Path("anatase_report")
    output = Output(as_json, folder, Path(cif) if cif else None, export, quiet)
    return refine_and_show(choices_of(files, chosen), output)
