"""The last warnings in the client's log, for causes that its exceptions do not state."""

import collections
import logging
import re
import time

_REFUSALS = (
    (
        re.compile(r"CERTIFICATE_VERIFY_FAILED|self.signed certificate|unable to get local issuer"),
        "check that the broker's certificate is valid, names this host, and is signed by a CA in "
        "kafka.security.ca_file",
    ),
    (
        re.compile(
            r"ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA)|alert (certificate|unknown ca)"
        ),
        "the broker does not accept this worker's certificate: see kafka.security.cert_file and "
        "its date",
    ),
    (
        re.compile(r"SaslAuthenticationFailed|[Aa]uthentication failed|UnsupportedSaslMechanism"),
        "check kafka.security.sasl: mechanism, user name and password",
    ),
    (
        re.compile(r"WRONG_VERSION_NUMBER|SSL: RECORD_LAYER"),
        "that port does not speak TLS: check kafka.security.protocol and the port",
    ),
    (
        re.compile(r"Invalid frame length"),
        "that port does not speak Kafka without TLS: check kafka.security.protocol and the port",
    ),
)
_NO_TLS = re.compile(r"Handshake failed.*EOF")  # a broker that shuts down may cause it as well
_KEPT = 20


class ClientLog(logging.Handler):
    """Handler that keeps the last warnings of the logger `kafka`, with their times.

    Examples
    --------
    >>> words = ClientLog()
    >>> words.refusal(since=0) is None
    True
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._kept: collections.deque[tuple[float, str]] = collections.deque(maxlen=_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a warning and its exception."""
        told = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            told += f": {record.exc_info[1]}"
        self._kept.append((time.monotonic(), told))

    def refusal(self, since: float) -> tuple[str, str] | None:
        """Find a warning since then that shows a refusal by the broker or by this client.

        Returns
        -------
        tuple of (str, str), or None
            The warning and its remedy.
        """
        for at, told in reversed(self._kept):
            for words, remedy in _REFUSALS:
                if at >= since and words.search(told):
                    return told, remedy
        return None

    def no_tls(self, since: float) -> str | None:
        """Find a warning since then that shows that a port may not speak TLS."""
        return next((t for at, t in self._kept if at >= since and _NO_TLS.search(t)), None)


CLIENT_LOG = ClientLog()
