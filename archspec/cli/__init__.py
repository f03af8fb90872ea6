"""The command ``archspec``. Exit 0: good; 1: the spec, or what it was given, is wrong; 2: the call is wrong."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

OBJECTS = 200_000
"""New objects after which circles of garbage are looked for: a command makes few, and is soon over."""
STOPPED = 130
"""The exit status after an interrupt from the keyboard, as shells have it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``archspec`` with these arguments and give back its exit status.

    All else is imported in here, so that an interrupt in the first moments ends it as quietly as one later.
    """
    try:
        import gc

        gc.set_threshold(OBJECTS)
        from archspec.cli.entry import run

        return run(argv)
    except KeyboardInterrupt:
        return STOPPED
