"""Workers as real processes, watched and ended from outside."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[3]
WORKER = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
    "from tests.support.faults import worker; worker.main(*sys.argv[1:])"
)
PLAIN = (sys.executable, "-m", "streamlstm.daemon.cli")
LIFE_S_MAX = 120
COLD_S_MAX = 300  # of a program that may have everything to compile
LOOK_EVERY_S = 0.001


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def command(*arguments: str, faults: str = "", **options: Any) -> Ended:
    """Run a command of the command line to its end."""
    done = subprocess.run(
        [*program(faults), *arguments],
        capture_output=True,
        text=True,
        timeout=LIFE_S_MAX,
        check=False,
        **options,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def printed(*arguments: str, cwd: Path | None = None, **environment: str) -> str:
    """Return what a Python program of the tests prints, in an environment changed by so much."""
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=COLD_S_MAX,
        check=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )
    return done.stdout.strip()


@contextmanager
def running(*arguments: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command without reading its output; end it by SIGKILL if it has not ended."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*program(""), *arguments], **quiet, **options)
    try:
        yield process
    finally:
        process.kill()  # this one, by its own id; without effect if it has ended
        process.communicate(timeout=LIFE_S_MAX)


def program(faults: str) -> tuple[str, ...]:
    """Spell the command line, as people call it or with faults."""
    return (sys.executable, "-c", WORKER, faults) if faults else PLAIN


class Committed(NamedTuple):
    """What someone outside sees of an outbox: records consumed in all, and whether a snapshot."""

    records: int = 0
    snapshots: bool = False


def committed(outbox: Path) -> Committed:
    """Look into an outbox while its worker runs."""
    if outbox.suffix != ".sqlite":
        with suppress(FileNotFoundError):
            manifest = json.loads((outbox / "manifest.json").read_bytes())
            at = [x["next_offset"] for p, x in manifest["positions"] if p["topic"] == "pumps"]
            return Committed(sum(at), manifest["snapshots_bytes"] > 0)
        return Committed()
    with suppress(sqlite3.OperationalError):  # it is not there yet
        database = sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)
        try:
            query = "SELECT coalesce(sum(next_offset), 0) FROM position WHERE topic = 'pumps'"
            (records,) = database.execute(query).fetchone()
            (snapshots,) = database.execute("SELECT count(*) FROM snapshot").fetchone()
            return Committed(records, snapshots > 0)
        finally:
            database.close()
    return Committed()


def until(process: subprocess.Popen[bytes], outbox: Path, records: int) -> bool:
    """Wait until so many records are committed; False if the process ended before."""
    for _ in range(int(LIFE_S_MAX / LOOK_EVERY_S)):
        if committed(outbox).records >= records:
            return True
        with suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_EVERY_S)
            return False
    raise AssertionError(f"{records} records were not reached in {LIFE_S_MAX} s")


def kill_after(config: str, outbox: Path, records: int, chance: random.Random) -> int:
    """Start a worker, kill it a little after so many records; return how it ended."""
    with running("run", config) as process:
        if until(process, outbox, records):
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.0, 0.02))
    return process.returncode
