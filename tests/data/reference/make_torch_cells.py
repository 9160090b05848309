"""Make ``torch_cells.json``: the cells beside the LSTM, and their gradients by PyTorch.

Run it as ``make_torch_reference.py``. The GRU and the plain cell are PyTorch's own; the LSTM of
1997, which it does not have, is written in its functions and differentiated by it. Everything is
float64.
"""

import json
from pathlib import Path

import torch

SEED, STEPS, INPUTS, HIDDEN, OUTPUTS = 21, 12, 3, 5, 2


class LSTM1997(torch.nn.Module):
    """Gates i, g, o, one below the other, as PyTorch's LSTM has them less its f."""

    def __init__(self) -> None:
        super().__init__()
        for name, shape in {
            "weight_ih_l0": (3 * HIDDEN, INPUTS),
            "weight_hh_l0": (3 * HIDDEN, HIDDEN),
            "bias_ih_l0": (3 * HIDDEN,),
            "bias_hh_l0": (3 * HIDDEN,),
        }.items():
            bound = HIDDEN**-0.5
            self.register_parameter(
                name, torch.nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
            )

    def forward(self, x, state):
        h, c = state
        a = x @ self.weight_ih_l0.T + self.bias_ih_l0 + h @ self.weight_hh_l0.T + self.bias_hh_l0
        i, g, o = a.chunk(3, dim=-1)
        c = c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, (h, c)


def reference(cell):
    """Run a cell one event at a time, as they arrive, and differentiate the squared error."""
    head = torch.nn.Linear(HIDDEN, OUTPUTS)
    x, u = torch.randn(STEPS, INPUTS), torch.randn(STEPS, OUTPUTS)
    h0, c0 = torch.randn(1, HIDDEN) / 2, torch.randn(1, HIDDEN)
    named = {**dict(cell.named_parameters()), "head_weight": head.weight, "head_bias": head.bias}
    hs, cs, state = [], [], (h0, c0) if isinstance(cell, LSTM1997) else h0
    for t in range(STEPS):
        h, state = cell(x[t : t + 1], state)
        hs.append(h[0])
        if isinstance(cell, LSTM1997):
            cs.append(state[1][0])
    y = head(torch.stack(hs))
    slopes = torch.autograd.grad(((y - u) ** 2).sum() / 2, list(named.values()))
    made = {"weights": named, "inputs": x, "targets": u, "h0": h0[0], "h": torch.stack(hs)}
    made |= {"c0": c0[0], "c": torch.stack(cs)} if cs else {}
    return made | {"outputs": y, "gradients": dict(zip(named, slopes, strict=True))}


def plain(value):
    """Turn tensors into lists of floats, which JSON writes with all their digits."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value.detach().tolist() if isinstance(value, torch.Tensor) else value


def main():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(SEED)
    made = {
        "gru": reference(torch.nn.GRU(INPUTS, HIDDEN)),
        "rnn": reference(torch.nn.RNN(INPUTS, HIDDEN)),
        "lstm_1997": reference(LSTM1997()),
    }
    version = torch.__version__.partition("+")[0]
    text = json.dumps({"made_by": f"PyTorch {version}"} | plain(made), indent=None)
    Path(__file__).with_name("torch_cells.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
