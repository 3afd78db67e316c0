"""``anatase simulate``: powder patterns and lines, rings, spots and zone-axis patterns of crystal structures."""

from __future__ import annotations

from typing import Any

import click

from anatase.cli.simulate_options import GroupedCommand, simulate_options

__all__ = ["simulate"]


@click.command(cls=GroupedCommand)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@simulate_options
def simulate(files: tuple[str, ...], **chosen: Any) -> None:
    """Simulate the diffraction of the structure in FILE, or of a mixture of several.

    FILE is a CIF, a BGMN .str, an NCMAT or a POSCAR. Without further options: the powder pattern for Cu Kα from
    5 to 90° on a laboratory diffractometer, as a table of its strongest lines.
    """
    from dataclasses import replace

    from rich.console import Console
    from rich.text import Text

    from anatase.cli.simulate_answer import check_paths, show_simulation
    from anatase.cli.simulate_choices import choices_of
    from anatase.cli.simulate_kinds import SIMULATE
    from anatase.cli.simulate_setup import structures_of

    choices = choices_of(click.get_current_context(), chosen)
    plot = check_paths(files, choices)
    structures = structures_of(files, choices)
    console = Console(stderr=True, quiet=choices.quiet)
    with console.status(Text(f"simulating {', '.join(s.name or s.formula for s in structures)}")):
        simulation = SIMULATE[choices.kind](structures, choices)
    said = tuple(warning for structure in structures for warning in structure.warnings)
    simulation = replace(simulation, files=files, warnings=said + simulation.warnings)
    show_simulation(simulation, choices, plot)
