"""The operator's commands against a real broker."""

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, TopicPartition

from streamlstm.bank.snapshot import unpack
from tests.support.faults.processes import command, running
from tests.support.faults.receiver import receiving
from tests.support.kafka.app import PARTITIONS, RECORDS, App, produce_one
from tests.support.kafka.broker.topics import create_topic, produce, read_topic
from tests.support.kafka.small_app import until


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Put back the signal handlers that commands take."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.fixture
def app(broker: Any, tmp_path: Path) -> App:
    return App(broker.bootstrap, tmp_path)


@pytest.fixture(scope="module")
def done(broker: Any, tmp_path_factory: pytest.TempPathFactory) -> App:
    """An application whose worker has read it all and ended; tests leave its state as it is."""
    app = App(broker.bootstrap, tmp_path_factory.mktemp("done"))
    app("topics create", "--partitions", str(PARTITIONS))
    app.fill()
    app.run()
    until(app.deserted)
    return app


def alerts(app: App) -> list[bytes]:
    return [record.value for record in read_topic(app.bootstrap, f"{app.name}.alerts")]


def planned(app: App, code: int = 0) -> dict[str, Any]:
    told = json.loads(app("topics plan", "--json", code=code).stdout)
    return {topic["purpose"]: topic for topic in told["topics"]}


def test_topics_are_planned_made_and_left_alone(app: App) -> None:
    assert "missing" in app("topics plan", code=3).output
    assert "topics create" in app("check", code=3).output
    assert "--partitions N" in app("topics create", code=2).output
    assert not any(topic["exists"] for topic in planned(app, code=3).values())

    told = app("topics create", "--partitions", "3").output
    assert told.count("created ") == 6
    found = planned(app)
    assert {name: topic["partitions"] for name, topic in found.items()} == {
        "input": 3,
        "alerts": 3,
        "dead letters": 3,
        "snapshots": 3,
        "applied commands": 3,
        "commands": 1,
    }
    assert found["snapshots"]["settings"]["cleanup.policy"] == "compact"
    assert not any(topic["faults"] for topic in found.values())
    assert "valid; memory for" in app("check").output

    again = app("topics create", "--partitions", "7").output
    assert "created" not in again
    assert planned(app) == found


def test_faulty_topics_are_reported_and_not_changed(broker: Any, tmp_path: Path) -> None:
    def topic(partitions: int, **configs: str) -> str:
        return create_topic(broker.bootstrap, partitions, **configs)

    source, commands = topic(2), topic(2)
    outbox = {
        "alerts_topic": topic(1),
        "snapshots_topic": topic(2, cleanup_policy="delete"),
        "applied_commands_topic": topic(1, retention_ms="1000"),
        "dead_letters_topic": topic(1, max_message_bytes="2000"),
    }
    wrong = App(
        broker.bootstrap,
        tmp_path,
        source={"kind": "kafka", "topic": source},
        outbox={"kind": "kafka", **outbox},
        commands={"topic": commands},
    )
    before = planned(wrong, code=3)
    faults = {name: " ".join(topic["faults"]) for name, topic in before.items()}
    assert faults["input"] == faults["alerts"] == ""
    assert "cleanup.policy is delete and must be compact. DANGEROUS" in faults["snapshots"]
    assert f"--entity-name {outbox['snapshots_topic']}" in faults["snapshots"]
    assert "it has 1 partitions, and the input has 2" in faults["applied commands"]
    assert "retention.ms is 1000" in faults["applied commands"]
    assert "max.message.bytes is 2000 and must be at least" in faults["dead letters"]
    assert "it has 2 partitions, and must have one" in faults["commands"]
    for name in ("topics create", "check"):
        assert "DANGEROUS" in wrong(name, code=3).output
    assert planned(wrong, code=3) == before


def test_lag_is_reported_without_a_worker(done: App) -> None:
    found = done.json("lag")
    assert found["total"] == {"lag": 0, "replay": 0}
    assert [one["committed"] for one in found["partitions"]] == [600, 300]
    assert "total" in done("lag").output


def test_the_state_of_streams_is_shown(done: App, tmp_path: Path) -> None:
    found = done.json("state list")
    assert {one["partition"] for one in found} == {0, 1}
    assert all(one["events"] > 0 and one["damaged"] is None for one in found)
    assert len(found) == done("state list").output.count("pump-")
    shown = done.json("state show", "pump-1", "--partition", "0")[0]
    (listed,) = [one for one in found if (one["key"], one["partition"]) == ("pump-1", 0)]
    assert {name: shown[name] for name in ("events", "next_offset", "snapshot_bytes")} == {
        name: listed[name] for name in ("events", "next_offset", "snapshot_bytes")
    }
    assert sum(shown["experts"]["flow"].values()) == pytest.approx(1)
    assert "pump-1" in done("state show", "pump-1").output
    assert "state list" in done("state show", "nobody", code=2).output

    file = tmp_path / "pump-1.safetensors"
    assert "--partition" in done("state export", "pump-1", str(file), code=2).output
    done("state export", "pump-1", str(file), "--partition", "0")
    header, _ = unpack(file.read_bytes())
    assert (header["stream"], header["next_offset"]) == ("pump-1", shown["next_offset"])
    written = done("state export", "pump-1", "-", "--partition", "0").stdout_bytes
    assert written == file.read_bytes()


def test_a_replay_from_the_beginning_repeats_the_alerts(done: App) -> None:
    before, lag = alerts(done), done.json("lag")
    told = done("replay")
    assert told.stdout_bytes.splitlines() == before
    assert len(before) > 4
    assert "untrained models from offset 0" in told.stderr
    assert "nothing was written" in told.stderr
    assert (alerts(done), done.json("lag")) == (before, lag)


def test_a_replay_of_a_range_of_offsets(done: App) -> None:
    told = done("replay", "--from", "100", "--to", "500", "--partition", "0")
    offsets = [json.loads(line)["offset"] for line in told.stdout.splitlines()]
    assert offsets
    assert all(100 <= offset < 500 for offset in offsets)
    assert "400 records" in told.stderr
    stream = json.loads(told.stdout.splitlines()[0])["stream"]
    of_one = done("replay", "--from", "100", "--to", "500", "--partition", "0", "--stream", stream)
    assert of_one.stdout.splitlines() == [
        line for line in told.stdout.splitlines() if json.loads(line)["stream"] == stream
    ]
    assert done("replay", "--from", "2099-01-01T00:00:00Z").stdout == ""
    assert "900 records" in done("replay", "--from", "2020-01-01T00:00:00Z").stderr
    assert "no partition 9" in done("replay", "--partition", "9", code=2).output


def test_dead_letters_are_listed(done: App) -> None:
    dead_letters = done("dead-letters list", "--json").stdout.splitlines()
    codes = Counter(json.loads(line)["code"] for line in dead_letters)
    assert codes["not_json"] > 0
    table = done("dead-letters list").output
    assert f"{codes['not_json']} not_json" in " ".join(table.split())
    only = done("dead-letters list", "--code", "not_json", "--limit", "1", "--json").stdout
    assert [json.loads(line)["code"] for line in only.splitlines()] == ["not_json"]


def test_alerts_are_posted_until_they_are_accepted(done: App) -> None:
    wanted = [json.loads(alert)["id"] for alert in alerts(done)]
    with receiving() as receiver:
        receiver.answers = [503, 429]
        more = (receiver.url, "--name", "twice", "--header", "X-Token: ${TOKEN}")
        environment = os.environ | {"TOKEN": "sesame"}
        with running("relay", "webhook", done.path, *more, env=environment) as relay:
            until(lambda: len(receiver.seen) == len(wanted) + 2)
            relay.send_signal(signal.SIGTERM)
            assert relay.wait(30) == 0
        assert receiver.keys == wanted[:1] * 2 + wanted
        headers, body = receiver.seen[0]
        assert (headers["x-token"], headers["content-type"]) == ("sesame", "application/json")
        assert json.loads(body)["id"] == wanted[0]


def test_a_relay_killed_before_it_commits_repeats_under_the_same_key(done: App) -> None:
    wanted = [json.loads(alert)["id"] for alert in alerts(done)]
    with receiving() as receiver:
        more = (receiver.url, "--name", "killed")
        with running("relay", "webhook", done.path, *more) as relay:
            receiver.before_answer = lambda: relay.kill() if len(receiver.seen) == 2 else None
            relay.wait(60)
        assert receiver.keys == wanted[:2]
        with running("relay", "webhook", done.path, *more) as relay:
            until(lambda: len(receiver.seen) >= len(wanted) + 2)
            relay.send_signal(signal.SIGTERM)
            assert relay.wait(30) == 0
        assert receiver.keys == wanted[:2] + wanted


def test_an_alert_that_is_refused_ends_the_relay(done: App) -> None:
    with receiving() as receiver:
        receiver.answers = [404]
        told = done("relay webhook", receiver.url, "--name", "refused", code=3).output
    assert re.search(r"404 .* for alert app-", told)
    assert "remedy: correct the address" in told


def test_state_is_not_reset_under_a_worker(app: App) -> None:
    app("topics create", "--partitions", str(PARTITIONS))
    app.fill()

    def refused() -> None:
        told = app("state reset", "--yes", code=3).output
        assert "has active members: worker-0 at 127.0.0.1" in told
        assert "until its session times out, 3 s later" in told
        owners = [one["worker"] for one in app.json("lag")["partitions"]]
        assert owners == ["worker-0"] * PARTITIONS
        assert app.json("lag")["total"] == {"lag": 0, "replay": RECORDS}

    app.run(refused)
    assert "worker-0" in app("state reset", "--yes", code=3).output
    until(app.deserted)

    before = {(one["key"], one["partition"]): one for one in app.json("state list")}
    assert "reset: 2 streams" in app("state reset", "--stream", "pump-1", "--yes").output
    after = {(one["key"], one["partition"]): one for one in app.json("state list")}
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {("pump-1", 0), ("pump-1", 1)}
    assert (after["pump-1", 0]["events"], after["pump-1", 0]["next_offset"]) == (0, 600)

    half = [("next_offset", b"7"), ("chunks", b"2"), ("generation", b"1")]
    produce_one(app, f"{app.name}.snapshots", b"state", half, key=b"torn#1")
    listed = {one["key"]: one["damaged"] for one in app.json("state list")}
    assert {key for key, damaged in listed.items() if damaged} == {"torn"}
    assert f"reset: {len(before) + 1} streams" in app("state reset", "--yes").output
    assert app.json("state list") == []
    snapshots = read_topic(app.bootstrap, f"{app.name}.snapshots")
    assert {r.key: r.value for r in snapshots}[b"torn#1"] is None
    produce(app.bootstrap, app.name, [(None, b'{"pump": "pump-1", "time": 1, "flow": 2}')], 0)
    app.run()
    assert [one["events"] for one in app.json("state list")] == [1]


@pytest.mark.parametrize("forgotten", ["all", "one"])
def test_a_worker_refuses_to_start_without_the_offsets_of_its_group(
    app: App, forgotten: str
) -> None:
    app("topics create", "--partitions", str(PARTITIONS))
    app.fill()
    mute = b'{"verb": "mute", "stream": "pump-1", "events": 5}'
    produce(app.bootstrap, f"{app.name}.commands", [(None, mute)], 0)
    app.run()
    with KafkaAdminClient(bootstrap_servers=list(app.bootstrap)) as admin:
        members = partial(admin.describe_groups, [app.name])
        until(lambda: not members()[app.name]["members"])
        if forgotten == "all":
            admin.delete_groups([app.name])
        else:
            admin.delete_group_offsets(app.name, [TopicPartition(app.name, 0)])
        refused = command("run", app.path)
        until(lambda: not members()[app.name]["members"])
    assert refused.code == 3
    assert "offsets.retention.minutes" in refused.err
    assert "state reset" in refused.err
    app("state reset", "--yes")
    app.run()
    assert sum(one["events"] for one in app.json("state list")) > RECORDS / 2
