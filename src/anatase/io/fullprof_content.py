"""What stands in a FullProf control file, in its order: patterns, phases, atoms, profiles.

After Rodríguez-Carvajal (1993) Physica B 192, 55, and the manual of FullProf, appendix on CODFIL.pcr: the layout of one
pattern (Job Npr Nph …) and that of several (NPATT).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anatase.io.fullprof_text import Coded, PcrText

__all__ = ["PcrAtom", "PcrContent", "PcrPattern", "PcrPhase", "PcrProfile", "read_content"]

PLAIN_PROFILES = (0, 1, 5, 7)  # Gaussian, Lorentzian, pseudo-Voigt, Thompson-Cox-Hastings
TOF_PROFILES = (9, 10, 13)
MANY_POINTS = 2000


@dataclass
class PcrPattern:
    """A pattern: its flags, radiation, range, background and shifts."""

    line: int
    job: int
    profile: int
    background_kind: int
    excluded_count: int
    orientation: int
    geometry: int
    resolution: int
    file: str = ""
    optics: list[float] = field(default_factory=list)
    limits: tuple[float, float] = (0.0, 0.0)
    points: list[tuple[float, Coded]] = field(default_factory=list)
    excluded: list[tuple[float, float]] = field(default_factory=list)
    shifts: list[Coded] = field(default_factory=list)
    bank_angle: float = 90.0
    background: list[Coded] = field(default_factory=list)

    @property
    def is_tof(self) -> bool:
        """Whether the pattern is one of neutron time of flight."""
        return self.job == -1


@dataclass
class PcrAtom:
    """An atom: label, type, x y z B occupancy, and the six β where it has them."""

    line: int
    label: str
    kind: str
    values: list[Coded]
    betas: list[Coded] = field(default_factory=list)


@dataclass
class PcrProfile:
    """A phase in one pattern: lines of values in the order of the file; the direction of texture."""

    line: int
    profile: int
    direction: tuple[float, float, float]
    scale: list[Coded] = field(default_factory=list)
    widths: list[Coded] = field(default_factory=list)
    gammas: list[Coded] = field(default_factory=list)
    shape: list[Coded] = field(default_factory=list)


@dataclass
class PcrPhase:
    """A phase: name, mode (Jbt), group, atoms, cell, and its profile in each pattern by number."""

    line: int
    name: str
    mode: int
    group: str = ""
    atoms: list[PcrAtom] = field(default_factory=list)
    cell: list[Coded] = field(default_factory=list)
    profiles: dict[int, PcrProfile] = field(default_factory=dict)


@dataclass
class PcrContent:
    """Everything of a file."""

    title: str
    patterns: list[PcrPattern] = field(default_factory=list)
    phases: list[PcrPhase] = field(default_factory=list)


def read_content(text: PcrText) -> PcrContent:
    """Walk through a control file.

    Raises
    ------
    InputError
        Where a line is not what its place asks for, or a flag asks for what is not known here.
    """
    if not text.lines:
        raise text.error("the file is empty", "give a .pcr file")
    content = PcrContent(text.take("the title").removeprefix("COMM").strip())
    several = text.peek().upper().startswith("NPATT")
    n_phases = _several_patterns(text, content) if several else _one_pattern(text, content)
    if n_phases < 1:
        raise text.error(f"the file has {n_phases} phases", "give a file with a phase")
    for _ in range(n_phases):
        content.phases.append(_phase(text, content.patterns, several))
    return content


def _checked_pattern(text: PcrText, line: int, flags: dict[str, int]) -> PcrPattern:
    """Return a pattern from its flags, refusing what adds lines or axes that are not known here."""
    job = {2: 0, 3: 1}.get(flags["Job"], flags["Job"])  # 2 and 3 calculate what 0 and 1 refine
    if job not in (0, 1, -1):
        raise text.error(f"Job = {flags['Job']} is no kind of pattern that is read", "give 0, 1 or -1", line)
    known = TOF_PROFILES if job == -1 else PLAIN_PROFILES
    if flags["Npr"] not in known:
        raise text.error(f"profile function Npr = {flags['Npr']}", f"only {known} are read", line)
    refused = {"Nsc": "scattering factors of the user's own", "Cry": "single crystals"}
    for name, reason in refused.items():
        if flags.get(name, 0) != 0:
            raise text.error(f"{name} = {flags[name]}: {reason} are not read", f"set {name} to 0", line)
    if flags["Uni"] not in (0, 1) or (flags["Uni"] == 1 and job != -1):
        raise text.error(f"Uni = {flags['Uni']} is no axis of Job = {flags['Job']}", "give 2theta, or TOF", line)
    return PcrPattern(line, job, flags["Npr"], flags["Nba"], flags["Nex"], flags["Nor"], flags["Ilo"], flags["Res"])


def _one_pattern(text: PcrText, content: PcrContent) -> int:
    names = "Job Npr Nph Nba Nex Nsc Nor Dum Iwg Ilo Ias Res Ste Nre Cry Uni Cor Opt Aut"
    line = text.line
    flags = dict(zip(names.split(), text.whole("the line of Job Npr Nph …", 15, 19), strict=True))
    pattern = _checked_pattern(text, line, flags)
    content.patterns.append(pattern)
    if pattern.resolution != 0:
        text.take("the name of the resolution file")
    text.numbers("the line of Ipr Ppl Ioc …", 10)
    _optics(text, pattern)
    cycles = text.numbers("the line of NCY Eps … Thmin Step Thmax", 9)
    pattern.limits = (cycles[6], cycles[8])
    pattern.file = text.data_file
    _points_and_exclusions(text, pattern)
    text.numbers("the number of refined parameters", 1)
    _shifts(text, pattern)
    return flags["Nph"]


def _several_patterns(text: PcrText, content: PcrContent) -> int:
    count = int(text.numbers_of(text.take("NPATT")[5:], "NPATT and a number")[0])
    if text.peek().upper().startswith("W_PAT"):
        text.take("W_PAT")
    names = "Nph Dum Ias Nre Cry Opt Aut"
    common = dict(zip(names.split(), text.whole("the line of Nph Dum …", 5, 7), strict=True))
    names = "Job Npr Nba Nex Nsc Nor Iwg Ilo Res Ste Uni Cor Anm"
    for _ in range(count):
        line = text.line
        flags = dict(zip(names.split(), text.whole("the line of Job Npr Nba …", 12, 13), strict=True))
        content.patterns.append(_checked_pattern(text, line, {**common, **flags}))
    for pattern in content.patterns:
        pattern.file = text.take("the name of a data file")
    for pattern in content.patterns:
        if pattern.resolution != 0:
            text.take("the name of the resolution file")
    text.numbers("the line of Mat Pcr …", 4)
    for _ in content.patterns:
        text.numbers("the line of Ipr Ppl …", 8)
    for pattern in content.patterns:
        _optics(text, pattern)
    text.numbers("the line of NCY Eps …", 6)
    for pattern in content.patterns:
        low, _, high, *_ = text.numbers("the line of Thmin Step Thmax", 3)
        pattern.limits = (low, high)
    for pattern in content.patterns:
        _points_and_exclusions(text, pattern)
    text.numbers("the number of refined parameters", 1)
    for pattern in content.patterns:
        _shifts(text, pattern)
    return common["Nph"]


def _optics(text: PcrText, pattern: PcrPattern) -> None:
    """Lambda1 Lambda2 Ratio Bkpos Wdt Cthm muR AsyLim Rpolarz; of TOF Bkpos Wdt Iabscor."""
    what = "the line of Bkpos Wdt" if pattern.is_tof else "the line of Lambda1 Lambda2 Ratio …"
    pattern.optics = text.numbers(what, 2 if pattern.is_tof else 8)


def _points_and_exclusions(text: PcrText, pattern: PcrPattern) -> None:
    kind = pattern.background_kind
    count = abs(kind) if kind >= 2 or kind < -4 else 0
    if count > MANY_POINTS or not 0 <= pattern.excluded_count <= MANY_POINTS:
        raise text.error(f"{count} background points, {pattern.excluded_count} exclusions", "give fewer", pattern.line)
    for _ in range(count):
        line = text.line
        position, height, *code = text.numbers("a point of the background", 2)
        pattern.points.append((position, Coded(height, code[0] if code else 0.0, line)))
    for _ in range(pattern.excluded_count):
        low, high, *_ = text.numbers("an excluded region", 2)
        pattern.excluded.append((low, high))


def _shifts(text: PcrText, pattern: PcrPattern) -> None:
    """Zero, SyCos, SySin, Lambda (TOF: Zero, Dtt1, Dtt2, angle) and the coefficients of a background polynomial."""
    pattern.shifts, rest = text.paired("the line of Zero Code …", 3 if pattern.is_tof else 4)
    if pattern.is_tof:
        pattern.bank_angle = rest[0] if rest else 90.0
        if pattern.profile == 10:
            text.coded("the line of Zerot Dtt1t …", 5)
    elif rest and rest[0] != 0.0:
        text.numbers("the line of P0 Cp Tau", 3)
    kind = pattern.background_kind
    lines = {0: 1, -1: 3, -3: 2, -4: 2, 1: 1}.get(kind, 0)
    for _ in range(lines):
        pattern.background += text.coded("the coefficients of the background", 4 if kind == 1 else 6)
    if kind == -2:
        text.numbers("the window of the Fourier filter", 1)


def _phase(text: PcrText, patterns: list[PcrPattern], several: bool) -> PcrPhase:
    """Read a phase: its flags, where it contributes, group, atoms, and a profile for each pattern."""
    line, name = text.line, text.take("the name of a phase")
    control_line = text.line
    if several:
        names = "Nat Dis Ang Jbt Isy Str Furth ATZ Nvk More"
        control = text.numbers("the line of Nat Dis Ang Jbt …", 9)
    else:
        names = "Nat Dis Ang Pr1 Pr2 Pr3 Jbt Irf Isy Str Furth ATZ Nvk Npr More"
        control = text.numbers("the line of Nat Dis Ang Pr1 …", 13)
    flags = dict(zip(names.split(), [*control, 0.0, 0.0], strict=False))
    phase = PcrPhase(line, name, int(flags["Jbt"]))
    _check_phase(text, control_line, flags)
    distances = 0.0
    if flags.get("More", 0.0) != 0.0:
        more = text.numbers("the line of Jvi Jdi Hel …", 4)
        distances = more[1]
        if more[3] != 0.0 or distances not in (0.0, 1.0, 3.0):
            raise text.error("Jdi or Sol ask for further lines", "set them to 0", line)
    if several:
        shares = text.numbers("the contributions of the phase to the patterns", len(patterns))
        for number in [k for k, share in enumerate(shares[: len(patterns)]) if share != 0.0]:
            own = text.numbers("the line of Irf Npr Jtyp …", 2)
            pr1, pr2, pr3, *_ = text.numbers("the line of Pr1 Pr2 Pr3 …", 3)
            phase.profiles[number] = PcrProfile(line, int(own[1]) or patterns[number].profile, (pr1, pr2, pr3))
    else:
        direction = (flags["Pr1"], flags["Pr2"], flags["Pr3"])
        phase.profiles[0] = PcrProfile(line, int(flags.get("Npr", 0)) or patterns[0].profile, direction)
    if not phase.profiles:
        raise text.error(f"phase {name} contributes to no pattern", "let it contribute to one", control_line)
    if distances == 3.0:
        text.take("the largest distances")
    phase.group = text.take("the space group")
    phase.atoms = [_atom(text) for _ in range(int(flags["Nat"]))]
    for number, profile in phase.profiles.items():
        _profile(text, phase, profile, patterns[number])
    return phase


def _check_phase(text: PcrText, line: int, flags: dict[str, float]) -> None:
    if int(flags["Jbt"]) not in (0, 2, 3, -2, -3):
        raise text.error(
            f"Jbt = {int(flags['Jbt'])}: magnetic phases and rigid bodies are not read", "take the phase out", line
        )
    if not 0 <= flags["Nat"] <= MANY_POINTS:
        raise text.error(f"a phase has {flags['Nat']:g} atoms", "correct Nat", line)
    for name in ("Isy", "Str", "Furth", "Nvk"):
        if flags.get(name, 0.0) != 0.0:
            raise text.error(
                f"{name} = {flags[name]:g} asks for further lines, which are not read", f"set {name} to 0", line
            )


def _atom(text: PcrText) -> PcrAtom:
    """Label, type, X Y Z Biso Occ In Fin N_t Spc, and the codes; with N_t = 2 the six β and their codes."""
    line = text.line
    words = text.take("an atom").split()
    numbers = text.numbers_of(" ".join(words[2:]), "an atom with x, y, z, B and occupancy", 5, line)
    codes = text.numbers("the codes of an atom", 5)
    values = [Coded(value, code, line) for value, code in zip(numbers[:5], codes[:5], strict=True)]
    kind = int(numbers[7]) if len(numbers) > 7 else 0
    atom = PcrAtom(line, words[0], words[1], values)
    if kind == 2:
        atom.betas = text.coded("the line of beta11 beta22 …", 6)[:6]
    elif kind != 0:
        raise text.error(f"N_t = {kind} of atom {words[0]} is not read", "set it to 0 or 2", line)
    return atom


def _profile(text: PcrText, phase: PcrPhase, profile: PcrProfile, pattern: PcrPattern) -> None:
    """Read scale, widths, cell, texture and asymmetry of a phase in a pattern, each with its codes."""
    profile.line = text.line
    profile.scale = text.coded("the line of Scale Shape1 Bov …", 3)
    profile.widths = text.coded("the line of U V W …", 5)
    if len(profile.widths) > 7 and profile.widths[7].value != 0.0:
        raise text.error("a Size-Model asks for further lines, which are not read", "set it to 0", profile.line)
    if pattern.is_tof:
        profile.gammas = text.coded("the line of Gam-2 Gam-1 Gam-0", 3)
    cell = text.coded("the line of a b c alpha beta gamma", 6)[:6]
    phase.cell = phase.cell or cell
    profile.shape = text.coded("the line of Pref1 Pref2 …", 6)
    if pattern.is_tof:
        if pattern.profile == 10:
            text.coded("the line of alph0t beta0t …", 4)
        text.numbers("the line of the absorption correction", 2)
    elif len(pattern.optics) > 2 and pattern.optics[2] < 0.0:
        text.coded("U, V, W of the second wavelength", 3)
