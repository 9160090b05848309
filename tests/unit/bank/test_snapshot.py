"""The bytes themselves: what is in them, and each way they can be no snapshot."""

import json

import numpy as np
import pytest
from safetensors.numpy import load, save

from streamlstm.bank import SnapshotError
from streamlstm.bank.snapshot import model_hash, pack, unpack
from tests.support.lockstep.bank_lockstep import KEY
from tests.support.lockstep.bank_replay import FULL, build, play, slot_bytes


@pytest.fixture
def data():
    bank = build(FULL)
    play(bank, FULL.events)
    return bank.snapshot(KEY, next_offset=41)


def header_of(data):
    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["streamlstm"])


def with_header(data, header):
    return save(load(data), metadata={"streamlstm": json.dumps(header)})


def test_the_header_says_what_it_is(data):
    header = header_of(data)
    assert header["format"] == 3
    assert (header["stream"], header["next_offset"]) == (KEY, 41)
    assert header["features"] == ["f0", "f1", "time@hour", "time@interval", "time@weekday"]
    assert header["model_hash"] == model_hash(header["model"])
    assert header["model"]["hidden"] == FULL.hidden


def test_any_safetensors_reader_opens_it(data):
    pieces = load(data)
    assert pieces["theta"].dtype == np.float32
    assert pieces["scalars"].dtype == np.float64
    assert all(np.isfinite(piece).all() for name, piece in pieces.items() if name != "targets")


@pytest.mark.parametrize(
    "bytes_",
    [
        b"",
        b"{}",
        (2**63).to_bytes(8, "little"),
        (2).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"null",
        (2).to_bytes(8, "little") + b"\xff\xff",
        (1 << 21).to_bytes(8, "little") + b" " * (1 << 21),
        save({"a": np.zeros(1)}),
        save({"a": np.zeros(1)}, metadata={"streamlstm": "[1]"}),
        save({"a": np.zeros(1)}, metadata={"streamlstm": '{"checksum": 1}'}),
    ],
    ids=range(11),
)
def test_what_has_no_header_is_no_snapshot(bytes_):
    with pytest.raises(SnapshotError, match="not a snapshot: its header cannot be read"):
        unpack(bytes_)


def test_another_format_is_named(data):
    header = header_of(data) | {"format": 4}
    with pytest.raises(SnapshotError, match="snapshot format 4; this version reads 3"):
        unpack(with_header(data, header))


def test_a_changed_header_is_damage(data):
    header = header_of(data) | {"next_offset": 42}
    with pytest.raises(SnapshotError, match="damaged snapshot: its checksum does not match"):
        unpack(with_header(data, header))


def test_missing_data_is_damage(data):
    with pytest.raises(SnapshotError, match="damaged snapshot: "):
        unpack(data[:-1])


def test_a_missing_or_renamed_piece_is_damage(data):
    header = json.dumps(header_of(data))
    pieces = load(data)
    theta = pieces.pop("theta")
    with pytest.raises(SnapshotError, match="checksum"):
        unpack(save(pieces, metadata={"streamlstm": header}))
    with pytest.raises(SnapshotError, match="checksum"):
        unpack(save(pieces | {"thetb": theta}, metadata={"streamlstm": header}))


@pytest.mark.parametrize("change", [{"seed": 8}, {"hidden": 9}, {"cell": "gru"}])
def test_the_models_hash_changes_with_the_model(change):
    model = {"cell": "lstm", "hidden": 8, "seed": 7}
    assert model_hash(model) != model_hash(model | change)
    assert model_hash(model) == model_hash(dict(reversed(model.items())))


def test_pieces_come_back_as_they_were():
    pieces = {"a": np.array([[np.nan, -0.0], [np.inf, 5e-324]]), "b": np.ones(3, np.float32)[::2]}
    _, found = unpack(pack({}, pieces))
    assert {k: v.tobytes() for k, v in found.items()} == {k: v.tobytes() for k, v in pieces.items()}


def test_a_header_that_could_not_be_read_is_not_written():
    with pytest.raises(SnapshotError, match="the feature names take more than 16777216"):
        pack({"features": ["f" * (1 << 24)]}, {})


@pytest.mark.parametrize("name", ["targets", "theta", "tape", "scalars"])
def test_a_piece_of_another_size_is_refused(name: str) -> None:
    bank = build(FULL)
    play(bank, FULL.events)
    header, pieces = unpack(bank.snapshot(KEY))
    pieces[name] = np.concatenate([pieces[name], pieces[name]], axis=-1)
    other = build(FULL)
    before = slot_bytes(other)
    with pytest.raises(SnapshotError, match=f"piece '{name}' was"):
        other.restore(pack(header, pieces))
    assert slot_bytes(other) == before
