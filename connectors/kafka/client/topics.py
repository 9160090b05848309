"""Inspection and creation of topics."""

from collections.abc import Iterable

import msgspec
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError, for_code

from connectors.kafka.client.connection import KafkaClient
from connectors.kafka.client.errors import map_kafka_errors, suppress_close_errors
from connectors.kafka.client.rebalance_listener import to_kafka
from connectors.record import Partition

UNKNOWN_TOPIC = 3
TO_THE_END = -1  # in place of an offset: all records


class Topic(msgspec.Struct, frozen=True):
    """An existing or a wanted topic.

    Parameters
    ----------
    name : str
    partitions : int
    replication : int
        Number of replicas of each partition.
    settings : dict of str to str
        For an existing topic, all settings, or none if this user may not see them. For a wanted
        topic, those that differ from the brokers' defaults.

    Examples
    --------
    >>> Topic("pumps.snapshots", 4, 3, {"cleanup.policy": "compact"}).partitions
    4
    """

    name: str
    partitions: int
    replication: int
    settings: dict[str, str] = {}


class TopicAdmin:
    """Inspects, creates and empties topics, without joining a group or reading records.

    Parameters
    ----------
    client : KafkaClient
        Connection to the cluster.

    Examples
    --------
    With a broker at hand:

    >>> admin = TopicAdmin(KafkaClient(("127.0.0.1:9092",)))  # doctest: +SKIP
    >>> admin.find(["pumps"])  # doctest: +SKIP
    {}
    """

    def __init__(self, client: KafkaClient) -> None:
        self._what = client.where
        self._admin = client.admin()

    def brokers(self) -> int:
        """Return the number of available brokers."""
        with map_kafka_errors(self._what):
            found = self._admin.describe_cluster()["brokers"]
        return sum(not broker.get("is_fenced") for broker in found)

    def find(self, names: Iterable[str]) -> dict[str, Topic]:
        """Return the topics that exist, by name."""
        with map_kafka_errors(self._what):
            described = self._admin.describe_topics(list(names))
            for topic in described:
                if topic["error_code"] not in {0, UNKNOWN_TOPIC}:
                    raise for_code(topic["error_code"])(f"topic {topic['name']}")
            there = [topic for topic in described if topic["error_code"] == 0]
            settings = self._settings([topic["name"] for topic in there])
        return {
            topic["name"]: Topic(
                topic["name"],
                len(topic["partitions"]),
                min((len(p["replica_nodes"]) for p in topic["partitions"]), default=0),
                settings.get(topic["name"], {}),
            )
            for topic in there
        }

    def _settings(self, names: list[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        found = self._admin.describe_configs(wanted, config_filter="all")["topic"]
        return {
            name: {key: str(told["value"]) for key, told in settings.items()}
            for name, settings in found.items()
        }

    def create(self, topic: Topic) -> bool:
        """Create a topic and wait until each partition has a leader.

        Returns
        -------
        bool
            False if the topic has been created by another process meanwhile.
        """
        wanted = {
            "num_partitions": topic.partitions,
            "replication_factor": topic.replication,
            "configs": topic.settings,
        }
        with map_kafka_errors(f"topic {topic.name}"):
            try:
                self._admin.create_topics({topic.name: wanted}, wait_for_metadata=True)
            except TopicAlreadyExistsError:
                return False
        return True

    def empty(self, partition: Partition) -> None:
        """Delete all records of a partition permanently."""
        with map_kafka_errors(f"topic {partition.topic}"):
            self._admin.delete_records({to_kafka(partition): TO_THE_END})

    def close(self) -> None:
        """Close the client."""
        with suppress_close_errors():
            self._admin.close()
