"""Cards of GSAS files."""

from __future__ import annotations

import pytest

from anatase.errors import InputError
from anatase.io.gsas_cards import read_cards
from anatase.io.source import Source

TEXT = """\
HST  1 ICONS  1.540500  1.544300       0.0         0       0.5
hst  1BAKGD1   0.418073D+02   .702330E+03 GW 3.4
HST  1BAKGD2  12.5
HST  1 ICONS  9.999999
HST  1 TRNGE   15.0  --2
"""


def test_numbers_and_columns():
    cards = read_cards(Source("x.EXP", TEXT.encode(), ""))
    assert cards.numbers("HST  1 ICONS") == [1.5405, 1.5443, 0.0, 0.0, 0.5]  # the first of two cards counts
    assert cards.column("HST  1 ICONS", 10, 20) == 1.5443
    assert cards.column("HST  1 ICONS", 50, 55) is None
    assert cards.series("HST  1BAKGD") == [41.8073, 702.33, 3.4, 12.5]
    assert cards.line("HST  1BAKGD2") == 3
    assert (cards.line("HST  2 ICONS"), cards.numbers("HST  2 ICONS"), "HST  1BAKGD1" in cards) == (None, [], True)
    with pytest.raises(InputError, match=r"x\.EXP line 5: '--2' is no number"):
        cards.numbers("HST  1 TRNGE")
