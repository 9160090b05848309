"""The gallery: each script beats what it says it beats, draws it, and its page says the same."""

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "examples" / "gallery"
NAMES = sorted(file.stem for file in SCRIPTS.glob("*.py") if file.stem != "picture")
PICTURE_BYTES_MAX = 60_000  # they are kept with the project
Learnt = Callable[[str], Any]


@pytest.fixture(scope="module", autouse=True)
def importable() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SCRIPTS)
        yield


def script(name: str) -> ModuleType:
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    """Run each script once."""
    return cache(lambda name: script(name).learn())


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_what_the_script_says(name: str, learnt: Learnt) -> None:
    page = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert f"{name}: {learnt(name).line()}" in words(page)


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_small_and_like_the_one_on_the_page(
    name: str, learnt: Learnt, tmp_path: Path
) -> None:
    path = tmp_path / "new" / f"{name}.png"
    script("picture").save(script(name).draw(learnt(name)), path)
    drawn, kept = path.read_bytes(), (ROOT / "docs" / "gallery" / path.name).read_bytes()
    header = slice(0, 24)  # a PNG, its width and its height
    assert drawn[header] == kept[header]
    assert 10_000 < len(drawn) < PICTURE_BYTES_MAX
    assert 10_000 < len(kept) < PICTURE_BYTES_MAX


def test_a_script_says_one_line_and_leaves_one_picture(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPTS / "passengers.py"), "--out", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    assert result.stdout.startswith("passengers: mean error of 12 months ahead: LSTMForecaster")
    assert result.stdout.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["passengers.png"]


def test_make_draws_all_of_them() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ngallery:")[2]
    named = recipe.partition("for name in ")[2].partition(";")[0]
    assert sorted(named.split()) == NAMES


def test_passengers_are_forecast_a_year_ahead(learnt: Learnt) -> None:
    run, names = learnt("passengers"), script("passengers")
    assert run.error(names.OURS) < 0.5 * run.error(names.LAST_YEAR)
    assert run.error(names.OURS) < 1.15 * run.error(names.TOLD)
    assert 0.9 < sum(run.held) / len(run.held) < 1.0


def test_images_are_told_better_than_by_a_line_or_a_tree(learnt: Learnt) -> None:
    run, names = learnt("images"), script("images")
    assert run.accuracy(names.OURS) > run.accuracy("softmax regression") + 0.05
    assert run.accuracy(names.OURS) > run.accuracy("Hoeffding tree") + 0.1
    assert run.accuracy(names.OURS) == pytest.approx(run.accuracy(names.WITHOUT), abs=0.01)


def test_a_rhyme_needs_more_than_the_last_letter(learnt: Learnt) -> None:
    run, names = learnt("rhyme"), script("rhyme")
    for reading in range(names.READINGS):
        ours = run.per_letter(names.LSTM, reading)
        order_1 = run.per_letter("Markov chain of order 1", reading)
        assert ours < order_1 < run.per_letter("frequencies", reading)
    assert ours < 0.2 * order_1
    written, known = run.written.split()[1:-1], set(names.RHYME.split())
    assert sum(word in known for word in written) > 0.8 * len(written)


def test_the_memory_blames_the_right_sensor(learnt: Learnt) -> None:
    run, names = learnt("pump"), script("pump")
    assert len(run.faults) == 30
    assert run.rightly(names.OURS) >= 28
    assert run.rightly(names.FARTHEST) <= 20
    assert run.rightly(names.JUMPED) <= 20
    assert run.found() >= 15
    assert run.false_alerts() <= 2


def test_the_memory_knows_how_a_letter_began(learnt: Learnt) -> None:
    run, names = learnt("strokes"), script("strokes")
    assert run.accuracy(names.OURS) > 0.95
    assert run.accuracy(names.WITHOUT) < 0.85


def test_the_memory_hears_through_noise(learnt: Learnt) -> None:
    run, names = learnt("vowels"), script("vowels")
    assert run.accuracy(names.OURS) > run.accuracy(names.WITHOUT) + 0.07
    assert run.accuracy(names.OURS) > run.accuracy(names.BAYES) + 0.07
