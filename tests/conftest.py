"""Options and helpers of the whole suite."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)
HERE = Path(__file__).parent
ROOT = HERE.parent


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cache of the tests' own, empty at first."""
    os.environ["ARCHSPEC_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


def pytest_configure() -> None:
    """Interrupts reach what the tests start, where the shell that runs the suite ignores them too."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expected siblings of the cases")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
