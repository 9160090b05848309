"""Naive twin of the networks of PyTorch, layers and all: the equations of its documentation.

Nothing here comes from the package it judges.
"""

import numpy as np


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def documented(cell, weights, x):
    """Return y at every step, and the last h and c of each layer, by PyTorch's documentation."""
    weights = {name: value.astype(np.float64) for name, value in weights.items()}
    hs, cs, ys = weights["h0"].copy(), weights.get("c0", weights["h0"]).copy(), []
    for inputs in x:
        below = inputs
        for layer, h in enumerate(hs):
            W, U = weights[f"weight_ih_l{layer}"], weights[f"weight_hh_l{layer}"]
            b, d = weights[f"bias_ih_l{layer}"], weights[f"bias_hh_l{layer}"]
            given, kept = W @ below + b, U @ h + d
            if cell == "lstm":
                i, f, g, o = np.split(given + kept, 4)
                cs[layer] = sigmoid(f) * cs[layer] + sigmoid(i) * np.tanh(g)
                hs[layer] = sigmoid(o) * np.tanh(cs[layer])
            elif cell == "gru":
                (r, z, n), (of_r, of_z, of_n) = np.split(given, 3), np.split(kept, 3)
                n, z = np.tanh(n + sigmoid(r + of_r) * of_n), sigmoid(z + of_z)
                hs[layer] = (1.0 - z) * n + z * h
            else:
                hs[layer] = np.tanh(given + kept)
            below = hs[layer]
        ys.append(weights["readout.weight"] @ below + weights["readout.bias"])
    return np.array(ys), hs, cs
