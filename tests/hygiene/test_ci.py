"""The checks of continuous integration end within an hour, even if each one hangs."""

import re
from pathlib import Path

MINUTES_MAX = 60


def test_the_time_limits_add_up_to_an_hour_at_most(root: Path) -> None:
    limits = re.findall(r"^timeout (\d+)m make ", (root / ".ci/run").read_text(), re.MULTILINE)
    assert len(limits) == (root / ".ci/run").read_text().count("make ")
    assert sum(map(int, limits)) <= MINUTES_MAX
