"""The bank's own business: streams, features, weights, pickles, and what it refuses."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from streamlstm.bank import Bank, Detection, Settings, Shape, SnapshotError
from streamlstm.bank.feature_index import FeatureIndex, FeatureLimitError
from streamlstm.bank.slots.arena import ALIGNMENT_BYTES, aligned_zeros
from streamlstm.bank.slots.initial_weights import gate_rows, uniform
from streamlstm.bank.slots.pieces import gate_weights, upper_weights
from streamlstm.bank.slots.store import BankFullError
from streamlstm.kernels.layout import EXPERTS
from tests.support.lockstep.bank_lockstep import KEY, Case
from tests.support.lockstep.bank_replay import FULL, build, play


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ({"window": 0}, "window must be at least 1; got 0"),
        ({"update_every": -1}, "update_every must be at least 1; got -1"),
        ({"learning_rate": -0.1}, "learning_rate must be 0 or more; got -0.1"),
        ({"learning_rate": np.inf}, "learning_rate must be 0 or more; got inf"),
        ({"clip_norm": np.nan}, "clip_norm must be 0 or more; got nan"),
        ({"learning_rate_decay": -0.1}, "learning_rate_decay must be 0 or more; got -0.1"),
        ({"loss_limit": 0.0}, r"loss_limit must be above 0; got 0\.0"),
        ({"loss_decay": 1.1}, r"loss_decay must be between 0 and 1; got 1\.1"),
        ({"optimizer": "adm"}, "optimizer must be one of sgd, rmsprop, adam; got 'adm'"),
        ({"loss": "mse"}, "loss must be one of squared, huber, absolute; got 'mse'"),
    ],
)
def test_settings_out_of_range_are_refused(refused, said):
    with pytest.raises(ValueError, match=said):
        Settings(**refused)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        (
            {"cell": "transformer"},
            "cell must be one of lstm, gru, rnn, lstm_1997, elstm; got 'transformer'",
        ),
        ({"layers": 0}, "layers must be at least 1; got 0"),
        ({"layers": 1.5}, "layers must be a whole number; got 1.5"),
        ({"cell": "elstm", "layers": 2}, "layers must be 1 where cell is 'elstm'; got 2"),
        ({"inputs": 0}, "inputs must be at least 1; got 0"),
        ({"hidden": 0}, "hidden must be at least 1; got 0"),
        ({"outputs": -1}, "outputs must be at least 1; got -1"),
    ],
)
def test_shapes_that_are_not_offered_are_refused(refused, said):
    with pytest.raises(ValueError, match=said):
        Shape(**refused)


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ({"false_alarm_rate": 0.0}, "false_alarm_rate must be between 0 and 1"),
        ({"false_alarm_rate": 1.0}, "false_alarm_rate must be between 0 and 1"),
        ({"resolve_after": 0}, "resolve_after must be at least 1; got 0"),
        ({"cooldown": -1}, "cooldown must be at least 0; got -1"),
    ],
)
def test_detection_out_of_range_is_refused(refused, said):
    with pytest.raises(ValueError, match=said):
        Detection(**refused)


def test_a_fresh_stream_is_what_the_papers_say():
    """Forget bias 1, the other biases 0; a readout of 0; the rest within ±1/√H, none of it 0."""
    bank = build(Case(hidden=4, outputs=2, columns=3))
    views = bank.views(KEY)
    gates = gate_weights(views["theta"], bank.shape)
    assert gates[0].tolist() == [0.0] * 4 + [1.0] * 4 + [0.0] * 8
    assert not views["theta"][:10].any()
    used = gates[1 : 1 + 4 + 4 + 6]
    assert 0.0 < np.abs(used).min() < np.abs(used).max() < 0.5
    assert len(np.unique(used)) == used.size
    assert not gates[1 + used.shape[0] :].any()
    assert not views["state"].any()


@pytest.mark.parametrize(
    ("cell", "keeps"), [("gru", 2), ("rnn", None), ("lstm_1997", None), ("elstm", 0)]
)
def test_another_cell_begins_with_a_bias_where_it_keeps(cell, keeps):
    """The GRU's q has no weights on inputs, its n none on h; all others are there."""
    bank = build(Case(hidden=4, outputs=2, columns=3, cell=cell))
    rows = 1 + bank.shape.recurrent + 4 + 6
    gates = gate_weights(bank.views(KEY)["theta"], bank.shape)
    blocks = gates[:rows].reshape(rows, -1, 4)
    biases = [float(block == keeps) for block in range(blocks.shape[1])]
    assert blocks[0].tolist() == [[bias] * 4 for bias in biases]
    absent = np.zeros(blocks.shape, bool)
    if cell == "gru":
        absent[1:5, 3], absent[5:, 0] = True, True
    assert not blocks[absent].any()
    assert not gates[rows:].any()
    assert blocks[1:][~absent[1:]].all()


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_layers_begin_as_the_first_does_and_leave_it_alone(cell):
    case = Case(hidden=4, outputs=2, columns=3, cell=cell)
    one, three = build(case), build(replace(case, layers=3))
    first = [gate_weights(bank.views(KEY)["theta"], bank.shape) for bank in (one, three)]
    assert first[0].tobytes() == first[1].tobytes()
    above = upper_weights(three.views(KEY)["theta"], three.shape)
    assert above[:, 0].tolist() == 2 * [first[0][0].tolist()]
    blocks = above[:, 1:].reshape(2, 8, 4, 4)
    absent = np.zeros(blocks.shape, bool)
    if cell == "gru":
        absent[:, :4, 3], absent[:, 4:, 0] = True, True
    assert not blocks[absent].any()
    drawn = blocks[~absent]
    assert 0.0 < np.abs(drawn).min() < np.abs(drawn).max() < 0.5
    assert len(np.unique(np.abs(drawn))) == drawn.size  # no two layers, no two rows alike


def test_first_weights_spread_evenly():
    weights = gate_rows("0/a", "hidden", 100, Shape(hidden=25))
    assert abs(weights.mean()) < 0.003
    assert weights.std() == pytest.approx(0.2 / np.sqrt(3), rel=0.02)
    assert uniform("1", "a", 2).tolist() != uniform("1", "b", 2).tolist()
    assert uniform("1", "a", 2).tolist() != uniform("2", "a", 2).tolist()


def test_first_weights_never_change():
    """A journal is replayed from them: these are the numbers of the first release."""
    assert uniform("0/pump", "hidden", 2).tolist() == [0.5829500179177927, 0.7402294281591124]


def test_streams_are_opened_once_and_start_apart():
    bank = Bank(Shape(), Settings())
    slots = [bank.open(key) for key in ("a", "b", "c", "a")]
    assert slots == [0, 1, 2, 0]
    assert (bank.views("a")["theta"] != bank.views("b")["theta"]).any()
    assert bank.accepted("a") == 0


def test_a_bank_without_room_for_features_says_so():
    bank = Bank(Shape(inputs=1), Settings(), features_max=3)
    bank.add_features(["a", "b"])
    with pytest.raises(FeatureLimitError, match=r"4 feature columns exceed .* 'c', 'd'"):
        bank.add_features(["d", "c", "a"])
    assert bank.features.names == ["a", "b"]
    bank.add_features(["c"])
    assert bank.shape.inputs == 3


def test_a_clock_that_does_not_fit_leaves_no_part_of_it():
    index = FeatureIndex(features_max=4)
    index.add(["a", "b"])
    with pytest.raises(FeatureLimitError):
        index.add(["c"], clocks=["time"])
    assert index.names == ["a", "b"]


def test_known_features_cost_nothing():
    bank = build(FULL)
    before = bank.store.singles
    bank.add_features(["f1", "f0"], clocks=["time"])
    assert bank.store.singles is before


@pytest.mark.parametrize("clock", [False, True])
@pytest.mark.parametrize("mixture", [False, True])
@pytest.mark.parametrize("autoregressive", [False, True])
def test_expert_weights_sum_to_one_and_sleep_where_they_should(autoregressive, mixture, clock):
    case = Case(autoregressive=autoregressive, mixture=mixture, clock=clock, n=20)
    bank = build(case)
    play(bank, case.events)
    weights = bank.expert_weights(KEY)
    assert list(weights) == list(EXPERTS)
    assert sum(weights.values()) == pytest.approx(1.0)
    awake = {"lstm"}
    if mixture:
        awake |= {"persistence", "memory"}
        awake |= {"linear_1", "periodic"} if autoregressive else set()
        awake |= {"seasonal"} if clock else set()
        awake |= {"linear_features"} if case.columns or clock else set()
    assert {name for name, weight in weights.items() if weight > 0.0} == awake


def test_a_pickle_is_the_same_bank_on_cache_lines_again():
    bank, events = build(FULL), FULL.events
    play(bank, events[:20])
    again = pickle.loads(pickle.dumps(bank))
    assert again.store.singles.ctypes.data % ALIGNMENT_BYTES == 0
    assert play(again, events[20:]).tobytes() == play(bank, events[20:]).tobytes()
    assert again.snapshot(KEY) == bank.snapshot(KEY)


@pytest.mark.parametrize("inputs", [1, 9])
def test_a_snapshot_comes_back_where_nothing_is_known(inputs):
    bank, events = build(FULL), FULL.events
    play(bank, events[:20])
    other = Bank(replace(bank.shape, inputs=inputs), FULL.settings, seed=FULL.seed)
    header = other.restore(bank.snapshot(KEY, next_offset=20))
    assert (header["stream"], header["next_offset"]) == (KEY, 20)
    assert other.features.names == bank.features.names
    assert play(other, events[20:]).tobytes() == play(bank, events[20:]).tobytes()


def test_a_snapshot_of_another_model_says_all_that_differs():
    other = Bank(Shape(hidden=4, outputs=2), FULL.settings, seed=8)
    other.add_features(["x"])
    said = r"another model: hidden was 8, is 4; seed was 1, is 8; features were .* are \['x'\]"
    with pytest.raises(SnapshotError, match=said):
        other.restore(build(FULL).snapshot(KEY))


def test_a_full_bank_says_so():
    bank = Bank(Shape(), Settings(), slots_max=3)
    for key in "abc":
        bank.open(key)
    with pytest.raises(BankFullError, match="all 3 slots are in use; forget a stream first"):
        bank.open("d")
    bank.forget("b")
    assert bank.open("d") == 1
    assert len(bank.store.singles) == 3


def test_a_bank_without_detection_does_not_judge():
    bank = build(Case())
    with pytest.raises(ValueError, match="this bank does not score events"):
        bank.detect([0], [[1.0, 2.0]], learn=True)


def test_an_empty_batch_is_nothing():
    bank = build(Case())
    before = bank.snapshot(KEY)
    assert bank.learn([], np.empty((0, 2))).shape == (0, 2)
    assert bank.forecast([], np.empty((0, 2))).shape == (0, 1)
    assert bank.snapshot(KEY) == before


@pytest.mark.parametrize("rows", [1, 2, 7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arenas_start_on_cache_lines(rows, dtype):
    arena = aligned_zeros(rows, 16, dtype)
    assert arena.shape == (rows, 16)
    assert arena.dtype == dtype
    assert arena.ctypes.data % ALIGNMENT_BYTES == 0
    assert not arena.any()


def test_a_snapshot_comes_back_where_more_features_are_known():
    bank, events = build(FULL), FULL.events
    play(bank, events[:20])
    data = bank.snapshot(KEY)
    bank.add_features(["later"])
    other = Bank(bank.shape, FULL.settings, seed=FULL.seed)
    other.add_features(["f0", "f1"], ["time"])
    other.add_features(["later"])
    other.restore(data)
    assert other.snapshot(KEY) == bank.snapshot(KEY)


def test_the_size_of_a_slot_is_what_the_arenas_hold():
    bank = build(Case())
    assert bank.store.arena_bytes == bank.slot_bytes
    bank.open("another")
    assert bank.store.arena_bytes == 2 * bank.slot_bytes


def test_columns_are_found_by_the_names_that_were_given():
    """Names that differ as keys of a dict never share a column."""
    index = FeatureIndex(features_max=9)
    index.add(["1", 1, "t@hour"], clocks=["t"])
    places = [index.place(name) for name in (1, "1", "t@hour")]
    assert places == [1, 0, 2]
    assert index.clock_place("t") == 3
    assert len(index.names) == 6


@pytest.mark.parametrize("value", [1.0, True, "3", None])
def test_sizes_are_whole_numbers(value):
    with pytest.raises(ValueError, match="hidden must be a whole number"):
        Shape(hidden=value)
