"""Three brokers that hold the same records."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from tests.support.kafka.broker.broker import Broker, cluster_id
from tests.support.kafka.broker.properties import THREE_NODES


class Cluster:
    """Three nodes: every record on all of them, two are enough to go on."""

    def __init__(self, *, properties: Mapping[str, str] | None = None, **options: bool) -> None:
        one = cluster_id()
        told = {**THREE_NODES, **(properties or {})}
        self.brokers = [
            Broker(node=node, cluster=one, properties=told, **options) for node in (1, 2, 3)
        ]
        voters = {node: port for broker in self.brokers for node, port in broker.voters.items()}
        for broker in self.brokers:
            broker.voters = voters

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def bootstrap(self) -> list[str]:
        return [address for broker in self.brokers for address in broker.bootstrap]

    def start(self) -> None:
        """Start every node that is down, and wait until all three are alive."""
        with ThreadPoolExecutor(len(self.brokers)) as pool:
            list(pool.map(Broker.format, self.brokers))
        for broker in self.brokers:
            if broker.pid is None:
                broker.launch()
        for broker in self.brokers:
            broker.wait_ready(len(self.brokers))

    def close(self) -> None:
        for broker in self.brokers:
            broker.close()
