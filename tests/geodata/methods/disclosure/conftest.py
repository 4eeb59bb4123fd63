"""Small linked tables, and every table of whole numbers that agrees with what is told of them."""

from itertools import product

import numpy as np
import pytest
from scipy.sparse import csr_array


@pytest.fixture(scope="session")
def table_cells():
    """Cells of a table of several variables: every total, then the atoms; and their words."""

    def made(*sizes):
        atoms = np.array(list(product(*(range(size) for size in sizes))))
        rows, words = [], []
        for kept in product((False, True), repeat=len(sizes)):
            axes = [
                range(size) if keep else (None,) for size, keep in zip(sizes, kept, strict=True)
            ]
            for code in product(*axes):
                inside = [
                    np.ones(len(atoms), bool) if c is None else atoms[:, axis] == c
                    for axis, c in enumerate(code)
                ]
                rows.append(np.logical_and.reduce(inside))
                words.append(code)
        return csr_array(np.array(rows, dtype="int64")), words

    return made


@pytest.fixture(scope="session")
def spans_by_trial():
    """The slow twin: least and greatest value of cells in every table of whole numbers.

    No atom of the told tables may be over ``most``; ``contributor`` knows of a unit of its own.
    """

    def made(told, values, cells, most, contributor=None):
        told, cells = told.toarray(), cells.toarray()
        every = np.array(list(product(range(most + 1), repeat=told.shape[1])))
        fits = (every @ told.T == values).all(axis=1)
        if contributor is not None:
            fits &= every[:, contributor] >= 1
        found = every[fits] @ cells.T
        return np.stack([found.min(axis=0), found.max(axis=0)], axis=1)

    return made
