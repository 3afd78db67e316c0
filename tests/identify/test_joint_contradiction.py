"""Whether one sample can give several patterns, from what each tells and what it could hide."""

from __future__ import annotations

import numpy as np

from anatase.identify.joint_contradiction import comparable, contradicting

INF, NAN = np.inf, np.nan


def test_a_common_phase_does_not_excuse_a_missing_one():
    fractions, su = np.array([[0.6, 0.4], [1.0, 0.0]]), np.array([[0.03, 0.03], [0.05, INF]])
    assert contradicting(fractions, su, np.array([[NAN, NAN], [NAN, 0.02]])) == (1,)
    # 0.4 − 3 · 0.03 = 0.31
    assert contradicting(fractions, su, np.array([[NAN, NAN], [NAN, 0.30]])) == (1,)
    assert contradicting(fractions, su, np.array([[NAN, NAN], [NAN, 0.32]])) == ()


def test_what_a_pattern_does_not_see_makes_its_other_phases_few():
    """The first pattern sees half of what it shows as the third phase, but not the second, which may be nearly all."""
    fractions, su = np.array([[0.5, 0.0, 0.5], [0.1, 0.9, 0.0]]), np.array([[0.02, INF, 0.02], [0.02, 0.02, INF]])
    blind = np.array([[NAN, 0.99, NAN], [NAN, NAN, 0.12]])
    # as much of the third as of the first: 0.1/1.1 = 9 % of what the second pattern shows with it
    assert contradicting(fractions, su, blind) == ()
    sharp = np.array([[NAN, 0.05, NAN], [NAN, NAN, 0.12]])
    assert contradicting(fractions, su, sharp) == (1, 2)


def test_three_patterns_of_which_one_is_of_another_sample():
    fractions = np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    su = np.where(fractions > 0.0, 0.02, INF)
    assert contradicting(fractions, su, np.where(fractions > 0.0, NAN, 0.01)) == (0, 1, 2)
    assert not comparable(su)


def test_without_limits_nothing_is_said():
    fractions = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    su = np.where(fractions > 0.0, 0.05, INF)
    assert contradicting(fractions, su, np.full((3, 2), NAN)) == ()
    # a pattern that shows nothing has nothing to compare with
    assert contradicting(fractions, su, np.where(np.arange(3)[:, None] == 2, 0.01, np.full((3, 2), NAN))) == ()
    # fractions that differ where all show all are told elsewhere
    assert contradicting(np.array([[0.2, 0.8], [0.8, 0.2]]), np.full((2, 2), 0.01), np.full((2, 2), NAN)) == ()


def test_patterns_compare_through_each_other():
    chain = np.array([[0.1, 0.1, INF, INF], [INF, INF, 0.1, 0.1], [INF, 0.1, 0.1, INF]])
    assert comparable(chain)
    assert not comparable(chain[:2])
    assert comparable(np.array([[INF], [0.1]]))
