"""Reverse-mode differentiation of scalars: enough of it to differentiate a whole LSTM by rote.

No formula of a backward pass is written here or where it is used; only +, × and tanh know their
derivatives.
"""

import math
from collections.abc import Callable


class Value:
    """A number that remembers what it was made of."""

    def __init__(self, data: float, parents: tuple["Value", ...] = ()) -> None:
        self.data, self.parents, self.grad = data, parents, 0.0
        self.slopes: tuple[float, ...] = ()

    def __add__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        out.slopes = (1.0, 1.0)
        return out

    def __mul__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))
        out.slopes = (other.data, self.data)
        return out

    def apply(self, function: Callable[[float], float], slope: Callable[[float], float]) -> "Value":
        out = Value(function(self.data), (self,))
        out.slopes = (slope(out.data),)
        return out

    def tanh(self) -> "Value":
        return self.apply(math.tanh, lambda t: 1 - t * t)

    __radd__, __rmul__ = __add__, __mul__


def sigmoid(a: Value) -> Value:
    return (a * 0.5).tanh() * 0.5 + 0.5


def backward(root: Value) -> None:
    """Set ``grad`` of every value ``root`` was made of; without recursion, chains are long."""
    order: list[Value] = []
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        value, done = stack.pop()
        if done:
            order.append(value)
        elif id(value) not in seen:
            seen.add(id(value))
            stack.append((value, True))
            stack.extend((parent, False) for parent in value.parents)
    root.grad = 1.0
    for value in reversed(order):
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad += slope * value.grad


def lstm_outputs(
    W: list[list[Value]], V: list[list[Value]], inputs: list[list[float]]
) -> list[list[Value]]:
    """Run an LSTM from zero over a whole stream; weights as rows, gates i, f, o, g."""
    H = len(V) - 1
    h, c = [Value(0.0) for _ in range(H)], [Value(0.0) for _ in range(H)]
    outputs = []
    for x in inputs:
        z = [Value(1.0), *h, *map(Value, x)]
        a = [sum((W[r][j] * z[r] for r in range(len(z))), Value(0.0)) for j in range(4 * H)]
        i, f, o = (list(map(sigmoid, a[k * H : k * H + H])) for k in range(3))
        g = [v.tanh() for v in a[3 * H :]]
        c = [f[j] * c[j] + i[j] * g[j] for j in range(H)]
        h = [o[j] * c[j].tanh() for j in range(H)]
        one_h = [Value(1.0), *h]
        outputs.append(
            [sum((V[j][k] * one_h[j] for j in range(1 + H)), Value(0.0)) for k in range(len(V[0]))]
        )
    return outputs
