"""What holds for all tests.

In CI a test that only misses a tool of its machine has failed: nothing is skipped in silence. And
what is proven is proven of machine code: no kernel is interpreted while the compiler works.
"""

import os
from collections.abc import Generator

import pytest

from streamlstm.bank import dispatch

dispatch.INTERPRETED_S_MAX = 0.0
NEEDS_A_TOOL = ("browser", "kafka", "install")
ON_DEMAND = "STREAMLSTM_LONG"  # asked for by people, and missing nowhere


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    wanted = any(item.get_closest_marker(name) for name in NEEDS_A_TOOL)
    missing = report.skipped and ON_DEMAND not in str(report.longrepr)
    if missing and wanted and os.environ.get("CI") == "true":
        report.outcome = "failed"
    return report
