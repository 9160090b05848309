"""Incremental decompression of gzip."""

import zlib

MAGIC = b"\x1f\x8b"
_WITH_GZIP_HEADER = 31
_PIECE_BYTES_MAX = 1 << 20  # limits memory: a small file can decompress to a very large one


class DamagedGzipError(Exception):
    """The compressed data is truncated or damaged."""


class GzipStream:
    """Decompresses chunks of a gzip file, which may have several members (``cat a.gz b.gz``).

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
        """Whether ``feed(b"")`` returns more data before another chunk is needed."""
        return bool(self._packed)

    def feed(self, chunk: bytes) -> bytes:
        """Decompress at most 1 MiB and keep the rest of the chunk for the next call.

        Raises
        ------
        DamagedGzipError
            If the data is not gzip or its checksum is wrong. Data of earlier calls is valid.
        """
        packed = self._packed + chunk
        if self._member.eof:
            packed = packed.lstrip(b"\0")  # tape drives pad with zeros; gzip skips them too
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
            If it is truncated.
        """
        if not self._member.eof:
            raise DamagedGzipError("the file ends in the middle of its compressed data")
