"""Operator commands: what an operator can ask of a stream.

The daemon journals each command with the offset at which it takes effect; a replay applies it at
the same offset.
"""

from typing import Annotated

import msgspec

from streamlstm.stages.decode.json.plain import read_members
from streamlstm.stages.event import DecodeError
from streamlstm.stages.fields import is_key, shown

EVENTS_MAX = 1_000_000_000

_Natural = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Events = Annotated[int, msgspec.Meta(ge=1, le=EVENTS_MAX)]


class _Command(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="verb",
    tag=str.lower,
):
    """The fields of every operator command."""

    stream: str
    partition: _Natural | None = None
    at_offset: _Natural | None = None


class Expected(_Command, frozen=True):
    """Expect the next events of a stream to be unusual: no alert opens and none is calibrated on.

    Parameters
    ----------
    stream : str
        Key of the stream.
    events : int
        Number of events.
    partition : int, optional
        Apply the command in this partition only. By default it applies in all.
    at_offset : int, optional
        Apply the command at this offset of the partition or later.

    Examples
    --------
    >>> command_bytes(Expected(stream="pump-3", events=24))
    b'{"verb":"expected","events":24,"stream":"pump-3"}'
    """

    events: _Events


class Mute(_Command, frozen=True):
    """Open no alert for the next events of a stream; learning continues.

    Parameters
    ----------
    stream : str
        Key of the stream.
    events : int
        Number of events.
    partition : int, optional
        Apply the command in this partition only. By default it applies in all.
    at_offset : int, optional
        Apply the command at this offset of the partition or later.

    Examples
    --------
    >>> command_bytes(Mute(stream="pump-3", events=24, partition=0, at_offset=1000))
    b'{"verb":"mute","events":24,"stream":"pump-3","partition":0,"at_offset":1000}'
    """

    events: _Events


class Acknowledge(_Command, frozen=True):
    """Close the open alert of a stream.

    Parameters
    ----------
    stream : str
        Key of the stream.
    partition : int, optional
        Apply the command in this partition only. By default it applies in all.
    at_offset : int, optional
        Apply the command at this offset of the partition or later.

    Examples
    --------
    >>> command_bytes(Acknowledge(stream="pump-3"))
    b'{"verb":"acknowledge","stream":"pump-3"}'
    """


class Reset(_Command, frozen=True):
    """Reset the model and the calibration of a stream.

    Parameters
    ----------
    stream : str
        Key of the stream.
    partition : int, optional
        Apply the command in this partition only. By default it applies in all.
    at_offset : int, optional
        Apply the command at this offset of the partition or later.

    Examples
    --------
    >>> command_bytes(Reset(stream="pump-3"))
    b'{"verb":"reset","stream":"pump-3"}'
    """


class Forget(_Command, frozen=True):
    """Delete a stream; its next event, if any, creates a new one.

    Parameters
    ----------
    stream : str
        Key of the stream.
    partition : int, optional
        Apply the command in this partition only. By default it applies in all.
    at_offset : int, optional
        Apply the command at this offset of the partition or later.

    Examples
    --------
    >>> command_bytes(Forget(stream="pump-3"))
    b'{"verb":"forget","stream":"pump-3"}'
    """


Command = Expected | Mute | Acknowledge | Reset | Forget
VERBS = tuple(verb.__name__.lower() for verb in (Expected, Mute, Acknowledge, Reset, Forget))

_DECODER = msgspec.json.Decoder(Command)


class CommandError(ValueError):
    """An invalid operator command; the message says why."""


def parse_command(content: bytes) -> Command:
    """Parse an operator command.

    Parameters
    ----------
    content : bytes
        One JSON object.

    Raises
    ------
    CommandError
        If the content is not a command, or a field is unknown, missing, repeated or of a wrong
        type.

    Examples
    --------
    >>> parse_command(b'{"verb": "acknowledge", "stream": "pump-3"}')
    Acknowledge(stream='pump-3', partition=None, at_offset=None)
    >>> parse_command(b'{"verb": "mute", "stream": "pump-3"}')
    Traceback (most recent call last):
    streamlstm.stages.commands.CommandError: Object missing required field `events`
    """
    try:
        members, _ = read_members(content)
    except DecodeError as error:
        raise CommandError(error.reason) from None
    duplicate = members.first_duplicate()
    if duplicate is not None:
        raise CommandError(f"{duplicate!r} occurs twice")
    verb = dict(members).get("verb")
    if verb not in VERBS:
        raise CommandError(f"verb must be one of {', '.join(VERBS)}; got {shown(verb)}")
    try:
        command: Command = _DECODER.decode(content)
    except msgspec.DecodeError as error:
        raise CommandError(str(error)) from None
    if not is_key(command.stream):
        raise CommandError(f"stream {shown(command.stream)} is not a valid stream key")
    return command


def command_bytes(command: Command) -> bytes:
    """Write an operator command as JSON; equal commands give equal bytes.

    Parameters
    ----------
    command : Expected, Mute, Acknowledge, Reset or Forget
        The command.

    Examples
    --------
    >>> parse_command(command_bytes(Mute(stream="pump-3", events=24))).events
    24
    """
    return msgspec.json.encode(command)
