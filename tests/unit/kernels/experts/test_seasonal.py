"""The harmonics of hour and weekday, against their naive twin."""

import numpy as np
import pytest

from streamlstm.kernels.experts import seasonal as experts
from tests.support.twins.naive_experts import calendar


@pytest.mark.parametrize("hour", [0.0, 5.5, 23.999])
@pytest.mark.parametrize("weekday", [0.0, 3.25, 6.9])
def test_calendar_is_its_twin(hour, weekday):
    x = np.full(12, np.nan)
    experts.calendar(x, hour, weekday)
    np.testing.assert_allclose(x, calendar(hour, weekday), rtol=0.0, atol=3e-15)
