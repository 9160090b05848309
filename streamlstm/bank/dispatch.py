"""Dispatch of kernels: interpreted until their machine code is compiled.

Numba takes many seconds to compile the kernels for the first time. A thread compiles them while the
first events are interpreted. Strict arithmetic (:mod:`streamlstm.kernels.compile`) makes both paths
give the same bits, so they differ in speed only.
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

LOADING_S = 0.5  # time allowed to load cached machine code
INTERPRETED_S_MAX = 1.0  # interpreting time after which a call waits for the compiler
_begun: set[Future[None]] = set()
if hasattr(os, "register_at_fork"):
    # A child process would inherit the compiler's locks without the thread that releases them.
    os.register_at_fork(before=lambda: wait(_begun))


def _compile(kernel: Any, signature: tuple[Any, ...], done: Future[None]) -> None:
    try:
        kernel.compile(signature)
        done.set_result(None)
    except BaseException as error:  # noqa: BLE001 - raised again by result()
        done.set_exception(error)


class Dispatcher:
    """Calls a kernel: interpreted at first, compiled as soon as machine code is available.

    Parameters
    ----------
    kernel
        The kernel. If it has a compiled signature already, that is called directly.

    Examples
    --------
    >>> from streamlstm.kernels.experts.mixture import mixture_weights
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
        """Whether to call the compiled kernel; waits for the compiler if the limit is reached."""
        if not self._ready:
            begun = self._machine_code
            if begun and (begun.done() or self._interpreted_s > INTERPRETED_S_MAX):
                begun.result()
            compiles = hasattr(self.compiled, "overloads")
            self._ready = not compiles or bool(self.compiled.overloads) or INTERPRETED_S_MAX <= 0.0
        return self._ready

    def interpret(self, *arguments: Any) -> None:
        """Call the kernel as Python; the first call starts the compiler."""
        if self._machine_code is None:
            self._machine_code = Future()
            _begun.add(self._machine_code)
            work = self.compiled, tuple(map(numba.typeof, arguments)), self._machine_code
            Thread(
                target=_compile, args=work, name="compiler"
            ).start()  # not a daemon: Python waits for it at exit
            if wait([self._machine_code], LOADING_S).done:
                self.compiled(*arguments)
                return
        began = time.perf_counter()
        with np.errstate(all="ignore"):  # machine code emits no warnings either
            interpreted(self.compiled)(*arguments)
        self._interpreted_s += time.perf_counter() - began

    def __call__(self, *arguments: Any) -> None:
        """Call the kernel."""
        (self.compiled if self.ready else self.interpret)(*arguments)

    def run(self, state: tuple[Any, ...], batch: tuple[Any, ...], plan: Any) -> None:
        """Call the kernel on a batch; the compiled kernel takes over between two events.

        Parameters
        ----------
        state
            Arguments before the batch.
        batch
            Arrays with one row per event. An empty batch only loads the machine code.
        plan
            Last argument.
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
    """Return the dispatcher of a kernel; there is one per kernel.

    Examples
    --------
    >>> from streamlstm.kernels.regression.events import run_events
    >>> dispatch(run_events) is dispatch(run_events)
    True
    """
    return Dispatcher(kernel)
