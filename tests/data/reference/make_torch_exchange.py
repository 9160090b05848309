"""Make ``torch_exchange.json``: networks of PyTorch and what they say over a thousand steps.

Run it as ``make_torch_reference.py``. Weights are float32 numbers, and everything is computed in
float64. The inputs are those of ``exchange_inputs`` in ``tests/support/streams/networks.py``.
"""

import json
from pathlib import Path

import numpy as np
import torch

SEED, STEPS, INPUTS, HIDDEN, EVERY = 22, 1000, 6, 5, 50
CELLS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}


def inputs():
    """Waves that do not repeat, as large as inputs come."""
    return 5.0 * np.sin(np.outer(np.arange(STEPS), 0.1 + 0.37 * np.arange(INPUTS)))


def reference(cell):
    """Run a cell and a readout from a given state."""
    network, head = cell(INPUTS, HIDDEN).double(), torch.nn.Linear(HIDDEN, 1).double()
    h0, c0 = torch.randn(2, 1, HIDDEN, dtype=torch.float32).double() / 2
    state = (h0, c0) if cell is torch.nn.LSTM else h0
    with torch.no_grad():
        hs, last = network(torch.tensor(inputs()), state)
        y = head(hs)[:, 0]
    weights = dict(network.state_dict()) | {"h0": h0}
    weights |= {f"readout.{name}": value for name, value in head.state_dict().items()}
    h, c = last if isinstance(last, tuple) else (last, None)
    made = {"y": y[EVERY - 1 :: EVERY], "h": h[0]}
    if c is not None:
        weights["c0"], made["c"] = c0, c[0]
    return {"weights": weights, **made}


def plain(value):
    """Turn tensors into lists of floats, which JSON writes with all their digits."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value.tolist() if isinstance(value, torch.Tensor) else value


def main():
    torch.manual_seed(SEED)
    made = {name: plain(reference(cell)) for name, cell in CELLS.items()}
    about = {"made_by": f"PyTorch {torch.__version__.partition('+')[0]}", "every": EVERY}
    text = json.dumps(about | made)
    Path(__file__).with_name("torch_exchange.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
