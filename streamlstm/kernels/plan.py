"""Indices of the scalars of a slot and of the plan, which every kernel reads.

The plan is one int64 array of whole numbers that are the same for every slot of a bank: sizes,
settings and offsets. :func:`streamlstm.bank.settings.make_plan` writes it.
"""

from itertools import count

# Scalars at the head of the double part; the last eight are settings, each stream's own.
(ACCEPTED, PHASE, TAPE_HEAD, TAPE_LENGTH, UPDATES, BETA1_POWER, BETA2_POWER, LAST_NORM) = range(8)
(LEARNING_RATE, CLIP_NORM, LOSS_LIMIT, LOSS_DECAY, BETA1, BETA2, EPSILON) = range(8, 15)
RATE_DECAY = 15
SCALARS = 16

# The plan.
_plan = count()
LEARN, HIDDEN, GATES, OUTPUTS, COLUMNS, INPUTS, THETA, WINDOW, UPDATE_EVERY = (
    next(_plan) for _ in "." * 9
)
OPTIMIZER, LOSS, AUTOREGRESSIVE, HOUR_COLUMN, WEEKDAY_COLUMN = (next(_plan) for _ in "." * 5)
MOMENT1_AT, MOMENT2_AT, STATE_AT, TAPE_AT, TAPE_ROW = (next(_plan) for _ in "." * 5)
RECURRENT, TRACES_AT, LAYERS, STATE, UPPER, LAYER_ROW, INPUTS_AT = (next(_plan) for _ in "." * 7)
ROW_GATES, ROW_C_PREV, ROW_TANH_C, ROW_DY = (next(_plan) for _ in "." * 4)
TARGETS_AT, TARGET_SIZE, COLUMNS_AT, DETECT, DECISION_AT = (next(_plan) for _ in "." * 5)
PLAN_SIZE = next(_plan)
