"""One event as the network sees it, written down."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from streamlstm.bank.bank import Bank
from streamlstm.inside.activations import named_blocks
from streamlstm.inside.explanation import Explanation, Read, explain_event, opinions
from streamlstm.kernels import shape as at


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], decimals: int) -> str:
    """Write rows of a name and numbers, as river's tables are; NaN is missing.

    Examples
    --------
    >>> print(table(("Name", "Value"), [("load", 2.5), ("dust", float("nan"))], decimals=1))
    Name    Value
      load       2.5
      dust   missing
    """
    from river.utils.pretty import print_table  # noqa: PLC0415 - whoever asks for no text goes without

    written = [
        (str(name), *("missing" if isnan(n) else f"{n:,.{decimals}f}" for n in numbers))
        for name, *numbers in rows
    ]
    lines = print_table(headers, list(zip(*written, strict=True))).splitlines()
    return "\n".join(line.rstrip() for line in lines)


def contributions(why: Explanation) -> list[tuple[Hashable, float]]:
    """List what leads to a forecast: the past, the features from the largest on, the sum."""
    features = sorted(why.features.items(), key=lambda item: -abs(item[1]))
    return [("the past", why.baseline), *features, ("forecast", why.forecast)]


def debug_text(
    bank: Bank,
    key: str,
    x: Mapping[Hashable, Any],
    read: Read,
    targets: Sequence[Hashable],
    decimals: int,
) -> str:
    """Write down what a stream's model makes of an event.

    Parameters
    ----------
    bank
    key
        The stream.
    x
        Features by name.
    read
    targets
        Names; None where there is one, without a name.
    decimals
        Of each number.
    """
    event = read(x, grow=False)[0].copy()
    said, names = opinions(bank, key, event), bank.features.names
    last = bank.views(key)["targets"][:, at.T_LAST].tolist()
    given = event[: len(names)].tolist()
    inputs = zip(
        ["last target" if name is None else f"last {name}" for name in targets] + names,
        last + given,
        *said.inputs.reshape(-1, 2).T.tolist(),
        strict=True,
    )
    parts = [table(("Input", "Value", "Scaled", "Change"), inputs, decimals)]
    for layer, blocks in enumerate(said.gates):
        gates = named_blocks(blocks, bank.shape)
        if gates:
            of = f" of layer {layer}" if bank.shape.layers > 1 else ""
            summary = [(name, unit.mean(), unit.min(), unit.max()) for name, unit in gates.items()]
            parts.append(table((f"Gate{of}", "Mean", "Least", "Largest"), summary, decimals))
    for target, why in zip(targets, explain_event(bank, key, x, read), strict=True):
        of = "" if target is None else f" of {target}"
        experts = sorted(why.experts.items(), key=lambda item: -item[1].weight)
        rows = [(name, *expert) for name, expert in experts]
        headers = (f"Expert{of}", "Forecast", "Weight", "Contribution")
        parts.append(table(headers, rows, decimals))
        parts.append(table((f"Forecast{of}", "Contribution"), contributions(why), decimals))
    return "\n\n".join(parts)
