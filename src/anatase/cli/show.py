"""``anatase show``: what a structure file holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from anatase.crystal.structure import Site, Structure

__all__ = ["describe", "show"]

SCHEMA = "anatase.structure/1"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--block", help="Data block to read; the first with atoms by default.")
@click.option("--symprec", type=click.FloatRange(1e-6, 1.0), default=0.01, show_default=True, metavar="Å",
              help="Largest distance of an atom from the symmetry that is sought.")  # fmt: skip
@click.option("--as-is", is_flag=True, help="Keep the setting of the file; seek no symmetry.")
@click.option("--json", "as_json", is_flag=True, help="Print the same for programs.")
def show(file: Path, block: str | None, symprec: float, as_is: bool, as_json: bool) -> None:
    """Print cell, symmetry elements, extinction conditions, sites, composition and density of a CIF."""
    from anatase.crystal.standardize import standardize
    from anatase.io.structure_files import read_structure

    stated = read_structure(file, block=block)
    structure = stated if as_is else standardize(stated, symprec)
    answer = describe(structure, stated, str(file))
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _print(answer)


def describe(structure: Structure, stated: Structure, file: str) -> dict[str, Any]:
    """Return what ``show`` prints: ``structure`` as standardised, ``stated`` as the file has it."""
    from anatase.crystal.extinction import reflection_conditions
    from anatase.crystal.symmetry_elements import symmetry_elements

    group = structure.space_group
    return {
        "schema": SCHEMA,
        "file": file,
        "name": structure.name,
        "formula": structure.formula,
        "formula_units_per_cell": structure.formula_units_per_cell,
        "composition": structure.composition,
        "density": round(structure.density, 4),
        "lattice": _lattice(structure),
        "space_group": {
            **_group(structure),
            "crystal_system": group.crystal_system,
            "bravais_type": group.bravais_type,
            "point_group": group.point_group,
            "laue_class": group.laue_class,
            "centrosymmetric": group.is_centrosymmetric,
            "polar": group.is_polar,
            "chiral": group.is_chiral,
            "operations": list(group.triplets),
        },
        "stated": {"space_group": _group(stated), "lattice": _lattice(stated)},
        "reflection_conditions": [{"zone": c.zone, "condition": c.condition} for c in reflection_conditions(group)],
        "symmetry_elements": [
            {
                "name": e.name,
                "direction": list(e.direction),
                "translation": list(e.translation),
                "point": list(e.point),
                "location": e.location,
                "text": str(e),
            }
            for e in symmetry_elements(group)
        ],
        "sites": [_site(site) for site in structure.sites],
        "origin": {
            "source": structure.origin.source,
            "identifier": structure.origin.identifier,
            "citation": structure.origin.citation,
            "licence": structure.origin.licence,
        },
        "warnings": list(structure.warnings),
    }


def _group(structure: Structure) -> dict[str, Any]:
    group = structure.space_group
    return {"number": group.number, "symbol": group.symbol, "hall": group.hall}


def _lattice(structure: Structure) -> dict[str, float]:
    names = ("a", "b", "c", "alpha", "beta", "gamma")
    values = {name: round(value, 6) for name, value in zip(names, structure.lattice.parameters, strict=True)}
    return {**values, "volume": round(structure.lattice.volume, 4)}


def _site(site: Site) -> dict[str, Any]:
    return {
        "label": site.label,
        "species": [
            {"element": s.element, "charge": s.charge, "occupancy": round(s.occupancy, 6)} for s in site.species
        ],
        "multiplicity": site.multiplicity,
        "wyckoff": site.wyckoff,
        "xyz": [round(x, 8) for x in site.xyz],
        "u_iso": None if site.u_iso is None else round(site.u_iso, 6),
        "u_aniso": None if site.u_aniso is None else [round(u, 6) for u in site.u_aniso],
    }


def _print(answer: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    group, cell, stated = answer["space_group"], answer["lattice"], answer["stated"]["space_group"]
    console.print(f"[bold]{answer['formula']}[/bold]  {answer['name']}")
    traits = [word for word in ("centrosymmetric", "polar", "chiral") if group[word]]
    console.print(f"space group  {group['symbol']} (No. {group['number']}), Hall {group['hall']}", markup=False)
    found = "as the file states" if stated["number"] == group["number"] else (
        f"the file states {stated['symbol']} (No. {stated['number']})"
    )  # fmt: skip
    console.print(f"             {found}", markup=False)
    console.print(
        f"             {group['crystal_system']}, {group['bravais_type']}, point group {group['point_group']}, "
        f"Laue class {group['laue_class']}{', ' if traits else ''}{', '.join(traits)}",
        markup=False,
    )
    console.print(f"cell         a {cell['a']:.5f}  b {cell['b']:.5f}  c {cell['c']:.5f} Å")
    console.print(
        f"             alpha {cell['alpha']:.4f}  beta {cell['beta']:.4f}  gamma {cell['gamma']:.4f} deg  "
        f"V {cell['volume']:.3f} Å³"
    )
    content = ", ".join(f"{element} {count:g}" for element, count in answer["composition"].items())
    console.print(f"content      {content}; Z = {answer['formula_units_per_cell']}; {answer['density']:.3f} g/cm³")
    if answer["origin"]["source"] or answer["origin"]["citation"]:
        origin = answer["origin"]
        console.print(f"origin       {origin['source']} {origin['identifier']} {origin['citation']}", markup=False)
    _print_tables(console, answer)
    for warning in answer["warnings"]:
        console.print(f"warning: {warning}", style="yellow", markup=False)


def _print_tables(console: Console, answer: dict[str, Any]) -> None:
    from rich import box
    from rich.table import Table

    sites = Table(title="sites", box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("site", "content", "Wyckoff", "x", "y", "z", "U_iso / Å²"):
        sites.add_column(heading, justify="right" if heading in "xyz" else "left")
    for site in answer["sites"]:
        content = " ".join(_species_text(s) for s in site["species"])
        u = "" if site["u_iso"] is None else f"{site['u_iso']:.4f}"
        sites.add_row(
            site["label"], content, f"{site['multiplicity']}{site['wyckoff']}", *(f"{x:.5f}" for x in site["xyz"]), u
        )
    console.print(sites)
    conditions = [f"{c['zone']}: {c['condition']}" for c in answer["reflection_conditions"]]
    console.print("reflection conditions  " + ("; ".join(conditions) or "none"), markup=False)
    elements = Table(title="symmetry elements in one cell", box=box.SIMPLE_HEAD, title_justify="left")
    for heading in ("element", "direction", "translation", "location"):
        elements.add_column(heading)
    for name, direction, translation, places in _grouped(answer["symmetry_elements"]):
        elements.add_row(name, direction, translation, places)
    console.print(elements)


def _species_text(species: dict[str, Any]) -> str:
    charge = species["charge"]
    ion = f"{abs(charge)}{'+' if charge > 0 else '-'}" if charge else ""
    share = "" if abs(species["occupancy"] - 1.0) < 1e-4 else f" {species['occupancy']:.4g}"
    return f"{species['element']}{ion}{share}"


def _grouped(elements: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Gather the elements that differ only in their place."""
    from fractions import Fraction

    def text(values: list[float]) -> str:
        return ",".join(str(Fraction(v).limit_denominator(48)) for v in values)

    rows: dict[tuple[str, str, str], list[str]] = {}
    for e in elements:
        plane = e["name"] in ("m", "a", "b", "c", "e", "n", "d", "g")
        uvw = "" if e["name"] == "-1" else ("⊥ " if plane else "") + "[" + "".join(map(str, e["direction"])) + "]"
        place = text(e["point"]) if e["name"] in ("-3", "-4", "-6") else e["location"]
        key = (e["name"], uvw, text(e["translation"]) if any(e["translation"]) else "")
        rows.setdefault(key, []).append(place)
    return [(*key, "  ".join(f"({place})" for place in places)) for key, places in rows.items()]
