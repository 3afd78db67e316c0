"""Projects of GSAS-II, built here in the layout that it writes."""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import gemmi
import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer, ForeignRefinement, LinearRelation, SharedShift
from anatase.io.gsasii_gpx import read_gpx
from anatase.io.gsasii_strain import stephens_of_gsasii
from anatase.pattern.stephens import quartic_columns, stephens_names
from anatase.refine.calculation.lattice_strain import strained_structure
from anatase.simulation.powder import simulate

X = np.linspace(10.0, 90.0, 401)


def symmetry(symbol: str, laue: str, unique: str = "") -> dict[str, Any]:
    """Return a space group as GSAS-II keeps it: operations without centring, and an inversion apart."""
    group = gemmi.SpaceGroup(symbol).operations()
    listed = [(np.array(op.rot) / op.DEN, np.array(op.tran) / op.DEN) for op in group.sym_ops]
    half = listed
    if group.is_centrosymmetric():
        half = []
        for rotation, shift in listed:
            if not any(np.array_equal(-rotation, other) for other, _ in half):
                half.append((rotation, shift))
    centring = [np.array(shift) / gemmi.Op.DEN for shift in group.cen_ops]
    return {
        "SpGrp": symbol,
        "SGOps": [[rotation, shift] for rotation, shift in half],
        "SGCen": np.array(centring),
        "SGInv": group.is_centrosymmetric(),
        "SGLaue": laue,
        "SGUniq": unique,
    }


def atom(
    label: str, kind: str, flags: str, xyz: tuple[float, float, float], occupancy: float, u: Any, key: int
) -> list:
    aniso = isinstance(u, tuple)
    tail = ["A", 0.0, *u] if aniso else ["I", u, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    return [label, kind, flags, *xyz, occupancy, "1", 4, *tail, key]


def phase(
    name: str, sg: dict[str, Any], cell: list[Any], atoms: list[list], key: int, **general: Any
) -> dict[str, Any]:
    return {
        "General": {
            "Name": name, "Type": "nuclear", "SGData": sg, "Cell": [*cell, 0.0], "AtomPtrs": [3, 1, 7, 9]
        },
        "Atoms": atoms, "Histograms": {}, "ranId": key, "pId": 0, "RBModels": {},
    }  # fmt: skip


def in_histogram(**changes: Any) -> dict[str, Any]:
    return {
        "Use": True, "LeBail": False, "Scale": [1.0, False],
        "Pref.Ori.": ["MD", 1.0, False, [0, 0, 1], 0, {}],
        "Size": ["isotropic", [1.0, 1.0, 1.0], [False, False, False], [0, 0, 1], [1.0] * 6, [False] * 6],
        "Mustrain": ["isotropic", [1000.0, 1000.0, 1.0], [False, False, False], [0, 0, 1], [0.01] * 2, [False] * 2],
        "HStrain": [[0.0, 0.0], [False, False]], "Extinction": [0.0, False],
        "Babinet": {"BabA": [0.0, False], "BabU": [0.0, False]}, **changes,
    }  # fmt: skip


INSTRUMENT = {
    "Type": ["PXC", "PXC", 0], "Bank": [1, 1, 0], "Lam1": [1.5405, 1.5405, 0], "Lam2": [1.5443, 1.5443, 0],
    "I(L2)/I(L1)": [0.5, 0.5, 0], "Zero": [0.0, 0.01, True], "Polariz.": [0.7, 0.7, 0], "U": [2.0, 2.5, True],
    "V": [-2.0, -2.0, False], "W": [5.0, 5.0, False], "X": [0.0, 1.0, True], "Y": [0.0, 0.5, False],
    "Z": [0.0, 0.0, False], "SH/L": [0.002, 0.02, True], "Azimuth": [0.0, 0.0, False], "Source": ["CuKa", "CuKa"],
}  # fmt: skip
SAMPLE = {
    "Type": "Bragg-Brentano", "Scale": [200.0, True], "Shift": [50.0, True], "Transparency": [0.8, False],
    "Absorption": [0.0, False], "SurfRoughA": [0.0, False], "SurfRoughB": [0.0, False], "Gonio. radius": 210.0,
}  # fmt: skip
BACKGROUND = [
    ["chebyschev-1", True, 3, 40.0, -6.0, 2.0],
    {"nDebye": 0, "debyeTerms": [], "nPeaks": 1, "peaksList": [[22.0, False, 5e4, True, 4e4, False, 100.0, False]],
     "background PWDR": ["", 1.0, False]},
]  # fmt: skip


def histogram(name: str, key: int, x: np.ndarray, y: np.ndarray, **below: Any) -> list[list[Any]]:
    weights = 1.0 / np.maximum(y, 1.0)
    weights[3] = 0.0
    items = {
        "Limits": [[float(x[0]), float(x[-1])], [20.0, 80.0], [41.0, 40.0]], "Background": BACKGROUND,
        "Instrument Parameters": [INSTRUMENT, {}], "Sample Parameters": SAMPLE, "Reflection Lists": {}, **below,
    }  # fmt: skip
    info = {"wtFactor": 4.0, "Dummy": False, "ranId": key}
    return [[name, [info, [x, y, weights, 0 * y, 0 * y, 0 * y]]], *([key_, value] for key_, value in items.items())]


def variable(name: str, phase_key: int | None, histogram_key: int | None, atom_key: int | None) -> Any:
    found = G2VarObj()
    found.name, found.phase, found.histogram, found.atom = name, phase_key, histogram_key, atom_key
    return found


class G2VarObj:
    name: str
    phase: int | None
    histogram: int | None
    atom: int | None


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that writes a project under GSAS-II's own names of modules."""
    fake = ModuleType("GSASIIobj")
    monkeypatch.setattr(G2VarObj, "__module__", "GSASIIobj")
    fake.G2VarObj = G2VarObj  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "GSASIIobj", fake)

    def writer(*branches: Any, protocol: int = 2) -> Path:
        path = tmp_path / "project.gpx"
        controls = [["Controls", {"LastSavedUsing": "5.4.0"}], ["Notebook", [""]]]
        path.write_bytes(b"".join(pickle.dumps(branch, protocol) for branch in (controls, *branches)))
        return path

    return writer


def two_oxides() -> list[list[list[Any]]]:
    rutile = phase(
        "rutile", symmetry("P 42/m n m", "4/mmm"), [True, 4.594, 4.594, 2.959, 90.0, 90.0, 90.0],
        [atom("Ti1", "Ti+4", "U", (0.0, 0.0, 0.0), 1.0, (0.006, 0.006, 0.004, 0.001, 0.0, 0.0), 11),
         atom("O2", "O", "XF", (0.305, 0.305, 0.0), 0.98, 0.007, 12)], 101,
    )  # fmt: skip
    salt = phase(
        "rock salt", symmetry("F m -3 m", "m3m"), [False, 4.25, 4.25, 4.25, 90.0, 90.0, 90.0],
        [atom("M", "Fe", "F", (0.0, 0.0, 0.0), 0.7, 0.005, 21), atom("M", "Mg", "F", (0.0, 0.0, 0.0), 0.3, 0.005, 22),
         atom("O", "O", "U", (0.5, 0.5, 0.5), 1.0, 0.004, 23)], 102,
    )  # fmt: skip
    rutile["Histograms"]["PWDR oxides.xra Bank 1"] = in_histogram(
        Scale=[0.75, False],
        **{"Pref.Ori.": ["MD", 0.8, True, [1, 1, 0], 0, {}]},
        Size=["uniaxial", [0.05, 0.1, 0.75], [True, False, False], [0, 0, 1], [1.0] * 6, [False] * 6],
        Extinction=[0.25, True],
    )
    salt["Histograms"]["PWDR oxides.xra Bank 1"] = in_histogram(
        Scale=[0.25, False],
        Mustrain=["generalized", [1e3, 1e3, 1.0], [False] * 3, [0, 0, 1], [2e3, -1e2], [True, True]],
        HStrain=[[1e-4, 0.0], [False, False]],
        Babinet={"BabA": [0.5, False], "BabU": [0.0, False]},
        LeBail=True,
    )
    equal = [[1.0, variable("AUiso", 101, None, 12)], [2.0, variable("AUiso", 102, None, 23)], None, None, "e"]
    total = [[1.0, variable("Afrac", 102, None, 21)], [1.0, variable("Afrac", 102, None, 22)], 1.0, None, "c"]
    hold = [[0.0, variable("X", None, 201, None)], None, None, "h"]
    hold[0][0] = 1.0
    strange = [[1.0, variable("RBVPx:0", 101, None, None)], None, None, "f"]
    return [
        [["Constraints", {"Hist": [hold], "HAP": [], "Phase": [equal, total, strange], "Global": []}]],
        [["Restraints", {"rutile": {"Bond": {"wtFactor": 1.0, "Bonds": []}}}]],
        [["Phases", None], ["rutile", rutile], ["rock salt", salt]],
        histogram("PWDR oxides.xra Bank 1", 201, X, 100.0 + X),
        [["IMG frame.tif", {}]],
    ]  # fmt: skip


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_phases(write: Callable[..., Path], protocol: int):
    rutile, salt = read_gpx(write(*two_oxides(), protocol=protocol)).phases
    assert (rutile.name, salt.name, rutile.mode, salt.mode) == ("rutile", "rock_salt", "rietveld", "lebail")
    assert rutile.structure.space_group == SpaceGroup.from_number(136)
    assert salt.structure.space_group == SpaceGroup.from_number(225)
    titanium, oxygen = rutile.structure.sites
    assert titanium.u_aniso == (0.006, 0.006, 0.004, 0.001, 0.0, 0.0)
    assert (titanium.species[0].charge, oxygen.u_iso, oxygen.occupancy) == (4, 0.007, 0.98)
    assert [s.element for s in salt.structure.sites[0].species] == ["Fe", "Mg"]


def test_histogram(write: Callable[..., Path]):
    (found,) = read_gpx(write(*two_oxides())).histograms
    assert (found.name, found.data_file, found.bank) == ("oxides", "oxides.xra", 1)
    assert (found.limits, found.excluded) == ((20.0, 80.0), ((40.0, 41.0),))
    assert isinstance(found.beam, ForeignDiffractometer)
    instrument = found.beam.instrument
    assert (found.beam.radiation.name, instrument.zero, instrument.radius) == ("CuKa", 0.01, 210.0)
    assert instrument.gauss_u == pytest.approx(2.5 * 8.0 * np.log(2.0) * 1e-4)
    assert (instrument.s_over_l, instrument.h_over_l) == (0.01, 0.01)
    # GSAS-II: 2θ − 0.09/(πR) (4 · 50 µm cos θ + 100 · 0.8 sin 2θ); here −2 s cos θ/R and −sin 2θ/(2 μ R)
    assert np.degrees(2.0 * instrument.displacement / 210.0) == pytest.approx(0.09 / (np.pi * 210.0) * 200.0)
    assert np.degrees(instrument.penetration / 420.0) == pytest.approx(0.09 / (np.pi * 210.0) * 80.0)
    assert found.pattern is not None
    assert len(found.pattern) == X.size - 1  # the point of weight 0 is left out
    assert found.pattern.sigma[0] == pytest.approx(np.sqrt(110.0) / 2.0)  # its weights count four times
    background = found.background
    assert background is not None
    assert background.limits == (20.0, 80.0)
    assert background.chebyshev == (40.0, -6.0, 2.0)
    # the peak: area per centidegree, σ² = 4·10⁴ centidegrees², nearly Gaussian: FWHM 2.3548 · 2° and half the 1° of γ
    assert background.humps[0].area == pytest.approx(500.0)
    assert background.humps[0].fwhm == pytest.approx(5.26, abs=0.02)


def test_parts(write: Callable[..., Path]):
    found = read_gpx(write(*two_oxides()))
    one, other = (phase.parts["oxides"] for phase in found.phases)
    assert (one.sample.size, one.sample.size_across, one.sample.size_axis) == (1000.0, 500.0, (0, 0, 1))
    assert (one.sample.shape_factor, one.sample.size_gauss_share) == (1.0, 0.25)
    # 10⁶ Δd/d in the full width M tan θ, which is 4 e tan θ here
    assert one.sample.strain == pytest.approx(250e-6)
    assert (one.sample.texture_axis, one.sample.march_r) == ((1, 1, 0), 0.8)
    assert one.extinction == pytest.approx(5000.0)
    volume = found.phases[0].structure.lattice.volume
    # Lp = [0.7 + 0.3 cos²2θ]/(2 sin²θ cos θ), per centidegree and cell, 1.5 times the first wavelength
    assert one.scale == pytest.approx(150.0 * 1.5 * 0.7 / (200.0 * volume))
    assert other.sample.size == 10000.0
    # 3 h²k² of GSAS-II, and the squares of millionths
    assert stephens_names(found.phases[1].structure.space_group) == ("S400", "S220")
    assert other.sample.stephens == pytest.approx((2e-9, -3e-10))


def test_what_is_free_and_tied(write: Callable[..., Path]):
    found = read_gpx(write(*two_oxides()))
    assert found.free == {
        "rutile.a", "rutile.c", "rutile.Ti1.u11", "rutile.Ti1.u33", "rutile.Ti1.u12", "rutile.O2.x",
        "rutile.O2.O.occupancy", "rutile.oxides.scale", "rutile.oxides.size_across", "rutile.oxides.march_r",
        "rutile.oxides.extinction", "rock_salt.M.Fe.occupancy", "rock_salt.M.Mg.occupancy", "rock_salt.O.u_iso",
        "rock_salt.oxides.scale", "rock_salt.oxides.S400", "rock_salt.oxides.S220",
        "oxides.zero", "oxides.gauss_u", "oxides.s_over_l", "oxides.h_over_l", "oxides.displacement",
        "oxides.background.chebyshev_0", "oxides.background.chebyshev_1", "oxides.background.chebyshev_2",
        "oxides.background.hump_0_area",
    }  # fmt: skip
    scales = [(phase.parts["oxides"].scale, f"{phase.name}.oxides.scale") for phase in found.phases]
    assert set(found.shared) == {
        SharedShift(((1.0, "oxides.s_over_l"), (1.0, "oxides.h_over_l"))),
        SharedShift(((1.0, "rutile.O2.u_iso"), (0.5, "rock_salt.O.u_iso"))),
        SharedShift(tuple(scales)),
    }
    occupancies = ((1.0, "rock_salt.M.Fe.occupancy"), (1.0, "rock_salt.M.Mg.occupancy"))
    assert found.relations == (LinearRelation(occupancies, 1.0),)


def test_what_is_left_out_is_told(write: Callable[..., Path]):
    warnings = read_gpx(write(*two_oxides())).warnings
    assert warnings == (
        "rock_salt in oxides: Babinet's factors are not taken over",
        "the new variable of RBVPx:0 is not taken over",
        "images are not read",
    )


def test_time_of_flight(write: Callable[..., Path]):
    bank = {
        "Type": ["PNT", "PNT", 0], "Bank": [1, 3, 0], "fltPath": [10.0, 10.5, 0], "2-theta": [150.0, 150.0, 0],
        "difC": [5000.0, 5074.0, True], "difA": [0.0, -2.0, False], "difB": [0.0, 0.0, False], "Zero": [0.0, 3.0, True],
        "alpha": [1.0, 5.0, False], "beta-0": [0.03, 0.03, False], "beta-1": [0.004, 0.007, False],
        "beta-q": [0.0, 0.0, False], "sig-0": [0.0, 0.0, False], "sig-1": [40.0, 45.0, True],
        "sig-2": [0.0, 1.0, False], "sig-q": [0.0, 0.0, False], "X": [0.0, 2.0, True], "Y": [0.0, 0.0, False],
        "Z": [0.0, 0.0, False],
    }  # fmt: skip
    silicon = phase(
        "silicon", symmetry("F d -3 m:2", "m3m"), [True, 5.431, 5.431, 5.431, 90.0, 90.0, 90.0],
        [atom("Si", "Si", "U", (0.125, 0.125, 0.125), 1.0, 0.005, 1)], 1,
    )  # fmt: skip
    strained = in_histogram(Mustrain=["isotropic", [800.0, 0.0, 1.0], [True, False, False], [0, 0, 1], [], []])
    silicon["Histograms"]["PWDR si.gsa Bank 3"] = strained
    x = np.linspace(3000.0, 20000.0, 300)
    item = histogram(
        "PWDR si.gsa Bank 3", 2, x, np.full(300, 9.0),
        **{"Instrument Parameters": [bank, {}], "Limits": [[3e3, 2e4], [4e3, 1.9e4]],
           "Background": [["lin interpolate", True, 2, 1.0, 2.0], {}], "Sample Parameters": {"Scale": [3.0, True]}},
    )  # fmt: skip
    found = read_gpx(write([["Phases", None], ["silicon", silicon]], item))
    (measured,) = found.histograms
    assert isinstance(measured.beam, ForeignBank)
    assert (measured.bank, measured.beam.bank.difc, measured.beam.bank.zero) == (3, 5074.0, 3.0)
    assert measured.beam.profile is not None
    assert measured.beam.profile.gamma == (0.0, 2.0, 0.0)
    assert measured.pattern is not None
    assert measured.pattern.axis == "tof"
    part = found.phases[0].parts["si"]
    # of time of flight M DIFC d of GSAS-II is 2 e DIFC d here
    assert (part.sample.strain, part.scale) == (pytest.approx(400e-6), 3.0)
    of_bank = {f"si.{name}" for name in ("difc", "zero", "variance_1", "gamma_1")}
    assert of_bank | {"silicon.si.strain", "silicon.si.scale", "silicon.Si.u_iso"} <= found.free


def test_fluorapatite_as_gsas_ii_drew_it(shared_data: Path, write: Callable[..., Path]):
    """The curve that GSAS-II calculated for its refined parameters, against ours for a project that holds them."""
    folder = shared_data / "refine" / "fap"
    refined = json.loads((folder / "g2_fap.json").read_text())
    drawn = np.loadtxt(folder / "fap_g2_fit.csv", delimiter=",")
    drawn = drawn[drawn[:, 4] > 0.0]
    value = {name.split(":", 2)[2]: numbers[0] for name, numbers in refined["params"].items()}
    atoms = [atom(s[0], s[1], "XU", tuple(s[2:5]), 1.0, s[5], i) for i, s in enumerate(refined["sites"])]
    apatite = phase("fap", symmetry("P 63/m", "6/m"), [True, *refined["cell"][:6]], atoms, 1)
    size, strain = value["Size;i"], value["Mustrain;i"]
    apatite["Histograms"]["PWDR FAP.XRA Bank 1"] = in_histogram(
        Size=["isotropic", [size, 1.0, 1.0], [True, False, False], [0, 0, 1], [], []],
        Mustrain=["isotropic", [strain, 1.0, 1.0], [True, False, False], [0, 0, 1], [], []],
    )
    instrument = {
        **INSTRUMENT, "Zero": [0.0, 0.0, False], "U": [2.0, 2.0, False], "X": [0.0, 0.0, False],
        "Y": [0.0, 0.0, False], "SH/L": [0.002, value["SH/L"], True],
    }  # fmt: skip
    sample = {"Type": "Bragg-Brentano", "Scale": [value["Scale"], True], "Shift": [value["Shift"], True]}
    limits = [[15.0, 130.0], [float(drawn[0, 0]), float(drawn[-1, 0])]]
    background = [["chebyschev-1", True, 6, *(value[f"Back;{k}"] for k in range(6))], {}]
    item = histogram(
        "PWDR FAP.XRA Bank 1", 2, drawn[:, 0], drawn[:, 1],
        **{"Instrument Parameters": [instrument, {}], "Limits": limits, "Background": background,
           "Sample Parameters": sample},
    )  # fmt: skip
    found = read_gpx(write([["Phases", None], ["fap", apatite]], item))
    (measured,), (read,) = found.histograms, found.phases
    assert isinstance(measured.beam, ForeignDiffractometer)
    assert measured.background is not None
    assert measured.background.intensity(drawn[:, 0]) == pytest.approx(drawn[:, 4], rel=1e-6)
    part, beam = read.parts[measured.name], measured.beam
    lines = simulate(
        read.structure, beam.radiation, (14.0, 131.0), 0.01, beam.instrument, part.sample, scale=part.scale
    )
    ours, theirs = np.interp(drawn[:, 0], lines.x, lines.intensity), drawn[:, 3] - drawn[:, 4]
    # at low angles GSAS-II integrates the axial divergence over one or two nodes, which makes lines more oblique
    far = (drawn[:, 0] > 60.0) & (drawn[:, 0] < 120.0)
    assert np.abs(ours - theirs)[far].sum() < 0.02 * theirs[far].sum()
    assert ours.sum() == pytest.approx(theirs.sum(), rel=2e-3)


@pytest.mark.parametrize(
    ("symbol", "laue", "unique", "names"),
    [
        ("P 63/m", "6/m", "", ("S400", "S004", "S202")),
        ("P 42/m n m", "4/mmm", "", ("S400", "S004", "S220", "S022")),
        ("P n m a", "mmm", "", ("S400", "S040", "S004", "S220", "S202", "S022")),
        ("P 1 21/c 1", "2/m", "b", ("S400", "S040", "S004", "S220", "S202", "S022", "S301", "S103", "S121")),
    ],
)
def test_terms_of_strain(symbol: str, laue: str, unique: str, names: tuple[str, ...]):
    """Our form against GSAS-II's own sums (3 h²k², 2 h³l, 4 h l k² …) at some reflections."""
    hkl = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [2, 1, 0], [1, 2, 3], [-1, 1, 2], [3, 0, -1]])
    h, k, l = hkl.T.astype(float)
    sums = {
        "S400": h**4, "S040": k**4, "S004": l**4, "S220": 3 * (h * k) ** 2, "S202": 3 * (h * l) ** 2,
        "S022": 3 * (k * l) ** 2, "S301": 2 * l * h**3, "S103": 2 * h * l**3, "S121": 4 * h * l * k**2,
    }  # fmt: skip
    if laue == "6/m":
        sums["S400"] = h**4 + k**4 + 2.0 * k * h**3 + 2.0 * h * k**3 + 3.0 * (h * k) ** 2
        sums["S202"] = 3.0 * ((h * l) ** 2 + (k * l) ** 2 + h * k * l**2)
    if laue == "4/mmm":
        sums["S400"], sums["S022"] = h**4 + k**4, 3 * (h * l) ** 2 + 3 * (k * l) ** 2
    values = [float(n + 1) for n in range(len(names))]
    group = SpaceGroup.from_symbol(symbol)
    ours = stephens_of_gsasii(group, {"SGLaue": laue, "SGUniq": unique}, values)
    assert ours is not None
    theirs = sum(value * sums[name] for name, value in zip(names, values, strict=True))
    assert quartic_columns(hkl, group) @ np.array(ours) == pytest.approx(theirs * 1e-12)
    assert stephens_of_gsasii(group, {"SGLaue": laue, "SGUniq": unique}, values[1:]) is None


def test_the_cell_in_one_histogram(shared_data: Path, write: Callable[..., Path]):
    """d of (101) that GSAS-II lists for the neutrons of its joint fit, whose cell is strained against the X-rays'."""
    folder = shared_data / "refine" / "pbso4"
    refined = json.loads((folder / "gsas2_joint_test_scriptref_stage4.json").read_text())
    listed = np.loadtxt(folder / "gsas2_cwn_reflist.csv", delimiter=",")[:12]
    strains = [refined["params"][f"0:1:{name}"][0] for name in ("D11", "D22", "D33")]
    lead = atom("Pb", "Pb", "", (0.19, 0.25, 0.17), 1.0, 0.01, 1)
    sulfate = phase("PbSO4", symmetry("P n m a", "mmm"), [True, *refined["cell"][:6]], [lead], 1)
    sulfate["Histograms"]["PWDR oxides.xra Bank 1"] = in_histogram(HStrain=[strains, [True] * 3])
    found = read_gpx(write([["Phases", None], ["PbSO4", sulfate]], histogram("PWDR oxides.xra Bank 1", 2, X, 9.0 + X)))
    part, structure = found.phases[0].parts["oxides"], found.phases[0].structure
    cell = np.array(structure.lattice.parameters[:3]) * (1.0 + np.array(part.lattice_strain))
    d = 1.0 / np.sqrt(np.sum((listed[:, :3] / cell) ** 2, axis=1))
    assert d == pytest.approx(listed[:, 4], rel=2e-7)
    assert {f"PbSO4.oxides.lattice_strain_{axis}" for axis in "abc"} <= found.free


def test_the_strain_of_oblique_cells(write: Callable[..., Path]):
    cell = [5.0, 6.0, 7.0, 90.0, 100.0, 90.0]
    monoclinic = phase("m", symmetry("P 1 21/c 1", "2/m", "b"), [False, *cell], [], 1)
    monoclinic["Histograms"]["PWDR oxides.xra Bank 1"] = in_histogram(HStrain=[[0.0, 0.0, 0.0, 3e-4], [False] * 4])
    found = read_gpx(write([["Phases", None], ["m", monoclinic]], histogram("PWDR oxides.xra Bank 1", 2, X, 9.0 + X)))
    strain = found.phases[0].parts["oxides"].lattice_strain
    strained = strained_structure(found.phases[0].structure, strain).lattice
    hkl = np.array([[1, 0, 1], [1, 0, -1], [0, 2, 0]])
    # D13 adds to the coefficient of hl alone
    expected = Lattice(*cell).inverse_d_squared(hkl) + np.array([3e-4, -3e-4, 0.0])
    assert strained.inverse_d_squared(hkl) == pytest.approx(expected, rel=1e-12)


class Shell:
    """Runs a command when it is unpickled without care."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (self.command,)


def test_hostile_projects_run_nothing(write: Callable[..., Path], tmp_path: Path):
    mark = tmp_path / "it_ran"
    with pytest.raises(InputError, match=r"project\.gpx: the file names \w+\.system, which is no plain data"):
        read_gpx(write([["Notebook", [Shell(f"touch {mark}")]]]))
    assert not mark.exists()


def damaged(change: Callable[[list[Any]], None]) -> list[Any]:
    branches = two_oxides()
    change(branches)
    return branches


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b[2][1][1].pop("General"), "phase 'rutile' cannot be read"),
        (lambda b: b[2][1][1]["General"].update(Cell=[True, -1.0, 4, 3, 90, 90, 90]), "phase 'rutile'"),
        (lambda b: b[2][1][1]["General"].update(SGData={"SpGrp": "P 47"}), "phase 'rutile': 'P 47' is no space group"),
        (lambda b: b[2][1][1]["Atoms"][0].__setitem__(1, "Q9"), "'Q9' is no atom type"),
        (lambda b: b[2][1][1]["Atoms"][0].__setitem__(4, float("nan")), "atom 'Ti1' lacks a finite coordinate"),
        (
            lambda b: b[2][1][1]["Histograms"]["PWDR oxides.xra Bank 1"].update(Size=[]),
            "phase 'rutile' in 'PWDR oxides",
        ),
        (lambda b: b[3].pop(1), "histogram 'PWDR oxides.xra Bank 1' cannot be read .KeyError: 'Limits'"),
        (lambda b: b[3][0][1][1].__setitem__(0, X[::-1]), "axis of 400 points does not increase"),
        (lambda b: b[0][0][1].update(Phase=[[]]), "its constraints cannot be read"),
        (lambda b: b.__setitem__(0, 5), "its tree cannot be read"),
    ],
)
def test_damaged_projects_are_refused(write: Callable[..., Path], change: Callable[[list[Any]], None], message: str):
    with pytest.raises(InputError, match=message) as caught:
        read_gpx(write(*damaged(change)))
    assert caught.value.file is not None


def test_other_pickles_are_refused(tmp_path: Path):
    path = tmp_path / "other.gpx"
    path.write_bytes(pickle.dumps([["Comments", ["none"]]], 2))
    with pytest.raises(InputError, match="no GSAS-II project"):
        read_gpx(path)
    path.write_text("plain text")
    with pytest.raises(InputError, match=r"other\.gpx"):
        read_gpx(path)


def test_a_project_without_data(write: Callable[..., Path]):
    found = read_gpx(write())
    assert found == ForeignRefinement((), (), title="project")
