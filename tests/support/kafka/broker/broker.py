"""A Kafka broker of our own, with a folder and ports of its own."""

import atexit
import shutil
import socket
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Self

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tests.support.faults.proxy import Proxy, reserve
from tests.support.kafka.broker import security as security_settings
from tests.support.kafka.broker.certificates import Certificates
from tests.support.kafka.broker.java import FORMAT, command, missing
from tests.support.kafka.broker.properties import (
    CONTROLLER,
    HOST,
    PLAIN,
    PROPERTIES,
    PROXIED,
    listeners,
    write,
)
from tests.support.kafka.process import Process

READY_S_MAX = 60.0
LOOK_EVERY_S = 0.05
ASK_MS_MAX = 2000


def cluster_id() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "x")


class Broker(Process):
    """One node, broker and controller at once; ports and data stay through every restart."""

    def __init__(
        self,
        *,
        security: bool = False,
        proxied: bool = False,
        properties: Mapping[str, str] | None = None,
        node: int = 1,
        cluster: str | None = None,
    ) -> None:
        assert not missing(), missing()
        self.node = node
        super().__init__(Path(tempfile.mkdtemp(prefix="streamlstm-broker-")))
        self.certificates = Certificates(self.folder / "certificates") if security else None
        self._cluster = cluster or cluster_id()
        self._properties = properties or {}
        self._formatted = False
        names = [PLAIN, CONTROLLER]
        names += [PROXIED] if proxied else []
        names += security_settings.PROTOCOLS if security else []
        self._held: dict[str, socket.socket] = {name: reserve() for name in names}
        self.proxy = Proxy(self.port(PROXIED)) if proxied else None
        self.voters = {node: self.port(CONTROLLER)}
        atexit.register(self.close)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def port(self, listener: str) -> int:
        return int(self._held[listener].getsockname()[1])

    def address(self, listener: str) -> list[str]:
        """Say where a listener is; through the proxy, use ``proxy.bootstrap``."""
        return [f"{HOST}:{self.port(listener)}"]

    @property
    def bootstrap(self) -> list[str]:
        return self.address(PLAIN)

    def start(self) -> None:
        """Format the folder if it is new, start, and wait until clients are served."""
        first = not self._formatted
        self.format()
        self.launch()
        self.wait_ready()
        if first and self.certificates is not None:
            security_settings.grant(self.bootstrap)

    def close(self) -> None:
        """End it for good and remove its folder."""
        atexit.unregister(self.close)
        self.kill()
        if self.proxy is not None:
            self.proxy.close()
        for held in self._held.values():
            held.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def format(self) -> None:
        if self._formatted:
            return
        file = self.folder / "server.properties"
        write(file, self._told())
        options = ["format", "--cluster-id", self._cluster, "--config", str(file)]
        options += security_settings.format_options() if self.certificates is not None else []
        done = subprocess.run(
            command(FORMAT, self.folder / "format.log", *options),
            capture_output=True,
            text=True,
            timeout=READY_S_MAX,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self._formatted = True

    def wait_ready(self, nodes: int = 1) -> None:
        """Wait until this broker answers that ``nodes`` brokers are alive."""
        limit = monotonic() + READY_S_MAX
        while self.alive() < nodes:
            assert not self.ended_within(LOOK_EVERY_S), f"it ended:\n{self.tail()}"
            assert monotonic() < limit, f"not ready in {READY_S_MAX} s:\n{self.tail()}"

    def alive(self) -> int:
        """Ask this broker how many brokers serve clients; 0 if it does not answer."""
        with suppress(OSError):
            socket.create_connection((HOST, self.port(PLAIN)), timeout=1).close()
            with (
                suppress(KafkaError),
                KafkaAdminClient(
                    bootstrap_servers=self.bootstrap,
                    bootstrap_timeout_ms=ASK_MS_MAX,
                    request_timeout_ms=ASK_MS_MAX,
                ) as admin,
            ):
                return sum(not b["is_fenced"] for b in admin.describe_cluster()["brokers"])
        return 0

    def _told(self) -> dict[str, str]:
        ports = {name: self.port(name) for name in self._held}
        advertised = {PROXIED: self.proxy.port} if self.proxy is not None else {}
        voters = ",".join(f"{node}@{HOST}:{port}" for node, port in self.voters.items())
        locked = self.certificates is not None
        return {
            **PROPERTIES,
            "node.id": str(self.node),
            "controller.quorum.voters": voters,
            "log.dirs": str(self.folder / "data"),
            **listeners(ports, security_settings.PROTOCOLS, advertised),
            **(security_settings.properties(self.certificates) if locked else {}),
            **self._properties,
        }
