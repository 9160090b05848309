"""What is seen inside a model, drawn: the picture shows the very numbers, and the model stays."""

import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt

from streamlstm import (
    Bank,
    LSTMClassifier,
    LSTMDetector,
    LSTMForecaster,
    LSTMMultiTargetRegressor,
    LSTMRegressor,
    Settings,
    Shape,
)
from streamlstm.inspection import (
    gates,
    plot_experts,
    plot_explanation,
    plot_gates,
    plot_memory,
    reach,
)
from streamlstm.kernels.cells import CELLS
from tests.support.streams.events import feature_stream, small

EVENTS = feature_stream(events=8)
NEXT = {"a": 0.5, "b": -1.0, "on": 1}
HIDDEN, WINDOW = 4, 4
SMALL = {"hidden_size": HIDDEN, "window": WINDOW}


@pytest.fixture(autouse=True)
def _figures() -> Iterator[None]:
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def regressor(cell: str = "lstm", events: int = len(EVENTS)) -> LSTMRegressor:
    model = small(cell=cell)
    for x, y in EVENTS[:events]:
        model.learn_one(x, y)
    return model


def forecaster() -> LSTMForecaster:
    model = LSTMForecaster(**SMALL, interval_horizon=2)
    for x, y in EVENTS:
        model.learn_one(y, x)
    return model


def several() -> LSTMMultiTargetRegressor:
    model = LSTMMultiTargetRegressor(**SMALL)
    for x, y in EVENTS:
        model.learn_one(x, {"up": y, "down": -y})
    return model


def classifier() -> LSTMClassifier:
    model = LSTMClassifier(**SMALL)
    for n, (x, _) in enumerate(EVENTS):
        model.learn_one(x, n % 3)
    return model


def detector() -> LSTMDetector:
    model = LSTMDetector(**SMALL)
    for n in range(8):
        model.learn_one({"a": float(n % 3)})
    return model


@pytest.mark.parametrize("make", [regressor, forecaster, several, classifier, detector])
def test_every_estimator_can_be_looked_into_and_stays_as_it_was(make: Callable[[], Any]) -> None:
    model = make()
    before = pickle.dumps(model)
    seen, felt = gates(model), reach(model)
    for values in seen.values():
        values[...] = 0.0  # a copy: the model's own memory is out of reach
    assert {values.shape for values in seen.values()} == {(WINDOW, HIDDEN)}
    assert felt.shape == (1 + WINDOW,)
    assert np.all(felt > 0.0)
    assert pickle.dumps(model) == before


@pytest.mark.parametrize("cell", CELLS)
def test_gates_open_and_close_and_new_values_are_bounded(cell: str) -> None:
    for name, values in gates(regressor(cell)).items():
        if name in ("input", "forget", "output", "reset", "update"):
            assert np.all((values > 0.0) & (values < 1.0))
        elif name != "cell":
            assert np.all(np.abs(values) < 1.0)


@pytest.mark.parametrize("events", [0, 1, WINDOW - 1])
def test_a_young_model_shows_what_there_is(events: int) -> None:
    model = regressor(events=events)
    assert gates(model)["hidden"].shape == (events, HIDDEN)
    assert reach(model).shape == (1 + events,)


def test_what_has_no_network_is_refused() -> None:
    with pytest.raises(TypeError, match="or a Bank; got str"):
        gates("model")
    with pytest.raises(ValueError, match="LSTMDetector has no network before its first event"):
        gates(LSTMDetector())
    with pytest.raises(ValueError, match=r"none of the experts .*logistic.* has a network"):
        gates(LSTMClassifier(experts=["logistic"]))


def test_a_stream_of_a_bank_is_named() -> None:
    with pytest.raises(ValueError, match="key must name a stream of the bank"):
        gates(Bank(Shape(), Settings()))


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (2, "layer must be at most 1, the highest; got 2"),
        (-1, "layer must be at least 0; got -1"),
        (True, "layer must be a whole number; got True"),
        ("top", "layer must be a whole number; got 'top'"),
    ],
)
def test_a_layer_that_is_not_there_is_refused(layer: Any, words: str) -> None:
    for look in (gates, plot_gates):
        with pytest.raises(ValueError, match=words):
            look(small(layers=2), layer=layer)


@pytest.mark.parametrize("cell", CELLS)
def test_gates_are_drawn_unit_by_event(cell: str) -> None:
    model = regressor(cell)
    figure, seen = plot_gates(model), gates(model)
    panels = [axes for axes in figure.axes if axes.get_title(loc="left")]
    assert [axes.get_title(loc="left") for axes in panels] == list(seen)
    for axes, values in zip(panels, seen.values(), strict=True):
        assert np.array_equal(axes.images[0].get_array(), values.T)
        assert axes.images[0].get_extent()[:2] == [0.5 - len(values), 0.5]
        assert len(values) == (1 if cell == "elstm" else WINDOW)
        assert axes.get_ylabel() == "unit"
    assert panels[-1].get_xlabel() == "event, 0 the newest"
    figure.canvas.draw()


def test_some_gates_are_drawn_where_one_wants_them() -> None:
    figure, panels = plt.subplots(2)
    assert plot_gates(regressor(), ["forget", "cell"], axes=panels) is figure
    assert [axes.get_title(loc="left") for axes in panels] == ["forget", "cell"]


def test_a_layer_above_is_named_where_it_is_drawn() -> None:
    model = small(layers=2)
    for x, y in EVENTS:
        model.learn_one(x, y)
    for layer, title in enumerate(("forget", "forget, layer 1")):
        panel = plot_gates(model, ["forget"], layer=layer).axes[0]
        assert panel.get_title(loc="left") == title
        drawn = panel.images[0].get_array()
        assert np.array_equal(drawn, gates(model, layer=layer)["forget"].T)
    assert np.array_equal(plot_memory(model).lines[0].get_ydata(), reach(model))


def test_a_gate_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="no gate 'forget'; it has reset, update, cand"):
        plot_gates(regressor("gru"), ["forget"])


def test_reach_is_drawn_for_each_model() -> None:
    models = {"ours": regressor(), "plain": regressor("rnn")}
    axes = plot_memory(models)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(models)
    for line, model in zip(axes.lines, models.values(), strict=True):
        assert np.array_equal(line.get_ydata(), reach(model))
        assert np.array_equal(line.get_xdata(), np.arange(1 + WINDOW))
    assert axes.get_yscale() == "log"
    assert "lag" in axes.get_xlabel()
    assert "gradient" in axes.get_ylabel()
    axes.figure.canvas.draw()


def test_one_model_alone_is_named_by_its_cell() -> None:
    legend = plot_memory(regressor("gru")).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["gru"]


def test_bars_lead_from_the_past_to_the_forecast() -> None:
    why = regressor().explain_one(NEXT)
    axes = plot_explanation(why)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert (names[0], names[-1]) == ("the past", "forecast")
    widths = [bar.get_width() for bar in axes.patches]
    assert dict(zip(names[1:-1], widths, strict=True)) == pytest.approx(why.features)
    starts = [bar.get_x() for bar in axes.patches]
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert [why.baseline, *ends] == pytest.approx([*starts, why.forecast])
    assert sorted(map(abs, widths), reverse=True) == pytest.approx(list(map(abs, widths)))
    assert [line.get_xdata()[0] for line in axes.lines[::2]] == [why.baseline, why.forecast]
    axes.figure.canvas.draw()


def test_dots_stand_where_experts_do() -> None:
    why = regressor().explain_one(NEXT)
    axes = plot_experts(why)
    said = [e for e in why.experts.values() if e.weight > 0.0]
    dots = axes.collections[0]
    assert sorted(dots.get_offsets()[:, 0]) == sorted(e.forecast for e in said)
    assert list(dots.get_sizes()) == sorted(dots.get_sizes(), reverse=True)
    assert axes.lines[0].get_xdata() == [why.forecast] * 2
    largest = max(why.experts, key=lambda name: why.experts[name].weight)
    assert axes.get_yticklabels()[0].get_text().startswith(largest)
    axes.figure.canvas.draw()


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'streamlstm\[plot\]'"):
        plot_memory({"model": regressor()})
