"""How random powder mixtures vary: the spreads of everything that a real one gets wrong against its library entry."""

from __future__ import annotations

from dataclasses import dataclass, fields

from anatase.errors import PhysicsError

__all__ = ["MixtureVariety"]

Range = tuple[float, float]


@dataclass(frozen=True)
class MixtureVariety:
    """What random mixtures are drawn from; pairs are the ends of a range, ``…_share`` the part of phases or patterns.

    The defaults are what laboratories meet: cells that solid solution, temperature and calculated structures put off by
    tenths of a percent, atoms and displacements that are not quite the entry's, plates and needles that lie flat,
    crystallites from 15 nm up, samples that are displaced, air scatter, fluorescence and glass below the lines, and
    scans from minutes to hours.

    Parameters
    ----------
    phase_shares
        How often a mixture has 1, 2, 3 … phases, relative to each other.
    least_fraction
        Weight fraction that the rarest phase may have.
    cell_strain
        Standard deviation of the cell's length strain: drawn for each phase between the two, uniformly.
    distant_share, distant_strain
        How many phases have a cell farther off, as calculated structures and end members of solid solutions are,
        and between what that standard deviation is drawn for them.
    shift
        Standard deviation of the atoms' shifts, Å: between the two.
    u_iso
        U_iso, Å²; of a site that has one, a factor between half and double it is drawn instead.
    occupancy
        Standard deviation of the occupancies' relative error; occupancies stay at most 1.
    scale_error
        Standard deviation of ln of a phase's intensity for its weight: microabsorption, absorption, scattering tables.
    grains
        Standard deviation of ln of a line's intensity, from few coarse crystallites in the beam: between the two.
    texture_share, march_r
        How many phases are textured, and r of March and Dollase, log-uniform.
    size
        Crystallite size, Å, log-uniform; ``coarse_share`` of the phases have none that broadens.
    needle_share, elongation
        How many of the others are needles or plates, and the ratio of their sizes along and across the axis.
    fines_share
        How many phases hold up to a third of crystallites several times smaller, which give their lines feet.
    strain
        Microstrain, uniform.
    zero, displacement
        Standard deviations: degrees, mm.
    background
        Height under the strongest line over that line's, log-uniform.
    halo_share
        How many patterns have amorphous halos in their background.
    counts
        Counts of the highest point, log-uniform.
    stray_share
        How many patterns of copper tubes have lines of Kβ and of tungsten, of up to a percent.

    Raises
    ------
    PhysicsError
        When a share is not from 0 to 1, or a range runs backwards or is negative.
    """

    phase_shares: tuple[float, ...] = (0.25, 0.3, 0.3, 0.15)
    least_fraction: float = 0.005
    cell_strain: Range = (0.0, 0.005)
    distant_share: float = 0.15
    distant_strain: Range = (0.005, 0.02)
    shift: Range = (0.0, 0.06)
    u_iso: Range = (0.003, 0.02)
    occupancy: float = 0.04
    scale_error: float = 0.05
    grains: Range = (0.0, 0.3)
    texture_share: float = 0.35
    march_r: Range = (0.5, 1.5)
    size: Range = (150.0, 3000.0)
    coarse_share: float = 0.4
    needle_share: float = 0.15
    elongation: Range = (0.4, 2.5)
    fines_share: float = 0.3
    strain: Range = (0.0, 0.002)
    zero: float = 0.01
    displacement: float = 0.07
    background: Range = (0.005, 0.6)
    halo_share: float = 0.25
    counts: Range = (300.0, 100_000.0)
    stray_share: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "phase_shares":
                if not value or min(value) < 0.0 or sum(value) <= 0.0:
                    raise PhysicsError(f"phase_shares {value} leave no mixture; give 0 or more, not all 0")
            elif field.name.endswith("_share"):
                if not 0.0 <= value <= 1.0:
                    raise PhysicsError(f"{field.name} is {value:g}; give a share from 0 to 1")
            elif isinstance(value, tuple):
                if not 0.0 <= value[0] <= value[1]:
                    raise PhysicsError(f"{field.name} runs from {value[0]:g} to {value[1]:g}; give 0 or more, in order")
            elif not value >= 0.0:
                raise PhysicsError(f"{field.name} is {value:g}; give 0 or more")
