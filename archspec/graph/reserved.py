"""Names that no layer, parameter or buffer can have, since its attribute and its key in the state are that name."""

from __future__ import annotations

import keyword
from collections.abc import Collection

MODULE_NAMES = frozenset(
    (
        *(
            "add_module",
            "apply",
            "bfloat16",
            "buffers",
            "call_super_init",
            "children",
            "compile",
            "cpu",
            "cuda",
            "double",
        ),
        *("dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer", "get_extra_state", "get_parameter"),
        *("get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers", "named_children"),
        *("named_modules", "named_parameters", "parameters", "register_backward_hook", "register_buffer"),
        *("register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook"),
        *("register_full_backward_pre_hook", "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook"),
        *("register_module", "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook"),
        *(
            "requires_grad_",
            "reset_parameters",
            "reset_tables",
            "set_extra_state",
            "set_submodule",
            "share_memory",
            "state_dict",
            "to",
            "to_empty",
        ),
        *("train", "training", "type", "xpu", "zero_grad"),
    )
)
"""What every nn.Module has already. Keys are torch's in every target, since weights go from one to the other."""


def attribute_taken(name: str) -> bool:
    """Whether a name cannot be that of a layer with weights, a parameter, a buffer or a table."""
    return unusable(name, MODULE_NAMES)


def unusable(name: str, reserved: Collection[str]) -> bool:
    """Whether a name cannot be that of an attribute of a module that has those that are ``reserved``."""
    return keyword.iskeyword(name) or name in reserved or name.startswith("_")
