"""Indices of the scalars of a slot, of a target and of the plan, which every kernel reads.

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
BLOCKS_AT = next(_plan)  # then, for each expert, where its block begins in a target

# Of each feature column.
(PERIOD, SEEN, MEAN, VARIANCE, LAST, CHANGES, CHANGE_SQUARE) = range(7)
COLUMN = 8

# Of each target: its scale, its last changes, the evidence for each period, then the losses of the
# experts and the block of each expert.
LAGS = 12  # changes that the expert on the memory of the network sees
OLDER = 12  # changes before those, which the long linear expert sees as well
HISTORY = 384  # changes of a target that are kept
PERIOD_MIN = LAGS  # the long linear expert covers shorter periods; their multiples are tried
PERIODS = HISTORY - 1 - PERIOD_MIN  # periods that are tried
(T_SEEN, T_MEAN, T_VARIANCE, T_LAST, T_CHANGES, T_CHANGE_SQUARE) = range(6)
(T_LOW, T_HIGH, T_ERRORS, T_ERROR, T_PERIOD) = range(6, 11)
T_LAGS = 12
T_TALLY = T_LAGS + HISTORY
T_LOSSES = T_TALLY + PERIODS

# Regressors of the experts, computed once for an event and a target.
SEASONAL = 15  # bias, daily and weekly harmonics, level, last change
PERIODIC = 2  # the change of the periods before, and the last error of that
RECENT = 2 + LAGS  # bias, level, the last changes
X_SEASONAL = 0
X_PERIODIC = X_SEASONAL + SEASONAL
X_OLDER = X_PERIODIC + PERIODIC
X_RECENT = X_OLDER + OLDER  # followed by h
X_GAIN = X_RECENT + RECENT  # plus the units of a layer: scratch for a gain
