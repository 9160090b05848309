"""Settings from the constructor parameters of an estimator."""

import inspect
from dataclasses import fields
from numbers import Real
from typing import Any

from streamlstm.bank import Settings
from streamlstm.kernels.functions.readout import LOSSES
from streamlstm.kernels.network.optimizer import OPTIMIZERS


def settings_of(estimator: Any) -> Settings:
    """Return the settings among an estimator's attributes, with defaults for the others.

    river finds parameters by the names in ``__init__``, so each estimator spells them out.
    Optimizer and loss are names or objects of river; only the hyperparameters of an object are
    used, because the kernels compute the step.

    Raises
    ------
    ValueError
        If a setting is out of range, an object is not supported by the kernels, or a
        ``learning_rate`` is given although the optimizer has its own.

    Examples
    --------
    >>> from river import optim
    >>> from streamlstm import LSTMRegressor
    >>> settings_of(LSTMRegressor(window=4)).window
    4
    >>> settings_of(LSTMRegressor(optimizer=optim.RMSProp(0.01))).beta_2
    0.9
    """
    names = [field.name for field in fields(Settings)]
    given = {name: getattr(estimator, name) for name in names if hasattr(estimator, name)}
    if not isinstance(given.get("loss", ""), str):
        given |= _loss(given["loss"])
    if not isinstance(given.get("optimizer", ""), str):
        default = inspect.signature(type(estimator)).parameters["learning_rate"].default
        if given["learning_rate"] != default:
            kind = type(given["optimizer"]).__name__
            raise ValueError(f"learning_rate must be left out; the optimizer, {kind}, has its own")
        given |= _optimizer(given["optimizer"])
    return Settings(**given)


def _optimizer(optimizer: Any) -> dict[str, Any]:
    """Return the settings of an optimizer of river."""
    from river import optim  # noqa: PLC0415 - imported already if there is such an object

    known: dict[type, tuple[str, dict[str, str]]] = {
        optim.SGD: ("sgd", {}),
        optim.RMSProp: ("rmsprop", {"beta_2": "rho", "epsilon": "eps"}),
        optim.Adam: ("adam", {"beta_1": "beta_1", "beta_2": "beta_2", "epsilon": "eps"}),
    }
    found = _one_of("optimizer", optimizer, OPTIMIZERS, known)
    name, numbers = known[found]
    rate = optimizer.lr
    if isinstance(rate, optim.schedulers.Constant):
        rate = rate.learning_rate
    if not isinstance(rate, Real):
        raise ValueError(  # noqa: TRY004 - as for every other parameter
            f"optimizer must have a learning rate that stays, a number or "
            f"optim.schedulers.Constant; {found.__name__} has {type(rate).__name__}"
        )
    others = {setting: getattr(optimizer, own) for setting, own in numbers.items()}
    return {"optimizer": name, "learning_rate": float(rate)} | others


def _loss(loss: Any) -> dict[str, Any]:
    """Return the settings of a loss of river."""
    from river.optim import losses  # noqa: PLC0415

    known = {losses.Absolute: "absolute", losses.Huber: "huber", losses.Squared: "squared"}
    name = known[_one_of("loss", loss, LOSSES, known)]
    return {"loss": name} | ({"loss_limit": loss.epsilon} if name == "huber" else {})


def _one_of(parameter: str, given: Any, names: Any, known: Any) -> Any:
    """Return the class of ``given``, which must be one of ``known`` itself."""
    if type(given) not in known:  # a subclass may compute another step
        classes = ", ".join(f"river's {kind.__name__}" for kind in known)
        raise ValueError(f"{parameter} must be one of {', '.join(names)}, {classes}; got {given!r}")
    return type(given)
