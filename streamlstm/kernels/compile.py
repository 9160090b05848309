"""The one place that says how kernels are compiled.

Strict floating point, always: no ``fastmath``, no contraction of ``a * b + c``. LLVM may then put
independent elements side by side in a vector but may never change the order or the rounding of an
operation, so a kernel's bits are the same on every CPU with IEEE arithmetic, with and without the
JIT. That holds because no kernel calls libm: see :mod:`streamlstm.kernels.functions.elementary`.

Without Numba's run-time (``_nrt=False``) a kernel that allocates does not compile at all.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import numba
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array
from numpy.typing import NDArray

Vector = NDArray[Any]  # one dimension, contiguous; float32 or float64
Function = TypeVar("Function", bound=Callable[..., Any])


def sources_digest(folder: Path) -> str:
    """Return 12 hexadecimal digits that change with any source below a folder."""
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_DIGEST = sources_digest(Path(__file__).parent)


def _compiled(function: Function) -> Function:
    options = {"cache": True, "error_model": "numpy", "_nrt": False}
    options["no_cfunc_wrapper"] = True  # of no use here, and a tenth of the time to compile
    compiled: Function = numba.njit(**options)(function)
    return compiled


def kernel(function: Function) -> Function:
    """Compile ``function`` with Numba on first call, and keep the machine code on disk.

    Typed as an identity, so that kernels stay checked by mypy. Numba's cache looks at the file of
    the cached function alone and would miss an edit in a helper it imports; the digest of all
    kernel sources in the qualified name makes such an edit a new entry.

    Parameters
    ----------
    function
        Arithmetic over arrays and scalars: allocates nothing, raises nothing, returns ``None`` or
        scalars.

    Examples
    --------
    >>> from streamlstm.kernels.functions.elementary import exp
    >>> exp.__name__
    'exp'
    """
    function.__qualname__ = f"{function.__qualname__}.{_DIGEST}"
    return _compiled(function)


def over(function: Function, name: str, **inner: Any) -> Function:
    """Return the same kernel over other inner kernels, under a name of its own in the cache.

    Compiled on its first call, like any kernel: what nobody calls costs nobody anything.

    Parameters
    ----------
    function
        A kernel.
    name
        What tells it from ``function`` in the cache.
    **inner
        What the names it calls mean instead.

    Examples
    --------
    >>> from streamlstm.kernels.cells import gru
    >>> from streamlstm.kernels.network.tbptt import backward_through_time
    >>> over(backward_through_time, "gru", cell_backward=gru.cell_backward).__name__
    'backward_through_time'
    """
    plain = getattr(function, "py_func", function)
    bound = FunctionType(plain.__code__, {**plain.__globals__, **inner}, plain.__name__)
    bound.__qualname__ = f"{plain.__qualname__}.{name}"
    return _compiled(bound)  # type: ignore[return-value]  # it is what ``function`` is


def _part(a: Any, start: int, size: int) -> Any:
    return a[start : start + size]


@cache
def interpreted(function: Function) -> Function:
    """Return a kernel as plain Python, down to the last kernel it calls; the bits are the same.

    Examples
    --------
    >>> from streamlstm.kernels.functions.elementary import exp
    >>> interpreted(exp)(1.0) == exp(1.0)
    True
    """
    plain = getattr(function, "py_func", None)
    if plain is None:
        return function
    known, called = dict(plain.__globals__), plain.__code__.co_names
    kernels = {name: known[name] for name in called if hasattr(known.get(name), "py_func")}
    known |= {name: interpreted(each) for name, each in kernels.items()} | {"part": _part}
    return FunctionType(plain.__code__, known, plain.__name__)  # type: ignore[return-value]


@intrinsic  # type: ignore[untyped-decorator]  # numba is not typed here
def _part_compiled(
    _context: Any, a: Any, _start: Any, _size: Any
) -> Any:  # pragma: no cover - it runs inside the compiler alone
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, start, size = arguments
        kind = make_array(signature.args[0])
        source, view = kind(context, builder, array), kind(context, builder)
        data = builder.gep(source.data, [start])
        populate_array(
            view,
            data=data,
            shape=(size,),
            strides=(source.itemsize,),
            itemsize=source.itemsize,
            meminfo=None,
        )
        return view._getvalue()

    return a(a, numba.intp, numba.intp), generate


# ``part(a, start, size)`` is the view a[start : start + size] of a contiguous vector. A slice would
# say the same, but it also looks for negative numbers and costs the compiler three times as long.
part: Callable[[Any, int, int], Any] = _part if numba.config.DISABLE_JIT else _part_compiled
