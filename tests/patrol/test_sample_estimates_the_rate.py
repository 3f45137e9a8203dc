"""The piracy rate of a market from what was judged: against published values, and honest where little is known."""

import pytest

from patrol.estimating import Counted, estimate, interval, stratified


@pytest.mark.parametrize(
    ("pirated", "judged", "low", "high"),
    [
        # Brown, Cai, DasGupta, Statistical Science 16 (2001); R: binom.test(x, n)$conf.int
        (0, 10, 0.0, 0.3085), (1, 10, 0.0025, 0.4450), (5, 20, 0.0866, 0.4910), (10, 10, 0.6915, 1.0), (0, 0, 0.0, 1.0),
    ],
)  # fmt: skip
def test_the_interval_of_a_stratum_is_that_of_clopper_and_pearson(pirated, judged, low, high):
    assert interval(pirated, judged) == pytest.approx((low, high), abs=5e-5)


def test_the_whole_weighs_the_strata_by_what_is_on_sale():
    # By hand: 0.9 · 0.1 + 0.1 · 0.5; 0.81 · 0.98 · 0.09/19 + 0.01 · 0.9 · 0.25/9
    found = stratified([(900, 20, 2), (100, 10, 5)])
    assert found.rate == pytest.approx(0.14)
    assert found.variance == pytest.approx(0.81 * (1 - 20 / 900) * 0.09 / 19 + 0.01 * 0.9 * 0.25 / 9)
    assert found.low < 0.14 < found.high
    assert found.covers == 1


def test_what_was_not_judged_is_told_apart_and_bounds_the_rate():
    said = estimate([Counted("s001", 900, 20, 15, 1, 3, 1), Counted("s002", 100, 5, 0, 0, 0, 5)])
    assert (said["unclear"], said["not_bought"]) == (3, 6)
    assert said["rate"] == pytest.approx(1 / 16, abs=1e-4)
    assert said["covers"] == 0.9
    assert said["best"] == pytest.approx(0.9 * 1 / 20, abs=1e-4)
    assert said["worst"] == pytest.approx(0.9 * 5 / 20 + 0.1, abs=1e-4)
    assert said["best_low"] <= said["best"] <= said["worst"] <= said["worst_high"]


def test_nothing_found_is_not_nothing_there():
    said = estimate([Counted("s001", 1000, 30, 30, 0, 0, 0)])
    assert (said["rate"], said["low"]) == (0.0, 0.0)
    assert said["high"] == pytest.approx(0.1157, abs=1e-4)
    nothing = estimate([Counted("s001", 1000, 3, 0, 0, 0, 3)])
    assert (nothing["rate"], nothing["low"], nothing["high"]) == (None, 0.0, 1.0)
    assert (nothing["best"], nothing["worst"]) == (0.0, 1.0)
