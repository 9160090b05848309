"""What keeps months of learning sane: steps that are not taken, weights that end somewhere."""

import math

import numpy as np
import pytest

from streamlstm.kernels import layout as at
from streamlstm.kernels.network import optimizer as optim
from streamlstm.kernels.regression.learn import acceptable
from tests.support.lockstep.bank_lockstep import KEY, Case
from tests.support.lockstep.bank_replay import build, play


@pytest.mark.parametrize("square", [math.nan, math.inf, 1e30, 1e300])
@pytest.mark.parametrize("clip_norm", [0.0, 1.0])
def test_an_absurd_gradient_is_not_clipped_but_dropped(square, clip_norm):
    assert optim.clip_scale(square, clip_norm) == 0.0


@pytest.mark.parametrize("optimizer", optim.OPTIMIZERS)
@pytest.mark.parametrize("seed", [1])
def test_a_step_along_an_absurd_gradient_is_not_taken(optimizer, seed):
    case = Case(optimizer=optimizer, seed=seed)
    bank, events = build(case), case.events
    play(bank, events[:10])
    views = bank.views(KEY)
    views["tape"][:, : 1 + case.hidden] = 1e37  # as if the memory had run away
    pieces = ("theta", "moment1", "moment2")
    before, updates = [views[name].tobytes() for name in pieces], views["scalars"][at.UPDATES]
    with np.errstate(all="ignore"):  # plain Python warns of what the JIT lets pass
        play(bank, events[10:11])
    assert views["scalars"][at.LAST_NORM] > 1e15
    assert [views[name].tobytes() for name in pieces] == before
    assert views["scalars"][at.UPDATES] == updates
    assert bank.accepted(KEY) == 11


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moments_of_a_dead_input_end_at_zero(dtype):
    """They would halve into denormals, which cost a hundred cycles each, and stay there."""
    theta, dead = np.ones(1, dtype), np.zeros(1, dtype)
    moment1, moment2 = np.full(1, 1e-30, dtype), np.full(1, 1e-30, dtype)
    optim.adam_step(theta, dead, moment1, moment2, 0.9, 0.999, 0.1, 1e-8)
    assert (moment1.item(), moment2.item()) == (0.0, 0.0)
    assert theta.item() == 1.0


@pytest.mark.parametrize("beta", [0.9, 0.999])
def test_the_power_of_the_bias_correction_ends_at_zero(beta):
    power = 1.0
    for _ in range(80_000):
        power = optim.decay(power, beta)
    assert power == 0.0


@pytest.mark.parametrize(
    ("values", "columns", "taken"),
    [
        ([1.0], 0, True),
        ([math.nan], 0, False),
        ([math.nan, 1.0], 1, True),
        ([math.nan, 1.0], 0, True),
        ([1.0, math.nan], 1, False),
        ([1.0, math.nan, math.nan], 1, False),
        ([1e30, -1e30], 1, True),
        ([1.1e30, 1.0], 1, False),
        ([1.0, -math.inf], 1, False),
    ],
)
def test_what_can_be_learnt(values, columns, taken):
    assert acceptable(np.array(values), columns) == taken


@pytest.mark.parametrize("seed", [1])
def test_a_target_that_has_not_moved_has_no_loss(seed):
    """Without a scale there is no error in units of it; the tape keeps the event all the same."""
    case = Case(kind="constant", seed=seed)
    bank = build(case)
    play(bank, case.events[:8])
    assert not bank.views(KEY)["theta"][: 1 + case.hidden].any()  # the readout is as it began
    assert bank.views(KEY)["scalars"][at.TAPE_LENGTH] == case.window
    assert bank.accepted(KEY) == 8
