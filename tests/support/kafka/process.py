"""A broker's process: started, stopped, killed and frozen by its own id."""

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.support.kafka.broker.java import START, command

END_S_MAX = 30.0


class Process:
    """One process at a time, started again and again in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process's id while it runs, also while it is paused."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if self._process is not None and running else None

    def launch(self) -> None:
        """Start the process and do not wait."""
        assert self.pid is None, "it runs already"
        program = command(START, self.log, str(self.folder / "server.properties"))
        with (self.folder / "broker.out").open("ab") as out:
            self._process = subprocess.Popen(
                program, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def stop(self) -> None:
        """End it as an operator does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power failure does."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def unpause(self) -> None:
        self._signal(signal.SIGCONT)

    def ended_within(self, seconds: float) -> bool:
        """Wait a moment, unless the process ends before."""
        assert self._process is not None, "it was never started"
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            return True
        return False

    def tail(self, lines: int = 30) -> str:
        """Give the last of what it logged and printed."""
        files = (self.log, self.folder / "broker.out")
        texts = [f.read_text(encoding="utf-8", errors="replace") for f in files if f.exists()]
        return "\n".join(line for text in texts for line in text.splitlines()[-lines:])

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(how)
            self._process.send_signal(signal.SIGCONT)  # a frozen process does not stop
        try:
            self._process.wait(END_S_MAX)
        finally:
            self._process.kill()  # without effect if it has ended
            self._process.wait(END_S_MAX)

    def _signal(self, what: signal.Signals) -> None:
        assert self._process is not None, "it was never started"
        self._process.send_signal(what)
