"""LBCO of HRPT with easydiffraction, by its tutorial's stages: run with a Python that has it, on the data's folder.

Prints JSON last: CPU seconds of the fits, reduced χ², cell.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

os.environ |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}

import easydiffraction as ed

SITES = (("La", (0, 0, 0), 0.5, "a"), ("Ba", (0, 0, 0), 0.5, "a"), ("Co", (0.5, 0.5, 0.5), 1, "b"),
         ("O", (0, 0.5, 0.5), 1, "c"))  # fmt: skip


def main(folder: Path) -> None:
    """Fit in three stages and print what came out."""
    warnings.filterwarnings("ignore")
    project = ed.Project()
    project.structures.create(name="lbco")
    structure = project.structures["lbco"]
    structure.space_group.name_h_m = "P m -3 m"
    structure.space_group.it_coordinate_system_code = "1"
    structure.cell.length_a = 3.88
    for label, (x, y, z), occupancy, letter in SITES:
        structure.atom_sites.create(label=label, type_symbol=label, fract_x=x, fract_y=y, fract_z=z,
                                    wyckoff_letter=letter, b_iso=0.5, occupancy=occupancy)  # fmt: skip
    project.experiments.add_from_data_path(name="hrpt", data_path=str(folder / "hrpt.xye"), sample_form="powder",
                                           beam_mode="constant wavelength", radiation_probe="neutron")  # fmt: skip
    own = project.experiments["hrpt"]
    own.instrument.setup_wavelength, own.instrument.calib_twotheta_offset = 1.494, 0.6
    own.peak.broad_gauss_u, own.peak.broad_gauss_v, own.peak.broad_gauss_w = 0.1, -0.1, 0.1
    own.peak.broad_lorentz_y = 0.1
    for i, x in enumerate((10, 30, 50, 110, 165)):
        own.background.create(id=str(i + 1), x=x, y=170)
    own.excluded_regions.create(id="1", start=0, end=5)
    own.excluded_regions.create(id="2", start=165, end=180)
    own.linked_phases.create(id="lbco", scale=10.0)
    start = time.process_time()
    for one in (structure.cell.length_a, own.instrument.calib_twotheta_offset, own.linked_phases["lbco"].scale):
        one.free = True
    for point in own.background:
        point.y.free = True
    project.analysis.fit()
    for name in ("gauss_u", "gauss_v", "gauss_w", "lorentz_y"):
        getattr(own.peak, f"broad_{name}").free = True
    project.analysis.fit()
    for label, *_ in SITES:
        structure.atom_sites[label].b_iso.free = True
    project.analysis.fit()
    told = {"seconds": time.process_time() - start, "chi2": float(project.analysis.fit_results.reduced_chi_square),
            "a": float(structure.cell.length_a.value), "version": version("easydiffraction")}  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
