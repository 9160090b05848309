"""One journal for all, and what a worker leaves of it that nothing disturbs."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from streamlstm.daemon.config.model import Config
from tests.support.outcomes.lives import live
from tests.support.outcomes.outcome import Outcome, outcome
from tests.support.streams import journals

RECORDS = 2400
MANY_RECORDS = 4500


class Works:
    """A journal in a folder, and a fresh place for each run over it."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._places = 0
        journals.write_journal(folder, count)
        self.smooth = cache(self._smooth)

    def config(self, **changed: Any) -> Config:
        self._places += 1
        return journals.config(self._folder, self._folder / f"run-{self._places}", **changed)

    def _smooth(self, outbox: str, window: int = 8) -> Outcome:
        """Give the outcome of the run that nothing disturbs."""
        config = self.config(outbox=outbox, model={"window": window})
        live(config)
        return outcome(config)


@pytest.fixture(scope="session")
def works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    return Works(tmp_path_factory.mktemp("works"), RECORDS)


@pytest.fixture(scope="session")
def large_works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    return Works(tmp_path_factory.mktemp("large"), MANY_RECORDS)
