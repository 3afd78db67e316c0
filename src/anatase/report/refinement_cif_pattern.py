"""A refined pattern as CIF items: how it was measured and fitted, its points, and the reflections of each phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from anatase.estimate import Estimate
from anatase.io.write import CIF_PROBES, cif_value, own_header
from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.constant_wavelength import FLOOR
from anatase.refine.intensities.partition import observed_squares
from anatase.refine.model import ConstantWavelength, Histogram
from anatase.refine.refinement import Refinement
from anatase.report.cif_items import item, loop, number, number_with_su, word
from anatase.report.refinement_document import r_expected
from anatase.report.refinement_words import background_words, profile_words, texture_words
from anatase.scattering.radiation import Radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument

__all__ = ["pattern_items"]

AXIS_TAGS = {"two_theta": "_pd_meas_2theta_scan", "tof": "_pd_meas_time_of_flight"}
GEOMETRIES = {
    "bragg_brentano": "flat plate in symmetric reflection",
    "debye_scherrer": "capillary",
    "transmission": "flat plate in symmetric transmission",
}
SAME_STEP = 1e-4  # relative, within which steps are equal


def pattern_items(refinement: Refinement, index: int, blocks: Sequence[str]) -> list[str]:
    """Return the lines of a pattern in a CIF; ``blocks`` name the data blocks of the phases."""
    histogram = refinement.model.histograms[index]
    return [
        *_measurement(histogram),
        *_radiation(histogram),
        *_agreement(refinement, index),
        *_functions(refinement, index),
        *_phases(refinement, index, blocks),
        *_points(refinement, index),
        *_reflections(refinement, index),
    ]


def _measurement(histogram: Histogram) -> list[str]:
    pattern = histogram.pattern
    metadata = pattern.metadata
    lines = [
        item("_diffrn_ambient_temperature", _number_of(metadata.get("temperature"))),
        item("_diffrn_measurement_device_type", _text_of(metadata.get("instrument"))),
        item("_pd_meas_datetime_initiated", _text_of(metadata.get("date"))),
        item("_pd_char_special_details", _text_of(metadata.get("sample"))),
        item("_pd_meas_scan_method", "tof" if pattern.axis == "tof" else "step"),
        item("_pd_meas_number_of_points", len(pattern)),
        item("_anatase_source_file", pattern.name or "."),
        item("_anatase_source_sha256", pattern.sha256 or "."),
        f"_anatase_pattern {cif_value(own_header(_as_measured(histogram)).partition(' ')[2])}",
    ]
    if pattern.axis != "two_theta":
        return lines
    steps = np.diff(pattern.x)
    step = float(np.median(steps))
    even = bool(np.all(np.abs(steps - step) < SAME_STEP * step + 2e-5))
    for kind in ("meas", "proc"):
        lines += [
            item(f"_pd_{kind}_2theta_range_min", float(pattern.x[0])),
            item(f"_pd_{kind}_2theta_range_max", float(pattern.x[-1])),
            item(f"_pd_{kind}_2theta_range_inc", round(step, 6) if even else None),
        ]
    return lines


def _as_measured(histogram: Histogram) -> Pattern:
    beam = histogram.beam
    return replace(histogram.pattern, radiation=beam.radiation if isinstance(beam, ConstantWavelength) else None)


def _number_of(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _text_of(value: object) -> str | None:
    return str(value) if value else None


def _radiation(histogram: Histogram) -> list[str]:
    beam = histogram.beam
    if not isinstance(beam, ConstantWavelength):
        return [
            item("_diffrn_radiation_probe", "neutron"),
            item("_diffrn_radiation_type", "neutron"),
            *_bank(beam.bank),
        ]
    radiation = beam.radiation
    geometry = beam.instrument.geometry
    lines = [
        item("_diffrn_radiation_probe", CIF_PROBES[radiation.probe]),
        item("_diffrn_radiation_type", _type(radiation)),
        item("_diffrn_radiation_polarisn_ratio", radiation.polarization),
        item("_pd_spec_mount_mode", "reflection" if geometry == "bragg_brentano" else "transmission"),
        item("_pd_spec_shape", "cylinder" if geometry == "debye_scherrer" else "flat_sheet"),
        item("_pd_instr_geometry", GEOMETRIES[geometry]),
        item("_pd_instr_dist_spec/detc", _stated_radius(histogram)),
    ]
    if radiation.monochromator_two_theta:
        lines.append(item("_pd_instr_monochr_pre_spec", f"2theta = {radiation.monochromator_two_theta:.4g} deg"))
    tags = ("_diffrn_radiation_wavelength_id", "_diffrn_radiation_wavelength", "_diffrn_radiation_wavelength_wt")
    rows = [(str(i), number(line), number(weight)) for i, (line, weight) in enumerate(radiation.lines, 1)]
    return [*lines, *loop(tags, rows)]


def _stated_radius(histogram: Histogram) -> float | None:
    """Return the goniometer's radius, mm; ``None`` where nobody stated it and the usual one was taken."""
    beam = histogram.beam
    if not isinstance(beam, ConstantWavelength):
        return None
    stated = "goniometer_radius" in histogram.pattern.metadata or beam.instrument.radius != Instrument().radius
    return beam.instrument.radius if stated else None


def _type(radiation: Radiation) -> str | None:
    r"""Return the radiation as CIF has it: ``Cu K\a``."""
    name = radiation.name
    if len(name) >= 3 and "Ka" in name:
        return f"{name.partition('K')[0]} K\\a"
    return {"neutron": "neutron", "electron": "electron"}.get(radiation.probe)


def _bank(bank: TofBank) -> list[str]:
    equation = f"TOF = {bank.difc:.6g} d + {bank.difa:.6g} d^2 + {bank.difb:.6g}/d + {bank.zero:.6g}"
    return [item("_pd_meas_2theta_fixed", float(bank.two_theta)), item("_pd_calib_conversion_eqn", equation)]


def _agreement(refinement: Refinement, index: int) -> list[str]:
    residuals, histogram = refinement.residuals, refinement.model.histograms[index]
    used = histogram.used
    return [
        item("_pd_proc_ls_prof_R_factor", round(residuals.rp[index] / 100.0, 6)),
        item("_pd_proc_ls_prof_wR_factor", round(residuals.rwp[index] / 100.0, 6)),
        item("_pd_proc_ls_prof_wR_expected", round(r_expected(refinement, index) / 100.0, 6)),
        item("_pd_proc_number_of_points", int(used.sum())),
        item("_pd_proc_info_excluded_regions", _excluded(histogram)),
        item("_pd_proc_info_data_reduction", "none beyond what the data file holds"),
    ]


def _excluded(histogram: Histogram) -> str:
    unit = "deg 2theta" if histogram.pattern.axis == "two_theta" else "microseconds"
    return "; ".join(f"{low:.6g} to {high:.6g} {unit}" for low, high in histogram.excluded) or "none"


def _functions(refinement: Refinement, index: int) -> list[str]:
    """Return how background, profile, texture and cut-off of lines were modelled, in words, with refined values."""
    histogram = refinement.model.histograms[index]
    phases = refinement.model.phases
    own = [f"{histogram.name}.", *(f"{phase.name}.{histogram.name}." for phase in phases)]
    values = [
        f"{one.name} = {number_with_su(one.estimate)}"
        for one in refinement.parameters
        if one.refined and one.name.startswith(tuple(own)) and not one.name.endswith(".scale")
    ]
    background = [value for value in values if ".background." in value]
    profile = [value for value in values if ".background." not in value]
    textures = [texture_words(phase, index) for phase in phases]
    named = "; ".join(f"{phase.name}: {text}" for phase, text in zip(phases, textures, strict=True) if text != "none")
    return [
        item("_pd_proc_ls_background_function", "; ".join([background_words(histogram), *background])),
        item("_pd_proc_ls_profile_function", "; ".join([profile_words(histogram), *profile])),
        item("_pd_proc_ls_pref_orient_corr", named or "none"),
        item("_pd_proc_ls_peak_cutoff", f"a line ends where it adds less than {FLOOR:g} of the least s.u. of a point"),
        item("_pd_calc_method", _method(refinement)),
    ]


def _method(refinement: Refinement) -> str:
    names = {"rietveld": "Rietveld refinement", "lebail": "Le Bail decomposition", "pawley": "Pawley decomposition"}
    return ", ".join(dict.fromkeys(names[phase.mode] for phase in refinement.model.phases))


def _phases(refinement: Refinement, index: int, blocks: Sequence[str]) -> list[str]:
    """Return the phases of a pattern: block, name, mass percent, R of their intensities."""
    histogram, fractions = refinement.model.histograms[index], refinement.fractions
    rows = []
    for number_, (phase, block) in enumerate(zip(refinement.model.phases, blocks, strict=True), 1):
        share = fractions.get(phase.name)
        mass = "." if share is None else number_with_su(Estimate(100.0 * share.value, share.su and 100.0 * share.su))
        bragg = refinement.r_bragg.get((phase.name, histogram.name))
        rows.append((str(number_), word(block), mass, "." if bragg is None else f"{bragg / 100.0:.5f}"))
    tags = ("_pd_phase_id", "_pd_phase_block_id", "_pd_phase_mass_%", "_anatase_phase_R_I_factor")
    return loop(tags, rows)


def _points(refinement: Refinement, index: int) -> list[str]:
    histogram, curve = refinement.model.histograms[index], refinement.calculated[index]
    pattern = histogram.pattern
    weights = np.where(histogram.used, pattern.sigma**-2.0, 0.0)
    tags = (
        AXIS_TAGS[pattern.axis], "_pd_meas_intensity_total", "_pd_meas_intensity_total_su", "_pd_proc_ls_weight",
        "_pd_calc_intensity_total", "_pd_calc_intensity_net", "_pd_proc_intensity_bkg_calc",
    )  # fmt: skip
    columns = (
        [repr(x) for x in pattern.x.tolist()], [repr(y) for y in pattern.intensity.tolist()],
        [repr(s) for s in pattern.sigma.tolist()], [number(w, 6) for w in weights.tolist()],
        [number(y, 7) for y in curve.intensity.tolist()],
        [number(y, 7) for y in (curve.intensity - curve.background).tolist()],
        [number(b, 7) for b in curve.background.tolist()],
    )  # fmt: skip
    return loop(tags, zip(*columns, strict=True))


def _reflections(refinement: Refinement, index: int) -> list[str]:
    """Return all reflections: hkl, multiplicity, d, |F|² calculated and shared out of the pattern, phase."""
    rows = []
    for j in range(len(refinement.model.phases)):
        found = observed_squares(refinement.model, index, j, refinement.calculated[index])
        for k in np.argsort(-found.d_spacing, kind="stable").tolist():
            seen = bool(found.seen[k])
            rows.append((
                *(str(h) for h in found.hkl[k].tolist()), str(int(found.multiplicity[k])),
                f"{found.d_spacing[k]:.6f}", number(float(found.calculated[k]), 6),
                number(float(found.observed[k]), 6) if seen else ".", "o" if seen else "x", str(j + 1), "1",
            ))  # fmt: skip
    tags = (
        "_refln_index_h", "_refln_index_k", "_refln_index_l", "_refln_symmetry_multiplicity", "_refln_d_spacing",
        "_refln_F_squared_calc", "_refln_F_squared_meas", "_refln_include_status", "_pd_refln_phase_id",
        "_pd_refln_wavelength_id",
    )  # fmt: skip
    return loop(tags, rows)
