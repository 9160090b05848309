"""Reverse-mode differentiation of scalars: enough of it to differentiate a whole network by rote.

No formula of a backward pass is written here or where it is used; only +, × and tanh know their
derivatives.
"""

import math
from collections.abc import Callable


class Value:
    """A number that remembers what it was made of."""

    def __init__(self, data: float, parents: tuple["Value", ...] = ()) -> None:
        self.data, self.parents, self.grad = data, parents, 0.0
        self.slopes: Callable[[], tuple[float, ...]] = tuple  # asked for on the way back

    def __add__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        out.slopes = lambda: (1.0, 1.0)
        return out

    def __mul__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))
        out.slopes = lambda: (other.data, self.data)
        return out

    def apply(self, function: Callable[[float], float], slope: Callable[[float], float]) -> "Value":
        out = Value(function(self.data), (self,))
        out.slopes = lambda: (slope(out.data),)
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
    for value in order:
        value.grad = 0.0
    root.grad = 1.0
    for value in reversed(order):
        for parent, slope in zip(value.parents, value.slopes(), strict=True):
            parent.grad += slope * value.grad


Rows = list[list[Value]]
Numbers = list[Value]


def total(W: Rows, z: list[Value], j: int, rows: range) -> Value:
    return sum((W[r][j] * z[r] for r in rows), Value(0.0))


def lstm(W: Rows, z: Numbers, h: Numbers, c: Numbers) -> tuple[Numbers, Numbers]:
    """Gates i, f, o, g."""
    H = len(h)
    a = [total(W, z, j, range(len(z))) for j in range(4 * H)]
    i, f, o = (list(map(sigmoid, a[k * H : k * H + H])) for k in range(3))
    g = [v.tanh() for v in a[3 * H :]]
    c = [f[j] * c[j] + i[j] * g[j] for j in range(H)]
    return [o[j] * c[j].tanh() for j in range(H)], c


def lstm_1997(W: Rows, z: Numbers, h: Numbers, c: Numbers) -> tuple[Numbers, Numbers]:
    """Gates i, o, g."""
    H = len(h)
    a = [total(W, z, j, range(len(z))) for j in range(3 * H)]
    i, o = list(map(sigmoid, a[:H])), list(map(sigmoid, a[H : 2 * H]))
    c = [c[j] + i[j] * a[2 * H + j].tanh() for j in range(H)]
    return [o[j] * c[j].tanh() for j in range(H)], c


def gru(W: Rows, z: Numbers, h: Numbers, c: Numbers) -> tuple[Numbers, Numbers]:
    """Blocks q, r, u, n: q is the product of h alone, n + r q what goes into tanh."""
    H = len(h)
    of_h, of_x, both = range(1, 1 + H), range(1 + H, len(z)), range(1, len(z))
    made = []
    for j in range(H):
        q = W[0][j] + total(W, z, j, of_h)
        r = sigmoid(W[0][H + j] + total(W, z, H + j, both))
        u = sigmoid(W[0][2 * H + j] + total(W, z, 2 * H + j, both))
        n = (W[0][3 * H + j] + total(W, z, 3 * H + j, of_x) + r * q).tanh()
        made.append((u * -1.0 + 1.0) * n + u * h[j])
    return made, made


def rnn(W: Rows, z: Numbers, h: Numbers, c: Numbers) -> tuple[Numbers, Numbers]:
    return [total(W, z, j, range(len(z))).tanh() for j in range(len(h))], c


def elstm(W: Rows, z: Numbers, h: Numbers, c: Numbers) -> tuple[Numbers, Numbers]:
    """Gates f, g, o; the second row of W is each unit's own c, and no row is h's."""
    H = len(h)

    def drive(block: int, j: int, own: Value) -> Value:
        k = block * H + j
        inputs = zip(W[2:], z[1 + H :], strict=True)
        return sum((row[k] * value for row, value in inputs), W[0][k] + W[1][k] * own)

    made_c, made_h = [], []
    for j in range(H):
        f = sigmoid(drive(0, j, c[j]))
        made_c.append(f * c[j] + (f * -1.0 + 1.0) * drive(1, j, c[j]).tanh())
        made_h.append(sigmoid(drive(2, j, made_c[j])) * made_c[j])
    return made_h, made_c


CELLS = {"lstm": lstm, "gru": gru, "rnn": rnn, "lstm_1997": lstm_1997, "elstm": elstm}


State = list[tuple[Numbers, Numbers]]


def layered(cell: str, layers: list[Rows], state: State, x: Numbers) -> State:
    """Run one event through layers from the lowest up; ``state`` is h and c of each."""
    made = []
    for W, (h, c) in zip(layers, state, strict=True):
        made.append(CELLS[cell](W, [Value(1.0), *h, *x], h, c))
        x = made[-1][0]
    return made


def cell_outputs(
    cell: str, W: Rows, V: Rows, inputs: list[list[float]], upper: list[Rows] | None = None
) -> Rows:
    """Run a cell, or layers of it, from zero over a whole stream; weights as rows."""
    H, layers = len(V) - 1, [W, *(upper or [])]
    state = [([Value(0.0) for _ in range(H)], [Value(0.0) for _ in range(H)]) for _ in layers]
    outputs = []
    for x in inputs:
        state = layered(cell, layers, state, list(map(Value, x)))
        one_h = [Value(1.0), *state[-1][0]]
        outputs.append([total(V, one_h, k, range(1 + H)) for k in range(len(V[0]))])
    return outputs
