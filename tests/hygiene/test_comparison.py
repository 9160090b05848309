"""The page of comparisons says nothing that the results do not say."""

import re
from collections.abc import Callable
from pathlib import Path

NUMBER = re.compile(r"(?<![\w.+])\d+\.\d+(?![\w.]*\d)")


def numbers(file: Path) -> set[str]:
    """Give the figures in the tables of a page."""
    rows = [x for x in file.read_text(encoding="utf-8").splitlines() if x.startswith("|")]
    return {found for row in rows for cell in row.split("|")[2:] for found in NUMBER.findall(cell)}


def unmeasured(root: Path) -> set[str]:
    return numbers(root / "docs" / "comparison.md") - numbers(root / "benchmarks" / "RESULTS.md")


def test_every_figure_compared_was_measured(root: Path) -> None:
    assert len(numbers(root / "docs" / "comparison.md")) > 80
    assert unmeasured(root) == set()


def test_a_figure_that_was_not_measured_is_found(plant: Callable[[str, str], Path]) -> None:
    plant("benchmarks/RESULTS.md", "| model | score |\n| ours | 0.137 |\n")
    root = plant("docs/comparison.md", "| series | ours |\n| Trump | **0.131**, and 0.137 |\n")
    assert unmeasured(root) == {"0.131"}
