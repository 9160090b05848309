"""Maps the errors of kafka-python to `Retriable` and `Fatal`."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

from kafka import errors

from connectors.errors import ConnectorError, Fatal, Fenced, Retriable
from connectors.kafka.client.client_log import CLIENT_LOG

WAIT = "wait until the brokers answer; the worker retries by itself"
RESTART = "start again: nothing committed is lost"
_NO_TLS = (
    f"{WAIT}; if it goes on, that port does not speak TLS: check kafka.security.protocol and the "
    "port"
)
_FENCED = (
    f"{RESTART}; if it happens repeatedly, another process uses the same kafka.worker_id: "
    "give each its own id"
)

_FATAL: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (errors.FencedInstanceIdError,),
        "a newer process with the same kafka.worker_id fenced this one: give each its own id",
    ),
    (
        (errors.SaslAuthenticationFailedError, errors.UnsupportedSaslMechanismError),
        "check kafka.security.sasl: mechanism, user name and password",
    ),
    (
        (errors.TopicAuthorizationFailedError,),
        "grant this user Read on the input and command topics, Read and Write on the others",
    ),
    ((errors.GroupAuthorizationFailedError,), "grant this user Read on the group"),
    (
        (errors.TransactionalIdAuthorizationFailedError, errors.ClusterAuthorizationFailedError),
        "grant this user Write and Describe on the transactional id, which is GROUP.WORKER_ID",
    ),
    (
        (errors.UnknownTopicOrPartitionError, errors.InvalidTopicError),
        "create it: streamlstm topics create CONFIG",
    ),
    (
        (errors.OffsetOutOfRangeError, errors.NoOffsetForPartitionError, errors.LogTruncationError),
        "set source.on_offset_out_of_range to where to continue, or give the application "
        "another kafka.group",
    ),
    (
        (errors.InvalidTransactionTimeoutError,),
        "lower kafka.transaction_timeout_ms, or raise transaction.max.timeout.ms at the broker",
    ),
    (
        (errors.InvalidSessionTimeoutError,),
        "choose a kafka.session_timeout_ms that the broker allows (group.min.session.timeout.ms)",
    ),
    (
        (errors.MessageSizeTooLargeError,),
        "lower outbox.chunk_bytes, or raise max.message.bytes of the topic",
    ),
    (
        (errors.UnsupportedVersionError, errors.UnsupportedForMessageFormatError),
        "use a broker of Kafka 2.5 or later",
    ),
    (
        (errors.CorruptRecordError, errors.UnsupportedCodecError),
        "the record cannot be read: check that the topic is intact, and that the package for its "
        "compression is installed (lz4, python-snappy, zstandard); to skip it, delete the "
        "partition's records up to it (kafka-delete-records.sh), and start again with "
        "source.on_offset_out_of_range: earliest",
    ),
    ((errors.KafkaConfigurationError,), "correct the kafka section of the configuration"),
)


def explain(what: str, error: Exception) -> ConnectorError:
    """Map an error, with its message and a remedy.

    Errors that the client marks as retriable, and unknown ones, are retried from the committed
    position; known refusals are not.

    Examples
    --------
    >>> explain("topic pumps", errors.KafkaTimeoutError("no answer in 5 s")).message
    'topic pumps: KafkaTimeoutError: no answer in 5 s'
    >>> explain("topic pumps", errors.FencedInstanceIdError()).remedy.split(":")[0]
    'a newer process with the same kafka.worker_id fenced this one'
    """
    name = type(error).__name__
    message = f"{what}: {name}: {str(error).removeprefix(name).lstrip(': ')}".rstrip(": ")
    for kinds, remedy in _FATAL:
        if isinstance(error, kinds):
            return Fatal(message, remedy)
    if isinstance(error, errors.ProducerFencedError | errors.InvalidProducerEpochError):
        return Fenced(message, _FENCED)
    retriable = isinstance(error, errors.RetriableError | OSError)
    return Retriable(message, WAIT if retriable else RESTART)


def suppress_close_errors() -> AbstractContextManager[None]:
    """Ignore errors while a client is closed; they would hide the reason for closing.

    Examples
    --------
    >>> with suppress_close_errors():
    ...     raise errors.KafkaTimeoutError("no answer in 1 s")
    """
    return suppress(errors.KafkaError, OSError)


@contextmanager
def map_connect_errors(what: str) -> Iterator[None]:
    """Map the errors of connecting to the brokers, and find the cause.

    A wrong password also ends as a time-out; only the client's log distinguishes it from a broker
    that is down. It is fatal, since retries could lock the account.
    """
    began = time.monotonic()
    try:
        with map_kafka_errors(what):
            yield
    except Retriable as error:
        if refusal := CLIENT_LOG.refusal(since=began):
            words, remedy = refusal
            raise Fatal(f"{what}: {words}", remedy) from error
        if no_tls := CLIENT_LOG.no_tls(since=began):
            raise Retriable(f"{what}: {no_tls}", _NO_TLS) from error
        raise


@contextmanager
def map_kafka_errors(what: str) -> Iterator[None]:
    """Convert the errors of the Kafka client in the block to `Retriable` or `Fatal`."""
    try:
        yield
    except ConnectorError:
        raise
    except (errors.KafkaError, OSError) as error:
        raise explain(what, error) from error
