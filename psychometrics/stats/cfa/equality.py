"""Equality over groups: whole kinds of parameters by name, with exceptions.

Equal parameters become one free parameter (a label they share); nothing is penalised. What an
equality identifies is set free: with equal loadings the later groups' factor variances (where
variances carry the scale), with equal intercepts or thresholds their factor means. What equal
thresholds identify of ordered items is in ``ordinal_identification``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.ordinal_identification import Identification, release_ordered
from psychometrics.stats.cfa.syntax import parse_model
from psychometrics.stats.cfa.table import Parameter, ParameterTable

Rule = Callable[[Parameter, frozenset[str], frozenset[str]], bool]

KINDS: dict[str, Rule] = {
    "loadings": lambda r, observed, latent: r.op == "=~",
    "intercepts": lambda r, observed, latent: r.op == "~1" and r.lhs in observed,
    "means": lambda r, observed, latent: r.op == "~1" and r.lhs in latent,
    "residuals": lambda r, observed, latent: r.op == "~~" and r.lhs == r.rhs and r.lhs in observed,
    "residual.covariances": lambda r, observed, latent: (
        r.op == "~~" and r.lhs != r.rhs and r.lhs in observed
    ),
    "lv.variances": lambda r, observed, latent: r.op == "~~" and r.lhs == r.rhs and r.lhs in latent,
    "lv.covariances": lambda r, observed, latent: (
        r.op == "~~" and r.lhs != r.rhs and r.lhs in latent
    ),
    "regressions": lambda r, observed, latent: r.op == "~",
    "thresholds": lambda r, observed, latent: r.op == "|",
}


def exempt_names(group_partial: Sequence[str]) -> set[tuple[str, str, str]]:
    """Read the exceptions, such as ``"visual=~x2"`` and ``"x3~1"``."""
    names: set[tuple[str, str, str]] = set()
    for text in group_partial:
        for term in parse_model(text).terms:
            names |= {(term.lhs, term.op, term.rhs), (term.rhs, term.op, term.lhs)}
    return names


def constrain_groups(
    table: ParameterTable,
    group_equal: Sequence[str],
    group_partial: Sequence[str] = (),
    identification: Identification = "lavaan",
) -> ParameterTable:
    """Make kinds of parameters equal over the groups.

    Parameters
    ----------
    table : ParameterTable
        A completed model of several groups.
    group_equal : sequence of str
        ``loadings intercepts means residuals residual.covariances lv.variances lv.covariances
        regressions thresholds``.
    group_partial : sequence of str
        Parameters that stay free, as written in a model text.
    identification : {"lavaan", "wu_estabrook"}
        What equal thresholds set free in the later groups; see
        :func:`~psychometrics.stats.cfa.ordinal_identification.release_ordered`.

    Returns
    -------
    ParameterTable

    Raises
    ------
    ModelError
        An unknown kind, or an exception that names no parameter of the model.
    """
    unknown = [kind for kind in group_equal if kind not in KINDS]
    if unknown:
        raise ModelError(
            f"group_equal does not know {', '.join(map(repr, unknown))}; it knows "
            f"{', '.join(KINDS)}."
        )
    exempt = exempt_names(group_partial)
    present = {(row.lhs, row.op, row.rhs) for row in table.rows}
    absent = [text for text in group_partial if not exempt_names([text]) & present]
    if absent:
        raise ModelError(f"group_partial names what the model doesn't have: {', '.join(absent)}.")
    observed, latent = frozenset(table.observed), frozenset(table.latent)
    by_means = {"intercepts"} if identification == "wu_estabrook" else {"intercepts", "thresholds"}
    free_means = bool(by_means & set(group_equal)) and "means" not in group_equal
    rows = [release(row, table, group_equal, free_means) for row in table.rows]
    rows = release_ordered(rows, table, group_equal, exempt, identification)
    anchored = {row.name for row in rows if row.group == 0 and not row.free}
    shared = []
    for row in rows:
        equal = any(KINDS[kind](row, observed, latent) for kind in group_equal)
        spared = (row.lhs, row.op, row.rhs) in exempt or row.exogenous
        if row.free and equal and not spared and row.label is None and row.name not in anchored:
            row = replace(row, label=f"={row.name}")
        shared.append(row)
    return replace(table, rows=tuple(shared))


def release(
    row: Parameter, table: ParameterTable, group_equal: Sequence[str], free_means: bool
) -> Parameter:
    """Free in the later groups what equality with the first identifies."""
    if row.group == 0 or row.free or row.lhs not in table.latent:
        return row
    if row.op == "~1" and row.value == 0 and free_means:
        return replace(row, free=True, value=None)
    own_variance = row.op == "~~" and row.lhs == row.rhs and row.value == 1
    scaled_by_variance = own_variance and not any(
        r.op == "=~" and r.lhs == row.lhs and r.group == row.group and not r.free
        for r in table.rows
    )
    if scaled_by_variance and "loadings" in group_equal and "lv.variances" not in group_equal:
        return replace(row, free=True, value=None)
    return row
