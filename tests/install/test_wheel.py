"""The wheel, installed into a fresh virtual environment with and without the extra ``service``.

``PIP_FIND_LINKS`` and ``PIP_NO_INDEX`` select other places for packages.
"""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
NO_TRACE = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "COVERAGE_FILE")}
CONTENTS = {
    "streamlstm/__init__.py",
    "streamlstm/py.typed",
    "streamlstm/demo/demo.yaml",
    "streamlstm/demo/page.html",
    "streamlstm/stages/alert.schema.json",
    "connectors/__init__.py",
    "connectors/py.typed",
}
LEARN = """
from streamlstm import LSTMRegressor
model = LSTMRegressor(hidden_size=4)
for t in range(50):
    model.learn_one({"t": float(t % 5)}, float(t % 5))
assert 0 <= model.predict_one({"t": 2.0}) <= 4
"""
MISSING = (
    "streamlstm: the command line needs the extra `service`: pip install 'streamlstm[service]'\n"
)


def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        env=NO_TRACE,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = call(*PIP, "wheel", ROOT, "--no-deps", "--no-build-isolation", "--wheel-dir", folder)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True, with_pip=False)
    return folder / "bin" / "python"


def install(python: Path, requirement: str) -> None:
    limits = ["--timeout", "15", "--retries", "1", "--constraint", str(ROOT / "constraints.txt")]
    done = call(*PIP, "--python", python, "install", "--no-compile", *limits, requirement)
    offline = "connection broken" in done.stderr or "PIP_NO_INDEX" in NO_TRACE
    if done.returncode != 0 and offline:
        pytest.skip("pip reaches no package index: set PIP_INDEX_URL or PIP_FIND_LINKS")
    assert done.returncode == 0, done.stderr


def test_the_wheel_has_all_files(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert CONTENTS - names == set()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"streamlstm", "connectors"}


@pytest.mark.slow
@pytest.mark.install
def test_the_base_install_learns_and_the_command_line_names_its_extra(
    wheel: Path, python: Path
) -> None:
    install(python, str(wheel))
    learnt = call(python, "-c", LEARN)
    assert learnt.returncode == 0, learnt.stderr
    command = python.with_name("streamlstm")
    for words in ([command, "run", "x.yaml"], [python, "-m", "streamlstm.daemon.cli", "--help"]):
        refused = call(*words)
        assert (refused.returncode, refused.stdout, refused.stderr) == (3, "", MISSING)
    install(python, f"{wheel}[service]")
    helped = call(command, "--help")
    assert helped.returncode == 0, helped.stderr
    assert "Usage: streamlstm" in helped.stdout
    absent = call(command, "check", "absent.yaml")
    assert absent.returncode == 2
    assert "absent.yaml" in absent.stderr
