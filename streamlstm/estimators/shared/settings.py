"""How an estimator's own parameters say how its bank learns."""

import inspect
from dataclasses import fields
from numbers import Real
from typing import Any

from streamlstm.bank import Settings
from streamlstm.kernels.network.optimizer import OPTIMIZERS
from streamlstm.kernels.readout import LOSSES


def settings_of(estimator: Any) -> Settings:
    """Gather the settings among an estimator's attributes; those it lacks are the defaults.

    river finds, clones and prints parameters by the names in ``__init__``, so each estimator spells
    them out; what follows from them is written here. Optimizer and loss are names, or river's own
    objects, of which the numbers are read and nothing else: the step is taken by the kernels.

    Raises
    ------
    ValueError
        For a setting out of its range, or an object whose arithmetic the kernels do not have,
        naming it; for a ``learning_rate`` beside an optimizer that has one.

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
            raise ValueError(f"learning_rate is that of the optimizer, {kind}; leave it out")
        given |= _optimizer(given["optimizer"])
    return Settings(**given)


def _optimizer(optimizer: Any) -> dict[str, Any]:
    """Return the settings that one of river's optimizers stands for."""
    from river import optim  # noqa: PLC0415 - who has such an object has imported it

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
    told = {setting: getattr(optimizer, own) for setting, own in numbers.items()}
    return {"optimizer": name, "learning_rate": float(rate)} | told


def _loss(loss: Any) -> dict[str, Any]:
    """Return the settings that one of river's losses stands for."""
    from river.optim import losses  # noqa: PLC0415

    known = {losses.Absolute: "absolute", losses.Huber: "huber", losses.Squared: "squared"}
    told: dict[str, Any] = {"loss": known[_one_of("loss", loss, LOSSES, known)]}
    return told | ({"loss_limit": loss.epsilon} if told["loss"] == "huber" else {})


def _one_of(parameter: str, given: Any, names: Any, known: Any) -> Any:
    """Return the class of ``given``, which must be one of ``known`` itself."""
    if type(given) not in known:  # a subclass has another step
        classes = ", ".join(f"river's {kind.__name__}" for kind in known)
        raise ValueError(f"{parameter} must be one of {', '.join(names)}, {classes}; got {given!r}")
    return type(given)
