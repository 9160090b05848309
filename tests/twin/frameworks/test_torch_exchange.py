"""Weights from PyTorch and back to it: a thousand steps of its networks, stored and run.

``data/reference/make_torch_exchange.py`` made the stored values, in float64. The last test runs
PyTorch itself where it is installed; what it would find is in the stored values too. Those are of
one layer: more are held against the equations that PyTorch documents, which say the stored values.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from streamlstm import LSTMDetector, LSTMForecaster, LSTMRegressor
from streamlstm.io import export_network, export_torch, import_torch
from streamlstm.io.gate_blocks import Gates, join_gates
from streamlstm.io.torch_layout import GATES, gate_names, layout_of
from tests.support.streams.estimators import KINDS, Kind, events, inside
from tests.support.streams.networks import (
    EXACT,
    HIDDEN,
    STEPS,
    as_type,
    exchange_inputs,
    model_of,
    ran,
    torch_weights,
)
from tests.support.twins.naive_torch import documented

FILE = Path(__file__).parents[2] / "data" / "reference" / "torch_exchange.json"
REFERENCE = json.loads(FILE.read_text(encoding="utf-8"))
CELLS = pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])


def weights_of(cell):
    return {name: np.array(value) for name, value in REFERENCE[cell]["weights"].items()}


def exact(network, weights):
    """Give a network the weights in float64, which an import rounds."""
    gates, *upper = (
        join_gates(Gates(*(weights[name] for name in gate_names(layer))), layout_of(network.cell))
        for layer in range(1 + len(network.upper))
    )
    upper = np.array(upper).reshape(network.upper.shape)
    return replace(as_type(network, np.float64), gates=gates, upper=upper)


@CELLS
@pytest.mark.parametrize("dtype", EXACT, ids=lambda dtype: dtype.__name__)
def test_imported_it_says_what_pytorch_says(cell, dtype):
    model, theirs = model_of(cell), REFERENCE[cell]
    import_torch(model, weights_of(cell))
    network = export_network(model)
    if dtype is np.float64:
        network = exact(network, weights_of(cell))
    y, state = ran(network, exchange_inputs(6))
    np.testing.assert_allclose(
        y[REFERENCE["every"] - 1 :: REFERENCE["every"], 0], np.ravel(theirs["y"]), 0, EXACT[dtype]
    )
    np.testing.assert_allclose(state[0], np.ravel(theirs["h"]), 0, EXACT[dtype])
    if cell == "lstm":
        np.testing.assert_allclose(state[1], np.ravel(theirs["c"]), EXACT[dtype], EXACT[dtype])


@CELLS
def test_what_pytorch_documents_is_what_it_says(cell):
    y, h, c = documented(cell, weights_of(cell), exchange_inputs(6))
    every, theirs = REFERENCE["every"], REFERENCE[cell]
    np.testing.assert_allclose(
        y[every - 1 :: every, 0], np.ravel(theirs["y"]), 0, EXACT[np.float64]
    )
    np.testing.assert_allclose(h[0], np.ravel(theirs["h"]), 0, EXACT[np.float64])
    if cell == "lstm":
        np.testing.assert_allclose(c[0], np.ravel(theirs["c"]), 1e-10, EXACT[np.float64])


@CELLS
@pytest.mark.parametrize("dtype", EXACT, ids=lambda dtype: dtype.__name__)
def test_imported_layers_say_what_pytorch_documents(cell, dtype):
    model, weights, x = model_of(cell, layers=3), torch_weights(cell, 3), exchange_inputs(6)
    import_torch(model, weights)
    network = export_network(model)
    if dtype is np.float64:
        network = exact(network, {name: each.astype(dtype) for name, each in weights.items()})
    (y, state), (wanted, h, c) = ran(network, x), documented(cell, weights, x)
    np.testing.assert_allclose(y, wanted, 0, EXACT[dtype])
    np.testing.assert_allclose(state[::2], h, 0, EXACT[dtype])
    if cell == "lstm":
        np.testing.assert_allclose(state[1::2], c, EXACT[dtype], EXACT[dtype])
    assert np.ptp(y) > 0.1


@CELLS
@pytest.mark.parametrize("layers", [1, 3])
def test_exported_are_the_weights_that_were_imported(cell, layers):
    weights = weights_of(cell) if layers == 1 else torch_weights(cell, layers)
    model = model_of(cell, layers=layers)
    import_torch(model, weights)
    found = export_torch(model)
    for name in weights.keys() - {name for name in weights if name.startswith("bias")}:
        assert found[name].shape == weights[name].shape
        assert (found[name] == weights[name]).all(), name
    for b, d in (gate_names(layer)[2:] for layer in range(layers)):
        np.testing.assert_allclose(found[b] + found[d], weights[b] + weights[d], 1e-6, 1e-7)
        if cell == "gru":  # its last gate keeps the two apart
            np.testing.assert_allclose(found[d][-HIDDEN:], weights[d][-HIDDEN:])


OURS = [k for k in KINDS if "elstm" not in str(k)] + [Kind(LSTMForecaster, {"layers": 2})]


@pytest.mark.parametrize("kind", OURS, ids=str)
def test_imported_are_the_weights_that_were_exported(kind):
    """Of every estimator, into one that has met the same and whose weights are others."""
    stream, model, other = events(1, 40), kind.fresh(), kind.fresh()
    other.seed = 5
    other = other.clone()
    for event in stream:
        kind.learn(model, event)
        kind.learn(other, event)
    import_torch(other, export_torch(model))
    found, wanted = export_network(other), export_network(model)
    for name in ("gates", "upper", "readout", "state"):
        assert inside(getattr(found, name)) == inside(getattr(wanted, name))
    for event in stream:
        kind.learn(other, event)
    assert np.isfinite(export_network(other).gates).all()


@CELLS
def test_layers_there_and_back_forecast_the_same(cell):
    model, other = (model_of(cell, layers=3, mixture=False, seed=seed) for seed in (1, 2))
    x = {"a": 1.0, "b": 3.0}
    assert other.predict_one(x) != model.predict_one(x)
    import_torch(other, export_torch(model))
    assert other.predict_one(x) == model.predict_one(x)


def test_a_file(tmp_path):
    """What lies in it is what was exported, and any reader of safetensors sees it."""
    model, other = model_of("lstm"), model_of("lstm", seed=3)
    made = export_torch(model, tmp_path / "network")
    found = load_file(tmp_path / "network")
    assert inside(dict(sorted(found.items()))) == inside(dict(sorted(made.items())))
    with safe_open(tmp_path / "network", "numpy") as file:
        assert json.loads(file.metadata()["inputs"])[:3] == ["target", "target change", "a"]
    import_torch(other, tmp_path / "network")
    assert inside(export_network(other).gates) == inside(export_network(model).gates)


def test_names_of_a_single_cell_and_no_biases_nor_state():
    model, weights = model_of("lstm"), weights_of("lstm")
    readout = export_network(model).readout
    import_torch(model, {n: weights[f"{n}_l0"] for n in GATES[:2]})
    network = export_network(model)
    assert not network.gates[0].any()
    assert not network.state.any()
    assert (network.readout == readout).all()


def test_what_was_learnt_of_other_weights_is_forgotten():
    """The optimizer and the tape: the next step is the first of these weights."""
    model, fresh = model_of("lstm"), model_of("lstm")
    import_torch(model, export_torch(fresh))
    pieces = model._stream.bank.views("model")
    assert not pieces["moment1"].any()
    assert not pieces["tape"].any()
    before = export_network(model).gates
    model.learn_one({"a": 1.0, "b": 2.0}, 3.0)
    step = np.abs(export_network(model).gates - before).max()
    assert 0.0 < step < 2 * 0.03  # Adam's first step is as large as its rate


WRONG = {
    "weight_ih_l0": (
        np.zeros((20, 3)),
        r"weight_ih_l0 must be \(20, 6\), for 4 gates of 5 units and the inputs target, .*, "
        r"b change; got \(20, 3\)",
    ),
    "weight_hh_l0": (np.zeros((16, 4)), r"weight_hh_l0 must be \(20, 5\), for 4 gates of 5 units"),
    "bias_hh_l0": (np.zeros(5), r"bias_hh_l0 must be \(20,\), .*; got \(5,\)"),
    "readout.weight": (
        np.zeros((2, 5)),
        r"readout\.weight must be \(1, 5\), for the outputs target; got \(2, 5\)",
    ),
    "h0": (np.zeros(5), r"h0 must be \(1, 5\), a row a layer; got \(5,\)"),
    "c0": (np.full((1, 5), np.nan), "c0 must be finite in float32"),
    "bias_ih_l0": (np.full(20, 1e39), "bias_ih_l0 must be finite in float32"),
    "weight_ih_l1": (np.zeros((20, 5)), "weight_ih_l1 has no place: .* layers=1, one direction"),
    "weight_hh_l0_reverse": (np.zeros((20, 5)), "weight_hh_l0_reverse has no place"),
    "weight_hr_l0": (np.zeros((2, 5)), "weight_hr_l0 has no place"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_weight_that_does_not_fit_is_named(name):
    model, (value, said) = model_of("lstm"), WRONG[name]
    before = inside(model)
    with pytest.raises(ValueError, match=said):
        import_torch(model, weights_of("lstm") | {name: value})
    assert inside(model) == before


WRONG_LAYERS = {
    "weight_ih_l1": (
        np.zeros((20, 6)),
        r"weight_ih_l1 must be \(20, 5\), .* and the layer below; got \(20, 6\)",
    ),
    "weight_hh_l3": (np.zeros((20, 5)), "weight_hh_l3 has no place: .* layers=3, one direction"),
    "weight_ih_l1_reverse": (np.zeros((20, 5)), "weight_ih_l1_reverse has no place"),
    "h0": (np.zeros((1, 5)), r"h0 must be \(3, 5\), a row a layer; got \(1, 5\)"),
    "bias_hh_l2": (np.full(20, np.nan), "bias_hh_l2 must be finite in float32"),
    "weight_hh_l2": (None, r"weight_hh_l2 is missing; it must be \(20, 5\), for 4 gates"),
}


@pytest.mark.parametrize("name", WRONG_LAYERS)
def test_a_layer_that_does_not_fit_is_named(name):
    model, (value, said) = model_of("lstm", layers=3), WRONG_LAYERS[name]
    before, weights = inside(model), torch_weights("lstm", 3) | {name: value}
    if value is None:
        del weights[name]
    with pytest.raises(ValueError, match=said):
        import_torch(model, weights)
    assert inside(model) == before


@pytest.mark.parametrize("name", ["weight_hh_l0", "readout.bias"])
def test_a_weight_that_is_missing_is_named(name):
    weights = weights_of("lstm")
    del weights[name]
    with pytest.raises(ValueError, match=rf"{name} is missing; it must be \("):
        import_torch(model_of("lstm"), weights)


def test_no_network_to_speak_of(tmp_path):
    (tmp_path / "notes").write_text("no weights")
    with pytest.raises(ValueError, match="notes: not a safetensors file: "):
        import_torch(model_of("lstm"), tmp_path / "notes")
    for cell in ("lstm_1997", "elstm"):
        with pytest.raises(
            ValueError, match=f"PyTorch has no cell '{cell}'; it has lstm, gru, rnn"
        ):
            export_torch(LSTMRegressor(cell=cell))
    with pytest.raises(ValueError, match="LSTMDetector has no network before its first event"):
        export_torch(LSTMDetector())
    with pytest.raises(TypeError, match="dict is not an estimator of streamlstm"):
        import_torch({}, {})


@CELLS
@pytest.mark.parametrize("layers", [1, 3])
def test_pytorch_itself_runs_what_was_exported(cell, layers):
    torch = pytest.importorskip(
        "torch", reason="`pip install torch` to run what was exported in it"
    )
    model = model_of(cell, layers=layers)
    weights = {name: torch.tensor(value) for name, value in export_torch(model).items()}
    kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[cell]
    network = kind(6, HIDDEN, layers)
    network.load_state_dict({name: weights[name] for name in network.state_dict()})
    readout = torch.nn.Linear(HIDDEN, 1)
    readout.load_state_dict({n: weights[f"readout.{n}"] for n in readout.state_dict()})
    x = exchange_inputs(6).astype(np.float32)
    state = (weights["h0"], weights["c0"]) if cell == "lstm" else weights["h0"]
    with torch.no_grad():
        theirs = readout(network(torch.tensor(x), state)[0])
    y, _ = ran(export_network(model), x)
    assert y.shape == (STEPS, 1)
    np.testing.assert_allclose(theirs.numpy(), y, 0, EXACT[np.float32])
    other = model_of(cell, layers=layers, seed=4)
    import_torch(other, network.state_dict())
    for name in ("gates", "upper"):
        assert inside(getattr(export_network(other), name)) == inside(
            getattr(export_network(model), name)
        )
