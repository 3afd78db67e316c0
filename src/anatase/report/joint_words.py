"""A joint identification in words: the verdict, and what each pattern alone says of a phase's share."""

from __future__ import annotations

from anatase.identify.joint_answer import JointIdentification, JointPhase
from anatase.report.document import all_warnings
from anatase.report.notation import percent

__all__ = ["all_joint_warnings", "alone", "pattern_names", "together", "verdict_of_joint"]


def pattern_names(joint: JointIdentification) -> list[str]:
    """Return what the patterns are called."""
    return [answer.pattern.name or f"pattern {i}" for i, answer in enumerate(joint.answers, 1)]


def verdict_of_joint(joint: JointIdentification) -> str:
    """State the answer in one sentence."""
    count, patterns = len(joint.phases), len(joint.answers)
    if not count:
        return f"No crystalline phase was identified in {patterns} patterns."
    told = f"{count} {'phase' if count == 1 else 'phases'} from {patterns} patterns"
    if any(phase.weight_fraction is None for phase in joint.phases):
        return f"{told}; what share of one sample each is cannot be told."
    return f"{told} of one sample."


def together(phase: JointPhase) -> str:
    """Return the weight percent that all patterns agree on best, a dash where they tell none."""
    return "–" if phase.weight_fraction is None else percent(phase.weight_fraction)


def alone(phase: JointPhase, which: int) -> str:
    """Return the weight percent that one pattern alone gives, or that it does not show the phase."""
    value = phase.by_pattern[which]
    return "not seen" if value is None else percent(value)


def all_joint_warnings(joint: JointIdentification) -> tuple[str, ...]:
    """Return the warnings of the whole, then those of each pattern with its name, each once."""
    named = [
        f"{name}: {warning}"
        for name, answer in zip(pattern_names(joint), joint.answers, strict=True)
        for warning in all_warnings(answer)
    ]
    return tuple(dict.fromkeys((*joint.warnings, *named)))
