"""The two kinds of connector errors, and their messages."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

_FREE_SPACE = "free some space and start again: nothing committed is lost"
_PERMIT = "give this user the right to read and write there, or choose another path"
_REMEDIES = {
    errno.ENOSPC: _FREE_SPACE,
    errno.EDQUOT: _FREE_SPACE,
    errno.EFBIG: f"{_FREE_SPACE} (a limit on the size of files counts as a full disk)",
    errno.EACCES: _PERMIT,
    errno.EPERM: _PERMIT,
    errno.EROFS: _PERMIT,
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path: a part of it is not a folder",
    errno.EISDIR: "name a file, not a folder",
}


class ConnectorError(Exception):
    """Base of `Retriable` and `Fatal`: what happened, and the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}; remedy: {self.remedy}"


class Retriable(ConnectorError):
    """The operation may succeed later with a new connector that resumes from what is committed.

    The same object must not be used again: after a failed commit its state is unknown.
    """


class Fenced(Retriable):
    """A newer process with the same worker id fenced this one, or its session timed out.

    A new connector may work. Repeated fencing means that two processes share a worker id.
    """


class Fatal(ConnectorError):
    """The operation cannot succeed until an operator acts; stop and show the remedy.

    Examples
    --------
    >>> raise Fatal("pumps.csv: no such file", "check the path")
    Traceback (most recent call last):
    connectors.errors.Fatal: pumps.csv: no such file; remedy: check the path
    """


class IncompleteSnapshots(Fatal):
    """Parts of snapshots are missing; ``streams`` are the keys of the streams they belong to.

    Examples
    --------
    >>> IncompleteSnapshots((b"pump-3",), "chunks are missing", "forget the models").streams
    (b'pump-3',)
    """

    def __init__(self, streams: tuple[bytes, ...], message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.streams = streams


@contextmanager
def map_os_errors(what: str) -> Iterator[None]:
    """Convert an ``OSError`` to a `Fatal` that names ``what`` and has a remedy.

    Errors of a local disk persist until an operator acts, so none of them is retriable.
    """
    try:
        yield
    except OSError as error:
        code = error.errno or 0
        remedy = _REMEDIES.get(code, "check the disk for errors, then start again")
        raise Fatal(f"{what}: {error.strerror or error}", remedy) from error


class CommitGuard:
    """Refuses every commit after a failed one, whose outcome is unknown.

    Examples
    --------
    >>> guard = CommitGuard()
    >>> with guard.one_commit():
    ...     pass
    """

    def __init__(self) -> None:
        self._failed = False

    @contextmanager
    def one_commit(self) -> Iterator[None]:
        """Enclose a commit; after an exception every further commit is refused."""
        if self._failed:
            raise Fatal(
                "an earlier commit failed, and its outcome is unknown",
                "close this outbox, open a new one, and continue from its committed position",
            )
        self._failed = True
        yield
        self._failed = False
