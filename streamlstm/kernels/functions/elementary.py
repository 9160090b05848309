"""Elementary functions that use only +, −, ×, ÷ and √, so that results are bit-reproducible.

The rounding of a mathematical library depends on its version and on the machine; that of IEEE
arithmetic does not. float32 gates use a rational function. float64 (gradient checks, the mixture)
uses a polynomial that is accurate to the last digits.
"""

import math

import numpy as np

from streamlstm.kernels.compile import Vector, kernel

POWER_MIN = -1022
POWERS_OF_TWO = np.array([math.ldexp(1.0, k) for k in range(POWER_MIN, 1024)])
LOG2_E = 1.4426950408889634
LN2_HIGH = 0.6931471803691238  # the first 33 bits of ln 2, so that k · LN2_HIGH is exact
LN2_LOW = 1.9082149292705877e-10
WHOLE_FROM = 2.0**52  # every float64 at or above it is an integer
SQRT2 = 1.4142135623730951
TANH_LIMIT = 8.0  # |tanh(8) − 1| = 2.3e-7, under half a unit of float32


@kernel
def exp(x: float) -> float:
    """Return eˣ in float64, relative error below 3e-16 for −708 ≤ x ≤ 709; clamped outside.

    Reduction x = k ln 2 + r, |r| ≤ ½ ln 2, then the Taylor polynomial of degree 13 in r.

    Examples
    --------
    >>> round(float(exp(1.0)), 12)
    2.718281828459
    """
    x = min(max(x, -708.0), 709.0)
    k = math.floor(x * LOG2_E + 0.5)
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    p = 1.0 + r / 13.0
    for n in range(12, 0, -1):
        p = 1.0 + p * r / n
    return p * float(POWERS_OF_TWO[k - POWER_MIN])


@kernel
def log(x: float) -> float:
    """Return the natural logarithm of x > 0 in float64, relative error below 5e-16.

    x = m · 2ᵏ with √½ ≤ m < √2 by exact halvings, then log m = 2 artanh((m − 1) / (m + 1)).

    Examples
    --------
    >>> round(float(log(10.0)), 12)
    2.302585092994
    """
    k = 0
    step = 512
    while step > 0:
        if x >= POWERS_OF_TWO[step - POWER_MIN]:
            x *= POWERS_OF_TWO[-step - POWER_MIN]
            k += step
        elif x * POWERS_OF_TWO[step - POWER_MIN] < 2.0:  # noqa: PLR2004 - stays below 2
            x *= POWERS_OF_TWO[step - POWER_MIN]
            k -= step
        step //= 2
    if x > SQRT2:
        x *= 0.5
        k += 1
    s = (x - 1.0) / (x + 1.0)
    square = s * s
    p = 0.0
    for n in range(21, 0, -2):
        p = p * square + 1.0 / n
    return k * LN2_HIGH + (k * LN2_LOW + 2.0 * s * p)


@kernel
def sine_cosine(turns: float) -> tuple[float, float]:
    """Return sin(2π·turns), cos(2π·turns) in float64, absolute error below 1e-15.

    Examples
    --------
    >>> s, c = sine_cosine(0.25)
    >>> round(float(s), 12), abs(round(float(c), 12))
    (1.0, 0.0)
    """
    turns = turns - math.floor(turns) if abs(turns) < WHOLE_FROM else 0.0
    quarter = math.floor(4.0 * turns + 0.5)
    a = (turns - 0.25 * quarter) * 6.283185307179586
    square = a * a
    s = 1.0
    c = 1.0
    for n in range(8, 0, -1):  # Taylor in Horner's form, |a| ≤ π/4
        s = 1.0 - s * square / (2 * n * (2 * n + 1))
        c = 1.0 - c * square / (2 * n * (2 * n - 1))
    s *= a
    turn = quarter % 4
    if turn == 1:
        return c, 0.0 - s
    if turn == 2:  # noqa: PLR2004 - a half turn
        return 0.0 - s, 0.0 - c
    if turn == 3:  # noqa: PLR2004 - three quarters
        return 0.0 - c, s
    return s, c


@kernel
def tanh_in_place(a: Vector) -> None:
    """Replace ``a`` by its hyperbolic tangent.

    float32: rational function of degree (9, 6), relative error 5e-7, never beyond ±1.
    float64: 1 − 2 / (e²ˣ + 1), absolute error 4e-16.

    Examples
    --------
    >>> import numpy as np
    >>> a = np.array([0.0, 1.0], np.float32)
    >>> tanh_in_place(a)
    >>> [round(float(v), 5) for v in a]
    [0.0, 0.76159]
    """
    real = a.dtype.type
    if a.itemsize == 4:  # noqa: PLR2004 - float32
        limit, one = real(TANH_LIMIT), real(1.0)
        n1, n2, n3, n4 = (
            real(0.12712309),
            real(0.0026964080),
            real(7.16249087e-6),
            real(-6.1422853e-9),
        )
        n0, d1 = real(0.99999976), real(0.46045470)
        d2, d3 = real(0.022850294), real(1.96744993e-4)
        for j in range(a.size):
            x = min(max(a[j], -limit), limit)
            u = x * x
            top = x * (n0 + u * (n1 + u * (n2 + u * (n3 + u * n4))))
            bottom = one + u * (d1 + u * (d2 + u * d3))
            a[j] = min(max(top / bottom, -one), one)
    else:
        for j in range(a.size):
            a[j] = 1.0 - 2.0 / (exp(2.0 * a[j]) + 1.0)


@kernel
def sigmoid_in_place(a: Vector) -> None:
    """Replace ``a`` by the logistic function, σ(z) = ½ + ½ tanh(z / 2).

    Examples
    --------
    >>> import numpy as np
    >>> a = np.zeros(2, np.float32)
    >>> sigmoid_in_place(a)
    >>> a.tolist()
    [0.5, 0.5]
    """
    half = a.dtype.type(0.5)
    for j in range(a.size):
        a[j] = half * a[j]
    tanh_in_place(a)
    for j in range(a.size):
        a[j] = half + half * a[j]
