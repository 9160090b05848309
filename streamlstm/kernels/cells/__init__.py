"""Recurrent cells: the forward step of one event, and its gradient.

To add a cell, write its module with a ``CELL`` record and add that record to ``CELLS``.
"""

from streamlstm.kernels.cells import elstm, gru, lstm, lstm_1997, rnn

CELLS = {cell.name: cell for cell in (lstm.CELL, gru.CELL, rnn.CELL, lstm_1997.CELL, elstm.CELL)}
