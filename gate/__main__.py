"""The `gate` command, also as `python -m gate`."""

from __future__ import annotations

from gate.cli.main import main

if __name__ == "__main__":
    main()
