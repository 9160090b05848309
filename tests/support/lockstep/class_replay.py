"""Play a stream into a fresh classifier, and print a digest of what became of it.

Run as a program it is another process: with other hashes and, if the environment says so, without
the JIT. With ``count`` as its argument it prints how often each kernel was compiled instead.
"""

import hashlib
import sys

import numpy as np

from streamlstm.bank import dispatch
from streamlstm.bank.classes.model import ClassModel
from streamlstm.kernels.classification import layout as its
from tests.support.lockstep.class_lockstep import ClassCase

FULL = ClassCase(
    hidden=8, classes=4, clock=True, kind="gap", unlabelled=5, update_every=2, loss_decay=0.5, n=24
)


def digest() -> str:
    model = ClassModel(FULL.hidden, FULL.settings, FULL.experts, seed=FULL.seed)
    model.add_features([f"f{j}" for j in range(FULL.columns)], ["time"])
    model.add_class("class 0")
    model.double[its.LABELLED] = 1000.0  # labels seen: the network learns from the beginning
    state = hashlib.blake2b(digest_size=16)
    for features, label in FULL.events:
        index = np.nan if label is None else model.add_class(f"class {label}")
        for learn in (False, True):
            state.update(model.run(np.array([[*features, index]]), learn=learn).tobytes())
    for name, piece in sorted(model.views().items()):
        state.update(name.encode() + np.ascontiguousarray(piece).tobytes())
    return state.hexdigest()


def compiled() -> str:
    lines = []
    for name, module in sorted(sys.modules.items()):
        if name.startswith("streamlstm.kernels."):
            for kernel in vars(module).values():
                if hasattr(kernel, "nopython_signatures") and kernel.__module__ == name:
                    lines.append(f"{kernel.__name__} {len(kernel.nopython_signatures)}")
    return "\n".join(lines)


if __name__ == "__main__":
    if "count" in sys.argv:
        dispatch.INTERPRETED_S_MAX = 0.0
    made = digest()
    sys.stdout.write((compiled() if "count" in sys.argv else made) + "\n")
