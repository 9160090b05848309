"""Options of the network that are not valid are refused with line, key and expected value."""

from pathlib import Path

import pytest

from streamlstm.daemon.config.errors import ConfigError
from streamlstm.daemon.config.load import load_config

CONFIG = """\
version: 1
app: pumps
source: {kind: csv, path: pumps.csv, topic: pumps}
schema: {target: flow}
outbox: {kind: stdout}
model:
  kind: lstm
"""


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("cell: tcn", "expected lstm or gru or rnn or lstm_1997 or elstm, got 'tcn'"),
        ("layers: 0", "expected a whole number from 1 to 16, got 0"),
        ("layers: 2\n  cell: elstm", "expected 1, since model.cell is elstm, got 2"),
        ("optimizer: adagrad", "expected sgd or rmsprop or adam, got 'adagrad'"),
        ("optimizer: 1", "expected sgd or rmsprop or adam, got 1"),
        ("loss: cosine", "expected squared or huber or absolute, got 'cosine'"),
        ("loss_decay: 2", "expected a number from 0 to 1, got 2"),
        ("learning_rate_decay: -1", "expected a number from 0 to 1, got -1"),
        ("clip_norm: -1", "expected a number from 0 to 1000000.0, got -1"),
    ],
)
def test_it_is_refused(tmp_path: Path, option: str, message: str) -> None:
    file = tmp_path / "pumps.yaml"
    file.write_text(f"{CONFIG}  {option}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(str(file), {})
    key = option.partition(":")[0]
    assert str(caught.value) == f"{file}:8: model.{key}: {message}"
