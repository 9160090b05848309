"""Posts alerts to a URL, with retries."""

import threading
from collections.abc import Callable, Mapping

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from connectors import Fatal, Record, Relay, Retriable

ANSWER_S = 10.0
WAIT_S_MAX = 60.0
BATCH = 100
POLL_MS = 500
LATER = {408, 425, 429}  # client errors after which a request is retried


def is_address(url: str) -> bool:
    """Return whether alerts can be posted to a URL.

    Examples
    --------
    >>> is_address("https://example.org/alerts"), is_address("example.org"), is_address("ftp://x/")
    (True, False, False)
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme in {"http", "https"} and bool(parsed.host)


class NotNowError(Exception):
    """The receiver cannot be reached or is busy."""


class Webhook:
    """Posts alerts to a URL, with their id as ``Idempotency-Key``.

    Parameters
    ----------
    url : str
    headers : mapping of str to str
        Headers of each request.
    stopped : threading.Event
        Ends the retries.
    tell : callable
        Receives the reason of each retry.
    wait_s : float
        Time before the first retry. It about doubles for each further retry, up to a minute.

    Examples
    --------
    >>> hook = Webhook("http://127.0.0.1:9/", {}, threading.Event(), print)
    >>> hook.close()
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        stopped: threading.Event,
        tell: Callable[[str], None],
        wait_s: float = 0.5,
    ) -> None:
        self._url = url
        self._stopped = stopped
        self._tell = tell
        self._wait_s = wait_s
        self._client = httpx.Client(
            headers={"Content-Type": "application/json", **headers}, timeout=ANSWER_S
        )

    def deliver(self, alert: Record) -> bool:
        """Post an alert until it is accepted; return False if stopped before.

        Raises
        ------
        Fatal
            If the receiver refuses it with an error that is not retried.
        """
        delivered = False
        for attempt in Retrying(
            retry=retry_if_exception_type(NotNowError),
            wait=wait_random_exponential(multiplier=self._wait_s, max=WAIT_S_MAX),
            before_sleep=self._told,
            sleep=self._sleep,
            retry_error_callback=lambda _: None,
            stop=lambda _: self._stopped.is_set(),
        ):
            with attempt:
                self._post(alert)
                delivered = True
        return delivered

    def _sleep(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _post(self, alert: Record) -> None:
        key = (alert.key or b"").decode()
        try:
            answer = self._client.post(
                self._url,
                content=alert.value or b"",
                headers={"Idempotency-Key": key.encode("ascii", "backslashreplace").decode()},
            )
        except httpx.TransportError as error:
            raise NotNowError(f"{self._where}: {error or type(error).__name__}") from error
        told = f"{self._where}: {answer.status_code} {answer.reason_phrase}".rstrip()
        if answer.status_code in LATER or answer.is_server_error:
            raise NotNowError(told)
        if not answer.is_success:
            raise Fatal(
                f"{told} for alert {key}",
                "correct the address or the receiver and start again: this alert is sent first; to "
                "skip it, let the receiver answer it once with 200",
            )

    @property
    def _where(self) -> str:
        """The URL without parts that may be secret."""
        url = httpx.URL(self._url)
        return f"{url.scheme}://{url.host}{f':{url.port}' if url.port else ''}{url.path}"

    def _told(self, state: RetryCallState) -> None:
        assert state.outcome is not None
        self._tell(f"retrying: {state.outcome.exception()}")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def forward(
    open_relay: Callable[[], Relay],
    webhook: Webhook,
    stopped: threading.Event,
    tell: Callable[[str], None],
) -> int:
    """Deliver alerts until stopped; return their number.

    The position is committed after each delivered batch. After a crash at most one batch is sent
    again, under the same keys.
    """
    delivered = 0
    while not stopped.is_set():
        try:
            relay = open_relay()
            try:
                delivered += _forward(relay, webhook, stopped)
            finally:
                relay.close()
        except Retriable as error:
            tell(f"relay reopened: {error.message}")
            stopped.wait(1)
    return delivered


def _forward(relay: Relay, webhook: Webhook, stopped: threading.Event) -> int:
    delivered = 0
    while not stopped.is_set():
        alerts = relay.poll(BATCH, POLL_MS)
        for alert in alerts:
            if not webhook.deliver(alert):
                return delivered
            delivered += 1
        if alerts:
            relay.commit()
        else:
            stopped.wait(POLL_MS / 1000)  # a relay over files does not wait by itself
    return delivered
