"""Powder CIF: the measured or processed pattern of each data block (dictionary cif_pow)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import plausible, radiation_from_number, tube_radiation
from anatase.io.write import radiation_from_dict
from anatase.io.xml_tree import number_of
from anatase.pattern.pattern import Axis
from anatase.scattering.radiation import Radiation, radiation_from_name

if TYPE_CHECKING:
    from gemmi import cif

__all__ = ["is_cif", "read_pdcif"]

Array = NDArray[np.float64]
AXES: tuple[tuple[str, Axis], ...] = (
    ("_pd_proc_2theta_corrected", "two_theta"),
    ("_pd_meas_2theta_scan", "two_theta"),
    ("_pd_meas_2theta_corrected", "two_theta"),
    ("_pd_proc_recip_len_q", "q"),
    ("_pd_meas_time_of_flight", "tof"),
    ("_pd_proc_d_spacing", "d"),
)
RANGES = ("_pd_proc_2theta_range_", "_pd_meas_2theta_range_")
INTENSITIES = (
    "_pd_meas_counts_total",
    "_pd_meas_intensity_total",
    "_pd_proc_intensity_total",
    "_pd_meas_intensity_net",
    "_pd_proc_intensity_net",
    "_pd_meas_counts_net",
)
NUMBER = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:\((\d+)\))?$")


def is_cif(source: Source) -> bool:
    """Whether the text is a CIF: a data block or CIF mark before anything else but comments."""
    for line in source.lines[:2000]:
        text = line.strip().lower()
        if text.startswith(("data_", "#\\#cif")):
            return True
        if text and not text.startswith("#"):
            return False
    return False


def read_pdcif(source: Source) -> tuple[Scan, ...]:
    """Read the patterns of all data blocks of a powder CIF."""
    from gemmi import cif

    try:
        document = cif.read_string(source.text)
    except (ValueError, RuntimeError) as error:
        line = re.search(r":(\d+):", str(error))
        raise source.error(
            f"the CIF is damaged ({str(error).splitlines()[0][:120]})",
            "the file looks truncated",
            line=int(line.group(1)) if line else None,
        ) from error
    blocks = list(document)
    radiation, said = next((found for block in blocks if (found := radiation_of(block))[0] is not None), (None, ()))
    scans = []
    for block in blocks:
        scan = block_scan(block)
        if scan is not None:
            own = radiation_of(block)
            scan.radiation, scan.warnings = own if own[0] is not None else (radiation, said)
            scans.append(own_facts(block, scan))
    if not scans:
        what = (
            "a structure (atoms, no intensities)"
            if any(block.find_values("_atom_site_fract_x") for block in blocks)
            else "no pattern"
        )
        raise source.error(f"the CIF holds {what}", "give a powder CIF with _pd_meas_ or _pd_proc_ data")
    return tuple(scans)


def numbers_in(values: list[str]) -> tuple[Array, Array]:
    """Return CIF numbers and the s.u. in their parentheses; what is no number is NaN, no s.u. is zero."""
    numbers, su = np.full(len(values), np.nan), np.zeros(len(values))
    for index, text in enumerate(values):
        match = NUMBER.match(text.strip("'\""))
        if match is None:
            continue
        numbers[index] = float(match.group(1))
        if match.group(2):
            mantissa = match.group(1).lower().partition("e")[0]
            su[index] = float(match.group(2)) * 10.0 ** -len(mantissa.partition(".")[2])
    return numbers, su


def column(block: cif.Block, tag: str) -> list[str]:
    """Return a loop's column as texts; empty where the block has none."""
    return [str(value) for value in block.find_values(tag)]


def block_scan(block: cif.Block) -> Scan | None:
    """Return the pattern of a data block, ``None`` where it has none."""
    for tag in INTENSITIES:
        texts = column(block, tag)
        intensity, su = numbers_in(texts)
        if len(texts) < 3 or np.isnan(intensity).mean() > 0.5:
            continue
        x, axis = positions(block, len(texts))
        if x is None:
            continue
        sigma = sigma_of(block, tag, su, len(texts))
        keep = ~(np.isnan(intensity) & np.array([text.strip() in ("?", ".") for text in texts]))
        scan = Scan(x[keep], intensity[keep], None if sigma is None else sigma[keep], axis=axis)
        scan.metadata = {"format": "pdCIF", "sample": block.name}
        scan.sigma_name = "the s.u. of the intensities"
        return scan
    return None


def positions(block: cif.Block, count: int) -> tuple[Array | None, Axis]:
    """Return the positions (count,) and their axis."""
    for tag, axis in AXES:
        for name in (tag, tag.replace("_q", "_Q")):
            texts = column(block, name)
            if len(texts) == count:
                x = numbers_in(texts)[0]
                if not np.isnan(x).any():
                    return x, axis
    for start in RANGES:
        low, high, step = (number_of(bare(block.find_value(start + end)), np.nan) for end in ("min", "max", "inc"))
        if np.isfinite(low) and np.isfinite(step) and step > 0 and abs((high - low) / step + 1 - count) < 1.5:
            return low + step * np.arange(count, dtype=np.float64), "two_theta"
        if np.isfinite(low) and np.isfinite(high) and high > low:
            return np.linspace(low, high, count), "two_theta"
    return None, "two_theta"


def bare(text: str | None) -> str:
    """Return a CIF value without quotes and s.u.; empty for none."""
    return "" if text is None else text.strip("'\"\n; ").partition("(")[0]


def sigma_of(block: cif.Block, tag: str, su: Array, count: int) -> Array | None:
    """Return the s.u.: from parentheses, an ``_su`` column, or the least-squares weight 1/σ² of total intensities."""
    if np.any(su > 0):
        return su
    listed = column(block, f"{tag}_su")
    if len(listed) == count:
        return np.nan_to_num(numbers_in(listed)[0], nan=0.0)
    weights = numbers_in(column(block, "_pd_proc_ls_weight"))[0]
    if weights.size == count and np.any(weights > 0):
        return np.where(weights > 0, 1.0 / np.sqrt(np.where(weights > 0, weights, 1.0)), 0.0)
    return None


def radiation_of(block: cif.Block) -> tuple[Radiation | None, tuple[str, ...]]:
    """Return the radiation of a block: its wavelengths with weights, else its type."""
    probe = bare(block.find_value("_diffrn_radiation_probe")).lower()
    wavelengths = [w for w in numbers_in(column(block, "_diffrn_radiation_wavelength"))[0] if plausible(float(w))]
    kind = bare(block.find_value("_diffrn_radiation_type")) or bare(block.find_value("_diffrn_radiation_wavelength_id"))
    if wavelengths:
        if probe in ("neutron", "electron"):
            return radiation_from_name(
                f"{float(wavelengths[0])!r}", "neutron" if probe == "neutron" else "electron"
            ), ()
        if len(wavelengths) > 1:
            weights = numbers_in(column(block, "_diffrn_radiation_wavelength_wt"))[0]
            ratio = float(weights[1] / weights[0]) if weights.size > 1 and weights[0] > 0 else 0.5
            return tube_radiation(float(wavelengths[0]), float(wavelengths[1]), ratio), ()
        return radiation_from_number(float(wavelengths[0]))
    match = re.search(r"\b(Cr|Fe|Co|Cu|Mo|Ag)\s*\\?K", kind, re.IGNORECASE)
    return (radiation_from_name(f"{match.group(1)}Ka"), ()) if match else (None, ())


def own_facts(block: cif.Block, scan: Scan) -> Scan:
    """Take back what our own writer said; leave other files as they are."""
    temperature = number_of(
        bare(block.find_value("_diffrn_ambient_temperature") or block.find_value("_pd_meas_temperature"))
    )
    if temperature > 0:
        scan.metadata["temperature"] = temperature
    text = block.find_value("_anatase_pattern")
    if not text:
        return scan
    try:
        own: Any = json.loads(text.strip("\n;'"))
    except ValueError:
        return scan
    if isinstance(own, dict):
        scan.radiation, scan.warnings, scan.trusted = radiation_from_dict(own.get("radiation")), (), True
        metadata = own.get("metadata")
        scan.metadata = metadata if isinstance(metadata, dict) else {}
    return scan
