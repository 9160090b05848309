"""Scores, thresholds and alerts in lockstep with a twin that forgets nothing.

Logarithms of our own making differ from the library's by 5e-16, and a score multiplies them by at
most fifty (the floor under the tail's exponent).
"""

import math

import numba
import numpy as np
import pytest

from streamlstm.bank.settings import Detection
from streamlstm.bank.slots.alert_state import begin_decision, end_alert, suppress
from streamlstm.kernels import layout as at
from streamlstm.kernels.decision import calibration
from streamlstm.kernels.decision import incident as ours
from tests.support.streams.seeded import normal, uniform
from tests.support.twins.naive_decision import Alert, Calibration, TypicalError

EVENTS = 300 if numba.config.DISABLE_JIT else 3000
LAWS = {
    "normal": lambda seed: np.abs(normal(seed, EVENTS)),
    "heavy": lambda seed: 1.0 / (1.0 - np.abs(uniform(seed, EVENTS))),
    "ties": lambda seed: np.round(np.abs(normal(seed, EVENTS)) * 3.0),
    "zeros": lambda seed: np.zeros(EVENTS),
}


def fresh(**detection):
    decision = np.zeros(at.D_LARGEST + at.LARGEST)
    begin_decision(decision, Detection(**detection))
    return decision


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("seed", [1, 2])
def test_scores_are_their_twins(law, seed):
    decision, twin = fresh(), Calibration()
    for n, standardised_error in enumerate(LAWS[law](seed).tolist()):
        if n < 130 or n % 37 == 0:  # the twin sorts its whole past
            for asked in (0.0, standardised_error, 3.0 * standardised_error + 1.0, 1e12):
                score = calibration.tail_score(decision, asked)
                assert score == pytest.approx(twin.score(asked), rel=1e-11, abs=1e-11)
        calibration.calibrate(decision, standardised_error)
        twin.learn(standardised_error)
    kept = decision[at.D_LARGEST :].tolist()
    assert kept == sorted(twin.standardised_errors, reverse=True)[: at.LARGEST]
    assert decision[at.D_MEAN] == pytest.approx(twin.mean, rel=1e-12)
    assert decision[at.D_TAIL] == pytest.approx(twin.tail, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("law", ["normal", "heavy"])
@pytest.mark.parametrize("seed", [1])
def test_the_surprise_at_a_score_has_that_score(law, seed):
    decision = fresh()
    assert calibration.standardised_error_at(decision, 3.0) == calibration.SURPRISE_MAX
    for n, standardised_error in enumerate(LAWS[law](seed).tolist()):
        calibration.calibrate(decision, standardised_error)
        if n > 100 and n % 50 == 0:
            for score in (0.3, 1.0, 2.5, 6.0):
                found = calibration.tail_score(
                    decision, calibration.standardised_error_at(decision, score)
                )
                assert found == pytest.approx(score, rel=1e-9)


@pytest.mark.parametrize(("resolve_after", "cooldown"), [(1, 0), (2, 3), (5, 1)])
@pytest.mark.parametrize("silent", [0, 4])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_alerts_are_their_twins(seed, silent, resolve_after, cooldown):
    decision = fresh(false_alarm_rate=0.01, resolve_after=resolve_after, cooldown=cooldown)
    alert = Alert(threshold=2.0, resolve_after=resolve_after, cooldown=cooldown)
    opened = 0
    for n, score in enumerate((3.0 * np.abs(uniform(seed, 200))).tolist()):
        if silent and n % 20 == 0:
            suppress(decision, expected=silent if n % 40 else 0, muted=0 if n % 40 else silent)
            alert.silent = max(alert.silent, silent)
        alert_event = ours.decide(decision, score)
        assert alert_event == alert.decide(score)
        assert bool(decision[at.D_OPEN]) == alert.open
        assert decision[[at.D_EVENTS, at.D_PEAK]].tolist() == [alert.events, alert.peak]
        opened += alert_event == ours.OPENED
    assert opened > 1


@pytest.mark.parametrize("seed", [1, 2])
def test_errors_and_ranges_are_their_twins(seed):
    target, twin = np.zeros(at.T_LAGS), TypicalError()
    values, forecasts = 10.0 * normal(seed, 300), 10.0 * normal(seed + 9, 300)
    forecasts[:3] = values[:3]  # no error yet: any is a surprise
    values[200] = 1e30
    for n, (y, forecast) in enumerate(zip(values.tolist(), forecasts.tolist(), strict=True)):
        error, learnable = abs(y - forecast), n % 5 != 4
        standardised_error, beyond = twin.standardised_error(error), twin.beyond(y)
        assert ours.standardised_error_of(target, y, forecast) == pytest.approx(
            standardised_error, rel=1e-12
        )
        assert ours.out_of_range(target, y) == pytest.approx(beyond, rel=1e-11, abs=1e-11)
        ours.track_error(target, y, forecast, learnable)
        target[at.T_SEEN] += 1.0
        twin.learn(y, error, learnable=learnable)
        found = target[[at.T_LOW, at.T_HIGH, at.T_ERRORS, at.T_ERROR]]
        np.testing.assert_allclose(found, [twin.low, twin.high, twin.n, twin.value], 1e-12)


def test_a_missing_value_is_no_surprise():
    target = np.ones(at.T_LAGS)
    assert ours.standardised_error_of(target, math.nan, 1.0) == 0.0
    assert ours.out_of_range(target, math.nan) == 0.0


@pytest.mark.parametrize("y", [math.inf, -math.inf, 1e308])
def test_the_largest_score_is_finite(y):
    decision, target = fresh(), np.zeros(at.T_LAGS)
    target[[at.T_SEEN, at.T_ERRORS, at.T_ERROR]] = 10.0, 10.0, 1e-300
    for _ in range(50):
        calibration.calibrate(decision, 1.0)
    standardised_error = ours.standardised_error_of(target, y, 0.0)
    assert standardised_error == calibration.SURPRISE_MAX
    assert calibration.tail_score(decision, standardised_error) <= calibration.SCORE_MAX
    assert ours.out_of_range(target, y) <= calibration.SCORE_MAX


def test_what_is_announced_or_within_an_alert_is_not_calm():
    decision = fresh(warm_up=5)
    assert ours.learnable(decision)
    suppress(decision, expected=2, muted=0)
    assert not ours.learnable(decision)
    decision[at.D_EXPECTED], decision[at.D_OPEN], decision[at.D_EVENTS] = 0.0, 1.0, 4.0
    assert not ours.learnable(decision)
    decision[at.D_EVENTS] = 5.0  # no disturbance any more: it is how the stream is now
    assert ours.learnable(decision)
    assert end_alert(decision) == (5, 0.0)
    assert end_alert(decision) is None
    assert decision[at.D_COOLING] == decision[at.D_COOLDOWN] > 0.0
