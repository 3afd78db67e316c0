"""Time-of-flight banks as they stand in FullProf control files, with profile function 9."""

from __future__ import annotations

from anatase.io.foreign import ForeignBank, ForeignHistogram, ForeignPhase
from anatase.io.fullprof_codes import Codewords
from anatase.io.fullprof_write_phase import cell_lines, numbers_and_codes, scale_lines, tell_missing, texture_values
from anatase.io.tied_values import TiedValues
from anatase.pattern.tof_profile import TofProfile

__all__ = ["bank_profile_lines", "bank_shift_line", "keep_bank"]


def keep_bank(tied: TiedValues, histogram: ForeignHistogram, beam: ForeignBank) -> None:
    """Keep the calibration of a bank: t = Zero + Dtt1 d + Dtt2 d²."""
    for word in ("zero", "difc", "difa"):
        tied.keep(f"{histogram.name}.{word}", getattr(beam.bank, word))


def bank_shift_line(codes: Codewords, histogram: ForeignHistogram, beam: ForeignBank, missing: list[str]) -> list[str]:
    """Return zero, calibration and scattering angle."""
    name, values = histogram.name, codes.tied.values
    if beam.bank.difb != 0.0:
        missing.append(f"DIFB of {name}, {beam.bank.difb:g}")
    words = [f"{values[f'{name}.{word}']:.8f} {codes.of(f'{name}.{word}'):.6f}" for word in ("zero", "difc", "difa")]
    return [
        "!  Zero    Code    Dtt1    Code    Dtt2    Code  2ThetaBank",
        f"  {'  '.join(words)}  {beam.bank.two_theta:.6f}",
    ]


def bank_profile_lines(
    codes: Codewords, phase: ForeignPhase, histogram: str, beam: ForeignBank, missing: list[str]
) -> list[str]:
    """Return scale, widths, cell, texture and exponentials of a phase in a bank.

    Lorentzian strain adds 2 e DIFC to γ1, and size K DIFC/D to γ2 (``TofProfile``).
    """
    part, name = phase.parts[histogram], f"{phase.name}.{histogram}"
    profile = beam.profile
    if profile is None:
        missing.append(f"the profile of {histogram}, which is not known; a usual one stands for it")
        profile = TofProfile()
    if any(profile.beta[2:]) or any(profile.variance[3:]):
        missing.append(f"the terms beta_q and sigma_q of {histogram}")
    sample = part.sample
    if (sample.size is not None and sample.size_gauss_share) or (sample.strain and sample.strain_gauss_share):
        missing.append(f"the Gaussian part of the widths of {name}")
    size = 0.0 if sample.size is None else sample.shape_factor * beam.bank.difc / sample.size
    gamma = [
        profile.gamma[2] + size * (1.0 - sample.size_gauss_share),
        profile.gamma[1] + 2.0 * sample.strain * (1.0 - sample.strain_gauss_share) * beam.bank.difc,
        profile.gamma[0],
    ]
    sigma = [profile.variance[2], profile.variance[1], profile.variance[0]]
    gamma_codes = [
        codes.of(f"{name}.size", f"{histogram}.gamma_2"),
        codes.of(f"{name}.strain", f"{histogram}.gamma_1"),
        codes.of(f"{histogram}.gamma_0"),
    ]
    shape = [profile.alpha[0], profile.beta[0], profile.alpha[1], profile.beta[1]]
    shape_codes = [codes.of(f"{histogram}.{word}") for word in ("alpha_0", "beta_0", "alpha_1", "beta_1")]
    sigma_codes = [codes.of(f"{histogram}.variance_{k}") for k in (2, 1, 0)]
    texture, texture_codes = texture_values(codes, name, sample, missing)
    tell_missing(name, part, missing)
    return [
        *scale_lines(codes, part, name),
        "!  Sig-2     Sig-1     Sig-0     Xt      Yt      Z1      Z0   Size-Model",
        *numbers_and_codes([*sigma, 0.0, 0.0, 0.0, 0.0], [*sigma_codes, 0.0, 0.0, 0.0, 0.0], "0"),
        "!  Gam-2     Gam-1     Gam-0     LStr    LSiz",
        *numbers_and_codes([*gamma, 0.0, 0.0], [*gamma_codes, 0.0, 0.0]),
        *cell_lines(codes, phase.name),
        "!  Pref1    Pref2    alph0    beta0    alph1    beta1",
        *numbers_and_codes([*texture, *shape], [*texture_codes, *shape_codes]),
        "!Absorption correction parameters",
        "  0.00000  0.00  0.00000  0.00  ABS: ABSCOR1  ABSCOR2",
    ]
