"""Tables of numbers as text, formatted as in river."""

from collections.abc import Iterable, Sequence
from math import isnan
from typing import Any

from streamlstm.bank.explain.debug import Table


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], decimals: int) -> str:
    """Write rows of a name and numbers, as river's tables are; NaN is missing.

    Examples
    --------
    >>> print(table(("Name", "Value"), [("load", 2.5), ("dust", float("nan"))], decimals=1))
    Name    Value
      load       2.5
      dust   missing
    """
    from river.utils.pretty import print_table  # noqa: PLC0415 - imported when text is wanted

    written = [
        (str(name), *("missing" if isnan(n) else f"{n:,.{decimals}f}" for n in numbers))
        for name, *numbers in rows
    ]
    lines = print_table(headers, list(zip(*written, strict=True))).splitlines()
    return "\n".join(line.rstrip() for line in lines)


def text_of(tables: Iterable[Table], decimals: int) -> str:
    """Write tables one below the other.

    Examples
    --------
    >>> print(text_of([Table(("Name", "Value"), [("load", 2.5)])], decimals=1))
    Name   Value
      load     2.5
    """
    return "\n\n".join(table(*each, decimals) for each in tables)
