"""Write src/anatase/crystal/data/wyckoff_positions.csv: the Wyckoff positions of the standard settings.

Both origin choices and both axes of the rhombohedral groups are in it.

usage: python scripts/build_wyckoff_table.py

The letters, representative coordinates and site symmetries (International Tables A, 2.3) are those that moyo
assigns: random crystals with atoms on special positions are made for each setting until every letter has been met.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gemmi
import moyopy
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
OUTPUT = Path(__file__).parents[1] / "src" / "anatase" / "crystal" / "data" / "wyckoff_positions.csv"
HEADER = "# hall_number,number,symbol,hall,origin or axes,positions (letter:x,y,z:site symmetry)"
N_SETTINGS = 530
BATCH = 12
MAX_IMAGES = 400  # the symmetry search is quadratic in the atoms
LETTERS = "abcdefghijklmnopqrstuvwxyzA"
MAX_BATCHES = 400
HOPELESS = 8  # batches without any letter: moyo does not make this setting


def main() -> None:
    """Find the positions of every setting and write the table."""
    OUTPUT.parent.mkdir(exist_ok=True)
    rows = [HEADER]
    numbers: set[int] = set()
    for hall_number in range(1, N_SETTINGS + 1):
        entry = moyopy.HallSymbolEntry(hall_number)
        if entry.number in numbers and entry.setting not in ("2", "R"):
            continue
        numbers.add(entry.number)
        positions = wyckoff_positions(hall_number)
        if not positions:
            continue
        listed = " ".join(f"{letter}:{positions[letter]}" for letter in sorted(positions, key=_order))
        symbol = entry.hm_full.replace(" ", "")
        rows.append(f"{hall_number};{entry.number};{symbol};{entry.hall_symbol};{entry.setting};{listed}")
        OUTPUT.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _order(letter: str) -> tuple[bool, str]:
    return letter.isupper(), letter


def wyckoff_positions(hall_number: int) -> dict[str, str]:
    """Return letter → representative coordinates and site symmetry, ``x,0,1/4:..2``, of one setting."""
    rng = np.random.default_rng(hall_number)
    symbol = moyopy.HallSymbolEntry(hall_number).hall_symbol.replace("=", '"')
    operations = list(gemmi.symops_from_hall(symbol))
    rotations = np.array([op.rot for op in operations]) // gemmi.Op.DEN
    translations = np.array([op.tran for op in operations]) / gemmi.Op.DEN
    basis = _basis(rotations, rng)
    found: dict[str, str] = {}
    size = max(2, min(BATCH, MAX_IMAGES // len(rotations)))
    for batch in range(MAX_BATCHES):
        if batch == HOPELESS and not found:
            break
        points = [rng.random(3)] + [_special(rotations, translations, rng) for _ in range(size)]
        _collect(points, rotations, translations, basis, hall_number, found)
        letters = sorted(found, key=_order)
        if any(text.startswith("x,y,z:") for text in found.values()) and letters == list(LETTERS[: len(letters)]):
            return found
    print(f"setting {hall_number} left out: only {len(found)} positions met", file=sys.stderr)
    return {}


def _basis(rotations: NDArray[np.int64], rng: np.random.Generator) -> Array:
    """Return row vectors of a random cell with the symmetry of the rotations."""
    shape = np.diag(rng.uniform(20.0, 40.0, 3)) + rng.uniform(-2.0, 2.0, (3, 3))
    metric = np.einsum("nji,jk,nkl->il", rotations, shape @ shape.T, rotations) / len(rotations)
    return np.asarray(np.linalg.cholesky(metric))


def _special(rotations: NDArray[np.int64], translations: Array, rng: np.random.Generator) -> Array:
    """Return a random point that one to three random operations leave in place, or one of a grid of eighths."""
    if rng.random() < 0.3:
        return np.asarray(rng.integers(0, 8, 3) / 8.0)
    while True:
        chosen = rng.integers(0, len(rotations), rng.integers(1, 4))
        offsets = rng.integers(-1, 2, (len(chosen), 3))
        matrix = np.concatenate([rotations[i] - np.eye(3) for i in chosen])
        vector = -np.concatenate([translations[i] + n for i, n in zip(chosen, offsets, strict=True)])
        point = np.linalg.lstsq(matrix, vector, rcond=None)[0]
        if np.abs(matrix @ point - vector).max() < 1e-9:
            null = np.linalg.svd(matrix)[2][np.linalg.matrix_rank(matrix) :]
            return np.asarray(point + rng.uniform(-1.0, 1.0, len(null)) @ null)


def _collect(
    points: list[Array],
    rotations: NDArray[np.int64],
    translations: Array,
    basis: Array,
    hall_number: int,
    found: dict[str, str],
) -> None:
    """Put each point's orbit into one cell as an element of its own and note the letters that moyo gives."""
    positions: list[Array] = []
    numbers: list[int] = []
    for number, point in enumerate(points, 1):
        orbit = _orbit((rotations @ point + translations) % 1.0, basis)
        if positions and min(_nearest(image, positions, basis) for image in orbit) < 1e-2:
            continue  # another point has these positions
        positions.extend(orbit)
        numbers.extend([number] * len(orbit))
    cell = moyopy.Cell(basis.tolist(), [p.tolist() for p in positions], numbers)
    try:
        dataset = moyopy.MoyoDataset(cell, symprec=1e-4, setting=moyopy.Setting.hall_number(hall_number))
    except ValueError:  # an unlucky crystal; the next one serves
        return
    if dataset.number != moyopy.HallSymbolEntry(hall_number).number:
        return
    # the sequences under the normalizer, too: some letters never come first
    for _, sequence in dataset.normalizer_wyckoff_positions().coset_representatives:
        for position in sequence:
            text = f"{position.coordinates}:{position.site_symmetry}"
            if found.setdefault(position.letter, text) != text:
                raise RuntimeError(f"setting {hall_number}: {position.letter} is {text} and {found}")


def _orbit(images: Array, basis: Array) -> list[Array]:
    kept: list[Array] = []
    for image in images:
        if not kept or _nearest(image, kept, basis) > 1e-4:
            kept.append(image)
    return kept


def _nearest(image: Array, others: list[Array], basis: Array) -> float:
    difference = np.array(others) - image
    difference -= np.round(difference)
    return float(np.linalg.norm(difference @ basis, axis=1).min())


if __name__ == "__main__":
    main()
