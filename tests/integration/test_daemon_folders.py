"""What a worker makes, what it lets go of, and what it refuses to begin with."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from streamlstm.daemon.cli.main import main
from streamlstm.daemon.config.load import load_config
from streamlstm.daemon.engine.evicted_store import EvictedStore
from tests.support.outcomes.lives import live
from tests.support.streams import journals


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    journals.write_journal(tmp_path, 200)
    return tmp_path


def test_the_folder_of_the_outbox_is_made(journal: Path) -> None:
    sections = journals.configured(journal)
    sections["outbox"]["path"] = "deep/er/alerts.sqlite"
    path = journals.write_config(journal / "run", sections)
    live(load_config(str(path), {}))
    assert (journal / "run" / "deep" / "er" / "alerts.sqlite").exists()


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [("river.anomaly.NoSuchDetector", {}), ("river.anomaly.HalfSpaceTrees", {"n_trees_": 3})],
)
def test_a_wrong_river_class_is_refused(
    journal: Path, kind: str, parameters: dict[str, int]
) -> None:
    model = {"kind": "river", "class": kind, "parameters": parameters, "allow_pickle": True}
    sections = journals.configured(journal) | {"model": model}
    path = str(journals.write_config(journal / "run", sections))
    for command in ("check", "run"):
        result = CliRunner().invoke(main, [command, path])
        assert result.exit_code == 2, result.output
        assert f"model.class {kind}" in result.stderr


def test_cold_stores_are_closed(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[EvictedStore] = []
    begin = EvictedStore.__init__

    def noted(store: EvictedStore, path: str | Path) -> None:
        begin(store, path)
        made.append(store)

    monkeypatch.setattr(EvictedStore, "__init__", noted)
    live(journals.config(journal, journal / "run"))
    assert len(made) == 2
    for store in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            store._database.execute("SELECT 1")
