"""Where the embedded library's structures come from: fetch the packages and read what is in them.

Each source yields candidates; ``scripts/build_library.py`` chooses among them.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.errors import AnataseError, InputError
from anatase.io.cif import read_structures
from anatase.io.ncmat import read_ncmat

NCRYSTAL = ("ncrystal-core==4.4.6", "ncrystal-python==4.4.6", "numpy")
PYMATGEN = "pymatgen==2026.10.24"
RIETX = "rietx==1.10.0"
# prototypes that no powder shows: computed structures, and alloys whose sites were given elements to tell them apart
INVENTED = "Theoretical|different elements"
ALLOYED = frozenset({"Cr", "Fe", "Ni"})
LIST_NCMAT = """
import pathlib, sys, NCrystal
target = pathlib.Path(sys.argv[1])
for entry in NCrystal.browseFiles(factory="stdlib"):
    if entry.name.endswith(".ncmat"):
        (target / entry.name).write_text(NCrystal.createTextData(entry.name).rawData, encoding="utf-8")
"""


@dataclass(frozen=True)
class Candidate:
    """A structure with its id in the library, the address of its source, and its rank (lower is better)."""

    library_id: str
    structure: Structure
    url: str
    rank: int


# structures that read without complaint and are wrong
DEFECTIVE = {
    "oxides/Fe2O3-Hematite": "oxygen at half occupancy in a cell of half the height (c is 13.77 Å in R-3c)",
}


def fetch(folder: Path) -> None:
    """Bring the packages into a folder; what is there already is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.glob("libavogadro-data*.deb")):
        subprocess.run(["apt-get", "download", "libavogadro-data"], cwd=folder, check=True)
    if not (folder / "avogadro").exists():
        deb = sorted(folder.glob("libavogadro-data*.deb"))[-1]
        subprocess.run(["dpkg", "-x", deb.name, "avogadro"], cwd=folder, check=True)
    for requirement, pattern in ((PYMATGEN, "pymatgen-*.whl"), (RIETX, "rietx-*.whl")):
        if not any(folder.glob(pattern)):
            _pip("download", "--no-deps", "--dest", str(folder), requirement)
    if not (folder / "ncmat").exists():
        _pip("install", "--target", str(folder / "ncrystal"), *NCRYSTAL)
        (folder / "ncmat").mkdir()
        path = {"PYTHONPATH": str(folder / "ncrystal"), "PATH": f"{folder / 'ncrystal' / 'bin'}:{os.environ['PATH']}"}
        command = [sys.executable, "-c", LIST_NCMAT, str(folder / "ncmat")]
        subprocess.run(command, env={**os.environ, **path}, check=True)


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", *arguments, "--quiet"], check=True)


def candidates(folder: Path) -> Iterator[Candidate | str]:
    """Yield the candidates of every source, or a line about what could not be read."""
    yield from _fluorapatite(folder)
    yield from _avogadro(folder)
    yield from _ncrystal(folder)
    yield from _aflow(folder)


def _fluorapatite(folder: Path) -> Iterator[Candidate | str]:
    wheel = sorted(folder.glob("rietx-*.whl"))[-1]
    target = folder / "fluorapatite.cif"
    with zipfile.ZipFile(wheel) as archive:
        target.write_bytes(archive.read("rietx/data/examples/fluorapatite.cif"))
    citation = "Hughes, J. M.; Cameron, M.; Crowley, K. D. (1989) American Mineralogist 74, 870"
    origin = Origin("GSAS-II LabData tutorial, in rietx 1.10.0", "fluorapatite", citation, "MIT")
    structure = replace(read_structures(target)[0], origin=origin)
    yield Candidate("fluorapatite", structure, "https://pypi.org/project/rietx/", 0)


def _avogadro(folder: Path) -> Iterator[Candidate | str]:
    root = folder / "avogadro" / "usr" / "share" / "avogadro2" / "crystals"
    for path in sorted(root.rglob("*.cif")):
        name = path.relative_to(root).with_suffix("").as_posix()
        if name in DEFECTIVE:
            yield f"openchemistry/{name}: {DEFECTIVE[name]}"
            continue
        try:
            structure = read_structures(path)[0]
        except AnataseError as error:
            yield f"openchemistry/{name}: {error}"
            continue
        origin = structure.origin
        zeolite = name.startswith("zeolites/")
        cod = origin.source == "COD"
        cod_url = f"https://www.crystallography.net/cod/{origin.identifier}.html"
        url = cod_url if cod else "https://github.com/OpenChemistry/crystals"
        source = f"COD {origin.identifier}, in OpenChemistry crystals" if cod else "OpenChemistry crystals"
        citation = origin.citation
        if zeolite:
            url, source = "https://www.iza-structure.org/databases/", "IZA-SC Database of Zeolite Structures"
            citation = f"Baerlocher, C.; McCusker, L. B. Database of Zeolite Structures, {path.stem}"
        structure = replace(
            structure,
            name=f"zeolite {path.stem}" if zeolite else structure.name,
            origin=Origin(source, origin.identifier, citation, "public domain"),
        )
        yield Candidate(f"openchemistry/{name}", structure, url, 2 if origin.citation else 4)


def _ncrystal(folder: Path) -> Iterator[Candidate | str]:
    for path in sorted((folder / "ncmat").glob("*.ncmat")):
        if "@ATOMPOSITIONS" not in path.read_text(encoding="utf-8"):
            continue
        structure = read_ncmat(path)[0]
        origin = Origin("NCrystal 4.4.6", path.stem, structure.origin.citation, "Apache-2.0")
        url = f"https://github.com/mctools/ncrystal/blob/master/data/{path.name}"
        yield Candidate(f"ncrystal/{path.stem}", replace(structure, origin=origin), url, 1 if origin.citation else 3)


def _aflow(folder: Path) -> Iterator[Candidate | str]:
    wheel = sorted(folder.glob("pymatgen-*.whl"))[-1]
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read("pymatgen/analysis/prototypes/aflow_prototypes.json.gz")
    seen: set[str] = set()
    for item in json.loads(gzip.decompress(packed)):
        label = item["tags"]["aflow"]
        try:
            structure = _prototype(item)
        except AnataseError as error:
            yield f"aflow/{label}: {error}"
            continue
        library_id = f"aflow/{structure.formula}_{label}"
        if library_id not in seen:
            seen.add(library_id)
            yield Candidate(library_id, structure, f"https://aflow.org/prototype-encyclopedia/{label}.html", 5)


def _prototype(item: dict[str, Any]) -> Structure:
    snl, tags = item["snl"], item["tags"]
    sites = tuple(
        Site(
            f"{site['label']}{number}",
            tuple(Species(s["element"], s["occu"]) for s in site["species"]),
            (site["abc"][0], site["abc"][1], site["abc"][2]),
        )
        for number, site in enumerate(snl["sites"], 1)
    )
    mineral = tags["mineral"]
    if re.search(INVENTED, mineral) or len({s.species[0].element for s in sites} & ALLOYED) > 2:
        raise InputError("no measured phase: theoretical, or an alloy with ordered atoms in place of mixed ones")
    name = mineral if re.fullmatch("[A-Z][a-z]+ite", mineral) else ""
    citation = _bibtex(snl["about"]["references"])
    origin = Origin(f"AFLOW prototype {tags['aflow']}, in pymatgen", tags["aflow"], citation, "MIT")
    lattice = Lattice.from_vectors(snl["lattice"]["matrix"])
    return Structure(lattice, SpaceGroup.from_number(1), sites, name, origin)


def _bibtex(text: str) -> str:
    """Return authors, year, journal, volume and page of the first BibTeX entry."""
    first = text.split("@article")[1] if "@article" in text else text
    field = {k: " ".join(v.split()) for k, v in re.findall(r"(\w+)\s*=\s*[\"{](.*?)[\"}],?\s*\n", first, re.DOTALL)}
    authors = "; ".join(field.get("author", "").split(" and ")[:3])
    where = " ".join(part for part in (field.get("journal", ""), field.get("volume", "")) if part)
    parts = (authors, f"({field['year']})" if "year" in field else "", where)
    citation = " ".join(part for part in parts if part)
    citation = f"{citation}, {field['page_first']}" if field.get("page_first") else citation
    return f"{re.sub(r'[{}$]', '', citation)}; Mehl et al. (2017) Comput. Mater. Sci. 136, S1"
