"""A bank and its naive twin, fed the same events and compared after every one."""

import math
from dataclasses import asdict, dataclass

import numpy as np

from streamlstm.bank import Bank, Settings, Shape
from streamlstm.bank.slots.pieces import gate_weights, upper_weights
from streamlstm.kernels import layout as at
from tests.support.streams.seeded import Stream, stream, with_clock
from tests.support.twins.naive_model import NaiveModel

KEY = "pump 7"
LOSSES = slice(at.T_LOSSES, at.T_LOSSES + len(at.EXPERTS))


@dataclass(frozen=True)
class Case:
    """A model, the stream it learns, and the seed of both."""

    hidden: int = 3
    outputs: int = 1
    columns: int = 1
    window: int = 5
    update_every: int = 1
    optimizer: str = "adam"
    learning_rate: float = 0.02
    loss: str = "huber"
    loss_limit: float = 5.0
    loss_decay: float = 0.0
    autoregressive: bool = True
    mixture: bool = True
    clock: bool = False
    kind: str = "steady"
    seed: int = 1
    n: int = 60
    cell: str = "lstm"
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    layers: int = 1
    learning_rate_decay: float = 0.0

    def __str__(self) -> str:
        """Name a test by what differs from the plain case."""
        plain = Case()
        names = [name for name in vars(self) if getattr(self, name) != getattr(plain, name)]
        said = [f"{name}={getattr(self, name)}" for name in names if name != "seed"]
        return "-".join([*said, f"seed={self.seed}"])

    @property
    def settings(self) -> Settings:
        return Settings(
            window=self.window,
            update_every=self.update_every,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            learning_rate_decay=self.learning_rate_decay,
            loss=self.loss,
            loss_limit=self.loss_limit,
            loss_decay=self.loss_decay,
            autoregressive=self.autoregressive,
            mixture=self.mixture,
            beta_1=self.beta_1,
            beta_2=self.beta_2,
            epsilon=self.epsilon,
        )

    @property
    def events(self) -> Stream:
        values = stream(self.kind, self.seed, self.n, self.columns, self.outputs)
        if self.clock:
            values = with_clock(values, self.seed, self.outputs, missing=0.1)
        return values


def settings_of(case: Case) -> dict:
    return asdict(case.settings) | {"cell": case.cell}


def used_weights(bank: Bank) -> tuple[np.ndarray, np.ndarray]:
    """Return gate weights (rows in use, 4H for the LSTM) and readout (1 + H, O), as views."""
    theta, shape = bank.views(KEY)["theta"], bank.shape
    rows = 1 + shape.recurrent + int(bank.store.plan[at.INPUTS])
    readout = theta[: (1 + shape.hidden) * shape.outputs].reshape(1 + shape.hidden, shape.outputs)
    return gate_weights(theta, shape)[:rows], readout


def every_weight(bank: Bank) -> list[np.ndarray]:
    """Return those two, and the weights of each layer above the first from the second up."""
    return [*used_weights(bank), *upper_weights(bank.views(KEY)["theta"], bank.shape)[::-1]]


class Lockstep:
    """Two models of one stream: ``bank`` is ours, ``model`` the twin."""

    def __init__(self, case: Case, dtype: type[np.floating] = np.float64) -> None:
        self.case = case
        shape = Shape(case.cell, case.layers, inputs=1, hidden=case.hidden, outputs=case.outputs)
        self.bank = Bank(shape, case.settings, seed=case.seed, dtype=dtype)
        self.slot = self.bank.open(KEY)
        W, V, *upper = (rows.tolist() for rows in every_weight(self.bank))
        self.model = NaiveModel(W, V, upper, settings_of(case))
        self.add_features([f"f{j}" for j in range(case.columns)])
        if case.clock:
            self.add_features([], clock=True)

    def add_features(self, names: list[str], clock: bool = False) -> None:
        before = int(self.bank.store.plan[at.INPUTS])
        self.bank.add_features(names, clocks=["time"] if clock else [])
        fresh = used_weights(self.bank)[0][1 + self.bank.shape.recurrent + before :].tolist()
        kinds = ["hour", "clock", "weekday"] if clock else ["number"] * len(names)
        for j, kind in enumerate(kinds):
            self.model.add_column(kind, fresh[2 * j : 2 * j + 2])

    def learn(self, event: np.ndarray) -> tuple[np.ndarray, list[float] | None]:
        """Let both learn one event; return what each expected."""
        values, outputs = event.tolist(), self.case.outputs
        expected = self.model.learn(values[:-outputs], values[-outputs:])
        return self.bank.learn([self.slot], [event])[0], expected

    def pieces(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Pair each piece of our state with the twin's."""
        views, network = self.bank.views(KEY), self.model.network
        W, V, *upper = every_weight(self.bank)
        memory = np.array(network.memory)
        losses = [[t.losses.get(e, math.inf) for e in at.EXPERTS] for t in self.model.targets]
        above = {f"W.{n}": pair for n, pair in enumerate(zip(upper, network.upper, strict=True), 1)}
        return above | {
            "h": (views["state"][::2], memory[::2]),
            "c": (views["state"][1::2], memory[1::2]),
            "W": (W, np.array(network.W)),
            "V": (V, np.array(network.V)),
            "losses": (views["targets"][:, LOSSES], np.array(losses)),
        }
