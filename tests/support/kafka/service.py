"""A worker under a service manager: started again when it was killed or asks for it."""

import json
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any, Self

from tests.support.faults.processes import program

AGAIN = (-signal.SIGKILL, 75)
END_S_MAX = 60.0


class Service:
    """One worker, process after process, until one ends for good.

    Parameters
    ----------
    config
        Path of its configuration.
    lives
        Faults of its first processes, in the words of ``worker.py``.
    faults
        Those of all later ones.
    """

    def __init__(self, config: str, *, lives: tuple[str, ...] = (), faults: str = "") -> None:
        self._config = config
        self._lives = list(lives)
        self._faults = faults
        self.log = Path(config).with_suffix(".log")
        self.codes: list[int] = []
        self.wait_s = 0.0  # before it is started again
        self._begins = len(self.told())  # where what the current process has logged begins
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        self._thread.join(END_S_MAX)

    def _run(self) -> None:
        while not self._ending.is_set():
            faults = self._lives.pop(0) if self._lives else self._faults
            self._begins = len(self.told())
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [*program(faults), "run", self._config],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            self.codes.append(self._process.wait())
            if self.codes[-1] not in AGAIN:
                return
            self._ending.wait(self.wait_s)

    def signal(self, what: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(what)  # without effect once it has ended

    def kill(self, wait_s: float = 0.0) -> None:
        """Kill the process as a power failure does; start another after a while."""
        self.wait_s = wait_s
        self.signal(signal.SIGKILL)

    def healthy(self) -> None:
        """Raise if a process has ended for good though nobody asked."""
        odd = [code for code in self.codes if code not in AGAIN]
        assert not odd, f"it ended with {odd}:\n{self.tail()}"

    def well_for(self, seconds: float) -> None:
        """Let it go on for so long, and see that it has not ended for good."""
        self._thread.join(seconds)
        self.healthy()

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ask it to end cleanly, and see that it does."""
        self._ending.set()
        self.signal(signal.SIGTERM)
        self._thread.join(END_S_MAX)
        assert not self._thread.is_alive(), f"it does not end:\n{self.tail()}"
        assert self.codes[-1:] == [0], f"it ended with {self.codes}:\n{self.tail()}"

    def told(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def events(self) -> list[dict[str, Any]]:
        """Give what the current process has logged."""
        lines = self.told()[self._begins :].splitlines(keepends=True)
        return [json.loads(x) for x in lines if x.startswith("{") and x.endswith("}\n")]

    def live(self) -> set[int]:
        """Say which partitions it has, restored and replayed: a clean end snapshots these."""
        live, behind = set[int](), set[int]()
        for event in self.events() if self.runs else ():
            match event:
                case {"event": "rebalanced", "assigned": came, "revoked": went}:
                    live -= {*came, *went}
                case {"event": "restored", "partition": partition, "replay_records": replay}:
                    (behind if replay else live).add(partition)
                case {"event": "replaying", "partition": partition, "left": 0}:
                    behind.discard(partition)
                    live.add(partition)
        return live - behind

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.told().splitlines()[-lines:])
