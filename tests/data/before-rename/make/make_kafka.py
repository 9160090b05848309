"""The part of make.py that forms messages as the outbox of Kafka does."""

import hashlib
from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from connectors.kafka.letters import letter
from connectors.kafka.redrive import Done
from connectors.kafka.snapshots import cut
from make_outboxes import CONFIGS
from outcome import Outcome
from streamlstm.daemon.make_learner import make_learner
from streamlstm.daemon.marks import Marks

from connectors import DeadLetter, Partition, Record, Snapshot
from streamlstm.daemon.config.load import load_config


def make_kafka(found: Outcome) -> dict[str, Any]:
    """Form messages as the outbox of Kafka does: of the first stream, cut small; and the like."""

    def text(data: bytes | None) -> str | None:
        return None if data is None else b64encode(data).decode()

    (topic, index, key), (next_offset, payload) = next(iter(found.snapshots.items()))
    assert payload is not None
    snapshot = Snapshot(Partition(topic, index), key, next_offset, payload)
    bad = Record(Partition("pumps", 1), 9, b"a", b"{", 1000, (("trace", b"1"),))
    value, letter_key, headers = letter(DeadLetter(bad, "not_json", "ends early"), 1000)
    with TemporaryDirectory() as folder:
        path = Path(folder, "config.yaml")
        path.write_text(CONFIGS["sqlite"])
        model = make_learner(load_config(str(path), {})).description()
    return {
        "snapshot": {
            "stream": key.decode(),
            "next_offset": next_offset,
            "sha256": hashlib.sha256(payload).hexdigest(),
            "messages": [
                [text(c.key), text(c.value), [[name, text(held)] for name, held in c.headers]]
                for c in cut(snapshot, 8192, chunks_before=9)
            ],
        },
        "dead_letter": [text(value), text(letter_key), [[name, text(h)] for name, h in headers]],
        "marks": [Marks(17, 2, 5, model).encode(), Marks(0, 0, 0, model).encode()],
        "redriven": msgspec.json.encode(Done(41, {"not_json": 44}), order="sorted").decode(),
    }
