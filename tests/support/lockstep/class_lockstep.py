"""A classifier and its naive twin, fed the same events and compared after every one."""

from dataclasses import asdict, dataclass

import numpy as np

from streamlstm.bank import Settings
from streamlstm.bank.classes.model import ClassModel
from streamlstm.kernels import layout as at
from streamlstm.kernels.classification import layout as its
from streamlstm.kernels.network.tbptt import scratch_size
from streamlstm.kernels.specialise import backward_of
from tests.support.streams.seeded import integers, stream, with_clock
from tests.support.twins.naive_classifier import EXPERTS, NaiveClassifier


@dataclass(frozen=True)
class ClassCase:
    """A classifier, the stream it learns, and the seed of both."""

    hidden: int = 3
    classes: int = 3
    columns: int = 2
    window: int = 5
    update_every: int = 1
    optimizer: str = "adam"
    learning_rate: float = 0.02
    learning_rate_decay: float = 0.1
    loss_decay: float = 0.0
    autoregressive: bool = True
    experts: tuple[str, ...] = EXPERTS
    clock: bool = False
    kind: str = "steady"
    unlabelled: int = 0
    warm: bool = True  # whether the network learns from the first label
    seed: int = 1
    n: int = 40
    cell: str = "lstm"

    def __str__(self) -> str:
        """Name a test by what differs from the plain case."""
        plain = ClassCase()
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
            loss_decay=self.loss_decay,
            autoregressive=self.autoregressive,
        )

    @property
    def events(self) -> list[tuple[list[float], int | None]]:
        """Draw features and labels; new classes come one after another, the last half-way."""
        values = stream(self.kind, self.seed, self.n, self.columns)[:, : self.columns]
        if self.clock:
            clock = with_clock(np.zeros((self.n, 1)), self.seed, missing=0.1)[:, :-1]
            values = np.concatenate([values, clock], axis=1)
        drawn = integers(self.seed, self.classes, self.n)
        made: list[tuple[list[float], int | None]] = []
        for n, features in enumerate(values.tolist()):
            label = int(min(drawn[n], 2 * n * self.classes // self.n))
            unseen = self.unlabelled and n and n % self.unlabelled == 0
            made.append((features, None if unseen else label))
        return made


class ClassLockstep:
    """Two models of one stream: ``ours``, and the ``twin``."""

    def __init__(self, case: ClassCase, dtype: type[np.floating] = np.float64) -> None:
        self.case = case
        self.ours = ClassModel(
            case.hidden,
            case.settings,
            case.experts,
            seed=case.seed,
            dtype=dtype,
            cell=case.cell,
        )
        views = self.ours.views()
        own, bias = views["theta.own"].tolist(), views["projection"][0].tolist()
        self.twin = NaiveClassifier(
            own, bias, asdict(case.settings) | {"cell": case.cell}, case.experts
        )
        if case.warm:
            self.ours.double[its.LABELLED] = self.twin.labelled = 1000
        if case.columns:
            self.add_features([f"f{j}" for j in range(case.columns)])
        if case.clock:
            self.add_features([], clock=True)

    def add_features(self, names: list[str], clock: bool = False) -> None:
        first = len(self.ours.features.names)
        self.ours.add_features(names, ["time"] if clock else [])
        views, kinds = self.ours.views(), ["hour", "clock", "weekday"]
        for j, kind in enumerate(kinds if clock else ["number"] * len(names), start=first):
            rows = views["theta.features"][2 * j : 2 * j + 2].tolist()
            projection = views["projection"][1 + 2 * j : 3 + 2 * j].tolist()
            self.twin.add_column(kind, rows, projection)

    def learn(self, event: tuple[list[float], int | None]) -> tuple[np.ndarray, list[float] | None]:
        """Let both learn one event; return what each expected."""
        features, label = event
        while label is not None and label >= self.twin.classes:
            k = self.ours.add_class(f"class {self.twin.classes}")
            rows = self.ours.views()["theta.labels"][2 * k : 2 * k + 2].tolist()
            self.twin.add_class(rows)
        values = np.array([*features, np.nan if label is None else label])
        return self.ours.run(values[None], learn=True)[0], self.twin.learn(features, label)

    def pieces(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Pair each piece of our state with the twin's."""
        views, twin = self.ours.views(), self.twin
        order, used = twin.places, 2 * len(twin.columns)
        rows = [views[f"memory.{name}"] for name in ("own", "labels", "features")]
        memory = np.concatenate(rows)[: len(order)]
        losses = [twin.losses.get(name, np.inf) for name in EXPERTS]
        found = {
            "h": (views["state"][0], twin.network.h),
            "c": (views["state"][1], twin.network.c),
            "losses": (views["losses"][: len(EXPERTS)], losses),
            "W": (used_rows(self.ours), [twin.network.W[r] for r in order]),
            "V": (views["theta.readout"], twin.network.V),
            "frequencies": (views["frequencies"], twin.frequencies),
            "transitions": (views["transitions"], twin.transitions),
            "logistic": (views["logistic"][: 1 + used], twin.logistic.rows),
            "memory": (memory, [twin.memory.rows[r] for r in order]),
            "random": (views["random_w"], twin.random.w),
        }
        return {name: (ours, np.array(other)) for name, (ours, other) in found.items()}


def used_rows(model: ClassModel) -> np.ndarray:
    """Return the gate rows in use, [1 | h | labels | features]."""
    views = model.views()
    pieces = [views[f"theta.{name}"] for name in ("own", "labels", "features")]
    return np.concatenate(pieces)[: 1 + model.shape.hidden + int(model.plan[at.INPUTS])]


def class_gradient(model: ClassModel) -> tuple[np.ndarray, np.ndarray]:
    """Return dW (rows in use, 4H) and dV (1 + H, K) of the losses on the tape."""
    shape = model.shape
    room = scratch_size(shape, model.settings.window)
    scratch = np.full(room, np.nan, model.single.dtype)
    dtheta = np.full(int(model.plan[at.THETA]), np.nan, model.single.dtype)
    backward_of(shape.cell)(model.single, model.double, dtheta, scratch, model.plan)
    readout = (1 + shape.hidden) * shape.outputs
    dV = dtheta[:readout].reshape(1 + shape.hidden, shape.outputs)
    return dtheta[readout:].reshape(-1, shape.gates), dV
