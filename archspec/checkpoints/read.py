"""Tensors from the files that checkpoints come in. Nothing that a file holds is run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from archspec.checkpoints import problems
from archspec.checkpoints.load import CheckpointError, fail
from archspec.source import NOWHERE
from archspec.spec.asked import format_argument

if TYPE_CHECKING:
    from torch import Tensor

INSIDE = ("state_dict", "model", "state_dict_ema")
"""Where training scripts put the tensors."""
LONGEST_HEADER = 100_000_000
"""Bytes; no longer header is read by safetensors itself."""


def read_state(source: str | os.PathLike[str] | Mapping[str, Any]) -> Mapping[str, Tensor]:
    """The tensors of a checkpoint: a mapping, a .safetensors file, or a file of torch.save read without running code.

    A mapping that holds the tensors under ``state_dict``, ``model`` or ``state_dict_ema`` is opened.

    Raises:
        CheckpointError: the file cannot be read, holds something else, or holds a key twice.
    """
    import torch

    if isinstance(source, Mapping):
        name, held = "the mapping", source
    elif isinstance(source, (str, os.PathLike)) and isinstance(os.fspath(source), str):
        name, held = os.fspath(source), _read_file(Path(source))
    else:
        _refuse(format_argument(source), "a checkpoint is the path of a file, or a mapping from keys to tensors")
    for inner in INSIDE:
        if isinstance(held, Mapping) and isinstance(held.get(inner), Mapping):
            held = held[inner]
    if not isinstance(held, Mapping) or not all(isinstance(value, torch.Tensor) for value in held.values()):
        _refuse(name, "it holds no table of tensors")
    tensors: list[Tensor] = list(held.values())
    if any(_is_special(tensor) for tensor in tensors):
        _refuse(name, "it holds tensors without plain numbers (meta, sparse, quantized, nested)")
    made: dict[str, Tensor] = {}
    for key, value in held.items():
        if str(key) in made:
            raise fail(problems.KeyTwice(NOWHERE, name, str(key)))
        made[str(key)] = value
    return made


def _is_special(tensor: Tensor) -> bool:
    """Whether a tensor has no plain numbers row by row."""
    import torch

    return tensor.is_meta or tensor.layout is not torch.strided or tensor.is_quantized or tensor.is_nested


def _read_file(path: Path) -> Any:
    import torch

    try:
        if path.exists() and not path.is_file():
            _refuse(str(path), "it is a folder" if path.is_dir() else "it is not a file")
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            _check_keys(path)
            return load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except FileNotFoundError:
        _refuse(str(path), "no such file")
    except OSError as error:
        _refuse(str(path), (error.strerror or str(error)).lower())
    except Exception as error:
        words = str(error).strip().splitlines()
        why = words[0][:160] if words else "it is empty or cut short"
        if "Weights only load failed" in why or "code" in why:
            why = "it is no table of tensors, and code in it is not run"
        _refuse(str(path), why)


def _check_keys(path: Path) -> None:
    """Check that no name stands twice in the header of a .safetensors file, of which one would win without a word.

    Raises:
        CheckpointError: one does.
    """

    def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in pairs:
            if key in made:
                raise fail(problems.KeyTwice(NOWHERE, str(path), key))
            made[key] = value
        return made

    with path.open("rb") as file:
        header = _header(file)
    try:
        json.loads(header, object_pairs_hook=each_once)
    except (ValueError, RecursionError):
        _refuse(str(path), "its header is not what a .safetensors file begins with")


def _header(file: BinaryIO) -> bytes:
    length = int.from_bytes(file.read(8), "little")
    return file.read(length) if length <= LONGEST_HEADER else b""


def _refuse(name: str, why: str) -> NoReturn:
    raise fail(problems.NotReadable(NOWHERE, name, why))
