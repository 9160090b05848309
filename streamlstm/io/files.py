"""Save an estimator to a file, and load it with every bit of its state."""

import inspect
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, overload

import numpy as np
from river.base import Estimator

from streamlstm import estimators
from streamlstm.bank import SnapshotError
from streamlstm.bank.settings import current_names
from streamlstm.bank.snapshot import pack, unpack
from streamlstm.estimators.shared.state import State
from streamlstm.io.plain import from_json, to_json

Model = TypeVar("Model", bound=Estimator)
File = str | os.PathLike[str]
FILE_FORMAT = 1
NAME = "the name of a feature, target or class"  # all else in a state is plain


def save(model: Estimator, path: File) -> None:
    """Save an estimator to a safetensors file, from which :func:`load` restores every bit.

    The file contains the parameters and the whole state: weights, optimizer, scales, experts,
    intervals, network state, and the names and order of features, targets and classes. Equal models
    give equal bytes. The write is atomic: an existing file is replaced once the new one is on disk.

    Parameters
    ----------
    model
        One of the estimators of streamlstm.
    path
        Path of the file, in an existing folder.

    Raises
    ------
    TypeError
        If ``model`` is another estimator, or a parameter or name is not a plain value.
    SnapshotError
        If a parameter was changed after the model was created.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from streamlstm import LSTMRegressor, load, save
    >>> model = LSTMRegressor()
    >>> for n in range(50):
    ...     model.learn_one({"load": n % 5}, n % 7)
    >>> with TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/pump.safetensors")
    ...     again = load(f"{folder}/pump.safetensors", LSTMRegressor)
    >>> again.predict_one({"load": 3}) == model.predict_one({"load": 3})
    True
    """
    name = type(model).__name__
    if type(model) is not _estimator(name):
        known = ", ".join(estimators.__all__)
        raise TypeError(f"save takes one of {known}; got {type(model).__qualname__}")
    about = {"file_format": FILE_FORMAT, "estimator": name, "parameters": _parameters(model)}
    state: State = model._state()  # type: ignore[attr-defined]  # each of ours has one
    header = {key: to_json(value, NAME) for key, value in state.header.items()}
    data = pack(about | header, state.arrays)
    _rebuilt(data, Estimator)  # never replace a file by one that cannot be loaded
    replace_file(path, data)


@overload
def load(path: File) -> Any: ...
@overload
def load(path: File, kind: type[Model]) -> Model: ...
def load(path: File, kind: type[Estimator] = Estimator) -> Any:
    """Load an estimator that :func:`save` wrote. No code in the file is executed.

    Parameters
    ----------
    path
        Path of the file.
    kind : type, default Estimator
        Expected class; by default any estimator is accepted.

    Returns
    -------
    river.base.Estimator
        An estimator that continues exactly as the saved one would have.

    Raises
    ------
    SnapshotError
        If the file is not a model file, is damaged, has an unsupported format version, or contains
        another estimator; the message names the file and the reason.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from streamlstm import LSTMClassifier, LSTMRegressor, load, save
    >>> with TemporaryDirectory() as folder:
    ...     save(LSTMRegressor(hidden_size=8), f"{folder}/pump.safetensors")
    ...     load(f"{folder}/pump.safetensors").hidden_size
    8
    """
    data = Path(path).read_bytes()
    try:
        return _rebuilt(data, kind)
    except SnapshotError as error:
        raise SnapshotError(f"{os.fspath(path)}: {error}") from error


def _rebuilt(data: bytes, kind: type[Estimator]) -> Any:
    header, pieces = unpack(data)
    if "estimator" not in header:
        raise SnapshotError("the file is a snapshot of a stream, not an estimator")
    if header["file_format"] != FILE_FORMAT:
        raise SnapshotError(
            f"file format {header['file_format']}; this version reads {FILE_FORMAT}"
        )
    name, parameters = header["estimator"], current_names(header["parameters"])
    made = _estimator(name)
    if made is None or not issubclass(made, kind):
        wanted = (
            kind.__name__ if kind is not Estimator else f"one of {', '.join(estimators.__all__)}"
        )
        raise SnapshotError(f"holds {name}; wanted {wanted}")
    unknown = parameters.keys() - inspect.signature(made).parameters
    if unknown:
        raise SnapshotError(f"{name} has no parameter {', '.join(sorted(unknown))} here")
    model: Any = made(**{key: from_json(value) for key, value in parameters.items()})
    stored = {key: from_json(value) for key, value in header.items() if key != "parameters"}
    model._restore_state(State(stored, pieces))
    return model


def _estimator(name: str) -> type[Estimator] | None:
    return getattr(estimators, name) if name in estimators.__all__ else None


def _parameters(model: Estimator) -> dict[str, Any]:
    """Return the parameters in JSON form; NumPy numbers become Python numbers."""
    found = {name: getattr(model, name) for name in inspect.signature(type(model)).parameters}
    return {
        name: to_json(value.item() if isinstance(value, np.generic) else value, f"parameter {name}")
        for name, value in found.items()
    }


def replace_file(path: File, data: bytes) -> None:
    """Replace a file atomically: a reader sees the old content or the new one.

    Examples
    --------
    >>> with TemporaryDirectory() as folder:
    ...     replace_file(Path(folder, "new"), b"all of it")
    ...     Path(folder, "new").read_bytes()
    b'all of it'
    """
    path = Path(path)
    with TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
        beside = Path(folder, path.name)
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
