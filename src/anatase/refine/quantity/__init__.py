"""Quantification: weight fractions, amorphous content, microabsorption and reference intensity ratios."""

from anatase.refine.quantity.external_standard import ExternalStandard, g_factor
from anatase.refine.quantity.histogram_content import quantify_histogram
from anatase.refine.quantity.internal_standard import InternalStandard
from anatase.refine.quantity.quantification import PhaseQuantity, Quantification
from anatase.refine.quantity.quantify import quantify, quantify_by_ratios
from anatase.refine.quantity.reference_intensity_ratio import reference_intensity_ratio

__all__ = [
    "ExternalStandard",
    "InternalStandard",
    "PhaseQuantity",
    "Quantification",
    "g_factor",
    "quantify",
    "quantify_by_ratios",
    "quantify_histogram",
    "reference_intensity_ratio",
]
