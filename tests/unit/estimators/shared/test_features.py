"""From a feature dict to a row: every kind of value, every kind of name."""

import math
import random
from collections.abc import Hashable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest

from streamlstm.bank import Bank, Settings, Shape
from streamlstm.bank.feature_index import FeatureLimitError
from streamlstm.estimators.shared.features import FeatureReader, clock_values, number

NOON = datetime(2024, 2, 28, 12, 30)  # noqa: DTZ001 - naive on purpose; a Wednesday
SECONDS = 1709123400.0
EAST = timezone(timedelta(hours=5, minutes=30))


class Rows:
    """A reader that gives its rows by column name."""

    def __init__(self, features_max: int = 64) -> None:
        self.bank = Bank(Shape(), Settings(), features_max=features_max)
        self.reader = FeatureReader(self.bank)

    def read(self, x: Mapping[Hashable, Any], *, grow: bool = True) -> dict[str, float]:
        row = self.reader.read(x, grow=grow)
        names = self.bank.features.names
        assert row.shape == (1, len(names) + 1)
        assert math.isnan(row[0, -1])  # the target's place is left to the caller
        return dict(zip(names, row[0].tolist(), strict=False))


def same(a: dict[str, float], b: dict[str, float]) -> bool:
    """Compare with NaN equal to NaN."""
    return a.keys() == b.keys() and np.array_equal(
        list(a.values()), list(b.values()), equal_nan=True
    )


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (NOON, (12.5, SECONDS, 2 + 12.5 / 24)),
        (NOON.replace(tzinfo=UTC), (12.5, SECONDS, 2 + 12.5 / 24)),
        (NOON.replace(tzinfo=EAST), (12.5, SECONDS - 5.5 * 3600, 2 + 12.5 / 24)),
        (pd.Timestamp(NOON), (12.5, SECONDS, 2 + 12.5 / 24)),
        (pd.Timestamp(NOON, tz="UTC"), (12.5, SECONDS, 2 + 12.5 / 24)),
        (datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC), (1.5 / 3600, 1.5, 3 + 1.5 / 86400)),
        (datetime(1969, 12, 28, tzinfo=UTC), (0.0, -4 * 86400.0, 6.0)),
    ],
)
def test_a_time_gives_hour_seconds_and_weekday(time: datetime, expected: tuple[float, ...]) -> None:
    assert clock_values(time) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_the_ends_of_time_are_numbers() -> None:
    for zone in (UTC, EAST, timezone.min, timezone.max):
        for end in (datetime.min.replace(tzinfo=zone), datetime.max.replace(tzinfo=zone)):
            assert all(map(math.isfinite, clock_values(end)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.5, 1.5),
        (True, 1.0),
        (np.bool_(False), 0.0),
        (7, 7.0),
        (np.int8(-3), -3.0),
        (np.uint64(2**40), 2.0**40),
        (np.float32(0.5), 0.5),
        (np.float64(-2.0), -2.0),
        (Fraction(1, 4), 0.25),
        (1e30, 1e30),
        (-1e30, -1e30),
        (5e-324, 5e-324),
    ],
)
def test_a_number_is_read_as_it_is(value: Any, expected: float) -> None:
    assert number("a", value) == expected
    assert Rows().read({"a": value}) == {"a": expected}


@pytest.mark.parametrize(
    "value",
    [None, math.nan, math.inf, -math.inf, 1e308, -1e31, 10**400, np.float32(np.inf), np.nan],
    ids=repr,
)
def test_what_is_not_finite_is_missing(value: Any) -> None:
    assert math.isnan(number("a", value))
    assert same(Rows().read({"a": value, "b": 2}), {"a": math.nan, "b": 2.0})


@pytest.mark.parametrize(
    "value",
    ["high", b"1", Decimal(1), 1j, date(2024, 2, 28), [1.0], np.ones(1), timedelta(1), pd.NA],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("grow", [False, True])
def test_another_type_is_refused_by_name(value: Any, known: bool, grow: bool) -> None:
    rows = Rows()
    if known:
        rows.read({"load 1": 3.0})
    kind = type(value).__name__
    with pytest.raises(TypeError, match=f"feature 'load 1' must be a number.* got {kind} "):
        rows.read({"load 1": value}, grow=grow)


def test_names_are_given_columns_in_their_own_order() -> None:
    rows = Rows()
    assert rows.read({"c": 3.0, "a": 1.0}) == {"a": 1.0, "c": 3.0}
    assert same(rows.read({"b": 2.0}), {"a": math.nan, "c": math.nan, "b": 2.0})
    assert rows.read({"b": 5.0, "c": 6.0, "a": 4.0}) == {"a": 4.0, "c": 6.0, "b": 5.0}


def test_unknown_names_are_passed_over_unless_asked_to_grow() -> None:
    rows = Rows()
    assert rows.read({"a": 1.0, "t": NOON}, grow=False) == {}
    rows.read({"a": 1.0})
    assert rows.read({"a": 2.0, "b": 9.0, "t": NOON}, grow=False) == {"a": 2.0}
    assert rows.bank.features.names == ["a"]


def test_a_row_remembers_nothing_of_the_one_before() -> None:
    rows = Rows()
    rows.read({"a": 1.0, "t": NOON})
    assert all(map(math.isnan, rows.read({}).values()))


def test_a_datetime_takes_three_columns_beside_the_numbers() -> None:
    found = Rows().read({"load": 5.0, "t": NOON, "z": True})
    weekday = 2 + 12.5 / 24
    times = {"t@hour": 12.5, "t@interval": SECONDS, "t@weekday": weekday}
    assert found == {"load": 5.0, "z": 1.0} | times


def test_several_datetimes_stand_beside_each_other() -> None:
    rows = Rows()
    found = rows.read({"t": NOON, "arrived": NOON + timedelta(hours=1)})
    assert (found["t@hour"], found["arrived@hour"]) == (12.5, 13.5)
    later = rows.read({"left": NOON + timedelta(hours=2), "t": NOON})
    assert (later["t@hour"], later["left@hour"]) == (12.5, 14.5)
    assert math.isnan(later["arrived@hour"])


@pytest.mark.parametrize("missing", [None, pd.NaT, math.nan], ids=["None", "NaT", "nan"])
def test_a_datetime_may_be_missing(missing: Any) -> None:
    rows = Rows()
    rows.read({"t": NOON, "u": 1.0})
    found = rows.read({"t": missing, "u": 1.0})
    assert found.pop("u") == 1.0
    assert all(map(math.isnan, found.values()))


@pytest.mark.parametrize("first", [None, 3.0], ids=["missing", "number"])
def test_a_name_that_becomes_a_datetime_leaves_its_neighbours_alone(first: float | None) -> None:
    rows = Rows()
    rows.read({"t": first, "u": 1.0, "v": 2.0})
    found = rows.read({"t": NOON, "u": 4.0, "v": 5.0})
    assert (found["u"], found["v"]) == (4.0, 5.0)
    assert (found["t@hour"], found["t@interval"]) == (12.5, SECONDS)


def test_a_name_that_was_a_datetime_may_become_a_number() -> None:
    rows = Rows()
    rows.read({"t": NOON, "u": 1.0})
    found = rows.read({"t": 99.0, "u": 4.0})
    assert found["u"] == 4.0
    assert math.isnan(found["t@hour"])


def test_names_need_not_be_strings() -> None:
    x: dict[Hashable, float] = {7: 1.0, ("pump", 2): 2.0, "a": 3.0, None: 4.0}
    rows = Rows()
    assert sorted(rows.read(x).values()) == [1.0, 2.0, 3.0, 4.0]
    assert [v for v in rows.read({("pump", 2): 5.0}).values() if not math.isnan(v)] == [5.0]


@pytest.mark.parametrize(
    "x",
    [
        {1: 10.0, "1": 20.0},
        {("a",): 10.0, "('a',)": 20.0},
        {"t": NOON, "t@hour": 20.0, "tea": 10.0},
    ],
    ids=["int", "tuple", "clock"],
)
def test_names_that_are_spelt_alike_are_two_features(x: dict[Hashable, Any]) -> None:
    one, other = Rows(), Rows()
    other.read(dict(reversed(x.items())))
    expected = [10.0, 20.0, *(clock_values(NOON) if "t" in x else ())]
    assert sorted(one.read(x).values()) == sorted(other.read(x).values()) == sorted(expected)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_a_dict_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)
    items: list[tuple[Hashable, Any]] = [(f"f{n}", chance.random()) for n in range(20)]
    items += [("t", NOON), (3, True), (("a", 1), None)]
    plain, shuffled = Rows(), Rows()
    for size in (5, 12, len(items)):  # more features at each step
        some = items[-size:]
        expected = plain.read(dict(some))
        chance.shuffle(some)
        assert same(shuffled.read(dict(some)), expected)


@pytest.mark.parametrize(
    "x", [{"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 1.0, "t": NOON}], ids=["numbers", "clock"]
)
def test_too_many_features_are_refused_and_leave_no_trace(x: dict[Hashable, Any]) -> None:
    rows = Rows(features_max=2)
    with pytest.raises(FeatureLimitError, match="features_max = 2"):
        rows.read(x)
    assert rows.bank.features.names == []
    assert rows.read({"z": 7.0}) == {"z": 7.0}


def test_the_limit_itself_is_allowed() -> None:
    rows = Rows(features_max=4)
    assert len(rows.read({"a": 1.0, "t": NOON})) == 4
    with pytest.raises(FeatureLimitError, match="omit 'b'"):
        rows.read({"b": 1.0})
    assert rows.read({"a": 2.0, "b": 1.0}, grow=False)["a"] == 2.0
