"""Tables of how a model processes one event."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from streamlstm.bank.bank import Bank
from streamlstm.bank.explain.activations import named_blocks
from streamlstm.bank.explain.explanation import Explanation, Read, explain_event, predictions
from streamlstm.kernels import layout as at


def contributions(why: Explanation) -> list[tuple[Hashable, float]]:
    """List the parts of a forecast: the past, the features in descending order, and the sum."""
    features = sorted(why.features.items(), key=lambda item: -abs(item[1]))
    return [("the past", why.baseline), *features, ("forecast", why.forecast)]


class Table(NamedTuple):
    """Headers, and rows of a name and numbers; NaN is a missing number."""

    headers: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def debug_tables(
    bank: Bank,
    key: str,
    x: Mapping[Hashable, Any],
    read: Read,
    targets: Sequence[Hashable],
) -> list[Table]:
    """Return how a stream's model processes an event: inputs, gates, experts and features.

    Parameters
    ----------
    bank
        The bank.
    key
        The stream.
    x
        Features by name.
    read
        Turns features into a row.
    targets
        Names of the targets; ``None`` for a single target without a name.
    """
    event = read(x, grow=False)[0].copy()
    said, names = predictions(bank, key, event), bank.features.names
    last = bank.views(key)["targets"][:, at.T_LAST].tolist()
    given = event[: len(names)].tolist()
    inputs = zip(
        ["last target" if name is None else f"last {name}" for name in targets] + names,
        last + given,
        *said.inputs.reshape(-1, 2).T.tolist(),
        strict=True,
    )
    tables = [Table(("Input", "Value", "Scaled", "Change"), list(inputs))]
    for layer, blocks in enumerate(said.gates):
        gates = named_blocks(blocks, bank.shape)
        if gates:
            of = f" of layer {layer}" if bank.shape.layers > 1 else ""
            summary = [(name, unit.mean(), unit.min(), unit.max()) for name, unit in gates.items()]
            tables.append(Table((f"Gate{of}", "Mean", "Least", "Largest"), summary))
    for target, why in zip(targets, explain_event(bank, key, x, read), strict=True):
        of = "" if target is None else f" of {target}"
        experts = sorted(why.experts.items(), key=lambda item: -item[1].weight)
        rows = [(name, *expert) for name, expert in experts]
        headers = (f"Expert{of}", "Forecast", "Weight", "Contribution")
        tables.append(Table(headers, rows))
        tables.append(Table((f"Forecast{of}", "Contribution"), contributions(why)))
    return tables
