"""The table of decoders: a new format needs one new module and one entry, and nothing else."""

from pathlib import Path
from typing import get_args

import pytest

from streamlstm.daemon.config.connectors.kafka import KafkaSource
from streamlstm.stages import (
    FORMATS,
    DeadLetterCode,
    DecodeError,
    Decoder,
    Event,
    Format,
    Schema,
    SchemaError,
)
from streamlstm.stages.fields import ABSENT, missing, wrong_type

ROOT = Path(__file__).parents[4]


class KeyValueDecoder:
    """A toy: ``flow=3.5 load=1``."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def decode(self, value: bytes, record_key: bytes | None, record_time_ms: int | None) -> Event:
        content = dict(pair.split("=") for pair in value.decode().split())
        features, targets = (
            tuple(self._number(name, content.get(name)) for name in names)
            for names in (self._schema.features, self._schema.targets)
        )
        if all(target is ABSENT for target in targets):
            raise missing(DeadLetterCode.MISSING_TARGET, *self._schema.targets)
        return Event(self._schema.stream, None, None, features, targets)

    def _number(self, name: str, text: str | None) -> float:
        try:
            return ABSENT if text is None else float(text)
        except ValueError:
            raise wrong_type(name, text) from None


KEY_VALUE = Format(
    name="keyvalue",
    content="pairs of name and number",
    decoder=lambda schema, header: KeyValueDecoder(schema).decode,
)


def test_a_new_format_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, KEY_VALUE.name, KEY_VALUE)  # the line that the table would have
    decoder = Decoder(Schema("keyvalue", targets=("flow",), features=("load",)))
    assert decoder.decode(b"flow=3.5 load=1") == Event("all", None, None, (1.0,), (3.5,))
    assert decoder.decode(b"  ") is None
    for value, code in ((b"flow=high", "wrong_type"), (b"load=1", "missing_target")):
        with pytest.raises(DecodeError) as refused:
            decoder.decode(value)
        assert refused.value.code == code


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SchemaError, match="one of json, msgpack, float32, csv; got 'keyvalue'"):
        Decoder(Schema("keyvalue", targets=("flow",)))


@pytest.mark.parametrize("record_format", FORMATS.values(), ids=FORMATS)
def test_every_format_keeps_its_declaration(record_format: Format) -> None:
    header = b"flow" if record_format.has_header else None
    decoder = Decoder(Schema(record_format.name, targets=("flow",)), header)
    if record_format.is_text:
        assert decoder.decode(b" \n ") is None
    else:
        with pytest.raises(DecodeError):
            decoder.decode(b" \n ")
    named = Schema(record_format.name, targets=("flow",), key="pump")
    if record_format.has_names:
        Decoder(named, b"flow,pump")
    else:
        with pytest.raises(SchemaError, match="have no named fields"):
            Decoder(named)
    if record_format.has_header:
        with pytest.raises(SchemaError, match="needs a header"):
            Decoder(named)


def test_the_configuration_has_every_format_without_a_header() -> None:
    allowed = get_args(KafkaSource.model_fields["format"].annotation)
    assert allowed == tuple(name for name, form in FORMATS.items() if not form.has_header)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_tested_for_hostile_bytes_and_documented(name: str) -> None:
    properties = [*ROOT.glob("tests/properties/*.py"), *ROOT.glob("tests/unit/stages/**/*hostile*")]
    assert any(f'"{name}"' in file.read_text(encoding="utf-8") for file in properties)
    assert name in (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
