"""An expert is one file and one entry of the table: nothing else knows how many there are."""

import itertools
import shutil
from pathlib import Path

import pytest

import streamlstm
from streamlstm.bank import Bank, Settings, Shape
from streamlstm.kernels.experts import EXPERTS, Expert, growth
from streamlstm.kernels.layout import target_fields
from tests.support.faults.processes import printed

TOY = '''
"""The change before last comes again, and its size is learnt."""

from streamlstm.kernels.compile import kernel
from streamlstm.kernels.experts.expert import Expert
from streamlstm.kernels.plan import X_RECENT


@kernel
def forecast(block, target, inputs, output, x, plan):
    return block[0] * x[X_RECENT + 3]


@kernel
def learn(block, target, inputs, u, x, plan):
    block[0] += 0.2 * (u - forecast(block, target, inputs, 0.0, x, plan)) * x[X_RECENT + 3]
    block[1] += 1.0


EXPERT = Expert(name="toy", forecast=forecast, learn=learn, size=lambda hidden, inputs: 2)
'''
PROGRAM = """
import random
from streamlstm import LSTMRegressor
from streamlstm.kernels.layout import target_fields

model, chance = LSTMRegressor(hidden_size=4, window=4), random.Random(1)
steps = [chance.gauss(0, 1), chance.gauss(0, 1)]
y = 0.0
for _ in range(100):
    y += steps[-2]
    steps.append(steps[-2] * chance.choice([0.9, 1.1]))
    model.learn_one({"load": 1.0}, y)
weights = model.expert_weights
(target,) = model._stream.bank.views("model")["targets"]
fields = target_fields(model._stream.bank.shape)
print(len(weights), round(sum(weights.values()), 9), target[fields["toy"].offset + 1])
print(weights["toy"] > weights["persistence"])
"""


def test_a_toy_expert_takes_part(tmp_path: Path) -> None:
    package = tmp_path / "streamlstm"
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(streamlstm.__file__).parent, package, ignore=skipped)
    experts = package / "kernels" / "experts"
    (experts / "toy.py").write_text(TOY)
    table = (experts / "__init__.py").read_text()
    table = table.replace("    seasonal,\n)", "    seasonal,\n    toy,\n)")
    table = table.replace("linear_features.EXPERT,", "linear_features.EXPERT, toy.EXPERT,")
    (experts / "__init__.py").write_text(table)
    said = printed("-c", PROGRAM, cwd=tmp_path, PYTHONPATH=str(tmp_path), NUMBA_DISABLE_JIT="1")
    assert said.splitlines() == ["9 1.0 99.0", "True"]


@pytest.mark.parametrize("name", EXPERTS)
def test_each_record_is_complete(name: str) -> None:
    expert = EXPERTS[name]
    assert isinstance(expert, Expert)
    assert expert.name == name
    assert (expert.size(16, 4) > 0) == (expert.learn is not None)
    if expert.regressors:
        n = expert.regressors(16)
        assert expert.size(16, 4) == n * n + n + 2


def test_the_block_of_each_expert_is_its_own() -> None:
    fields, shape = target_fields(Shape(hidden=4)), Shape(hidden=4)
    ends = {name: fields[name].offset + fields[name].shape[0] for name in EXPERTS}
    places = sorted((fields[name].offset, ends[name]) for name in EXPERTS if fields[name].shape[0])
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(places))
    assert [growth(EXPERTS[name]) for name in ("persistence", "memory", "linear_features")] == [
        (False, False),
        (False, True),
        (True, False),
    ]
    bank = Bank(shape, Settings())
    bank.open("a")
    assert bank.views("a")["targets"].shape == (1, fields["end"].offset)
