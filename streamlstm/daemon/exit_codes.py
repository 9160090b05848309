"""Exit codes of the commands, for scripts and supervisors."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command.

    ====  ==========================================================================
    0     success, or stopped by a signal
    1     internal error; the traceback is printed
    2     invalid command line or configuration; nothing was read or written
    3     permanent failure; the message says how to correct it; committed data are safe
    4     the committed state does not match the configuration; nothing was changed
    75    temporary failure; start the command again
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


EXIT_CODES = """Exit codes: 0 success or stopped by a signal; 1 internal error; 2 invalid command
line or configuration; 3 permanent failure, the message says how to correct it; 4 committed state
does not match the configuration; 75 temporary failure, start the command again."""
