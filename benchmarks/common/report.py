"""What the benchmarks share: tables on the screen, sections of RESULTS.md, the machine."""

import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parents[1] / "RESULTS.md"
HEADING = "# Results\n\nWritten by the scripts beside this file; run them again with `--write`.\n"

Rows = Sequence[Sequence[str]]


class Report:
    """Show tables and keep them as Markdown.

    Parameters
    ----------
    console
        Where to show them.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._parts: list[str] = []

    def say(self, text: str) -> None:
        """Add a paragraph."""
        self._console.print(text, markup=False, highlight=False)
        self._parts.append(text)

    def table(self, title: str, columns: Sequence[str], rows: Rows, note: str = "") -> None:
        """Add a table; the first column is text, the others are numbers."""
        shown = Table(title=title, caption=note or None, title_justify="left", min_width=70)
        for n, column in enumerate(columns):
            shown.add_column(column, justify="right" if n else "left", no_wrap=n > 0)
        for row in rows:
            shown.add_row(*row)
        self._console.print(shown)
        lines = ["| " + " | ".join(columns) + " |", "|---" + "|---:" * (len(columns) - 1) + "|"]
        lines += [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
        ]
        self._parts.append(f"### {title}\n\n" + "\n".join(lines) + (f"\n\n{note}" if note else ""))

    def write(self, section: str, path: Path = RESULTS) -> None:
        """Write all tables so far to the named section of the results."""
        start, end = f"<!-- {section} -->", f"<!-- end of {section} -->"
        body = "\n\n".join([start, f"## {section}", machine(), *self._parts, end])
        text = path.read_text(encoding="utf-8") if path.exists() else HEADING
        pattern = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
        if pattern.search(text):
            text = pattern.sub(lambda _: body, text)
        else:
            text = f"{text.rstrip()}\n\n{body}\n"
        path.write_text(text, encoding="utf-8")
        self._console.print(f"written to [bold]{path.name}[/]")


def machine() -> str:
    """Describe what ran: processor and versions."""
    names = ("streamlstm", "river", "numpy", "numba", "llvmlite")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{cpu_model()}, {os.cpu_count()} cores; Python {platform.python_version()}, {versions}."


def cpu_model() -> str:
    """Name the processor as the system does."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(encoding="utf-8"), re.M)
        if found:
            return found[1].strip()
    return platform.processor() or platform.machine()


def number(value: float) -> str:
    """Write a figure with four significant digits.

    Examples
    --------
    >>> number(0.139512), number(12.5), number(1234.5)
    ('0.1395', '12.50', '1234')
    """
    digits = 4 if abs(value) < 1.0 else max(0, 4 - len(str(int(abs(value)))))
    return f"{value:.{digits}f}"
