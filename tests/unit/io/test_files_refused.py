"""What cannot be saved or loaded is refused, by name; and no half of a file is ever seen."""

import json
import os
import re

import numpy as np
import pytest
from river import base, compose, preprocessing
from safetensors.numpy import load as load_pieces
from safetensors.numpy import save as save_pieces

from streamlstm import (
    Bank,
    LSTMClassifier,
    LSTMDetector,
    LSTMRegressor,
    Settings,
    Shape,
    SnapshotError,
    load,
    save,
)
from streamlstm.bank.snapshot import pack, unpack
from tests.support.streams.estimators import inside
from tests.support.streams.seeded import integers


@pytest.fixture
def path(tmp_path):
    model = LSTMRegressor(hidden_size=4, window=4)
    for n in range(12):
        model.learn_one({"load": n % 3}, n % 5)
    save(model, tmp_path / "pump.safetensors")
    return tmp_path / "pump.safetensors"


def refused(path, said, *kind):
    with pytest.raises(SnapshotError, match=f"{re.escape(str(path))}: {said}"):
        load(path, *kind)


def changed(path, header=(), pieces=()):
    """Write a file again, whole and signed, with another header or other pieces."""
    found, had = unpack(path.read_bytes())
    path.write_bytes(pack(found | dict(header), had | dict(pieces)))


def test_a_file_that_is_cut_off(path):
    data = path.read_bytes()
    for length in (0, 7, 8, 100, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        refused(path, "(not a|damaged) snapshot: ")


def test_a_file_that_is_damaged(path):
    data = path.read_bytes()
    for place in integers(1, len(data), 200).tolist():
        damaged = bytearray(data)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        refused(path, "")


@pytest.mark.parametrize("data", [b"", b"\x80\x04N.", b'{"a": 1}', save_pieces({"a": np.ones(1)})])
def test_another_kind_of_file(path, data):
    path.write_bytes(data)
    refused(path, "not a snapshot: its header cannot be read")


def test_a_format_that_is_not_known(path):
    changed(path, {"file_format": 2})
    refused(path, "file format 2; this version reads 1")


def test_a_format_of_slots_that_is_not_known(path):
    data = path.read_bytes()
    metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    header = json.loads(metadata["streamlstm"]) | {"format": 9}
    path.write_bytes(save_pieces(load_pieces(data), metadata={"streamlstm": json.dumps(header)}))
    refused(path, "snapshot format 9; this version reads 3")


def test_another_estimator(path):
    refused(path, "holds LSTMRegressor; wanted LSTMClassifier", LSTMClassifier)
    assert isinstance(load(path, base.Regressor), LSTMRegressor)


def test_an_estimator_of_another_version(path):
    changed(path, {"estimator": "LSTMOracle"})
    refused(path, "holds LSTMOracle; wanted one of LSTMClassifier, ")


def test_a_parameter_of_another_version(path):
    parameters = unpack(path.read_bytes())[0]["parameters"]
    changed(path, {"parameters": parameters | {"warmth": 3}})
    refused(path, "LSTMRegressor has no parameter warmth here")


def test_a_snapshot_of_a_stream(path):
    bank = Bank(Shape(), Settings())
    bank.open("pump 7")
    path.write_bytes(bank.snapshot("pump 7"))
    refused(path, "the file is a snapshot of a stream, not an estimator")


@pytest.mark.parametrize("name", ["intervals", "model/theta"])
def test_a_piece_of_another_shape(path, name):
    changed(path, pieces={name: np.zeros((1, 2), np.float32)})
    refused(path, f"piece '{name.removeprefix('model/')}' is float32 \\(1, 2\\) in the file, and ")


def test_what_is_not_there_is_as_open_says_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing here"):
        load(tmp_path / "nothing here")


class OwnRegressor(LSTMRegressor):
    pass


@pytest.mark.parametrize(
    "model",
    [
        OwnRegressor(),
        compose.Pipeline(preprocessing.StandardScaler(), LSTMRegressor()),
        preprocessing.StandardScaler(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_other_estimators_are_not_saved(model, tmp_path):
    with pytest.raises(TypeError, match=f"save takes one of LSTM.*; got {type(model).__name__}"):
        save(model, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_a_parameter_that_is_an_object_is_named(tmp_path):
    model = LSTMRegressor()
    model.optimizer = object()
    with pytest.raises(
        TypeError, match="parameter optimizer cannot be saved: a file holds numbers"
    ):
        save(model, tmp_path / "model")


def test_a_name_that_is_an_object_is_named(tmp_path):
    model = LSTMRegressor()
    model.learn_one({frozenset(): 1.0}, 1.0)
    with pytest.raises(TypeError, match=r"the name of a feature, .*frozenset\(\)"):
        save(model, tmp_path / "model")


def test_a_model_that_no_longer_is_what_its_parameters_say_is_not_saved(path):
    before = path.read_bytes()
    model = load(path)
    model.learning_rate = 0.5
    with pytest.raises(SnapshotError, match=r"learning_rate was 0\.003, is 0\.5"):
        save(model, path)
    assert path.read_bytes() == before


def test_numpy_parameters_are_numbers(tmp_path):
    model = LSTMDetector(warm_up=np.int64(9), false_alarm_rate=np.float32(0.25), target=None)
    save(model, tmp_path / "model")
    assert load(tmp_path / "model").warm_up == 9


def test_a_save_that_fails_leaves_the_old_file(path, monkeypatch):
    before, model = path.read_bytes(), load(path)
    model.learn_one({}, 2.0)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(model, path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_save_replaces_the_file_that_is_there(path):
    model = load(path)
    model.learn_one({}, 2.0)
    save(model, path)
    assert inside(load(path)) == inside(model)
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_names_another_class_of_river_is_refused(path):
    header, _ = unpack(path.read_bytes())
    for name in ("optim.base.Optimizer", "compose.Pipeline", "os.system"):
        changed(path, {"parameters": header["parameters"] | {"optimizer": {"river": name}}})
        refused(path, f"a file may hold optim.SGD, .*; got {re.escape(name)}")
