"""A network that can be cut: a relay on loopback between clients and a broker."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from contextlib import suppress

HOST = "127.0.0.1"
CALL_S_MAX = 10
BYTES_MAX = 1 << 16


def reserve() -> socket.socket:
    """Take a free port and keep it without listening.

    No other process gets it, not even the client that asks for the port while nothing listens and
    would connect to itself. A process that sets SO_REUSEADDR, as we and Java do, may still listen.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((HOST, 0))
    return held


class Proxy:
    """Pass bytes on, both ways, to ``port``; its own port stays the same through every cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._held = reserve()
        self.port = int(self._held.getsockname()[1])
        self.bootstrap = [f"{HOST}:{self.port}"]
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.mend()

    def cut(self) -> None:
        """Drop every connection and refuse new ones."""
        self._call(self._cut())

    def stall(self) -> None:
        """Keep and accept connections, but forward nothing: what is under way waits."""
        self._loop.call_soon_threadsafe(self._flowing.clear)
        self._call(self._open())

    def mend(self) -> None:
        """Forward again, first what waited."""
        self._loop.call_soon_threadsafe(self._flowing.set)
        self._call(self._open())

    def close(self) -> None:
        if not self._loop.is_closed():
            self.cut()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CALL_S_MAX)
            self._loop.close()
            self._held.close()

    def _call(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_S_MAX)

    async def _open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._meet, HOST, self.port)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = self._loop.create_task(self._link(reader, writer))
        self._links.add(link)
        link.add_done_callback(self._links.discard)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        with suppress(OSError):  # one side went away: the other is told by closing it
            try:
                back, forth = await asyncio.open_connection(HOST, self._target)
                ends.append(forth)
                both = (self._pump(reader, forth), self._pump(back, writer))
                pumps = [asyncio.ensure_future(pump) for pump in both]
                try:
                    await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for pump in pumps:
                        pump.cancel()
                    await asyncio.gather(*pumps, return_exceptions=True)
            finally:
                for end in ends:
                    end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(BYTES_MAX):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
