"""Options and helpers of the whole suite."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

torch.set_num_threads(1)
HERE = Path(__file__).parent
ROOT = HERE.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the expected siblings of the cases")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))
