"""Makes the learner that a configuration describes."""

import importlib

from streamlstm.bank import Detection, Settings
from streamlstm.daemon.config.model import Config
from streamlstm.daemon.config.sections import RiverModel
from streamlstm.daemon.learners.bank import BankLearner, Observer
from streamlstm.daemon.learners.port import Learner

MIB = 1 << 20
RIVER_STREAM_BYTES = 64 << 10  # assumed size of a river detector, for the memory limit


class RiverModelError(Exception):
    """The configured river class does not exist or refuses the configured parameters."""


def make_learner(config: Config, observer: Observer | None = None) -> Learner:
    """Make the learner of one partition.

    Parameters
    ----------
    config
        The sections ``model``, ``schema``, ``alerts`` and ``state`` are used.
    observer
        Called with every batch and its result; ignored for a river model.

    Raises
    ------
    RiverModelError
        If the river class cannot be imported or constructed.
    """
    schema, model, alerts = config.record_schema, config.model, config.alerts
    detection = Detection(
        false_alarm_rate=alerts.false_alarm_rate,
        warm_up=alerts.warm_up,
        resolve_after=alerts.resolve_after,
        cooldown=alerts.cooldown,
    )
    memory_max_bytes = config.state.memory_max_mib * MIB
    if isinstance(model, RiverModel):
        from streamlstm.daemon.learners.river import RiverLearner  # noqa: PLC0415 - imported only if configured

        module, _, name = model.class_.rpartition(".")
        try:
            kind = getattr(importlib.import_module(module), name)
            kind(**model.parameters)
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise RiverModelError(f"model.class {model.class_}: {error}") from error
        return RiverLearner(
            lambda: kind(**model.parameters),
            f"{model.class_}({model.parameters})",
            schema.features,
            schema.target,
            detection,
            model.threshold,
            max(1, memory_max_bytes // RIVER_STREAM_BYTES),
        )
    learner = BankLearner(
        schema.features,
        schema.target,
        clock=schema.time is not None,
        cell=model.cell,
        layers=model.layers,
        drift_detector=model.drift_detector,
        drift_threshold=model.drift_threshold,
        hidden_size=model.hidden_size,
        settings=Settings(
            window=model.window,
            update_every=model.update_every,
            optimizer=model.optimizer,
            learning_rate=model.learning_rate,
            learning_rate_decay=model.learning_rate_decay,
            loss=model.loss,
            loss_decay=model.loss_decay,
            clip_norm=model.clip_norm,
        ),
        detection=detection,
        seed=model.seed,
        memory_max_bytes=memory_max_bytes,
    )
    learner.observer = observer
    return learner
