"""Records of a journal, and their partitions.

Both types are ``msgspec`` structs: frozen, slotted, ordered and hashed in C. They are several times
cheaper to create than a named tuple or a dataclass, which matters at one per event.
"""

from typing import Literal

import msgspec

Headers = tuple[tuple[str, bytes], ...]
Bound = int | tuple[Literal["timestamp"], int] | None
"""Bound of a range: an offset, a time in milliseconds since 1970, or None for the journal's own."""


class Partition(msgspec.Struct, frozen=True, order=True, gc=False):
    """One ordered part of a journal.

    Parameters
    ----------
    topic : str
        Name of the topic; for files, the name in the configuration.
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
    """One undecoded message of the journal.

    If ``omitted_bytes`` is above 0, the value was larger than the limit of the source and ``value``
    is only its beginning. A decoder must refuse such a record.

    Parameters
    ----------
    partition : Partition
        The partition that contains it.
    offset : int
        Its offset in the partition. For the position to read next, use ``next_offset``.
    key : bytes or None
        Key; None if it has none.
    value : bytes or None
        Content; None is a tombstone, ``b""`` an empty message.
    timestamp_ms : int or None
        Milliseconds since 1970 UTC, if the source has a time.
    headers : tuple of (str, bytes)
        Headers in their order; names may repeat.
    omitted_bytes : int
        Number of omitted bytes of the value.

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
        """The offset after this record, from which reading continues."""
        return self.offset + 1
