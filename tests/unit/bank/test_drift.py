"""The Page-Hinkley test is that of river, and its state is all there is to it."""

import numpy as np
import pytest
from river import drift

from streamlstm.bank.drift import DriftDetector
from streamlstm.estimators.shared.drift import DriftMonitor
from tests.support.streams.seeded import uniform


def errors(seed: int, kind: str) -> list[float]:
    noise = np.abs(uniform(seed, 600)) * 0.3
    shift = {"steady": 0.0, "grown": 0.6, "fallen": -0.25}[kind]
    noise[300:] = np.clip(noise[300:] + shift, 0.0, 1.0)
    return [float(e) for e in noise]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kind", ["steady", "grown", "fallen"])
@pytest.mark.parametrize("threshold", [1.0, 5.0, 50.0])
def test_it_detects_what_river_detects(seed: int, kind: str, threshold: float) -> None:
    ours = DriftDetector(threshold)
    theirs = DriftMonitor(drift.PageHinkley(threshold=threshold, mode="up"))
    stream = errors(seed, kind)
    found = [n for n, e in enumerate(stream) if ours.update(e)]
    assert found == [n for n, e in enumerate(stream) if theirs.drifted(e)]
    if kind == "grown" and threshold < 50.0:
        assert [n for n in found if 300 <= n < 340]


@pytest.mark.parametrize("cut", [0, 1, 29, 30, 310])
def test_its_state_is_all_of_it(cut: int) -> None:
    whole, first, rest = DriftDetector(3.0), DriftDetector(3.0), DriftDetector(3.0)
    stream = errors(4, "grown")
    found = [whole.update(e) for e in stream]
    assert any(found)
    assert [first.update(e) for e in stream[:cut]] == found[:cut]
    rest.state = first.state
    assert [rest.update(e) for e in stream[cut:]] == found[cut:]
