"""A broker's locked doors: TLS, logins, and who may do what."""

from typing import Any

from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)

from tests.support.kafka.broker.certificates import Certificates

TLS, TLS_LOGIN, LOGIN, EXPIRED = "SSL", "SASL_SSL", "SASL_PLAINTEXT", "EXPIRED"
PROTOCOLS = {TLS: "SSL", TLS_LOGIN: "SASL_SSL", LOGIN: "SASL_PLAINTEXT", EXPIRED: "SSL"}
USERS = {"alice": "secret-alice", "mallory": "secret-mallory"}
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
MECHANISMS = ("PLAIN", *SCRAM)


def properties(certificates: Certificates) -> dict[str, str]:
    """Lock the doors. Who comes without a name, by the open door too, may do everything."""
    stores = {EXPIRED: certificates.expired_server}
    told = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "ssl.keystore.type": "PEM",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.ca),
        "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/,DEFAULT",
        "listener.name.ssl.ssl.client.auth": "requested",
    }
    for listener in (TLS, TLS_LOGIN, EXPIRED):
        store = stores.get(listener, certificates.server)
        told[f"listener.name.{listener.lower()}.ssl.keystore.location"] = str(store)
    for listener in (TLS_LOGIN, LOGIN):
        told |= _logins(f"listener.name.{listener.lower()}")
    return told


def _logins(listener: str) -> dict[str, str]:
    package = "org.apache.kafka.common.security"
    users = " ".join(f'user_{name}="{word}"' for name, word in USERS.items())
    scram = f"{package}.scram.ScramLoginModule required;"
    return {
        f"{listener}.sasl.enabled.mechanisms": ",".join(MECHANISMS),
        f"{listener}.plain.sasl.jaas.config": f"{package}.plain.PlainLoginModule required {users};",
        **{f"{listener}.{m.lower()}.sasl.jaas.config": scram for m in SCRAM},
    }


def format_options() -> list[str]:
    """Make the users while the broker's folder is formatted; later they need a running broker."""
    made = [f"{m}=[name={n},password={w}]" for m in SCRAM for n, w in USERS.items()]
    return [word for user in made for word in ("--add-scram", user)]


def grant(bootstrap: list[str]) -> None:
    """Let alice do everything, and mallory everything that comes before a topic."""
    everything, before = ACLOperation.ALL, ACLOperation.IDEMPOTENT_WRITE
    rights = [
        ("alice", everything, ResourceType.TOPIC),
        ("alice", everything, ResourceType.GROUP),
        ("alice", everything, ResourceType.TRANSACTIONAL_ID),
        ("alice", everything, ResourceType.CLUSTER),
        ("mallory", everything, ResourceType.GROUP),
        ("mallory", everything, ResourceType.TRANSACTIONAL_ID),
        ("mallory", before, ResourceType.CLUSTER),
    ]
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        done = admin.create_acls([_acl(*right) for right in rights])
    assert not done["failed"], done


def _acl(user: str, operation: ACLOperation, kind: ResourceType) -> ACL:
    resource = ResourcePattern(kind, "kafka-cluster" if kind is ResourceType.CLUSTER else "*")
    return ACL(f"User:{user}", "*", operation, ACLPermissionType.ALLOW, resource)


def login(mechanism: str, user: str = "alice", password: str | None = None) -> dict[str, Any]:
    """Spell a login for kafka-python; add the listener's own settings."""
    return {
        "sasl_mechanism": mechanism,
        "sasl_plain_username": user,
        "sasl_plain_password": USERS[user] if password is None else password,
    }
