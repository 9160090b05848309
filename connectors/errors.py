"""The two ways a connector fails, and the words that go with it."""

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
    """What `Retriable` and `Fatal` have in common: what happened, and what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}; remedy: {self.remedy}"


class Retriable(ConnectorError):
    """It may work later: drop this connector, build a new one, go on from what is committed.

    Trying the same call again on the same object is not offered: after a failed commit nobody knows
    what it holds.
    """


class Fenced(Retriable):
    """Somebody of the same name took this one's place, or it was away for too long.

    Once it may work later; shut out again and again, two are sharing a name.
    """


class Fatal(ConnectorError):
    """It will not work until someone acts: stop, and show the remedy.

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
    """Turn an ``OSError`` into a `Fatal` that names ``what`` and says what to do.

    A local disk that refuses once refuses again, so none of them is retriable.
    """
    try:
        yield
    except OSError as error:
        code = error.errno or 0
        remedy = _REMEDIES.get(code, "see that the disk is sound, then start again")
        raise Fatal(f"{what}: {error.strerror or error}", remedy) from error


class CommitGuard:
    """Refuses every commit after one that failed, so that no outbox guesses what became of it.

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
        """Hold during a commit; leaving it by an exception of any kind closes it for good."""
        if self._failed:
            raise Fatal(
                "an earlier commit failed, and nobody knows what became of it",
                "close this outbox, open a new one, and go on from the position committed there",
            )
        self._failed = True
        yield
        self._failed = False
