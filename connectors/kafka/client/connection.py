"""How to reach a cluster, and the settings that every client of ours has in common."""

import logging
import warnings
from typing import Any

import msgspec

# Under Python 3.11 the client's schemas are read through a call that warns at each of 200 files.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from connectors.kafka.client.client_log import CLIENT_LOG
from connectors.kafka.client.errors import map_connect_errors

# What it has to say reaches people as Retriable and Fatal; its own log repeats it by the second.
logging.getLogger("kafka").propagate = False
logging.getLogger("kafka").addHandler(CLIENT_LOG)

ANSWER_MS = 10_000  # a broker that takes longer than this for anything is taken to be away


class KafkaClient(msgspec.Struct, frozen=True):
    """Makes consumers, producers and admins of one cluster.

    Parameters
    ----------
    bootstrap_servers : tuple of str
        Some of the brokers, each ``host:port``.
    security : dict
        What `kafka` takes for it: ``security_protocol``, ``ssl_…``, ``sasl_…``.
    client_id : str
        Shows in the brokers' logs and quotas.
    client_rack : str
        Lets a consumer read from the nearest replica.

    Examples
    --------
    >>> KafkaClient(("127.0.0.1:9092",)).client_id
    'streamlstm'
    """

    bootstrap_servers: tuple[str, ...]
    security: dict[str, Any] = {}
    client_id: str = "streamlstm"
    client_rack: str = ""

    @property
    def _common(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": list(self.bootstrap_servers),
            "client_id": self.client_id,
            "bootstrap_timeout_ms": ANSWER_MS,
            "request_timeout_ms": ANSWER_MS,
            "retry_backoff_ms": 10,  # 100 of them, the default, would be most of a transaction
            "reconnect_backoff_max_ms": 1000,
            **self.security,
        }

    def consumer(self, *topics: str, **settings: Any) -> Any:
        """Make a consumer: it reads what is committed, and commits nothing by itself.

        ``read_committed`` is more than what it says: only then does the broker hold back an offset
        that a pending transaction is about to move.
        """
        fixed = {
            "isolation_level": "read_committed",
            "enable_auto_commit": False,
            "auto_offset_reset": "none",
            "allow_auto_create_topics": False,
            "client_rack": self.client_rack,
            "metrics_enabled": False,
        }
        with map_connect_errors(self.where):
            return KafkaConsumer(*topics, **(self._common | fixed | settings))

    def producer(self, **settings: Any) -> Any:
        """Make a producer whose sends are acknowledged by all in-sync replicas."""
        fixed = {
            "acks": "all",
            "allow_auto_create_topics": False,
            "max_block_ms": ANSWER_MS,
            "metrics_enabled": False,
        }
        with map_connect_errors(self.where):
            return KafkaProducer(**(self._common | fixed | settings))

    def admin(self) -> Any:
        """Make a client for looking after topics and groups."""
        with map_connect_errors(self.where):
            return KafkaAdminClient(**self._common)

    @property
    def where(self) -> str:
        """Name the cluster for people."""
        return f"Kafka at {','.join(self.bootstrap_servers)}"
