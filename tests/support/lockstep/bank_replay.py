"""Play a stream into a fresh bank, and print a digest of what became of it.

Run as a program it is another process: with other hashes, another clock and, if the environment
says so, without the JIT.
"""

import hashlib
import sys
from dataclasses import replace

import numpy as np

from streamlstm.bank import Bank, Shape
from tests.support.faults.processes import printed
from tests.support.lockstep.bank_lockstep import KEY, Case
from tests.support.streams.seeded import Stream

# Every expert, two targets, a clock, missing values, an unclipped and a clipped step.
FULL = Case(
    hidden=8,
    outputs=2,
    columns=2,
    window=8,
    update_every=3,
    loss_decay=0.5,
    clock=True,
    kind="gap",
    n=40,
)


def build(case: Case, inputs: int = 1, dtype: type[np.floating] = np.float32) -> Bank:
    """Make a bank with the columns of ``case``, and its stream open."""
    shape = Shape(case.cell, case.layers, inputs=inputs, hidden=case.hidden, outputs=case.outputs)
    bank = Bank(shape, case.settings, seed=case.seed, dtype=dtype)
    bank.add_features([f"f{j}" for j in range(case.columns)], ["time"] if case.clock else [])
    bank.open(KEY)
    return bank


def play(bank: Bank, events: Stream, key: str = KEY) -> Stream:
    """Learn all of ``events`` in one batch; return the results."""
    return bank.learn(np.full(len(events), bank.slots[key]), events)


def slot_bytes(bank: Bank, key: str = KEY) -> bytes:
    slot = bank.slots[key]
    return bank.store.singles[slot].tobytes() + bank.store.doubles[slot].tobytes()


def digest(case: Case) -> str:
    bank = build(case)
    results = play(bank, case.events)
    state = hashlib.blake2b(bank.snapshot(KEY), digest_size=16)
    state.update(results.tobytes())
    return state.hexdigest()


def digest_elsewhere(cell: str = "lstm", layers: int = 1, **environment: str) -> str:
    """Return the digest of ``FULL`` with layers of a cell, as another process finds it."""
    return printed(__file__, cell, str(layers), **environment)


if __name__ == "__main__":
    case = replace(FULL, cell=sys.argv[1], layers=int(sys.argv[2]))
    sys.stdout.write(digest(case) + "\n")
