"""The topics that a configuration needs, and faults of existing ones."""

from collections.abc import Mapping

import msgspec

from connectors.kafka.client.topics import Topic, TopicAdmin
from connectors.kafka.writing.outbox import OVERHEAD_BYTES
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.wiring.kafka import make_client, sections

REPLICATION = 3
BROKERS_MESSAGE_BYTES = 1_048_588  # the default of max.message.bytes
BATCH_BYTES = 1024  # overhead of a batch of one message
HOUR_MS = 3_600_000
FOREVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}


class Need(msgspec.Struct, frozen=True):
    """A topic that is needed.

    Parameters
    ----------
    name, purpose : str
    partitions : str
        ``"own"`` for the input, ``"same"`` number as the input, ``"any"`` number or ``"one"``.
    must : dict of str to str
        Required settings; a number of bytes is a minimum.
    made_with : dict of str to str
        Further settings with which it is created.
    """

    name: str
    purpose: str
    partitions: str
    must: dict[str, str] = {}
    made_with: dict[str, str] = {}


class Planned(msgspec.Struct):
    """The wanted state of a topic, and the faults of the existing one.

    Parameters
    ----------
    need : Need
    wanted : Topic
        The topic to create; with 0 partitions if the number of the input is not known.
    found : Topic, optional
        The existing topic.
    faults : list of str
        Faults that must be corrected before a worker starts.
    notes : list of str
        Differences that can remain.
    """

    need: Need
    wanted: Topic
    found: Topic | None
    faults: list[str]
    notes: list[str]


def needs(config: Config) -> list[Need]:
    """List the topics of a configuration, the input first.

    Examples
    --------
    >>> config = Config.model_validate({
    ...     "version": 1, "app": "pumps", "schema": {"target": "flow"},
    ...     "source": {"kind": "kafka", "topic": "pumps"}, "outbox": {"kind": "kafka"},
    ...     "kafka": {"bootstrap_servers": "127.0.0.1:9092"}, "state": {"path": "streams"}})
    >>> [need.purpose for need in needs(config)]
    ['input', 'alerts', 'dead letters', 'snapshots', 'applied commands']
    """
    _, source, outbox = sections(config)
    topics = config.topics
    least = outbox.chunk_bytes + OVERHEAD_BYTES + BATCH_BYTES
    room = {"max.message.bytes": str(least)}
    roomy = {"max.message.bytes": str(max(least, BROKERS_MESSAGE_BYTES))}
    brisk = {"segment.ms": str(HOUR_MS), "segment.bytes": str(16 << 20)}
    kept = {"cleanup.policy": "delete"}
    compact = {"cleanup.policy": "compact"}
    found = [
        Need(source.topic, "input", "own"),
        Need(topics.alerts, "alerts", "any", kept),
        Need(topics.dead_letters, "dead letters", "any", kept | room, roomy),
        Need(topics.snapshots, "snapshots", "same", compact | room, roomy | brisk),
        Need(topics.applied_commands, "applied commands", "same", FOREVER),
    ]
    if config.commands is not None and config.commands.topic is not None:
        found.append(Need(config.commands.topic, "commands", "one", FOREVER))
    return found


def plan(
    config: Config, there: Mapping[str, Topic], replication: int, input_partitions: int | None
) -> list[Planned]:
    """Compare the needed topics with the existing ones.

    Parameters
    ----------
    config
    there
        Existing topics by name.
    replication
        Wanted number of replicas of each partition.
    input_partitions
        Number of partitions of the input, if it must be created.
    """
    found = needs(config)
    first = there.get(found[0].name)
    count = first.partitions if first else input_partitions or 0
    planned = []
    for need in found:
        partitions = 1 if need.partitions == "one" else count
        safe = {"min.insync.replicas": "2"} if replication >= REPLICATION else {}
        wanted = Topic(need.name, partitions, replication, need.must | need.made_with | safe)
        topic = there.get(need.name)
        faults = [] if topic else ["missing: streamlstm topics create CONFIG"]
        notes = []
        if topic is None and not partitions:
            faults = ["missing: streamlstm topics create CONFIG --partitions N"]
        if topic is not None:
            faults = _wrong_number(need, topic, count) + _wrong_settings(need, topic)
            notes = _notes(need, topic, count, replication)
        planned.append(Planned(need, wanted, topic, faults, notes))
    return planned


def _wrong_number(need: Need, topic: Topic, count: int) -> list[str]:
    if need.partitions == "one" and topic.partitions != 1:
        return [f"it has {topic.partitions} partitions, and must have one: recreate it"]
    if need.partitions == "same" and topic.partitions < count:
        return [
            f"it has {topic.partitions} partitions, and the input has {count}: add partitions "
            f"(kafka-topics.sh --alter --topic {topic.name} --partitions {count})"
        ]
    return []


def _wrong_settings(need: Need, topic: Topic) -> list[str]:
    faults = []
    for name, must in need.must.items():
        given = topic.settings.get(name)
        if given is None or given == must:
            continue
        if name.endswith("message.bytes") and int(given) >= int(must):
            continue
        alter = (
            f"kafka-configs.sh --alter --entity-type topics --entity-name {topic.name} "
            f"--add-config {name}={must}"
        )
        faults.append(f"{name} is {given}{_consequence(need, name, must)} ({alter})")
    return faults


def _consequence(need: Need, name: str, must: str) -> str:
    if need.purpose == "snapshots" and name == "cleanup.policy":
        return (
            " and must be compact. DANGEROUS: snapshots older than the retention are deleted, and "
            "the models in them are lost"
        )
    if name == "cleanup.policy":
        return f" and must be {must}: of records with the same key only the last would stay"
    if name.startswith("retention"):
        return ": operator commands older than that are deleted before a replay has read them"
    return f" and must be at least {must}: larger messages would stop the worker"


def _notes(need: Need, topic: Topic, count: int, replication: int) -> list[str]:
    notes = []
    if need.partitions == "same" and topic.partitions > count:
        notes.append(f"it has {topic.partitions} partitions, and needs {count}")
    if topic.replication < replication:
        notes.append(
            f"it has {topic.replication} replica{'s' if topic.replication > 1 else ''} of each "
            f"partition; {replication} are possible"
        )
    if need.must and not topic.settings:
        notes.append("its settings cannot be seen: grant this user DescribeConfigs on it")
    return notes


def look(
    config: Config,
    input_partitions: int | None = None,
    replication: int | None = None,
    *,
    create: bool = False,
) -> tuple[list[Planned], list[Topic]]:
    """Inspect the topics of a configuration, and create missing ones on request.

    Returns
    -------
    planned : list of Planned
        The present state.
    created : list of Topic
        The topics that were created.
    """
    admin = TopicAdmin(make_client(config))
    created: list[Topic] = []
    try:
        names = [need.name for need in needs(config)]
        copies = replication or min(REPLICATION, max(1, admin.brokers()))
        planned = plan(config, admin.find(names), copies, input_partitions)
        missing = [p.wanted for p in planned if p.found is None and p.wanted.partitions]
        if create and missing:
            created = [topic for topic in missing if admin.create(topic)]
            planned = plan(config, admin.find(names), copies, input_partitions)
    finally:
        admin.close()
    return planned, created
