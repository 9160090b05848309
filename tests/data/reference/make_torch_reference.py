"""Make ``torch_lstm.json``: an LSTM, its gradients, and optimizers, as PyTorch computes them.

Run it with PyTorch and NumPy installed (any recent CPU version; the project itself needs no
PyTorch), from anywhere:

    python tests/data/reference/make_torch_reference.py

Everything is float64, written with all its digits. Weights keep PyTorch's own layout: rows are the
gates i, f, g, o, one below the other, and there are two biases.
"""

import json
from pathlib import Path

import torch

SEED, STEPS, INPUTS, HIDDEN, OUTPUTS, DELTA = 20, 12, 3, 5, 2, 0.7
OPTIMIZER_STEPS, WEIGHTS, RATE = 8, 6, 0.05
LOSSES = {
    "squared": lambda y, u: ((y - u) ** 2).sum() / 2,
    "huber": lambda y, u: torch.nn.functional.huber_loss(y, u, reduction="sum", delta=DELTA),
    "absolute": lambda y, u: (y - u).abs().sum(),
}
OPTIMIZERS = {
    "sgd": lambda weights: torch.optim.SGD(weights, lr=RATE),
    # Ours is RMSProp with bias correction, which is Adam without its first moment.
    "rmsprop": lambda weights: torch.optim.Adam(weights, lr=RATE, betas=(0.0, 0.999), eps=1e-8),
    "adam": lambda weights: torch.optim.Adam(weights, lr=RATE, betas=(0.9, 0.999), eps=1e-8),
}


def lstm_reference():
    lstm = torch.nn.LSTM(INPUTS, HIDDEN)
    head = torch.nn.Linear(HIDDEN, OUTPUTS)
    x, u = torch.randn(STEPS, INPUTS), torch.randn(STEPS, OUTPUTS)
    h0, c0 = torch.randn(1, HIDDEN) / 2, torch.randn(1, HIDDEN)
    named = {**dict(lstm.named_parameters()), "head_weight": head.weight, "head_bias": head.bias}
    hs, cs, state = [], [], (h0, c0)
    for t in range(STEPS):  # one event at a time, as they arrive
        h, state = lstm(x[t : t + 1], state)
        hs.append(h[0])
        cs.append(state[1][0])
    y = head(torch.stack(hs))
    losses = {}
    for name, loss in LOSSES.items():
        total = loss(y, u)
        slopes = torch.autograd.grad(total, list(named.values()), retain_graph=True)
        gradients = dict(zip(named, slopes, strict=True))
        losses[name] = {"loss": total, "gradients": gradients}
    return {
        "delta": DELTA,
        "weights": named,
        "inputs": x,
        "targets": u,
        "h0": h0[0],
        "c0": c0[0],
        "h": torch.stack(hs),
        "c": torch.stack(cs),
        "outputs": y,
        "losses": losses,
    }


def optimizer_reference():
    """Step six weights along given gradients, some of them tiny, and note where they are."""
    start = torch.randn(WEIGHTS)
    gradients = torch.randn(OPTIMIZER_STEPS, WEIGHTS) * 10.0 ** torch.arange(-9, 3, 2)
    found = {"rate": RATE, "start": start, "gradients": gradients, "theta": {}}
    for name, build in OPTIMIZERS.items():
        theta = start.clone().requires_grad_()
        optimizer, trace = build([theta]), []
        for gradient in gradients:
            theta.grad = gradient.clone()
            optimizer.step()
            trace.append(theta.detach().clone())
        found["theta"][name] = torch.stack(trace)
    clipped = torch.randn(WEIGHTS).requires_grad_()
    clipped.grad = gradients[0].clone()
    torch.nn.utils.clip_grad_norm_([clipped], max_norm=1.0)
    found["clipped_to_1"] = clipped.grad
    return found


def plain(value):
    """Turn tensors into lists of floats, which JSON writes with all their digits."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value.detach().tolist() if isinstance(value, torch.Tensor) else value


def main():
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(SEED)
    made = {"lstm": lstm_reference(), "optimizers": optimizer_reference()}
    version = torch.__version__.partition("+")[0]
    text = json.dumps({"made_by": f"PyTorch {version}"} | plain(made), indent=None)
    Path(__file__).with_name("torch_lstm.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
