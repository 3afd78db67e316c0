"""Peaks in a pattern, with standard uncertainties."""

from anatase.peaks.find import find_peaks
from anatase.peaks.peaks import Peaks

__all__ = ["Peaks", "find_peaks"]
