"""Certificates made on the spot: good ones, an expired one, and one of a stranger."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SERVER = ("localhost", "127.0.0.1")


class Certificates:
    """PEM files in a folder: two authorities, and certificates with their keys.

    ``ca`` has signed all but ``stranger``, which is of ``unknown_ca``. A key and its chain lie in
    one file, as both Kafka and Python read them. ``expired`` and ``stranger`` are a client's.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        ours, theirs = trustme.CA(), trustme.CA()
        past = {"not_before": LONG_AGO, "not_after": LONG_AGO + timedelta(days=1)}
        self.ca = self._write("ca", ours.cert_pem.bytes())
        self.unknown_ca = self._write("unknown_ca", theirs.cert_pem.bytes())
        self.server = self._leaf("server", ours.issue_cert(*SERVER))
        self.expired_server = self._leaf("expired_server", ours.issue_cert(*SERVER, **past))
        self.alice = self._leaf("alice", ours.issue_cert("alice", common_name="alice"))
        self.expired = self._leaf("expired", ours.issue_cert("alice", common_name="alice", **past))
        self.stranger = self._leaf("stranger", theirs.issue_cert("alice", common_name="alice"))

    def _leaf(self, name: str, leaf: trustme.LeafCert) -> Path:
        key = load_pem_private_key(leaf.private_key_pem.bytes(), password=None)
        pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        return self._write(name, pkcs8 + chain)  # Kafka reads no key in another format

    def _write(self, name: str, pem: bytes) -> Path:
        file = self._folder / f"{name}.pem"
        file.write_bytes(pem)
        return file
