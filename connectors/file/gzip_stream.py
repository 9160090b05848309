"""Incremental decompression of gzip."""

import zlib

MAGIC = b"\x1f\x8b"
_WITH_GZIP_HEADER = 31
_PIECE_BYTES_MAX = 1 << 20  # a small file can unpack to a very large one


class DamagedGzipError(Exception):
    """The packed data ends early or is not what was packed."""


class GzipStream:
    """Unpacks chunks of a gzip file, which may have several members, as ``cat a.gz b.gz`` makes.

    Examples
    --------
    >>> import gzip
    >>> GzipStream().feed(gzip.compress(b"some lines"))
    b'some lines'
    """

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
        self._packed = b""

    @property
    def pending(self) -> bool:
        """Whether ``feed(b"")`` has more to give before it needs another chunk."""
        return bool(self._packed)

    def feed(self, chunk: bytes) -> bytes:
        """Unpack at most 1 MiB and keep the rest of the chunk for the next call.

        Raises
        ------
        DamagedGzipError
            If the data is not gzip or its checksum is wrong. What earlier calls gave stands.
        """
        packed = self._packed + chunk
        if self._member.eof:
            packed = packed.lstrip(b"\0")  # tape drives pad with zeros; gzip passes over them
            if packed:
                self._member = zlib.decompressobj(_WITH_GZIP_HEADER)
        self._packed = b""
        if not packed:
            return b""
        try:
            unpacked = self._member.decompress(packed, _PIECE_BYTES_MAX)
        except zlib.error as error:
            raise DamagedGzipError(str(error)) from error
        self._packed = self._member.unconsumed_tail or self._member.unused_data
        return unpacked

    def end(self) -> None:
        """Check that the last member is complete.

        Raises
        ------
        DamagedGzipError
            If it is cut short.
        """
        if not self._member.eof:
            raise DamagedGzipError("the file ends in the middle of its packed data")
