"""Every docstring's example, small enough to check in the head, is what the code answers."""

import doctest
import importlib
import pkgutil

import pytest

import geodata.methods

MODULES = [module.name for module in pkgutil.iter_modules(geodata.methods.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    """Whitespace aside, each printed answer is exact."""
    module = importlib.import_module(f"geodata.methods.{name}")
    outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert outcome.failed == 0
    assert outcome.attempted > 0 or name == "amounts"
