"""Dead letters as messages: the original bytes, with origin and reason in the headers."""

from typing import Any

from connectors.effects import DeadLetter
from connectors.record import Headers, Partition, Record

_PREFIX = "dead_letter."
_HEADERS_BYTES_MAX = 2048
_HEADER_BYTES = 8  # overhead of a header: the lengths of its name and content
_REASON_BYTES_MAX = 1000
_LAST = _PREFIX + "omitted_bytes"  # last added header; the record's own headers follow

Message = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]


def dead_letter(bad: DeadLetter, value_bytes_max: int) -> Message:
    """Make the value, key and headers of a dead letter.

    A value or headers that are too large for a message are truncated, and a header states it. The
    headers also give the place of the original record.

    Parameters
    ----------
    bad : DeadLetter
    value_bytes_max : int
        Maximum size of key and value together, in bytes.

    Examples
    --------
    >>> record = Record(Partition("pumps", 0), 7, b"a", b"{", 1000)
    >>> value, key, headers = dead_letter(DeadLetter(record, "not_json", "ends early"), 1000)
    >>> value, key, headers[0]
    (b'{', b'a', ('dead_letter.code', b'not_json'))
    >>> read_dead_letter("letters", value, key, headers).record == record
    True
    """
    record = bad.record
    key = None if record.key is None else record.key[:value_bytes_max]
    value = record.value
    room = value_bytes_max - len(key or b"")
    omitted = record.omitted_bytes
    if value is not None and len(value) > room:
        omitted += len(value) - room
        value = value[:room]
    kept = _that_fit(record.headers)
    told: dict[str, str | int] = {
        "code": bad.code,
        "reason": bad.reason.encode()[:_REASON_BYTES_MAX].decode(errors="ignore"),
        "topic": record.partition.topic,
        "partition": record.partition.index,
        "offset": record.offset,
        "timestamp_ms": "" if record.timestamp_ms is None else record.timestamp_ms,
    }
    if len(kept) < len(record.headers):
        told["omitted_headers"] = len(record.headers) - len(kept)
    if value is None and key is None:
        key = b""
        told["no_key"] = ""
    told["omitted_bytes"] = omitted
    headers = [(_PREFIX + name, str(text).encode()) for name, text in told.items()]
    return value, key, headers + kept


def _that_fit(headers: Headers) -> list[tuple[str, bytes]]:
    kept, size = [], 0
    for name, content in headers:
        size += len(name.encode()) + len(content) + _HEADER_BYTES
        if size > _HEADERS_BYTES_MAX:
            break
        kept.append((name, content))
    return kept


def read_dead_letter(
    topic: str, value: bytes | None, key: bytes | None, headers: Any
) -> DeadLetter:
    """Read a dead letter back.

    Raises
    ------
    ValueError
        If the message is not a dead letter.
    """
    names = [name for name, _ in headers]
    ours = names.index(_LAST) + 1 if _LAST in names else 0
    rest: Headers = tuple(headers[ours:])
    try:
        text = {name.removeprefix(_PREFIX): content.decode() for name, content in headers[:ours]}
        record = Record(
            Partition(text["topic"], int(text["partition"])),
            int(text["offset"]),
            None if "no_key" in text else key,
            value,
            int(text["timestamp_ms"]) if text["timestamp_ms"] else None,
            rest,
            int(text["omitted_bytes"]),
        )
        return DeadLetter(record, text["code"], text["reason"])
    except (KeyError, ValueError, AttributeError) as error:
        raise ValueError(f"topic {topic}: a message is not a dead letter: {error}") from error
