"""Connection settings of a cluster, and the settings that all clients share."""

import logging
import warnings
from typing import Any

import msgspec

# On Python 3.11 the client reads its 200 schema files by a deprecated call, with a warning each.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer

from connectors.kafka.client.client_log import CLIENT_LOG
from connectors.kafka.client.errors import map_connect_errors

# The client's errors are reported as Retriable and Fatal; its own log repeats them every second.
logging.getLogger("kafka").propagate = False
logging.getLogger("kafka").addHandler(CLIENT_LOG)

ANSWER_MS = 10_000  # a broker that takes longer to answer counts as unavailable


class KafkaClient(msgspec.Struct, frozen=True):
    """Creates consumers, producers and admin clients of one cluster.

    Parameters
    ----------
    bootstrap_servers : tuple of str
        Addresses of some of the brokers, each ``host:port``.
    security : dict
        Security parameters of `kafka`: ``security_protocol``, ``ssl_…``, ``sasl_…``.
    client_id : str
        Name of the client in the brokers' logs and quotas.
    client_rack : str
        Rack of the client, so that a consumer reads from the nearest replica.

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
            "retry_backoff_ms": 10,  # the default of 100 ms would take most of a transaction's time
            "reconnect_backoff_max_ms": 1000,
            **self.security,
        }

    def consumer(self, *topics: str, **settings: Any) -> Any:
        """Create a consumer that reads committed records and has no automatic commits.

        ``read_committed`` also affects offsets: only with it does the broker withhold a committed
        offset that a pending transaction will change.
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
        """Create a producer whose messages are acknowledged by all in-sync replicas."""
        fixed = {
            "acks": "all",
            "allow_auto_create_topics": False,
            "max_block_ms": ANSWER_MS,
            "metrics_enabled": False,
        }
        with map_connect_errors(self.where):
            return KafkaProducer(**(self._common | fixed | settings))

    def admin(self) -> Any:
        """Create an admin client for topics and groups."""
        with map_connect_errors(self.where):
            return KafkaAdminClient(**self._common)

    @property
    def where(self) -> str:
        """Return a description of the cluster."""
        return f"Kafka at {','.join(self.bootstrap_servers)}"
