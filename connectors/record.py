"""What comes in: bytes and where they stood.

Both types are ``msgspec`` structs: frozen, slotted, ordered and hashed in C, and several times
cheaper to make than a named tuple or a dataclass, which shows when one is made for each event.
"""

from typing import Literal

import msgspec

Headers = tuple[tuple[str, bytes], ...]
Bound = int | tuple[Literal["timestamp"], int] | None
"""Of a stretch: an offset, a time in milliseconds since 1970, or None for the journal's own."""


class Partition(msgspec.Struct, frozen=True, order=True, gc=False):
    """One ordered piece of a journal.

    Parameters
    ----------
    topic : str
        Name of the topic; for files, the name the configuration gives them.
    index : int
        Number of the partition within the topic, from 0.

    Examples
    --------
    >>> sorted([Partition("pumps", 1), Partition("pumps", 0)])[0]
    Partition(topic='pumps', index=0)
    """

    topic: str
    index: int


class Record(msgspec.Struct, frozen=True, gc=False):
    """One message as it lies in the journal, undecoded.

    ``omitted_bytes`` above 0 says that the value was larger than the source may hold: ``value`` is
    then only its beginning, and whoever decodes must refuse it rather than read half a message.

    Parameters
    ----------
    partition : Partition
        Where it lies.
    offset : int
        Its place there. To say where to read next, use ``next_offset`` and nothing else.
    key : bytes or None
        Key, None if it has none.
    value : bytes or None
        Content; None is a tombstone, ``b""`` an empty message.
    timestamp_ms : int or None
        Milliseconds since 1970 UTC, if the source knows them.
    headers : tuple of (str, bytes)
        Headers in their order; a name may come twice.
    omitted_bytes : int
        Bytes of the value left out.

    Examples
    --------
    >>> record = Record(Partition("pumps", 0), offset=41, value=b"3.5")
    >>> record.next_offset
    42
    """

    partition: Partition
    offset: int
    key: bytes | None = None
    value: bytes | None = None
    timestamp_ms: int | None = None
    headers: Headers = ()
    omitted_bytes: int = 0

    @property
    def next_offset(self) -> int:
        """Where to read on after this record: the one place that adds the 1."""
        return self.offset + 1
