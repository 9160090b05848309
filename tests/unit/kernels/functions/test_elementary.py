"""Accuracy of the elementary functions, against those of the standard library."""

import math

import numba
import numpy as np
import pytest

from streamlstm.kernels.functions.elementary import (
    exp,
    log,
    sigmoid_in_place,
    sine_cosine,
    tanh_in_place,
)

POINTS = 201 if numba.config.DISABLE_JIT else 20_001


def test_exp():
    """Within 3e-16: a unit in the last place and a half."""
    for x in np.linspace(-707.9, 708.9, POINTS).tolist():
        assert exp(x) == pytest.approx(math.exp(x), rel=3e-16, abs=0.0)
    assert exp(0.0) == 1.0


@pytest.mark.parametrize("beyond", [1e3, 1e308, math.inf])
def test_exp_is_clamped(beyond):
    assert exp(beyond) == exp(709.0)
    assert exp(-beyond) == exp(-708.0)
    assert 0.0 < exp(-beyond) < exp(beyond) < math.inf


def test_log():
    """Within 5e-16 of itself, over all normal numbers and around 1; a tenth is the reference's."""
    for power in np.linspace(-1022.0, 1023.9, POINTS).tolist():
        x = 2.0**power
        assert log(x) == pytest.approx(math.log(x), rel=5e-16, abs=0.0)
    for x in np.linspace(0.5, 2.0, POINTS).tolist():
        assert log(x) == pytest.approx(math.log(x), rel=5e-16, abs=0.0)
    assert log(1.0) == 0.0
    assert log(math.sqrt(2.0)) == pytest.approx(math.log(2.0) / 2, rel=5e-16)


def test_sine_and_cosine():
    """Within 1e-15; the reference's own argument, 2π t, is off by t · 4e-16."""
    for turns in np.linspace(-1.3, 1.3, POINTS).tolist():
        s, c = sine_cosine(turns)
        assert s == pytest.approx(math.sin(2 * math.pi * turns), rel=0.0, abs=1.5e-15)
        assert c == pytest.approx(math.cos(2 * math.pi * turns), rel=0.0, abs=1.5e-15)


@pytest.mark.parametrize("turns", [-1.0, 0.0, 1.0, 1e6])
def test_quarter_turns_are_exact(turns):
    found = [sine_cosine(turns + quarter / 4) for quarter in range(4)]
    assert found == [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)]


@pytest.mark.parametrize("turns", [1e9, -1e15, 4e16, -1e29, 1e30])
def test_a_phase_of_many_turns_stays_on_the_circle(turns):
    s, c = sine_cosine(turns)
    assert s * s + c * c == pytest.approx(1.0, rel=1e-14)


def test_tanh_in_float32():
    """Within 1e-6 of itself and never beyond ±1, where 1 − h² would turn negative."""
    x = np.linspace(-12.0, 12.0, POINTS, dtype=np.float32)
    a = x.copy()
    tanh_in_place(a)
    exact = [math.tanh(v) for v in x.tolist()]
    np.testing.assert_allclose(a, exact, rtol=1e-6, atol=0.0)
    assert np.abs(a).max() <= 1.0
    mirrored = -x
    tanh_in_place(mirrored)
    assert mirrored.tolist() == (-a).tolist()


def test_tanh_in_float64():
    """Within 4e-16, a unit of the reference's included: the proofs of gradients need it."""
    x = np.linspace(-12.0, 12.0, POINTS)
    a = x.copy()
    tanh_in_place(a)
    np.testing.assert_allclose(a, [math.tanh(v) for v in x.tolist()], rtol=0.0, atol=4e-16)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 5e-7), (np.float64, 3e-16)])
def test_sigmoid(dtype, tolerance):
    x = np.linspace(-20.0, 20.0, POINTS, dtype=dtype)
    a = x.copy()
    sigmoid_in_place(a)
    exact = [1.0 / (1.0 + math.exp(-v)) for v in x.tolist()]
    np.testing.assert_allclose(a, exact, rtol=0.0, atol=tolerance)
    assert a.min() >= 0.0
    assert a.max() <= 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", [tanh_in_place, sigmoid_in_place])
def test_gates_saturate(function, dtype):
    a = np.array([-1e30, -1e4, 1e4, 1e30], dtype)
    function(a)
    low = -1.0 if function is tanh_in_place else 0.0
    np.testing.assert_allclose(a, [low, low, 1.0, 1.0], atol=5e-7)  # tanh(8), where it is cut


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_empty_vector_is_left_alone(dtype):
    tanh_in_place(np.empty(0, dtype))
