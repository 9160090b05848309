"""How a command ends, for scripts and supervisors."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; the set is closed.

    ====  ==========================================================================
    0     done, or stopped cleanly
    1     a defect of streamlstm; the traceback says where
    2     the command or the configuration is wrong; nothing was read or written
    3     someone must act first: the message says what to do; what is committed is safe
    4     the committed state does not fit the configuration; nothing was changed
    75    it may work later; start again
    ====  ==========================================================================

    Examples
    --------
    >>> int(Exit.MISMATCH)
    4
    """

    DONE = 0
    DEFECT = 1
    USAGE = 2
    FATAL = 3
    MISMATCH = 4
    LATER = 75


EXIT_CODES = """Exit codes: 0 done or stopped cleanly; 1 a defect; 2 command or configuration
wrong; 3 someone must act, the message says how; 4 committed state does not fit the
configuration; 75 it may work later, start again."""
