"""Every docstring's example, small enough to check in the head, is what the code answers."""

import doctest
import importlib
import pkgutil

import pytest

import geodata.methods

MODULES = [
    module.name.removeprefix("geodata.methods.")
    for module in pkgutil.walk_packages(geodata.methods.__path__, "geodata.methods.")
    if not module.ispkg
]
#: A protocol computes nothing; `amounts`, the loops of `kernels` and the search for witnesses are
#: shown by their users.
WITHOUT_EXAMPLE = ("amounts", "disclosure.search", "interaction", "kernels")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    """Whitespace aside, each printed answer is exact."""
    module = importlib.import_module(f"geodata.methods.{name}")
    outcome = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert outcome.failed == 0
    assert outcome.attempted > 0 or name in WITHOUT_EXAMPLE
