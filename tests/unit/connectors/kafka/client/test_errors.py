"""What Kafka's client raises, and what it only says in its log, told to people."""

import logging

import pytest
from kafka import errors

from connectors import Fatal, Retriable
from connectors.errors import ConnectorError
from connectors.kafka.client.client_log import CLIENT_LOG, ClientLog
from connectors.kafka.client.errors import explain, map_connect_errors, map_kafka_errors

FATAL = [
    (errors.FencedInstanceIdError, "kafka.worker_id"),
    (errors.SaslAuthenticationFailedError, "kafka.security.sasl"),
    (errors.UnsupportedSaslMechanismError, "kafka.security.sasl"),
    (errors.TopicAuthorizationFailedError, "Read on the input"),
    (errors.GroupAuthorizationFailedError, "Read on the group"),
    (errors.TransactionalIdAuthorizationFailedError, "transactional id"),
    (errors.ClusterAuthorizationFailedError, "transactional id"),
    (errors.UnknownTopicOrPartitionError, "topics create"),
    (errors.InvalidTopicError, "topics create"),
    (errors.OffsetOutOfRangeError, "source.on_offset_out_of_range"),
    (errors.NoOffsetForPartitionError, "source.on_offset_out_of_range"),
    (errors.LogTruncationError, "source.on_offset_out_of_range"),
    (errors.InvalidTransactionTimeoutError, "transaction_timeout_ms"),
    (errors.InvalidSessionTimeoutError, "session_timeout_ms"),
    (errors.MessageSizeTooLargeError, "chunk_bytes"),
    (errors.UnsupportedVersionError, "Kafka 2.5"),
    (errors.CorruptRecordError, "cannot be read"),
    (errors.UnsupportedCodecError, "lz4"),
    (errors.KafkaConfigurationError, "kafka section"),
]
RETRIABLE = [
    errors.KafkaTimeoutError,
    errors.KafkaConnectionError,
    errors.NotLeaderForPartitionError,
    errors.NotCoordinatorError,
    errors.CoordinatorLoadInProgressError,
    errors.NotEnoughReplicasError,
    errors.UnstableOffsetCommitError,
    errors.ConcurrentTransactionsError,
    errors.ProducerFencedError,
    errors.InvalidProducerEpochError,
    errors.OutOfOrderSequenceNumberError,
    errors.IllegalGenerationError,
    errors.RebalanceInProgressError,
    errors.UnknownMemberIdError,
    errors.CommitFailedError,
    errors.IllegalStateError,
    errors.UnknownError,
]


def make(kind: type[Exception]) -> Exception:
    try:
        return kind("words")
    except TypeError:
        return kind({})


@pytest.mark.parametrize(("kind", "remedy"), FATAL, ids=lambda x: getattr(x, "__name__", ""))
def test_what_people_must_mend_is_fatal(kind: type[Exception], remedy: str) -> None:
    found = explain("topic pumps", make(kind))
    assert isinstance(found, Fatal)
    assert found.message.startswith(f"topic pumps: {kind.__name__}")
    assert remedy in found.remedy


@pytest.mark.parametrize("kind", RETRIABLE, ids=lambda kind: kind.__name__)
def test_what_time_or_a_new_start_mends_is_retriable(kind: type[Exception]) -> None:
    found = explain("topic pumps", make(kind))
    assert isinstance(found, Retriable)
    assert found.message.startswith(f"topic pumps: {kind.__name__}")
    assert found.remedy.startswith("wait" if issubclass(kind, errors.RetriableError) else "start")


@pytest.mark.parametrize("kind", [errors.ProducerFencedError, errors.InvalidProducerEpochError])
def test_who_is_shut_out_hears_of_the_other_process(kind: type[Exception]) -> None:
    assert "same kafka.worker_id" in explain("transaction x", kind()).remedy


def test_a_message_is_not_told_twice() -> None:
    assert explain("x", errors.KafkaTimeoutError()).message == "x: KafkaTimeoutError"
    assert explain("x", OSError("no route")).message == "x: OSError: no route"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.KafkaTimeoutError("late"), Retriable),
        (ConnectionResetError("gone"), Retriable),
        (errors.FencedInstanceIdError(), Fatal),
        (Fatal("as it is", "leave it"), Fatal),
    ],
    ids=repr,
)
def test_nothing_of_the_client_gets_out_untold(
    error: Exception, kind: type[ConnectorError]
) -> None:
    with pytest.raises(kind) as caught, map_kafka_errors("topic pumps"):
        raise error
    assert "topic pumps" in str(caught.value) or caught.value is error


def test_a_defect_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(KeyError), map_kafka_errors("topic pumps"):
        raise KeyError("ours")


SAID = [
    ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired", "kafka.security.ca_file"),
    ("[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca", "kafka.security.cert_file"),
    ("[SSL: SSLV3_ALERT_CERTIFICATE_EXPIRED] alert certificate expired", "cert_file"),
    ("SaslAuthenticationFailedError: Authentication failed: invalid user", "kafka.security.sasl"),
    ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "kafka.security.protocol"),
    ("Invalid frame length: 352518912", "kafka.security.protocol"),
]


def reach(words: str) -> None:
    """Fail as the client does: the exception says nothing, the log says why."""
    with map_connect_errors("Kafka at localhost:1"):
        logging.getLogger("kafka.net").error("connection failed", exc_info=OSError(words))
        raise errors.KafkaTimeoutError("no broker")


@pytest.mark.parametrize(("words", "remedy"), SAID)
def test_a_refusal_that_only_the_log_tells_is_fatal(words: str, remedy: str) -> None:
    with pytest.raises(Fatal) as caught:
        reach(words)
    assert words in caught.value.message
    assert remedy in caught.value.remedy


def test_an_old_refusal_explains_nothing_new() -> None:
    logging.getLogger("kafka.net").error(SAID[0][0])
    with pytest.raises(Retriable), map_connect_errors("Kafka at localhost:1"):
        raise errors.KafkaTimeoutError("no broker")


def test_a_broker_that_is_away_is_waited_for() -> None:
    with pytest.raises(Retriable):
        reach("connection refused")


def test_a_handshake_that_breaks_off_is_waited_for_and_the_doubt_told() -> None:
    with pytest.raises(Retriable, match=r"kafka\.security\.protocol"):
        reach("Handshake failed: [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred")


def test_only_the_last_words_are_kept_and_only_warnings() -> None:
    words = ClientLog()
    log = logging.Logger("kafka.test")
    log.addHandler(words)
    log.info(SAID[0][0])
    assert words.refusal(since=0) is None
    log.warning(SAID[0][0])
    assert words.refusal(since=0) is not None
    for number in range(20):
        log.warning("connection %d refused", number)
    assert words.refusal(since=0) is None
    assert CLIENT_LOG in logging.getLogger("kafka").handlers
