"""The command line as a process of its own, with a fault to order.

``main(FAULTS, "run", CONFIG)``; faults are ``name=value``, joined by commas, or ``-``:

kill=STEP.COMMIT     SIGKILL when that step of the n-th commit of this process is done
order=NAME           commits in a wrong order, one of `wrong_outboxes.FIRST`
kafka_kill=…         as kill=…, once what was sent has arrived
kafka_order=NAME     commits offsets outside the transaction, one of `kafka_faults.ORDERS`
kafka_commands=1     operator commands that are there already are read before anything else
kafka_slow=1         each snapshot takes its time to be read
file_bytes_max=N     no file may grow larger, as if the disk were full
nobody=1             without the rights of root, once the configuration was checked
"""

from contextlib import ExitStack
from functools import partial

from connectors.effects import Step
from streamlstm.daemon.cli import main as cli
from streamlstm.daemon.wiring import worker as wiring
from tests.support.faults.crashes import full_disk, kill_at, unprivileged
from tests.support.faults.wrong_outboxes import in_wrong_order


def main(faults: str, *arguments: str) -> None:
    wanted = dict(fault.split("=") for fault in faults.split(",") if fault != "-")
    if "kill" in wanted:
        step, commit = (int(number) for number in wanted["kill"].split("."))
        cli.build = partial(wiring.build, crash_point=kill_at(Step(step), commit))
    if "order" in wanted:
        wiring.make_outbox = in_wrong_order(wanted["order"])
    if any(name.startswith("kafka_") for name in wanted):
        kafka(wanted)
    with ExitStack() as stack:
        if "file_bytes_max" in wanted:
            stack.enter_context(full_disk(int(wanted["file_bytes_max"])))
        if "nobody" in wanted:
            # The interpreter may lie where only root can read: let it load all that is needed.
            cli.main(["check", arguments[-1]], standalone_mode=False)
            stack.enter_context(unprivileged())
        cli.main(arguments)


def kafka(wanted: dict[str, str]) -> None:
    """Import what takes its time to load, and put the faults in."""
    from streamlstm.daemon.commands import topic as command_topic  # noqa: PLC0415
    from streamlstm.daemon.wiring import kafka as kafka_wiring  # noqa: PLC0415
    from tests.support.kafka import faults as kafka_faults  # noqa: PLC0415

    if "kafka_kill" in wanted:
        step, commit = (int(number) for number in wanted["kafka_kill"].split("."))
        cli.build = partial(wiring.build, crash_point=kafka_faults.killed(Step(step), commit))
    if "kafka_order" in wanted:
        kafka_wiring.make_kafka_outbox = kafka_faults.with_offsets_apart(wanted["kafka_order"])
    if "kafka_commands" in wanted:
        command_topic.CommandTopic = kafka_faults.WholeTopic
    if "kafka_slow" in wanted:
        kafka_faults.restored_slowly()
