"""The command `orderwire`, which is `python -m orderwire` too."""

import os
import signal

signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # an exception in the middle of an import could get lost

from orderwire.cli import main  # noqa: E402

signal.signal(signal.SIGINT, signal.default_int_handler)

if __name__ == "__main__":
    main()
