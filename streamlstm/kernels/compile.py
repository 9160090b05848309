"""Compilation of the kernels with Numba.

Floating point is strict: no ``fastmath`` and no contraction of ``a * b + c``. LLVM may vectorise
over independent elements, but it cannot change the order or the rounding of an operation. A
kernel therefore gives the same bits on every CPU with IEEE arithmetic, with and without the JIT.
This also requires that no kernel calls libm; see :mod:`streamlstm.kernels.functions.elementary`.

The Numba runtime is disabled (``_nrt=False``), so a kernel that allocates memory does not compile.
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
    """Compile ``function`` with Numba on first call, and cache the machine code on disk.

    The return type is that of ``function``, so that mypy checks the kernels. Numba's cache checks
    only the file of the cached function and would miss an edit in a helper that it imports. The
    qualified name therefore contains a digest of all kernel sources, and any edit gives a new
    cache entry.

    Parameters
    ----------
    function
        Arithmetic over arrays and scalars. It must not allocate or raise, and it returns ``None``
        or scalars.

    Examples
    --------
    >>> from streamlstm.kernels.functions.elementary import exp
    >>> exp.__name__
    'exp'
    """
    function.__qualname__ = f"{function.__qualname__}.{_DIGEST}"
    return _compiled(function)


def over(function: Function, name: str, **inner: Any) -> Function:
    """Return a copy of a kernel over other inner kernels; it has its own cache entry.

    Like any kernel it is compiled on its first call. An unused kernel is not compiled.

    Parameters
    ----------
    function
        A kernel.
    name
        Suffix that distinguishes it from ``function`` in the cache.
    **inner
        Replacements for global names of ``function``: inner kernels and constants.

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
    return _compiled(bound)  # type: ignore[return-value]  # it has the type of ``function``


def _part(a: Any, start: int, size: int) -> Any:
    return a[start : start + size]


@cache
def interpreted(function: Function) -> Function:
    """Return a kernel, and all kernels that it calls, as plain Python; the bits are the same.

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
) -> Any:  # pragma: no cover - it runs only inside the compiler
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


# ``part(a, start, size)`` is the view a[start : start + size] of a contiguous vector. A slice gives
# the same view, but it also handles negative indices and takes three times as long to compile.
part: Callable[[Any, int, int], Any] = _part if numba.config.DISABLE_JIT else _part_compiled
