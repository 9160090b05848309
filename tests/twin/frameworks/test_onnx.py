"""The exported graph, run by others over a thousand steps, says what our kernels say.

onnxruntime has these cells in float32 alone ("LSTM operator does not support double yet"); in
float64 the evaluator of the onnx package runs them, which is written in NumPy from the standard.
"""

import json
import sys
from datetime import UTC, datetime

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.reference import ReferenceEvaluator

from streamlstm import LSTMClassifier, LSTMDetector, LSTMMultiTargetRegressor, LSTMRegressor
from streamlstm.io import export_network, export_onnx, import_torch
from streamlstm.io.onnx_graph import onnx_model
from tests.support.streams.networks import (
    EXACT,
    STEPS,
    as_type,
    exchange_inputs,
    inputs_of,
    model_of,
    ran,
    torch_weights,
)

CELLS = pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
LAYERS = pytest.mark.parametrize("layers", [1, 3])


def session(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # it remarks that h and c are inputs and have a value
    made = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda **inputs: dict(
        zip([output.name for output in made.get_outputs()], made.run(None, inputs), strict=True)
    )


@CELLS
@LAYERS
def test_onnxruntime_over_a_thousand_steps(cell, layers):
    model = model_of(cell, layers=layers)
    network, x = export_network(model), exchange_inputs(6).astype(np.float32)
    made = export_onnx(model)
    onnx.checker.check_model(made, full_check=True)
    theirs = session(made)(x=x[:, None])
    y, state = ran(network, x)
    assert theirs["y"].shape == (STEPS, 1, 1)
    np.testing.assert_allclose(theirs["y"][:, 0], y, 0, EXACT[np.float32])
    np.testing.assert_allclose(theirs["h_next"][:, 0], state[::2], 0, EXACT[np.float32])
    if cell == "lstm":
        np.testing.assert_allclose(theirs["c_next"][:, 0], state[1::2], 1e-5, EXACT[np.float32])
    assert np.ptp(y) > 0.01


@CELLS
def test_a_thousand_events_of_the_model_itself(cell):
    """Three layers as the model runs them, from its features, while no weight moves."""
    model = model_of(cell, layers=3, mixture=False, update_every=2 * STEPS)
    import_torch(model, torch_weights(cell, 3))
    run, x, y = session(export_onnx(model)), [], []
    for a, b, target in exchange_inputs(3):
        network, forecast = export_network(model), model.predict_one({"a": a, "b": b})
        y.append((forecast - network.output_offset) / network.output_scale)
        model.learn_one({"a": a, "b": b}, target)
        x.append(inputs_of(model))
    theirs, network = run(x=np.array(x)[:, None]), export_network(model)
    np.testing.assert_allclose(theirs["y"][:, 0], y, 0, EXACT[np.float32])
    np.testing.assert_allclose(theirs["h_next"][:, 0], network.state[::2], 0, EXACT[np.float32])
    assert np.ptp(y) > 0.1


@CELLS
@LAYERS
def test_the_standard_in_float64_over_a_thousand_steps(cell, layers):
    network = as_type(export_network(model_of(cell, layers=layers)), np.float64)
    made, x = onnx_model(network), exchange_inputs(6)
    given = {name: network.state[k::2, None] for k, name in enumerate("hc")}
    given = {name: given[name] for name in [item.name for item in made.graph.input][1:]}
    theirs = ReferenceEvaluator(made).run(["y", "h_next"], {"x": x[:, None], **given})
    y, state = ran(network, x)
    assert theirs[0].dtype == np.float64
    np.testing.assert_allclose(theirs[0][:, 0], y, 0, EXACT[np.float64])
    np.testing.assert_allclose(theirs[1][:, 0], state[::2], 0, EXACT[np.float64])


@CELLS
@LAYERS
def test_a_given_state_and_a_batch(cell, layers):
    """Steps one by one from a state that is handed on; several streams side by side."""
    run = session(export_onnx(model_of(cell, layers=layers)))
    x = exchange_inputs(6).astype(np.float32)[:4]
    whole = run(x=x[:, None])
    first = run(x=x[:2, None])
    state = {name.removesuffix("_next"): value for name, value in first.items() if name != "y"}
    second = run(x=x[2:, None], **state)
    np.testing.assert_allclose(second["y"], whole["y"][2:], 0, 1e-6)
    batch = {name: np.repeat(value, 3, axis=1) for name, value in state.items()}
    second = run(x=np.repeat(x[2:, None], 3, axis=1), **batch)
    assert second["y"].shape == (2, 3, 1)
    np.testing.assert_allclose(second["y"][:, 2], whole["y"][2:, 0], 0, 1e-6)


@CELLS
@pytest.mark.parametrize("autoregressive", [True, False])
def test_it_forecasts_what_the_model_does(cell, autoregressive):
    """From raw features alone, by the metadata: the network is the whole forecast here."""
    model = model_of(cell, mixture=False, autoregressive=autoregressive)
    model.learn_one({"a": 2.0, "b": 1.5}, 4.0)
    model.learn_one({"b": 3.5}, 6.0)
    made = export_onnx(model)
    told = {item.key: json.loads(item.value) for item in made.metadata_props}
    raw = {"target": 6.0, "target change": 2.0, "a": 1.0, "a change": -1.0, "b": 3.0}
    raw |= {"b change": -0.5}
    raw = np.array([raw[name] for name in told["input_names"]])
    x = np.clip((raw - told["input_offset"]) * told["input_scale"], -5.0, 5.0)
    y = session(made)(x=x.astype(np.float32)[None, None])["y"][0, 0]
    forecast = told["output_offset"] + told["output_scale"] * np.clip(y, -10.0, 10.0)
    assert forecast[0] == pytest.approx(model.predict_one({"a": 1.0, "b": 3.0}), abs=1e-4)
    assert told["output_names"] == ["target"]


def test_every_estimator_names_its_inputs_and_outputs(tmp_path):
    time, x = datetime(2026, 1, 1, tzinfo=UTC), {"load": 2.0}
    several, classes = LSTMMultiTargetRegressor(hidden_size=4), LSTMClassifier(hidden_size=4)
    watched = LSTMDetector(hidden_size=4, target="flow")
    several.learn_one(x, {"level": 1.0, 7: 2.0})
    for label in ("wet", "dry"):
        classes.learn_one(x, label)
    watched.learn_one({"flow": 1.0, "t": time})
    clock = ("t@hour sine", "t@hour cosine", "t@interval", "t@interval change")
    clock += ("t@weekday sine", "t@weekday cosine")
    said = {
        several: (("@int 7", "level"), ("@int 7", "@int 7 change", "level", "level change")),
        classes: (("wet", "dry"), ("wet last", "wet before", "dry last", "dry before")),
        watched: (("flow",), ("flow", "flow change", *clock)),
    }
    for model, (outputs, inputs) in said.items():
        network = export_network(model)
        assert network.output_names == outputs
        assert network.input_names == inputs + (() if model is watched else ("load", "load change"))
        export_onnx(model, tmp_path / "network.onnx")
        made = onnx.load(tmp_path / "network.onnx")
        result = session(made)(x=np.zeros((1, 1, len(network.input_names)), np.float32))
        assert result["y"].shape == (1, 1, len(outputs))


@pytest.mark.parametrize("cell", ["lstm_1997", "elstm"])
def test_a_cell_that_onnx_lacks_is_refused(cell):
    with pytest.raises(ValueError, match=f"ONNX has no cell '{cell}'; it has lstm, gru, rnn"):
        export_onnx(LSTMRegressor(cell=cell))


def test_onnx_is_an_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError, match=r"install streamlstm\[onnx\]"):
        export_onnx(LSTMRegressor())
