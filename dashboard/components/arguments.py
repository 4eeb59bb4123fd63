"""What the Python halves of the components share: properties as Dash wants them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any


def property_names(init: Callable[..., None]) -> list[str]:
    """The properties of a component: the parameters of its `__init__`, in their order."""
    return list(inspect.signature(init).parameters)[1:]


def given(arguments: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """The arguments that were given a value; None leaves a property unset."""
    return {name: arguments[name] for name in names if arguments[name] is not None}
