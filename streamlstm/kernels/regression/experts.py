"""The experts of the table, compiled into one call that forecasts and one that learns."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from streamlstm.kernels import layout as at
from streamlstm.kernels.compile import kernel, part
from streamlstm.kernels.experts import EXPERTS, Expert

SOURCE = """
def forecast_experts(forecasts, target, inputs, output, x, plan):
{forecasts}

def learn_experts(target, inputs, u, x, plan):
{learns}
"""
FORECAST = "    forecasts[{e}] = forecast_{e}({block}, target, inputs, output, x, plan)"
LEARN = "    learn_{e}({block}, target, inputs, u, x, plan)"
ENABLE = """    if math.isinf(target[at.T_LOSSES + {e}]) and enable_{e}(target, inputs, plan):
        target[at.T_LOSSES + {e}] = target[at.T_LOSSES + at.PERSISTENCE]"""
BLOCK = "part(target, plan[at.BLOCKS_AT + {e}], target.size - plan[at.BLOCKS_AT + {e}])"


def write_calls(experts: Iterable[Expert]) -> tuple[Callable[..., None], Callable[..., None]]:
    """Compile two kernels: the forecasts of the experts, one after another, and what they learn.

    Numba cannot loop over different functions, and a chain of kernels costs its compiler a quarter
    more time. So the calls are written out as source.

    Returns
    -------
    forecast_experts
        Kernel ``(forecasts, target, inputs, output, x, plan)``: writes the forecast of each expert,
        in units of the scale of the target.
    learn_experts
        Kernel ``(target, inputs, u, x, plan)``: lets each expert learn u. An expert that is
        disabled is enabled with the loss of persistence where its record says so.

    Examples
    --------
    >>> from streamlstm.kernels.experts import EXPERTS
    >>> forecast_all, _ = write_calls(EXPERTS.values())
    >>> forecast_all.__name__
    'forecast_experts'
    """
    known: dict[str, Any] = {"math": math, "at": at, "part": part}
    asks, learns = [], []
    for e, expert in enumerate(experts):
        block = BLOCK.format(e=e)
        asks.append(FORECAST.format(e=e, block=block))
        known[f"forecast_{e}"] = expert.forecast
        if expert.enable:
            learns.append(ENABLE.format(e=e))
            known[f"enable_{e}"] = expert.enable
        if expert.learn:
            learns.append(LEARN.format(e=e, block=block))
            known[f"learn_{e}"] = expert.learn
    source = SOURCE.format(forecasts="\n".join(asks), learns="\n".join(learns))
    known["__name__"] = __name__
    exec(compile(source, __file__, "exec"), known)
    return kernel(known["forecast_experts"]), kernel(known["learn_experts"])


forecast_experts, learn_experts = write_calls(EXPERTS.values())


def regressors_size(hidden: int) -> int:
    """Count the regressors and the scratch of the experts.

    Examples
    --------
    >>> regressors_size(16)
    89
    """
    most = max(expert.regressors(hidden) for expert in EXPERTS.values() if expert.regressors)
    return at.X_GAIN + hidden + most
