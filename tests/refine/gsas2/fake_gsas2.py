"""A stand-in for GSASIIscriptable that records the calls of a job and answers with numbers made up for the test.

It has the documented methods and shapes of data, and nothing of GSAS-II behind them.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

CALLS: list = []


class Histogram:
    def __init__(self, name):
        self.name = f"PWDR {name}"
        numbers = {"U": 2.0, "V": -2.0, "W": 5.0, "X": 1.0, "Y": 0.5, "Z": 0.0, "SH/L": 0.02, "Zero": 0.01}
        self.InstrumentParameters = {key: [v, v, True] for key, v in numbers.items()} | {"Type": ["PXC", "PXC", 0]}
        self.SampleParameters = {"Scale": [1.0, True], "Shift": [0.0, False], "Transparency": [0.0, False],
                                 "Type": "Debye-Scherrer", "Gonio. radius": 0.0}  # fmt: skip
        self.data = {"Background": [["chebyschev-1", False, 2, 100.0, -20.0], {}]}

    def set_refinements(self, settings):
        CALLS.append(["histogram", self.name, settings])

    def clear_refinements(self, settings):
        CALLS.append(["clear", self.name, settings])

    def Excluded(self, ranges):
        CALLS.append(["excluded", self.name, ranges])

    def get_wR(self):
        return 9.5


class Phase:
    def __init__(self, name, histograms):
        self.name = name
        part = {"Size": ["isotropic", [0.3, 1.0, 1.0]], "Mustrain": ["isotropic", [800.0, 1.0, 1.0]], "Scale": [1.0, 0]}
        self.data = {"Histograms": {one.name: json.loads(json.dumps(part)) for one in histograms}}

    def set_refinements(self, settings):
        CALLS.append(["phase", self.name, settings])

    def set_HAP_refinements(self, settings, histograms):
        CALLS.append(["part", self.name, settings, [one.name for one in histograms]])

    def setSampleProfile(self, histogram, kind, form, value):
        CALLS.append(["start", self.name, histogram.name, kind, form, value])

    def get_cell_and_esd(self):
        cell = {"length_a": 4.594, "length_b": 4.594, "length_c": 2.959, "volume": 62.4}
        cell |= {f"angle_{one}": 90.0 for one in ("alpha", "beta", "gamma")}
        return cell, {"length_a": 0.0001, "length_c": 0.0002}

    def atoms(self):
        return [SimpleNamespace(coordinates=[0.0, 0.0, 0.0], uiso=0.004),
                SimpleNamespace(coordinates=[0.305, 0.305, 0.0], uiso=0.006)]  # fmt: skip


class G2Project:
    def __init__(self, newgpx):
        self.path = Path(newgpx)
        self.data = {"Covariance": {"data": {}}}

    def set_Controls(self, key, value):
        CALLS.append(["control", key, value])

    def add_powder_histogram(self, datafile, iparams, fmthint):
        points = len(Path(datafile).read_text().split("\n"))
        CALLS.append(["data", points > 100, "SH/L" in Path(iparams).read_text(), fmthint])
        return Histogram(Path(datafile).stem)

    def add_phase(self, phasefile, phasename, histograms, fmthint):
        CALLS.append(["structure", "_cell_length_a" in Path(phasefile).read_text(), phasename, fmthint])
        return Phase(phasename, histograms)

    def refine(self):
        CALLS.append(["refine"])
        names = ["0::AUiso:1", "0::dAx:1", ":0:Shift", ":0:U", "0:0:Size;i", "0:0:Mustrain;i", ":0:Back;0"]
        self.data["Covariance"]["data"] = {
            "varyList": names,
            "sig": [0.001, 0.0002, 2.0, 0.1, 0.01, 20.0, 0.5],
            "Rvals": {"GOF": 1.2, "converged": True},
        }
        self.path.with_name("calls.json").write_text(json.dumps(CALLS))
