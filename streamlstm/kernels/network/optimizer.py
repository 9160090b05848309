"""One step of the optimizer over the flat ``theta``, with guards for long runs.

Constant inputs would leave denormal moments, each of which costs 100 cycles; values below ``TINY``
are therefore set to 0. Weights are limited to ±``WEIGHT_MAX``, because spikes could otherwise move
them out of range permanently in spite of clipping.
"""

import math

import numpy as np

from streamlstm.kernels.compile import Vector, kernel

SGD, RMSPROP, ADAM = 0, 1, 2
OPTIMIZERS = {"sgd": SGD, "rmsprop": RMSPROP, "adam": ADAM}
TINY = 1e-30
WEIGHT_MAX = 50.0
NORM_SQUARE_MAX = 1e30


@kernel
def norm_square(dtheta: Vector) -> float:
    """Return ‖dtheta‖² in float64, as four interleaved sums.

    Examples
    --------
    >>> import numpy as np
    >>> norm_square(np.full(9, 2.0, np.float32))
    36.0
    """
    s0 = s1 = s2 = s3 = 0.0
    whole = dtheta.size - dtheta.size % 4
    for i in range(0, whole, 4):
        a, b = np.float64(dtheta[i]), np.float64(dtheta[i + 1])
        c, d = np.float64(dtheta[i + 2]), np.float64(dtheta[i + 3])
        s0 += a * a
        s1 += b * b
        s2 += c * c
        s3 += d * d
    for i in range(whole, dtheta.size):
        a = np.float64(dtheta[i])
        s0 += a * a
    return (s0 + s1) + (s2 + s3)


@kernel
def decay(power: float, beta: float) -> float:
    """Return ``power · beta``, the next βᵗ; 0 below 1e-30, to avoid denormals.

    Examples
    --------
    >>> decay(0.5, 0.5), decay(1e-30, 0.5)
    (0.25, 0.0)
    """
    return power * beta if power * beta > TINY else 0.0


@kernel
def clip_scale(square: float, clip_norm: float) -> float:
    """Return the factor that scales a gradient of squared norm ``square`` to ``clip_norm``.

    Clipping is by the global norm (Pascanu et al. 2013). In addition, the factor is 0 and no step
    is taken if ``square`` is not finite or at least 1e30. A ``clip_norm`` of 0 turns clipping off.

    Examples
    --------
    >>> clip_scale(4.0, 1.0), clip_scale(0.25, 1.0), clip_scale(float("nan"), 1.0)
    (0.5, 1.0, 0.0)
    """
    if not square < NORM_SQUARE_MAX:
        return 0.0
    if clip_norm > 0.0 and square > clip_norm * clip_norm:
        return clip_norm / math.sqrt(square)
    return 1.0


@kernel
def sgd_step(theta: Vector, dtheta: Vector, rate: float) -> None:
    """Take ``theta -= rate · dtheta``.

    Examples
    --------
    >>> import numpy as np
    >>> theta = np.ones(1)
    >>> sgd_step(theta, np.ones(1), 0.5)
    >>> theta.tolist()
    [0.5]
    """
    real = theta.dtype.type
    r, limit = real(rate), real(WEIGHT_MAX)
    for i in range(dtheta.size):
        theta[i] = min(max(theta[i] - r * dtheta[i], -limit), limit)


@kernel
def adam_step(
    theta: Vector,
    dtheta: Vector,
    moment1: Vector,
    moment2: Vector,
    beta1: float,
    beta2: float,
    rate: float,
    epsilon: float,
) -> None:
    """Take one step of Adam (Kingma & Ba 2015); ``beta1 = 0`` makes it RMSProp.

    Parameters
    ----------
    theta, dtheta, moment1, moment2 : (P,)
    beta1, beta2
        Decay of the moments.
    rate, epsilon
        Include the bias correction: rate · √(1 − β₂ᵗ) / (1 − β₁ᵗ), ε · √(1 − β₂ᵗ).

    Examples
    --------
    >>> import numpy as np
    >>> theta, m, v = np.ones(1), np.zeros(1), np.zeros(1)
    >>> adam_step(theta, np.full(1, 3.0), m, v, 0.9, 0.999, 0.1 * 0.001**0.5 / 0.1, 0.0)
    >>> round(theta[0].item(), 12)
    0.9
    """
    real = theta.dtype.type
    b1, b2, r, e = real(beta1), real(beta2), real(rate), real(epsilon)
    a1, a2 = real(1.0 - beta1), real(1.0 - beta2)
    limit, tiny, zero = real(WEIGHT_MAX), real(TINY), real(0.0)
    for i in range(dtheta.size):
        g = dtheta[i]
        m = b1 * moment1[i] + a1 * g
        v = b2 * moment2[i] + a2 * g * g
        m = m if abs(m) > tiny else zero
        v = v if v > tiny else zero
        moment1[i] = m
        moment2[i] = v
        theta[i] = min(max(theta[i] - r * m / (math.sqrt(v) + e), -limit), limit)
