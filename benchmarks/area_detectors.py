"""How fast frames are simulated: run ``python benchmarks/area_detectors.py [REPEATS]``.

Rings of corundum on a tilted detector of 1000 × 1000 pixels (geometry, structure factors, profile, solid angle and
polarization each time anew), with texture, few crystallites and noise; spots of quartz over a whole turn; a zone-axis
pattern. Printed are milliseconds of processor time, the best of the repeats. With pyFAI installed, its
``calcfrom1d`` of a ready pattern onto the same detector stands beside the rings.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.orientation_matrix import random_orientation
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.fibre_texture import FibreTexture
from anatase.simulation.crystallites import Crystallites
from anatase.simulation.rings import simulate_rings
from anatase.simulation.spot_image import draw_spots
from anatase.simulation.spots import simulate_spots
from anatase.simulation.zone_axis import simulate_zone_axis

# Lewis, Schwarzenbach & Flack (1982) Acta Cryst. A38, 733; Kihara (1990) Eur. J. Mineral. 2, 63
CORUNDUM = Structure(
    Lattice(4.7602, 4.7602, 12.9933, 90, 90, 120),
    SpaceGroup.from_number(167),
    (
        Site("Al", (Species("Al"),), (0.0, 0.0, 0.35216), u_iso=0.003),
        Site("O", (Species("O"),), (0.30624, 0.0, 0.25), u_iso=0.004),
    ),
)
QUARTZ = Structure(
    Lattice(4.9137, 4.9137, 5.4047, 90, 90, 120),
    SpaceGroup.from_number(154),
    (
        Site("Si", (Species("Si"),), (0.4697, 0.0, 2.0 / 3.0), u_iso=0.0065),
        Site("O", (Species("O"),), (0.4133, 0.2672, 0.7855), u_iso=0.012),
    ),
)
TILTED = DetectorGeometry(0.2, 0.075, 0.075, 1.5e-4, 1.5e-4, (1000, 1000), 0.05, -0.1, 0.2)


def milliseconds(call: Callable[[], object], repeats: int) -> float:
    """Return the least processor time of a call, after one that compiles."""
    call()
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return 1e3 * best


def calcfrom1d() -> Callable[[], object] | None:
    """Return pyFAI's image of a ready pattern, or None where pyFAI is not installed."""
    try:
        from pyFAI.detectors import Detector
        from pyFAI.geometry import Geometry
    except ImportError:
        return None
    detector = Detector(1.5e-4, 1.5e-4, max_shape=(1000, 1000))
    angle = np.linspace(0.0, 45.0, 20_000)
    pattern = np.exp(-(((angle % 2.0 - 1.0) / 0.05) ** 2))

    def call() -> object:
        geometry = Geometry(0.2, 0.075, 0.075, 0.05, -0.1, 0.2, detector=detector, wavelength=0.4e-10)
        return geometry.calcfrom1d(angle, pattern, dim1_unit="2th_deg", polarization_factor=1.0)

    return call


def main() -> None:
    """Print one line per kind of frame."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    texture, few = FibreTexture((0, 0, 6), 0.5, (1.0, 0.0, 0.0)), Crystallites(1e5)
    rng, u = np.random.default_rng(1), random_orientation(np.random.default_rng(2))
    spots = simulate_spots(QUARTZ, 0.4, TILTED, u)
    calls: dict[str, Callable[[], object] | None] = {
        "rings, 1 Mpx": lambda: simulate_rings(CORUNDUM, 0.4, replace(TILTED)),
        "rings, texture": lambda: simulate_rings(CORUNDUM, 0.4, replace(TILTED), texture=texture),
        "rings, 1e5 crystallites": lambda: simulate_rings(CORUNDUM, 0.4, replace(TILTED), crystallites=few, rng=rng),
        "rings, noise": lambda: simulate_rings(CORUNDUM, 0.4, replace(TILTED), scale=1e-3, noise=True, rng=rng),
        "pyFAI calcfrom1d, 1 Mpx": calcfrom1d(),
        f"spots, {len(spots)} of a turn": lambda: simulate_spots(QUARTZ, 0.4, TILTED, u),
        "frame of those spots": lambda: draw_spots(spots, TILTED, phi=(10.0, 11.0)),
        "zone axis, d ≥ 0.5 Å": lambda: simulate_zone_axis(QUARTZ, (1, 0, 0)),
    }
    for name, call in calls.items():
        print(f"{name:28s}", "not installed" if call is None else f"{milliseconds(call, repeats):8.1f} ms")


if __name__ == "__main__":
    main()
