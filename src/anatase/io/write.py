"""Writers of patterns: xye, csv and powder CIF, to the last digit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anatase.errors import InputError
from anatase.io.text_file import write_text
from anatase.pattern.pattern import Pattern
from anatase.provenance import anatase_version
from anatase.scattering.radiation import Radiation

__all__ = ["WRITERS", "radiation_as_dict", "radiation_from_dict", "write"]

AXIS_TITLES = {
    "two_theta": "two_theta (deg)",
    "q": "q (1/angstrom)",
    "d": "d_spacing (angstrom)",
    "tof": "tof (microsecond)",
}
CIF_AXES = {
    "two_theta": "_pd_meas_2theta_scan",
    "q": "_pd_proc_recip_len_Q",
    "d": "_pd_proc_d_spacing",
    "tof": "_pd_meas_time_of_flight",
}
CIF_PROBES = {"xray": "x-ray", "neutron": "neutron", "electron": "electron"}


def write(pattern: Pattern, path: str | Path | None = None, format: str = "xye") -> str:  # noqa: A002 - the word of the field
    """Write a pattern as ``xye``, ``csv`` or ``cif``; return the text.

    Numbers are written so that reading them gives the same bits. A file appears whole or not at all.

    Parameters
    ----------
    path
        Where to write, ``None`` to only return the text.

    Raises
    ------
    InputError
        When the format is unknown or the file cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> from anatase.pattern.pattern import Pattern
    >>> print(write(Pattern(np.arange(3.0), np.ones(3), np.ones(3)), format="csv").splitlines()[-1])
    2.0,1.0,1.0
    """
    if format not in WRITERS:
        raise InputError(f"'{format}' is no format to write", f"give one of {', '.join(WRITERS)}")
    text = WRITERS[format](pattern)
    if path is not None:
        write_text(Path(path), text)
    return text


def radiation_as_dict(radiation: Radiation | None) -> dict[str, Any] | None:
    """Return a radiation as a JSON-ready dictionary."""
    if radiation is None:
        return None
    return {
        "probe": radiation.probe,
        "lines": [list(line) for line in radiation.lines],
        "polarization": radiation.polarization,
        "monochromator_two_theta": radiation.monochromator_two_theta,
        "name": radiation.name,
        "assumed": radiation.assumed,
        "line_widths": list(radiation.line_widths),
    }


def radiation_from_dict(said: Any) -> Radiation | None:
    """Return the radiation of a dictionary that `radiation_as_dict` made, ``None`` for anything else."""
    try:
        lines = tuple((float(wavelength), float(weight)) for wavelength, weight in said["lines"])
        if not lines or any(not 0 < wavelength < 100 or not weight > 0 for wavelength, weight in lines):
            return None
        probe = said["probe"]
        widths = tuple(float(width) for width in said.get("line_widths", ()))
        if probe not in CIF_PROBES or len(widths) not in (0, len(lines)):
            return None
        return Radiation(
            probe,
            lines,
            float(said["polarization"]),
            float(said["monochromator_two_theta"]),
            str(said["name"]),
            bool(said["assumed"]),
            widths,
        )
    except (TypeError, KeyError, ValueError):
        return None


def own_header(pattern: Pattern) -> str:
    """Return the line from which our reader takes back what columns cannot hold."""
    said = {
        "axis": pattern.axis,
        "radiation": radiation_as_dict(pattern.radiation),
        "metadata": pattern.metadata,
        "name": pattern.name,
        "source_sha256": pattern.sha256,
    }
    return "anatase-pattern: " + json.dumps(said, ensure_ascii=True, default=str)


def header_lines(pattern: Pattern) -> list[str]:
    """Return the comment lines above the columns."""
    lines = [f"written by anatase {anatase_version()} from {one_line(pattern.name) or 'a pattern'}"]
    if pattern.radiation is not None:
        stated = ", ".join(f"{wavelength!r} A (weight {weight!r})" for wavelength, weight in pattern.radiation.lines)
        lines.append(f"{pattern.radiation.probe}, wavelength {stated}")
    return [*lines, *(f"warning: {one_line(warning)}" for warning in pattern.warnings), own_header(pattern)]


def one_line(text: str) -> str:
    """Return a text without line ends or control characters."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def columns(pattern: Pattern, separator: str) -> list[str]:
    """Return the rows of positions, intensities and s.u. with all their digits."""
    table = zip(pattern.x.tolist(), pattern.intensity.tolist(), pattern.sigma.tolist(), strict=True)
    return [separator.join((repr(x), repr(intensity), repr(sigma))) for x, intensity, sigma in table]


def xye_text(pattern: Pattern) -> str:
    """Return a pattern as three columns with a commented header."""
    header = [*header_lines(pattern), f"{AXIS_TITLES[pattern.axis]}  intensity  su"]
    return "\n".join([*(f"# {line}" for line in header), *columns(pattern, " ")]) + "\n"


def csv_text(pattern: Pattern) -> str:
    """Return a pattern as comma-separated columns with their names."""
    header = [f"# {line}" for line in header_lines(pattern)]
    return "\n".join([*header, f"{AXIS_TITLES[pattern.axis]},intensity,su", *columns(pattern, ",")]) + "\n"


def cif_text(pattern: Pattern) -> str:
    """Return a pattern as a powder CIF block (dictionary cif_pow 2.5)."""
    lines = [
        f"data_{cif_name(pattern.name)}",
        f"_audit_creation_method {cif_value(f'anatase {anatase_version()}')}",
        f"_pd_meas_number_of_points {len(pattern)}",
        f"_anatase_source_file {cif_value(pattern.name)}",
        f"_anatase_source_sha256 {cif_value(pattern.sha256)}",
        f"_anatase_pattern {cif_value(own_header(pattern).partition(' ')[2])}",
        f"_anatase_warnings {cif_value(' / '.join(pattern.warnings))}",
    ]
    for name, key in (
        ("sample", "_pd_char_special_details"),
        ("date", "_pd_meas_datetime_initiated"),
        ("instrument", "_diffrn_measurement_device_details"),
    ):
        if pattern.metadata.get(name):
            lines.append(f"{key} {cif_value(str(pattern.metadata[name]))}")
    if pattern.axis == "two_theta":
        lines += [
            f"_pd_meas_2theta_range_min {float(pattern.x[0])!r}",
            f"_pd_meas_2theta_range_max {float(pattern.x[-1])!r}",
        ]
    if pattern.radiation is not None:
        lines += [f"_diffrn_radiation_probe {CIF_PROBES[pattern.radiation.probe]}", "loop_"]
        lines += ["_diffrn_radiation_wavelength_id", "_diffrn_radiation_wavelength", "_diffrn_radiation_wavelength_wt"]
        lines += [
            f"{number} {wavelength!r} {weight!r}"
            for number, (wavelength, weight) in enumerate(pattern.radiation.lines, 1)
        ]
    lines += ["loop_", CIF_AXES[pattern.axis], "_pd_proc_intensity_total", "_pd_proc_intensity_total_su"]
    return "\n".join([*lines, *columns(pattern, " ")]) + "\n"


def cif_name(name: str) -> str:
    """Return a data-block name of letters, digits, dots and dashes."""
    kept = "".join(mark if mark.isascii() and (mark.isalnum() or mark in "._-") else "_" for mark in name)
    return kept[:60] or "pattern"


def cif_value(text: str) -> str:
    """Return a text as a CIF value: a text field when it is long or holds quotes; ``?`` when empty."""
    plain = one_line(text).encode("ascii", "backslashreplace").decode("ascii")
    if not plain.strip():
        return "?"
    if len(plain) <= 100 and "'" not in plain:
        return f"'{plain}'"
    return f"\n;{plain}\n;"


WRITERS: dict[str, Callable[[Pattern], str]] = {"xye": xye_text, "csv": csv_text, "cif": cif_text}
