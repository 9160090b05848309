"""River's models as one-step forecasters: forecast the event, then learn it."""

import functools
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from river import base, forest, linear_model, preprocessing, time_series

from benchmarks.common.series import Event, Series

LAGS = (1, 12)


class Forecaster(Protocol):
    """The interface of every model in the benchmark."""

    def predict_one(self, x: dict[str, Any]) -> float:
        """Forecast the target of an event."""

    def learn_one(self, x: dict[str, Any], y: float) -> None:
        """Learn the event."""


class Persistence:
    """Persistence: repeat the last value."""

    def __init__(self) -> None:
        self._last = 0.0

    def predict_one(self, x: dict[str, Any]) -> float:
        """Repeat the last value."""
        return self._last

    def learn_one(self, x: dict[str, Any], y: float) -> None:
        """Remember the value."""
        self._last = y


class OneStep(Persistence):
    """A forecaster of river, asked one event ahead; persistence until it is ready.

    Parameters
    ----------
    model
    """

    def __init__(self, model: time_series.base.Forecaster) -> None:
        super().__init__()
        self._model = model

    def predict_one(self, x: dict[str, Any]) -> float:
        """Forecast one step."""
        try:
            return float(self._model.forecast(horizon=1)[0])
        except IndexError:  # HoltWinters has not seen a season yet
            return super().predict_one(x)

    def learn_one(self, x: dict[str, Any], y: float) -> None:
        """Pass the value on."""
        super().learn_one(x, y)
        self._model.learn_one(y)


class WithLags:
    """A regressor of river, given the last targets, and the hour, weekday and month of a time.

    Parameters
    ----------
    model
    lags
        How many targets.
    """

    def __init__(self, model: base.Regressor, lags: int) -> None:
        self._model = model
        self._lags: deque[float] = deque([0.0] * lags, maxlen=lags)

    def _features(self, x: dict[str, Any]) -> dict[str, float]:
        made = {f"lag {n}": value for n, value in enumerate(self._lags)}
        for name, value in x.items():
            if isinstance(value, datetime):
                made |= {"hour": value.hour, "weekday": value.weekday(), "month": value.month}
            else:
                made[name] = value
        return made

    def predict_one(self, x: dict[str, Any]) -> float:
        """Forecast from the event and the targets before it."""
        return float(self._model.predict_one(self._features(x)) or 0.0)  # None before learning

    def learn_one(self, x: dict[str, Any], y: float) -> None:
        """Learn the event and store it as the last one."""
        self._model.learn_one(self._features(x), y)
        self._lags.append(y)


Builder = Callable[[], Forecaster]


def regressors() -> dict[str, Callable[[], base.Regressor]]:
    """Return river's regressors with scaled inputs and target; unscaled, two diverge."""

    def scaled(model: base.Regressor) -> base.Regressor:
        return preprocessing.TargetStandardScaler(preprocessing.StandardScaler() | model)

    return {
        "linear": lambda: scaled(linear_model.LinearRegression()),
        "ARF": lambda: scaled(forest.ARFRegressor(seed=1)),
        "AMF": lambda: forest.AMFRegressor(seed=1),
    }


def peers(series: Series) -> dict[str, list[Builder]]:
    """Return the models suited to a series, each in one or more variants."""
    order = {"p": 3, "d": 1, "q": 1} if series.relative else {"p": 1, "d": 1, "q": 0}
    found: dict[str, list[Builder]] = {
        "SNARIMAX({p},{d},{q})".format(**order): [lambda: OneStep(time_series.SNARIMAX(**order))]
    }
    for name, build in regressors().items():
        if name == "linear" or not series.relative:  # forests take minutes on long streams
            found[name] = [functools.partial(lambda b, n: WithLags(b(), n), build, n) for n in LAGS]
    if series.season:
        holt_winters = functools.partial(
            time_series.HoltWinters, alpha=0.3, beta=0.1, gamma=0.6, multiplicative=True
        )
        found[f"HoltWinters, told {series.season}"] = [
            lambda: OneStep(holt_winters(seasonality=series.season))
        ]
    return found


def one_pass(model: Forecaster, events: Iterable[Event]) -> list[float]:
    """Forecast each event, then learn it."""
    made = []
    for x, y in events:
        made.append(model.predict_one(x))
        model.learn_one(x, y)
    return made
