"""Information over several groups: a matrix with the shape of an arrow.

A parameter of one group shares information with that group's parameters and with those that
groups have in common, and with nobody else's. So the matrix is kept as one block a group, one
block for what is common and what lies between; solving and inverting cost a block a group, not
the cube of all parameters (Lee & Jennrich, 1979). One group alone has only common parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from psychometrics.stats.moments import BoolArray, FloatArray

IndexArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Which free parameters are of one group, and which of several.

    Attributes
    ----------
    local : ndarray of int, shape (group, L)
        Parameters of each group alone; `n_free` where a group has fewer than others.
    shared : ndarray of int, shape (S,)
        Parameters of several groups, or of the only one.
    n_free : int
        Number of free parameters q.
    """

    local: IndexArray
    shared: IndexArray
    n_free: int

    def split(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sort (replicate, q) into (replicate, group, L) and (replicate, S); gaps hold 0."""
        padded = np.concatenate([vector, np.zeros((len(vector), 1))], axis=1)
        return padded[:, self.local], vector[:, self.shared]

    def join(self, local: FloatArray, shared: FloatArray) -> FloatArray:
        """Undo :meth:`split`."""
        vector = np.zeros((len(shared), self.n_free + 1))
        vector[:, self.local] = local
        vector[:, self.shared] = shared
        return vector[:, :-1]

    def members(self, group: int) -> IndexArray:
        """Return the parameters that one group depends on."""
        own = self.local[group]
        return np.concatenate([own[own < self.n_free], self.shared])


@dataclass(frozen=True, slots=True)
class Arrow:
    """A symmetric matrix over the free parameters, for each replicate.

    Attributes
    ----------
    blocks : Blocks
        What stands where.
    local : ndarray, shape (replicate, group, L, L)
        Gaps hold 1 on the diagonal.
    cross : ndarray, shape (replicate, group, L, S)
    shared : ndarray, shape (replicate, S, S)
    """

    blocks: Blocks
    local: FloatArray
    cross: FloatArray
    shared: FloatArray

    def take(self, index: Any) -> Arrow:
        """Return some of the replicates."""
        return Arrow(self.blocks, self.local[index], self.cross[index], self.shared[index])

    def put(self, index: Any, other: Arrow) -> None:
        """Replace some of the replicates, in place."""
        self.local[index], self.cross[index] = other.local, other.cross
        self.shared[index] = other.shared

    def diagonal(self) -> FloatArray:
        """Return the diagonal, shape (replicate, q)."""
        return self.blocks.join(
            np.diagonal(self.local, axis1=-2, axis2=-1),
            np.diagonal(self.shared, axis1=-2, axis2=-1),
        )

    def scaled(self, scale: FloatArray) -> Arrow:
        """Divide rows and columns by a scale, shape (replicate, q)."""
        padded = np.concatenate([scale, np.ones((len(scale), 1))], axis=1)
        own, common = padded[:, self.blocks.local], scale[:, self.blocks.shared]
        return Arrow(
            self.blocks,
            self.local / (own[..., :, None] * own[..., None, :]),
            self.cross / (own[..., :, None] * common[:, None, None, :]),
            self.shared / (common[..., :, None] * common[..., None, :]),
        )

    def shifted(self, amount: FloatArray) -> Arrow:
        """Add an amount, shape (replicate,), to the diagonal."""
        step = np.asarray(amount)
        own = step[:, None, None, None] * np.eye(self.local.shape[-1])
        common = step[:, None, None] * np.eye(self.shared.shape[-1])
        return replace(self, local=self.local + own, shared=self.shared + common)

    def held(self, mask: BoolArray) -> Arrow:
        """Take parameters, shape (replicate, q), out: 0 beside the diagonal and 1 on it."""
        own, common = self.blocks.split(np.where(mask, 0.0, 1.0))
        local = self.local * (own[..., :, None] * own[..., None, :])
        shared = self.shared * (common[..., :, None] * common[..., None, :])
        own_at, common_at = np.arange(local.shape[-1]), np.arange(shared.shape[-1])
        local[..., own_at, own_at] += 1 - own
        shared[..., common_at, common_at] += 1 - common
        cross = self.cross * (own[..., :, None] * common[:, None, None, :])
        return Arrow(self.blocks, local, cross, shared)

    def eliminated(self) -> tuple[FloatArray, FloatArray]:
        """Return what is left of the common block without the groups' own, and the solutions.

        Raises
        ------
        numpy.linalg.LinAlgError
            If a group's own block is singular.
        """
        if not self.local.shape[-1]:
            return self.shared, self.cross
        solved = np.asarray(np.linalg.solve(self.local, self.cross), dtype=float)
        inner = np.swapaxes(self.cross, -1, -2) @ solved
        return self.shared - inner.sum(axis=1), solved

    def solve(self, right: FloatArray) -> FloatArray:
        """Solve for one right side a replicate, shape (replicate, q)."""
        own, common = self.blocks.split(right)
        rest, solved = self.eliminated()
        if not self.local.shape[-1]:
            whole_step = np.asarray(np.linalg.solve(rest, common[..., None]), dtype=float)
            return self.blocks.join(own, whole_step[..., 0])
        first = np.linalg.solve(self.local, own[..., None])
        common = common - (np.swapaxes(self.cross, -1, -2) @ first).sum(axis=1)[..., 0]
        shared = np.linalg.solve(rest, common[..., None])
        return self.blocks.join((first - solved @ shared[:, None])[..., 0], shared[..., 0])

    def positive_definite(self, margin: float) -> BoolArray:
        """Tell whether the smallest eigenvalue exceeds a margin, for each replicate."""
        lowered = self.shifted(np.full(len(self.shared), -margin))
        good = np.asarray(is_positive_definite(lowered.local).all(axis=1))
        good &= np.isfinite(self.shared).all(axis=(-2, -1))
        good &= np.isfinite(self.cross).all(axis=(-3, -2, -1))
        if not good.any():
            return np.asarray(good)
        index = np.flatnonzero(good)
        rest, _ = lowered.take(index).eliminated()
        good[index] = is_positive_definite(rest)
        return np.asarray(good)

    def dense(self) -> FloatArray:
        """Return the whole matrix, shape (replicate, q, q)."""
        q = self.blocks.n_free
        matrix = np.zeros((len(self.shared), q + 1, q + 1))
        for group, own in enumerate(self.blocks.local):
            matrix[:, own[:, None], own] = self.local[:, group]
            matrix[:, own[:, None], self.blocks.shared] = self.cross[:, group]
            matrix[:, self.blocks.shared[:, None], own] = np.swapaxes(self.cross[:, group], 1, 2)
        matrix[:, self.blocks.shared[:, None], self.blocks.shared] = self.shared
        return matrix[:, :q, :q]

    def inverse(self) -> FloatArray:
        """Return the inverse, shape (replicate, q, q); NaN where not positive definite."""
        diagonal = self.diagonal()
        with np.errstate(invalid="ignore"):
            usable = np.asarray((np.isfinite(diagonal) & (diagonal > 0)).all(axis=1))
        scale = np.sqrt(np.where(usable[:, None], diagonal, 1.0))
        scaled = self.scaled(scale)
        usable &= scaled.positive_definite(1e-10)
        q = self.blocks.n_free
        found = np.full((len(diagonal), q, q), np.nan)
        index = np.flatnonzero(usable)
        if len(index):
            own = scale[index]
            found[index] = scaled.take(index).inverted() / (own[:, :, None] * own[:, None, :])
        return found

    def inverted(self) -> FloatArray:
        """Invert block by block."""
        rest, solved = self.eliminated()
        common = np.asarray(np.linalg.inv(rest), dtype=float)
        if not self.local.shape[-1]:
            return np.asarray(self.scattered(None, None, common))
        beside = -solved @ common[:, None]
        own = np.asarray(np.linalg.inv(self.local), dtype=float)
        return self.scattered(own, beside, common, solved)

    def scattered(
        self,
        own: FloatArray | None,
        beside: FloatArray | None,
        common: FloatArray,
        solved: FloatArray | None = None,
    ) -> FloatArray:
        """Put the blocks of the inverse where their parameters stand."""
        q, shared = self.blocks.n_free, self.blocks.shared
        matrix = np.zeros((len(common), q + 1, q + 1))
        matrix[:, shared[:, None], shared] = common
        if own is None or beside is None or solved is None:
            return matrix[:, :q, :q]
        n_replicates, n_groups, n_local, n_shared = beside.shape
        place = self.blocks.local.ravel()
        flat = beside.reshape(n_replicates, n_groups * n_local, n_shared)
        across = -flat @ np.swapaxes(solved.reshape(flat.shape), 1, 2)
        for group in range(n_groups):
            at = slice(group * n_local, (group + 1) * n_local)
            across[:, at, at] += own[:, group]
        matrix[:, place[:, None], place] = across
        matrix[:, place[:, None], shared] = flat
        matrix[:, shared[:, None], place] = np.swapaxes(flat, 1, 2)
        return matrix[:, :q, :q]


def is_positive_definite(matrix: FloatArray) -> BoolArray:
    """Tell which matrices of a stack are positive definite."""
    finite = np.asarray(np.isfinite(matrix).all(axis=(-2, -1)))
    if matrix.shape[-1] == 0:
        return finite
    usable = np.where(finite[..., None, None], matrix, -np.eye(matrix.shape[-1]))
    try:
        np.linalg.cholesky(usable)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.eigvalsh(usable)[..., 0] > 0)
    return finite


def whole(matrix: FloatArray) -> Arrow:
    """Take a matrix, shape (replicate, q, q), as one block: the parameters of one group.

    Examples
    --------
    >>> whole(np.eye(2)[None]).solve(np.array([[1.0, 2.0]])).tolist()
    [[1.0, 2.0]]
    """
    q = matrix.shape[-1]
    blocks = Blocks(np.empty((1, 0), dtype=np.intp), np.arange(q), q)
    nothing = np.empty((len(matrix), 1, 0, 0)), np.empty((len(matrix), 1, 0, q))
    return Arrow(blocks, *nothing, matrix)
