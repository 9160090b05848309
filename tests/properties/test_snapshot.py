"""Stopped, stored, restored: as if it had never stopped; and nothing damaged is ever restored."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlstm.bank import Bank, SnapshotError
from tests.support.lockstep.bank_lockstep import KEY, Case
from tests.support.lockstep.bank_replay import FULL, build, play, slot_bytes
from tests.support.streams.seeded import integers

SEEDS = pytest.mark.parametrize("seed", [1, 2])


def empty(case, inputs=1):
    """Make a bank that knows neither features nor streams."""
    shape = replace(build(case).shape, inputs=inputs)
    return Bank(shape, case.settings, seed=case.seed)


def taken(case, n):
    """Return a bank after ``n`` events, and its snapshot."""
    bank = build(case)
    play(bank, case.events[:n])
    return bank, bank.snapshot(KEY, n)


@pytest.mark.parametrize(
    ("cell", "layers", "stop"),
    [
        *(("lstm", 1, n) for n in (0, 1, 7, 8, 9, 39)),
        *((cell, 1, 9) for cell in ("gru", "rnn", "lstm_1997", "elstm")),
        *(("lstm", 2, n) for n in (0, 9)),
        ("gru", 3, 9),
    ],
)
@SEEDS
def test_restored_is_never_stopped(seed, cell, layers, stop):
    case = replace(FULL, seed=seed, cell=cell, layers=layers)
    bank, data = taken(case, stop)
    other = empty(case)
    header = other.restore(data)
    assert (header["stream"], header["next_offset"]) == (KEY, stop)
    assert other.features.names == bank.features.names
    assert other.features.periods == bank.features.periods
    assert other.snapshot(KEY, stop) == data
    rest = case.events[stop:]
    assert play(other, rest).tobytes() == play(bank, rest).tobytes()
    assert other.snapshot(KEY) == bank.snapshot(KEY)


@settings(max_examples=15, deadline=None)
@given(stops=st.lists(st.integers(0, 6), max_size=12))
def test_any_number_of_stops(stops):
    bank, events = build(FULL), FULL.events
    for count in stops:
        play(bank, events[:count])
        events = events[count:]
        data = bank.snapshot(KEY)
        bank = empty(FULL)
        bank.restore(data)
    play(bank, events)
    assert bank.snapshot(KEY) == taken(FULL, FULL.n)[0].snapshot(KEY)


@pytest.mark.parametrize("inputs", [1, 5, 6, 17])
@SEEDS
def test_restored_into_other_room_for_inputs(seed, inputs):
    case = replace(FULL, seed=seed)
    bank, data = taken(case, 20)
    other = empty(case, inputs)
    other.open("a stream that is there already")
    other.restore(data)
    assert other.shape.inputs == max(inputs, bank.shape.inputs)
    rest = case.events[20:]
    assert play(other, rest).tobytes() == play(bank, rest).tobytes()


@SEEDS
def test_restored_over_a_stream_that_went_on(seed):
    case = replace(FULL, seed=seed)
    bank, data = taken(case, 20)
    before = slot_bytes(bank)
    play(bank, case.events[20:])
    bank.restore(data)
    assert slot_bytes(bank) == before


@SEEDS
def test_restored_where_more_features_are_known(seed):
    """Features that came since are new to the restored model: as if they had come now."""
    case = replace(FULL, seed=seed)
    bank, data = taken(case, 20)
    other = empty(case)
    other.restore(data)
    other.add_features(["later"])
    other.restore(data)
    bank.add_features(["later"])
    rest = case.events[20:]
    rest = np.insert(rest, 5, np.arange(len(rest)), axis=1)
    assert play(other, rest).tobytes() == play(bank, rest).tobytes()


@SEEDS
def test_the_same_state_gives_the_same_bytes(seed):
    """Where a slot lies, and what else is in the bank, is not in the bytes."""
    case = replace(FULL, seed=seed)
    bank, data = taken(case, 20)
    assert bank.snapshot(KEY, 20) == data
    crowded = empty(case, inputs=bank.shape.inputs)
    for k in range(5):
        crowded.open(f"other {k}")
    crowded.restore(data)
    assert crowded.snapshot(KEY, 20) == data


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("cell", "gru", "cell was 'lstm', is 'gru'"),
        ("layers", 2, "layers was 1, is 2"),
        ("hidden", 4, "hidden was 8, is 4"),
        ("outputs", 1, "outputs was 2, is 1"),
        ("window", 9, "window was 8, is 9"),
        ("update_every", 1, "update_every was 3, is 1"),
        ("optimizer", "sgd", "optimizer was 'adam', is 'sgd'"),
        ("learning_rate", 0.5, "learning_rate was 0.02, is 0.5"),
        ("loss", "squared", "loss was 'huber', is 'squared'"),
        ("loss_limit", 1.0, "loss_limit was 5.0, is 1.0"),
        ("loss_decay", 0.0, "loss_decay was 0.5, is 0.0"),
        ("autoregressive", False, "autoregressive was True, is False"),
        ("mixture", False, "mixture was True, is False"),
        ("seed", 2, "seed was 1, is 2"),
    ],
)
def test_another_model_is_refused_and_the_difference_named(name, value, said):
    _, data = taken(FULL, 5)
    other = empty(replace(FULL, **{name: value}))
    with pytest.raises(SnapshotError, match="snapshot of another model: ") as error:
        other.restore(data)
    assert str(error.value) == f"snapshot of another model: {said}"
    assert other.slots == {}


def test_a_refused_snapshot_leaves_the_bank_as_it_was():
    _, data = taken(FULL, 5)
    other = empty(replace(FULL, seed=2))
    with pytest.raises(SnapshotError):
        other.restore(data)
    assert other.features.names == []


def test_other_features_are_refused_and_named():
    _, data = taken(FULL, 5)
    other = empty(FULL)
    other.add_features(["g0"])
    with pytest.raises(SnapshotError, match=r"features were \['f0', .*\], are \['g0'\]"):
        other.restore(data)


def flipped(data, bit):
    damaged = bytearray(data)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def header_bytes(data):
    return 8 + int.from_bytes(data[:8], "little")


def test_every_flipped_bit_of_the_header_is_refused():
    bank, data = taken(FULL, 12)
    before = slot_bytes(bank)
    for bit in range(8 * header_bytes(data)):
        with pytest.raises(SnapshotError):
            bank.restore(flipped(data, bit))
    assert slot_bytes(bank) == before


@SEEDS
def test_flipped_bits_of_the_data_are_refused(seed):
    bank, data = taken(FULL, 12)
    before, start = slot_bytes(bank), header_bytes(data)
    for bit in integers(seed, 8 * (len(data) - start), 1000):
        with pytest.raises(SnapshotError, match="damaged snapshot: its checksum does not match"):
            bank.restore(flipped(data, 8 * start + int(bit)))
    assert slot_bytes(bank) == before


@pytest.mark.parametrize("value", b'IU \t0"9')
def test_a_header_byte_replaced_is_refused_or_means_the_same(value):
    """JSON allows white space to change; nothing else may."""
    bank, data = taken(FULL, 12)
    before = slot_bytes(bank)
    for place in range(header_bytes(data)):
        damaged = data[:place] + bytes([value]) + data[place + 1 :]
        try:
            bank.restore(damaged)
        except SnapshotError:
            continue
        assert slot_bytes(bank) == before, f"byte {place} of {data[: header_bytes(data)]!r}"


@SEEDS
def test_truncated_bytes_are_refused(seed):
    bank, data = taken(FULL, 12)
    lengths = {*range(40), *integers(seed, len(data), 200).tolist(), len(data) - 1}
    for length in lengths:
        with pytest.raises(SnapshotError):
            bank.restore(data[:length])
    with pytest.raises(SnapshotError):
        bank.restore(data + b"\0")


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_other_bytes_are_refused(data):
    with pytest.raises(SnapshotError):
        empty(Case()).restore(data)


def test_a_float64_snapshot_is_no_float32_model():
    """It would be rounded, and no longer the same to the last bit."""
    bank = build(FULL, dtype=np.float64)
    with pytest.raises(SnapshotError):
        empty(FULL).restore(bank.snapshot(KEY))
