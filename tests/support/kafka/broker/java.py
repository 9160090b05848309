"""The Java that a broker runs on, and the jars that `make broker` fetched."""

import os
import re
import shutil
import subprocess
import threading
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "maven"
JAVA_MIN = 17
FLAGS = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
START = "kafka.Kafka"
FORMAT = "kafka.tools.StorageTool"


@cache
def jars() -> Path:
    """Name the folder as the Makefile does."""
    found = re.search(r"<kafka.version>(.*)</", (FOLDER / "pom.xml").read_text(encoding="utf-8"))
    assert found is not None
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "streamlstm" / f"kafka-{found.group(1)}"


@cache
def missing() -> str:
    """Say what a broker lacks on this machine; nothing if it can start."""
    if not jars().is_dir():
        return "no broker: run `make broker`"
    try:
        said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return "no java for the broker: `make broker` says what to install"
    version = re.search(r' version "(\d+)', said.stderr)
    if version is None or int(version.group(1)) < JAVA_MIN:
        return f"java is older than {JAVA_MIN}: `make broker` says what to install"
    return ""


def command(program: str, log: Path, *arguments: str) -> list[str]:
    """Spell a call of one of Kafka's programs that writes its log to ``log``."""
    logging = (f"-Dbroker.log={log}", f"-Dlog4j2.configurationFile={FOLDER / 'log4j2.properties'}")
    classes = f"{jars()}/*"
    return [*_mortal(), "java", *FLAGS, *logging, "-cp", classes, program, *arguments]


def _mortal() -> list[str]:
    """Let the kernel kill what we start when we die, even by SIGKILL.

    The signal comes when the starting *thread* ends, so only the main thread asks for it; what
    other threads start is ended by ``atexit`` alone.
    """
    main = threading.current_thread() is threading.main_thread()
    return ["setpriv", "--pdeathsig", "KILL"] if main and shutil.which("setpriv") else []
