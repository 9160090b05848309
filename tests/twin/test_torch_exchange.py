"""Weights from PyTorch and back to it: a thousand steps of its networks, stored and run.

``tests/reference/make_torch_exchange.py`` made the stored values, in float64. The last test runs
PyTorch itself where it is installed; what it would find is in the stored values too.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from estimators import KINDS, events, inside
from exchange import EXACT, HIDDEN, STEPS, as_type, exchange_inputs, model_of, ran
from streamlstm import LSTMDetector, LSTMRegressor
from streamlstm.exchange import export_network, export_torch, import_torch
from streamlstm.exchange.blocks import Gates, join_gates
from streamlstm.exchange.torch_layout import GATES, layout_of

FILE = Path(__file__).parents[1] / "reference" / "torch_exchange.json"
REFERENCE = json.loads(FILE.read_text(encoding="utf-8"))
CELLS = pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])


def weights_of(cell):
    return {name: np.array(value) for name, value in REFERENCE[cell]["weights"].items()}


def exact(network, weights):
    """Give a network the weights in float64, which an import rounds."""
    gates = join_gates(Gates(*(weights[name] for name in GATES)), layout_of(network.cell))
    return replace(as_type(network, np.float64), gates=gates)


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
def test_exported_are_the_weights_that_were_imported(cell):
    model, weights = model_of(cell), weights_of(cell)
    import_torch(model, weights)
    found = export_torch(model)
    for name in weights.keys() - {"bias_ih_l0", "bias_hh_l0"}:
        assert found[name].shape == weights[name].shape
        assert (found[name] == weights[name]).all(), name
    sums = (each["bias_ih_l0"] + each["bias_hh_l0"] for each in (found, weights))
    np.testing.assert_allclose(*sums, 1e-6, 1e-7)
    if cell == "gru":  # its last gate keeps the two apart
        np.testing.assert_allclose(found["bias_hh_l0"][-HIDDEN:], weights["bias_hh_l0"][-HIDDEN:])


@pytest.mark.parametrize("kind", [k for k in KINDS if "elstm" not in str(k)], ids=str)
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
    for name in ("gates", "readout", "state"):
        assert inside(getattr(found, name)) == inside(getattr(wanted, name))
    for event in stream:
        kind.learn(other, event)
    assert np.isfinite(export_network(other).gates).all()


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
    import_torch(model, {n.removesuffix("_l0"): weights[n] for n in GATES[:2]})
    network = export_network(model)
    assert not network.gates[0].any()
    assert not network.state.any()
    assert (network.readout == readout).all()


def test_what_was_learnt_of_other_weights_is_forgotten():
    """The optimizer and the tape: the next step is the first of these weights."""
    model, fresh = model_of("lstm"), model_of("lstm")
    import_torch(model, export_torch(fresh))
    pieces = model._bank.views("model")
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
    "h0": (np.zeros(5), r"h0 must be \(1, 5\), a layer; got \(5,\)"),
    "c0": (np.full((1, 5), np.nan), "c0 must be finite in float32"),
    "bias_ih_l0": (np.full(20, 1e39), "bias_ih_l0 must be finite in float32"),
    "weight_ih_l1": (np.zeros((20, 5)), "weight_ih_l1 has no place: .* one layer and one direct"),
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


@pytest.mark.parametrize("name", ["weight_hh_l0", "readout.bias"])
def test_a_weight_that_is_missing_is_named(name):
    weights = weights_of("lstm")
    del weights[name]
    with pytest.raises(ValueError, match=rf"{name} is missing; it must be \("):
        import_torch(model_of("lstm"), weights)


def test_no_network_to_speak_of(tmp_path):
    (tmp_path / "notes").write_text("no weights")
    with pytest.raises(ValueError, match="notes: no safetensors file: "):
        import_torch(model_of("lstm"), tmp_path / "notes")
    for cell in ("lstm_1997", "elstm"):
        with pytest.raises(
            ValueError, match=f"PyTorch has no cell '{cell}'; it has lstm, gru, rnn"
        ):
            export_torch(LSTMRegressor(cell=cell))
    with pytest.raises(ValueError, match="LSTMDetector has no network before its first event"):
        export_torch(LSTMDetector())
    with pytest.raises(TypeError, match="dict is no estimator of streamlstm"):
        import_torch({}, {})


@CELLS
def test_pytorch_itself_runs_what_was_exported(cell):
    torch = pytest.importorskip(
        "torch", reason="`pip install torch` to run what was exported in it"
    )
    model = model_of(cell)
    weights = {name: torch.tensor(value) for name, value in export_torch(model).items()}
    network = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[cell](6, HIDDEN)
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
    other = model_of(cell, seed=4)
    import_torch(other, network.state_dict())
    assert inside(export_network(other).gates) == inside(export_network(model).gates)
