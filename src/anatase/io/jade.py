"""MDI Jade work files (``<Jadex>``): one or more ``Scan`` elements with start, increment and data."""

from __future__ import annotations

import numpy as np

from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import radiation_from_number
from anatase.io.xml_tree import find_all, number_of, numbers_of, parse_xml, text_of

__all__ = ["read_jade"]


def read_jade(source: Source) -> tuple[Scan, ...]:
    """Read every scan of a Jade work file."""
    root = parse_xml(source.data, source)
    scans: list[Scan] = []
    for element in find_all(root, "Scan"):
        values = numbers_of(text_of(element, "Data"), source, "Data")
        if not values:
            continue
        begin, end = number_of(text_of(element, "Xbeg"), np.nan), number_of(text_of(element, "Xend"), np.nan)
        announced = number_of(text_of(element, "Npts"), len(values))
        if announced != len(values):
            raise source.error(
                f"Npts says {announced:g} points, {len(values)} follow", "the file is truncated; export it again"
            )
        radiation, said = radiation_from_number(number_of(text_of(element, "Wave")))
        time = number_of(text_of(element, "Xtim"))
        metadata = {"format": "Jade", "sample": text_of(element, "File").rpartition("\\")[2], "step_time": time or None}
        scans.append(
            Scan(np.linspace(begin, end, len(values)), values, radiation=radiation, metadata=metadata, warnings=said)
        )
    if not scans:
        raise source.error("the Jade file holds no scan", "export the scan from Jade")
    return tuple(scans)
