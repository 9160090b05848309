"""The offsets that kernels use are those of the layout, or the import fails."""

from pathlib import Path

import pytest

from streamlstm.kernels import layout as at
from streamlstm.kernels.layout import Shape, check_offsets, target_fields
from tests.support.faults.processes import printed

IMPORT = """
import sys

source = open(sys.argv[1]).read()
changed = source.replace('"tally": (PERIODS,)', '"tally": (PERIODS + 1,)')
assert changed != source
try:
    exec(compile(changed, "layout", "exec"), {"__name__": "streamlstm.kernels.layout"})
except ValueError as error:
    print(error)
"""


def test_a_wrong_offset_fails_at_import() -> None:
    source = Path(at.__file__)
    offset = at.T_LOSSES
    said = printed("-c", IMPORT, str(source))
    assert said == f"the layout puts 'losses' at {offset + 1}; the kernels read it at {offset}"


def test_the_losses_have_room_for_every_expert() -> None:
    assert target_fields(Shape())["losses"].shape == (len(at.EXPERTS),)


def test_the_offset_that_differs_is_named() -> None:
    with pytest.raises(ValueError, match="puts 'tally' at"):
        check_offsets(target_fields(Shape()), {"lags": at.T_LAGS, "tally": 0})
