"""Running scales against their twins, bounded at spikes, and the encoding of features."""

import math

import numpy as np
import pytest

from streamlstm.kernels.layout import COLUMN, PERIOD
from streamlstm.kernels.network import scaler
from tests.support.streams.seeded import normal
from tests.support.twins.naive_model import Clock, Cyclic, MeanSquare, Moments, Number

PERIODS = {"number": 0.0, "clock": scaler.CLOCK, "cyclic": 24.0}
TWINS = {"number": Number, "clock": Clock, "cyclic": lambda: Cyclic(24.0)}


def series(seed, n=300):
    values = 5.0 + 3.0 * normal(seed, n)
    values[n // 2] = 1e30
    return values


@pytest.mark.parametrize("seed", [1, 2])
def test_moments_are_their_twins(seed):
    moments, twin = np.zeros(3), Moments()
    for value in series(seed):
        scaler.track(moments, value)
        twin.learn(value)
        np.testing.assert_allclose(moments, [twin.n, twin.mean, twin.variance], rtol=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_mean_square_is_its_twin(seed):
    found, twin = np.zeros(2), MeanSquare()
    for value in series(seed):
        scaler.track_square(found, value)
        twin.learn(value)
        np.testing.assert_allclose(found, [twin.n, twin.value], rtol=1e-12)


def test_the_first_values_are_averaged():
    moments, values = np.zeros(3), [2.0, 4.0, 9.0]
    for value in values:
        scaler.track(moments, value)
    np.testing.assert_allclose(moments, [3.0, np.mean(values), np.var(values)], rtol=1e-14)


def test_a_long_memory_is_of_a_thousand_events():
    moments = np.array([1e6, 0.0, 1.0])
    scaler.track(moments, 1.0)
    assert moments[1] == pytest.approx(0.001)


@pytest.mark.parametrize("kind", PERIODS)
@pytest.mark.parametrize("seed", [1, 2])
def test_columns_are_their_twins(kind, seed):
    columns, twin, inputs = np.zeros(2 * COLUMN), TWINS[kind](), np.empty(4)
    columns[[PERIOD, COLUMN + PERIOD]] = PERIODS[kind]
    values = series(seed, 60)
    values[::7] = np.nan
    for value in values:
        both = np.array([math.nan, value])
        scaler.encode_columns(inputs, columns, both, 2)
        expected = [0.0, 0.0] if math.isnan(value) else twin.encode(value.item())
        if abs(value) > 1e6 and kind == "cyclic":  # of its angle nothing is left but rounding
            assert inputs[2] ** 2 + inputs[3] ** 2 == pytest.approx(1.0)
        else:
            np.testing.assert_allclose(inputs, [0.0, 0.0, *expected], 1e-10, 1e-12)
        scaler.track_columns(columns, both, 2)
        if not math.isnan(value):
            twin.learn(value.item())
    untouched = [PERIODS[kind]] + [0.0] * (COLUMN - 1)
    assert columns[:COLUMN].tolist() == untouched


@pytest.mark.parametrize(("value", "given"), [(1e30, 5.0), (-1e30, -5.0), (1.0, 0.5)])
def test_inputs_are_bounded(value, given):
    assert scaler.standardise(value, 4.0) == given
    assert scaler.standardise(value, 0.0) == 0.0


def test_a_clock_that_steps_back_gives_an_interval_of_zero():
    columns, inputs = np.zeros(COLUMN), np.empty(2)
    columns[PERIOD] = scaler.CLOCK
    for seconds in (100.0, 160.0, 240.0):
        scaler.track_columns(columns, np.array([seconds]), 1)
    scaler.encode_columns(inputs, columns, np.array([0.0]), 1)
    assert inputs.tolist() == [-5.0, 0.0]  # mean 70, deviation 10: seven deviations, cut at five
