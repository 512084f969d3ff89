"""The exception tree, findings, and the reasons why a statistic can't be had.

Misuse raises an exception. A fault in a definition, a catalog or a data file is a
:class:`Finding`, so that a check can report all of them at once. A statistic that does not
exist for the data at hand carries a :class:`Reason`. Findings and reasons are a code with
parameters; the English sentence is always there, other languages are made from the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from psychometrics.messages import english

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault found in a definition, a catalog or a data file.

    Attributes
    ----------
    code : str
        What kind of fault; stable, in snake_case.
    severity : {"error", "warning"}
        Errors must be mended before the result can be trusted; warnings should be looked at.
    where : str
        File and line, column, item key or locale.
    message : str
        The English sentence: what was found, what was expected, what to do.
    key, locale, text_hash : str or None
        The text the finding is about, where it is about one.
    params : Mapping
        What the sentence was made from; counts and row numbers live here.

    Examples
    --------
    >>> finding("unknown_option", "error", "call", name="estimator", value="GLS", allowed="ML")
    Finding(code='unknown_option', severity='error', where='call', ...)
    """

    code: str
    severity: Severity
    where: str
    message: str
    key: str | None = None
    locale: str | None = None
    text_hash: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.message}"


def finding(
    code: str,
    severity: Severity,
    where: str,
    *,
    key: str | None = None,
    locale: str | None = None,
    **params: Any,
) -> Finding:
    """Make a finding whose English message comes from the code's template."""
    return Finding(code, severity, where, english(code, params), key, locale, None, params)


class Reason(str):
    """Why a statistic can't be had: the English sentence, with its code and parameters.

    Attributes
    ----------
    code : str
        Stable name of the reason; empty where there is none.
    params : Mapping
        What the sentence was made from.
    """

    code: str
    params: Mapping[str, Any]

    def __new__(cls, code: str = "", params: Mapping[str, Any] | None = None) -> Reason:
        """Make the sentence of a code; the empty code is no reason."""
        text = english(code, params or {}) if code else ""
        made = super().__new__(cls, text)
        made.code = code
        made.params = dict(params or {})
        return made

    def __reduce__(self) -> tuple[type[Reason], tuple[str, Mapping[str, Any]]]:
        return (Reason, (self.code, self.params))


def reason(code: str, **params: Any) -> Reason:
    """Make the reason why a statistic can't be had.

    Examples
    --------
    >>> reason("too_few_items", n_items=1, needed=2)
    'It needs at least 2 items; there are 1.'
    """
    return Reason(code, params)


NO_REASON = Reason()


class PsychometricsError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    message : str
        Where, what was found, what was expected, what to do.
    findings : iterable of Finding
        Everything that was wrong, where more than one thing can be.

    Examples
    --------
    >>> from psychometrics import PsychometricsError, load_instrument
    >>> try:
    ...     load_instrument("no_such_measure")
    ... except PsychometricsError as error:
    ...     print(type(error).__name__)
    InstrumentError
    """

    def __init__(self, message: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings: tuple[Finding, ...] = tuple(findings)


class DataError(PsychometricsError, ValueError):
    """Answers, or a frame of them, that can't be used as asked."""


class InstrumentError(PsychometricsError, ValueError):
    """An instrument definition with faults; ``findings`` lists them all."""


class DocumentError(PsychometricsError, ValueError):
    """A plan, judgements or thresholds in a file with faults; ``findings`` lists them all."""


class CatalogError(PsychometricsError, ValueError):
    """A translation catalog that is missing or can't be used."""


class ModelSyntaxError(PsychometricsError, ValueError):
    """A model text that can't be read; the message points at the place."""


class ModelError(PsychometricsError, ValueError):
    """A model that can't be fitted as specified to these data."""


class ConvergenceWarning(UserWarning):
    """An iteration stopped before its criterion was met; the result says so too."""


class DegenerateDataWarning(UserWarning):
    """The data leave a statistic undefined or on the edge of what it can carry."""


class LocalMinimaWarning(UserWarning):
    """Starts of a search ended at different minima; the lowest is reported."""


def check_option(name: str, value: str, allowed: Iterable[str]) -> None:
    """Refuse an option that isn't one of the allowed words, listing them.

    Raises
    ------
    DataError
        If `value` is none of `allowed`.
    """
    words = tuple(allowed)
    if value not in words:
        params = {"name": name, "value": value, "allowed": ", ".join(map(repr, words))}
        raise DataError(english("unknown_option", params))
