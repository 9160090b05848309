"""Cost of a fresh process: compilation once, import each time, memory."""

import json
import os
import subprocess
import sys
import tempfile
from statistics import median

IMPORT, FIRST_EVENT = "import, together", "import to first event learnt"
CHILD = """
import json, time
def peak():
    # not getrusage: there a child begins with the peak of its parent
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
start = time.perf_counter()
import numpy, numba
numba_done = time.perf_counter()
numba_peak = peak()
from river import base
river_done = time.perf_counter()
from streamlstm import LSTMRegressor
imported = time.perf_counter()
import_peak = peak()
model = LSTMRegressor()
x = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0}
for y in (1.0, 2.0):  # the second has something to forecast from
    model.predict_one(x)
    model.learn_one(x, y)
learnt = time.perf_counter()
first_peak = peak()
for n in range(2000):
    model.predict_one(x)
    model.learn_one(x, float(n % 7))
compiled = time.perf_counter()
print(json.dumps({
    "import numpy and numba": numba_done - start,
    "import river": river_done - numba_done,
    "import streamlstm": imported - river_done,
    "import, together": imported - start,
    "first event learnt after import": learnt - imported,
    "import to first event learnt": learnt - start,
    "import to 2000 events learnt": compiled - start,
    "peak with numpy and numba": numba_peak,
    "peak after import": import_peak,
    "peak after first event": first_peak,
    "peak after 2000 events": peak(),
}))
"""


def child(cache: str) -> dict[str, float]:
    """Run a fresh process whose compiled kernels are kept in ``cache``."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    result = subprocess.run(
        [sys.executable, "-c", CHILD],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def cold_and_warm(rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Measure with nothing compiled (medians of ``rounds``), then with everything compiled."""
    cold, warm = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(child(cache))
            warm += [child(cache) for _ in range(3)]
    return tuple(  # type: ignore[return-value]
        {name: median(run[name] for run in runs) for name in runs[0]} for runs in (cold, warm)
    )
