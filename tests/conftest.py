"""In CI a test that only misses a tool of its machine has failed: nothing is skipped in silence."""

import os
from collections.abc import Generator

import pytest

NEEDS_A_TOOL = ("browser", "kafka")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    wanted = any(item.get_closest_marker(name) for name in NEEDS_A_TOOL)
    if report.skipped and wanted and os.environ.get("CI") == "true":
        report.outcome = "failed"
    return report
