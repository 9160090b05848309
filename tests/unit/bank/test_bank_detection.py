"""A bank that judges: the same forecasts, and scores and alerts that are the twins'."""

from dataclasses import replace

import numpy as np
import pytest

from streamlstm.bank import Bank, Detection, SnapshotError
from streamlstm.kernels import layout as at
from tests.support.lockstep.bank_lockstep import KEY, Case, Lockstep
from tests.support.lockstep.bank_replay import FULL, build, play
from tests.support.twins.naive_decision import Alert, Calibration, TypicalError

DETECTION = Detection(false_alarm_rate=0.02, warm_up=10, resolve_after=3, cooldown=4)
CASE = Case(hidden=3, columns=1, outputs=2, kind="gap", n=120)


def judging(case, detection=DETECTION):
    plain = build(case)
    bank = Bank(plain.shape, case.settings, seed=case.seed, detection=detection)
    bank.add_features([f"f{j}" for j in range(case.columns)], ["time"] if case.clock else [])
    bank.open(KEY)
    return bank


def judge(bank, events, *, learn=True):
    return bank.detect(np.zeros(len(events), np.int64), events, learn=learn)


@pytest.mark.parametrize("seed", [1, 2])
def test_scores_verdicts_and_intervals_are_the_twins(seed):
    """The forecasts come from the bank; the twin judges what they missed."""
    case = replace(CASE, seed=seed)
    events = case.events
    events[[50, 52, 80], 1] += 1e3
    bank = judging(case)
    scales = [TypicalError() for _ in range(case.outputs)]
    calibration, alert, opened = Calibration(), Alert(DETECTION.threshold, 3, 4), 0
    for event in events:
        ys = event[case.columns :]
        there = [
            (s, y, k) for k, (s, y) in enumerate(zip(scales, ys, strict=True)) if not np.isnan(y)
        ]
        found = judge(bank, event[None])
        errors = {k: abs(y - found.forecast[0, k]) for _, y, k in there}
        standardised_errors = {k: scale.standardised_error(errors[k]) for scale, _, k in there}
        score = 0.0
        if len(calibration.standardised_errors) >= DETECTION.warm_up:
            beyond = max(scale.beyond(y) for scale, y, _ in there)
            score = max(calibration.score(max(standardised_errors.values())), beyond)
        assert found.score[0] == pytest.approx(score, rel=1e-9, abs=1e-9)
        for k, standardised_error in standardised_errors.items():
            assert found.standardised_error[0, k] == pytest.approx(standardised_error, rel=1e-9)
        learnable = not alert.open or alert.events >= DETECTION.warm_up
        odd = found.score[0] >= DETECTION.threshold
        radius = bank_radius(found, scales)
        for scale, y, k in there:
            scale.learn(y, errors[k], learnable=learnable)
        if learnable and not (odd and alert.resting):
            standardised_error = max(standardised_errors.values())
            calibration.learn(min(standardised_error, radius) if odd else standardised_error)
        assert found.alert_event[0] == alert.decide(found.score[0])
        assert (found.alert_length[0], found.alert_peak[0]) == (alert.events, alert.peak)
        opened += int(found.alert_event[0] == 1)
    assert opened > 0
    assert bank.alert_open(KEY) == alert.open


def bank_radius(found, scales):
    """Return the interval's half-width in typical errors, from the target that has one."""
    wide = [found.half_width[0, k] / s.value for k, s in enumerate(scales) if s.value > 0]
    return wide[0] if wide else 1e12


@pytest.mark.parametrize("seed", [1])
def test_judging_does_not_change_the_forecast(seed):
    case = replace(FULL, seed=seed)
    plain, bank = build(case), judging(case)
    forecasts = play(plain, case.events)[:, 1:]
    assert judge(bank, case.events).forecast.tobytes() == forecasts.tobytes()
    for name in ("theta", "state", "tape", "columns"):
        assert bank.views(KEY)[name].tobytes() == plain.views(KEY)[name].tobytes()


def test_asking_for_a_score_changes_nothing():
    bank, events = judging(CASE), CASE.events
    judge(bank, events[:60])
    before = bank.store.singles.tobytes(), bank.store.doubles.tobytes()
    asked = judge(bank, events[60:61], learn=False)
    assert (bank.store.singles.tobytes(), bank.store.doubles.tobytes()) == before
    learnt = judge(bank, events[60:61])
    for name in ("forecast", "score", "half_width", "standardised_error", "expert_weights"):
        assert getattr(asked, name).tobytes() == getattr(learnt, name).tobytes()


@pytest.mark.parametrize("sizes", [1, 7])
def test_batches_are_not_seen(sizes):
    whole, cut, events = judging(CASE), judging(CASE), CASE.events
    judge(whole, events)
    for n in range(0, len(events), sizes):
        judge(cut, events[n : n + sizes])
    assert whole.snapshot(KEY) == cut.snapshot(KEY)


def test_a_refused_event_has_no_score():
    bank = judging(CASE)
    event = np.full((1, 3), np.inf)
    before = bank.store.doubles.tobytes()
    found = judge(bank, event)
    assert not found.accepted[0]
    assert np.isnan(found.score[0])
    assert np.isnan(found.expert_weights).all()
    assert bank.store.doubles.tobytes() == before


def test_weights_are_those_the_forecast_was_made_with():
    bank = judging(CASE)
    judge(bank, CASE.events)
    found = judge(bank, CASE.events[:1], learn=False)
    for k in range(CASE.outputs):
        assert found.expert_weights[0, k].tolist() == list(bank.expert_weights(KEY, k).values())


def test_what_people_say_of_an_alert_travels_with_the_slot():
    bank = judging(CASE)
    judge(bank, CASE.events)
    bank.views(KEY)["decision"][[at.D_OPEN, at.D_EVENTS, at.D_PEAK]] = 1.0, 6.0, 4.5
    bank.mark_opened(KEY, 41)
    bank.suppress(KEY, expected=3, muted=2)
    bank.suppress(KEY, expected=1)
    again = judging(CASE)
    again.restore(bank.snapshot(KEY))
    assert again.opened_at(KEY) == 41
    decision = again.views(KEY)["decision"]
    assert decision[[at.D_EXPECTED, at.D_MUTED]].tolist() == [3.0, 2.0]
    assert again.end_alert(KEY) == (6, 4.5)
    assert again.end_alert(KEY) is None


@pytest.mark.parametrize(
    ("was", "now"), [(None, DETECTION), (DETECTION, None), (DETECTION, Detection(cooldown=1))]
)
def test_a_snapshot_of_other_detection_is_refused(was, now):
    with pytest.raises(SnapshotError, match="another model"):
        judging(CASE, now).restore(judging(CASE, was).snapshot(KEY))


def test_a_lockstep_bank_learns_as_a_judging_one():
    """The proofs run without detection; this ties them to the bank that has it."""
    pair, bank = Lockstep(CASE, np.float32), judging(CASE)
    for event in CASE.events[:30]:
        result, _ = pair.learn(event)
        assert judge(bank, event[None]).forecast.tobytes() == result[1:].tobytes()
