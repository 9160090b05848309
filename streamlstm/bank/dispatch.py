"""A kernel that answers at once: in the interpreter, until its machine code is ready.

Numba takes many seconds to compile the kernels the first time, and strict arithmetic
(:mod:`streamlstm.kernels.compile`) makes both ways give the same bits. So a thread compiles while
the first events are interpreted, and only a clock can tell.
"""

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import cache
from threading import Thread
from typing import Any

import numba
import numpy as np

from streamlstm.kernels.compile import interpreted

LOADING_S = 0.5  # in which machine code that lies on disk is there
INTERPRETED_S_MAX = 1.0  # of interpreting; who has had so much of it waits for the compiler
_begun: set[Future[None]] = set()
if hasattr(os, "register_at_fork"):
    # A child would have the compiler's locks, and not the thread that lets go of them.
    os.register_at_fork(before=lambda: wait(_begun))


def _compile(kernel: Any, signature: tuple[Any, ...], done: Future[None]) -> None:
    try:
        kernel.compile(signature)
        done.set_result(None)
    except BaseException as error:  # noqa: BLE001 - told to who waits
        done.set_exception(error)


class Dispatcher:
    """Calls a kernel, interpreted at first; compiled as soon as that can be.

    Parameters
    ----------
    kernel
        Where it has a compiled signature already, it is called, and nothing else happens.

    Examples
    --------
    >>> from streamlstm.kernels.experts.least_squares import mixture_weights
    >>> weights = np.zeros(2)
    >>> Dispatcher(mixture_weights)(np.ones(2), weights)
    >>> weights.tolist()
    [0.5, 0.5]
    """

    def __init__(self, kernel: Callable[..., None]) -> None:
        self.compiled: Any = kernel
        self._machine_code: Future[None] | None = None
        self._interpreted_s = 0.0
        self._ready = False

    @property
    def ready(self) -> bool:
        """Whether to call what is compiled, be it that one has to wait for it."""
        if not self._ready:
            begun = self._machine_code
            if begun and (begun.done() or self._interpreted_s > INTERPRETED_S_MAX):
                begun.result()
            compiles = hasattr(self.compiled, "overloads")
            self._ready = not compiles or bool(self.compiled.overloads) or INTERPRETED_S_MAX <= 0.0
        return self._ready

    def interpret(self, *arguments: Any) -> None:
        """Call the kernel as Python; the first call sets the compiler to work."""
        if self._machine_code is None:
            self._machine_code = Future()
            _begun.add(self._machine_code)
            work = self.compiled, tuple(map(numba.typeof, arguments)), self._machine_code
            Thread(target=_compile, args=work, name="compiler").start()  # Python's end waits for it
            if wait([self._machine_code], LOADING_S).done:
                self.compiled(*arguments)
                return
        began = time.perf_counter()
        with np.errstate(all="ignore"):  # nor does machine code say a word
            interpreted(self.compiled)(*arguments)
        self._interpreted_s += time.perf_counter() - began

    def __call__(self, *arguments: Any) -> None:
        """Call the kernel."""
        (self.compiled if self.ready else self.interpret)(*arguments)

    def run(self, state: tuple[Any, ...], batch: tuple[Any, ...], plan: Any) -> None:
        """Call the kernel over a batch; machine code takes over between two of its events.

        Parameters
        ----------
        state
            What comes before the batch.
        batch
            Arrays with a row for each event. Without one, machine code is only loaded.
        plan
            What comes after it.
        """
        done, count = 0, len(batch[0])
        while done < count and not self.ready:
            self.interpret(*state, *(rows[done : done + 1] for rows in batch), plan)
            done += 1
        if done:
            batch = tuple(rows[done:] for rows in batch)
        if done < count or not count:
            self.compiled(*state, *batch, plan)


@cache
def dispatch(kernel: Callable[..., None]) -> Dispatcher:
    """Return the one door of a kernel.

    Examples
    --------
    >>> from streamlstm.kernels.regression.events import run_events
    >>> dispatch(run_events) is dispatch(run_events)
    True
    """
    return Dispatcher(kernel)
