"""``python -m streamlstm.daemon.cli`` is the command ``streamlstm``."""

from streamlstm.daemon.cli.main import main

if __name__ == "__main__":
    main()
