"""Writes what lies in this folder, with the code of commit 5944e1d and no other.

From the root of the project, with a worktree of that commit beside it (see CONTRIBUTING.md):

    ../before-rename/.venv/bin/python tests/data/before-rename/make/make.py

It writes the same bytes every time. Do not adapt it to later code: what it wrote is what users of
that version have on their disks. ``tests/integration/test_stored.py`` reads it and goes on.

models/         files of ``streamlstm.save``; models.json says what each answers when it goes on
inputs/         records and controls: part 1 was read, part 2 is appended before going on
sqlite/, jsonl/, river/     outboxes as a worker left them at the end of part 1
killed/         one of a worker that was killed in a commit: it has records to learn again
outboxes.json   what each holds at the end of part 2
kafka.json      bytes as they lie in Kafka: snapshots in chunks, a dead letter, position metadata
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import streamlstm

COMMIT = "5944e1d"
HERE = Path(__file__).parents[1]
TREE = Path(streamlstm.__file__).parents[1]
sys.path.append(str(TREE / "tests"))

from make_kafka import make_kafka  # noqa: E402
from make_models import make_models  # noqa: E402
from make_outboxes import CONFIGS, make_inputs, make_outboxes  # noqa: E402


def write(name: str, content: dict[str, Any]) -> None:
    (HERE / name).write_text(json.dumps(content, indent=1, ensure_ascii=True) + "\n")


def main() -> None:
    asked = ["git", "-C", str(TREE), "rev-parse", "HEAD"]
    head = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    if not head.startswith(COMMIT):
        sys.exit(f"this runs with the code of {COMMIT} alone; {TREE} is at {head.strip()}")
    for name in ("models", "inputs", *CONFIGS):
        shutil.rmtree(HERE / name, ignore_errors=True)
    write("models.json", make_models(HERE / "models"))
    make_inputs()
    expected, stopped = make_outboxes()
    write("outboxes.json", expected)
    write("kafka.json", make_kafka(stopped["sqlite"]))


if __name__ == "__main__":
    main()
