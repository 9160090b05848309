"""Twenty sensors that write to a Kafka topic, with a disturbance from time to time.

    python examples/sensors.py --bootstrap 127.0.0.1:9092 --topic sensors

Each sensor has a daily cycle (a day lasts a minute), noise, and a temperature and a load that
explain part of its flow. Some readings are missing. Every few seconds a sensor has a disturbance: a
leak, a blockage or a stuck reading. Disturbances are written to standard output, to be compared
with the alerts.
"""

import itertools
import json
import math
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from connectors.kafka import KafkaClient

SENSORS = 20
DAY_EVENTS = 600  # of one sensor
TROUBLES = {"leak": 12.0, "blockage": -9.0, "stuck": 0.0}
TROUBLE_EVENTS = 20


class Sensor:
    """One sensor.

    Parameters
    ----------
    number
        Its number, which is the seed of all its values.
    """

    def __init__(self, number: int) -> None:
        self.name = f"pump-{number:02d}"
        self._chance = random.Random(number)
        self._level = 20.0 + 2.0 * number
        self._phase = self._chance.random()
        self._flow = self._level
        self._trouble: tuple[str, int] = ("", 0)

    def disturb(self, trouble: str) -> None:
        """Start a disturbance."""
        self._trouble = (trouble, TROUBLE_EVENTS)

    def read(self, n: int, at: datetime) -> dict[str, Any]:
        """Return its n-th reading."""
        day = math.sin(2 * math.pi * (n / DAY_EVENTS + self._phase))
        load = 0.5 + 0.3 * day + self._chance.gauss(0, 0.05)
        temperature = 18 + 4 * day + self._chance.gauss(0, 0.3)
        trouble, left = self._trouble
        if trouble != "stuck" or left == 0:
            self._flow = self._level + 6 * load + 0.2 * temperature + self._chance.gauss(0, 0.3)
            self._flow += TROUBLES.get(trouble, 0.0) * (left > 0)
        self._trouble = (trouble, max(0, left - 1))
        reading = {"sensor": self.name, "time": at.isoformat(), "load": round(load, 3)}
        reading["temperature"] = None if self._chance.random() < 0.02 else round(temperature, 2)
        return reading | {"flow": round(self._flow, 3)}


def readings(seed: int, trouble_every: int) -> Iterator[tuple[dict[str, Any], str]]:
    """Generate readings, each with the disturbance that has just started, if any.

    Examples
    --------
    >>> reading, trouble = next(readings(seed=0, trouble_every=400))
    >>> reading["sensor"], trouble
    ('pump-00', '')
    """
    chance = random.Random(seed)
    sensors = [Sensor(number) for number in range(SENSORS)]
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for n in itertools.count():
        sensor, trouble = sensors[n % SENSORS], ""
        if n % trouble_every == trouble_every - 1:
            trouble = chance.choice(sorted(TROUBLES))
            sensor.disturb(trouble)
        yield sensor.read(n // SENSORS, began + timedelta(minutes=n // SENSORS)), trouble


@click.command()
@click.option("--bootstrap", default="127.0.0.1:9092", show_default=True, help="Brokers.")
@click.option("--topic", default="sensors", show_default=True, help="Topic to write to.")
@click.option("--rate", default=400.0, show_default=True, help="Readings a second of all sensors.")
@click.option("--count", type=int, help="Stop after this many readings; default: never.")
@click.option(
    "--trouble-every", default=2003, show_default=True, help="Readings between two disturbances."
)
def main(bootstrap: str, topic: str, rate: float, count: int | None, trouble_every: int) -> None:
    """Write readings to a Kafka topic.

    Example: python examples/sensors.py --topic sensors --rate 400
    """
    client = KafkaClient(tuple(bootstrap.split(",")), client_id="sensors")
    with client.producer(linger_ms=10) as producer:
        began = time.monotonic()
        for n, (reading, trouble) in enumerate(readings(0, trouble_every)):
            if n == count:
                break
            early = n / rate - (time.monotonic() - began)
            if early > 0:
                time.sleep(early)  # noqa: TID251 - it plays the world's clock
            key = reading["sensor"].encode()
            producer.send(topic, json.dumps(reading).encode(), key)
            if trouble:
                sys.stdout.write(f"{reading['time']} {reading['sensor']}: {trouble}\n")
                sys.stdout.flush()
        producer.flush()


if __name__ == "__main__":
    main()
