"""Entry point of ``streamlstm`` and of ``python -m streamlstm.daemon.cli``."""

import sys

from streamlstm.daemon.exit_codes import Exit

EXTRA = frozenset({"click", "rich", "structlog", "yaml", "tenacity", "httpx"})


def main() -> None:
    """Run the command line, or name the extra whose packages are missing.

    Raises
    ------
    SystemExit
        With code 3 if the packages of the extra ``service`` are not installed.
    """
    try:
        from streamlstm.daemon.cli.main import main as command_line  # noqa: PLC0415 - needs click
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        sys.stderr.write(
            "streamlstm: the command line needs the extra `service`: "
            "pip install 'streamlstm[service]'\n"
        )
        raise SystemExit(Exit.FATAL) from None
    command_line()


if __name__ == "__main__":
    main()
