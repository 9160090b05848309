"""A real browser shows the demo's page, and answers the pointer."""

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from streamlstm.demo.run import run_demo

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
POINT = """<script>
for (const svg of document.querySelectorAll("svg")) {
  const box = svg.getBoundingClientRect();
  const place = {clientX: box.left + 0.5 * box.width, clientY: box.top + 0.3 * box.height};
  svg.dispatchEvent(new PointerEvent("pointermove", place));
}
console.warn("the console is heard");
</script></body>"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None,
        reason="no browser; on Debian: apt-get install chromium; looked for " + ", ".join(NAMES),
    ),
]


def show(page: Path, profile: Path) -> tuple[str, list[str]]:
    """Return what became of the page, and what it said to the console."""
    assert BROWSER is not None
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += [f"--user-data-dir={profile}", "--enable-logging=stderr", "--dump-dom"]
    command = [BROWSER, *options, page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return shown.stdout, re.findall(r"CONSOLE.*?\] \"(.*)\", source", shown.stderr)


def test_the_browser_draws_it_without_complaint(tmp_path: Path) -> None:
    demo = run_demo(tmp_path / "demo", Console(file=io.StringIO()))
    page = demo.page.with_name("pointed.html")
    text = demo.page.read_text(encoding="utf-8").replace("</body>", POINT)
    page.write_text(text, encoding="utf-8")
    dom, said = show(page, tmp_path / "profile")
    assert said == ["the console is heard"]
    assert dom.count("<svg") == 1 + len(demo.outcome.known)
    assert len(re.findall(r'class="cursor" style="visibility: visible', dom)) == dom.count("<svg")
    assert re.search(r'id="tip"[^>]*>\w{3} \d+ \w{3}, \d\d:00\nmeasured\t\d', dom)
