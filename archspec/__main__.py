"""``python -m archspec``: the same command as ``archspec``."""

from archspec.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
