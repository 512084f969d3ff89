"""Answers, decoded, with everything that was odd about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from psychometrics.errors import Finding
from psychometrics.instrument import Instrument
from psychometrics.instrument.rules import COLUMN_ROLES
from psychometrics.responses.scoring import scale_scores

SIMULATED = "simulated"
"""Column that says of a file that nobody gave its answers."""


@dataclass(frozen=True, eq=False, repr=False)
class Responses:
    """What was answered, by whom, and what was odd about it.

    Attributes
    ----------
    instrument : Instrument
        What was asked.
    frame : pandas.DataFrame
        `row` (counted from 1, the header not counted), `site` (id, None where there is none),
        those of language, form_version, mode, respondent, cluster, wave, role (texts), weight
        and duration (seconds) that exist, one column an item (codes as answered, never turned
        round; NaN where there is no usable answer) and one a comparator that was found.
    answer_status : pandas.DataFrame
        For each item and row "answered", "blank", "impossible" or the key of a missing answer.
    findings : tuple of Finding
        Errors first, then by column.
    source : str
        Name of the file, or what else the answers came from.
    simulated : bool
        True where nobody answered: the answers were made by `simulate_responses`, or read from a
        file whose column "simulated" says so.
    truth : Mapping or None
        For simulated answers, the parameters they were made with.

    Examples
    --------
    >>> from psychometrics import simulate_responses
    >>> responses = simulate_responses("hs1939", 20, rng=1)
    >>> responses.n_obs, responses.sites, responses.simulated
    (40, ('pasteur', 'grant_white'), True)
    >>> list(responses.scores())
    ['visual', 'textual', 'speed']
    """

    instrument: Instrument
    frame: pd.DataFrame
    answer_status: pd.DataFrame
    findings: tuple[Finding, ...]
    source: str
    simulated: bool = False
    truth: Mapping[str, Any] | None = None

    @property
    def sites(self) -> tuple[str, ...]:
        """Ids of the sites that have rows, in the definition's order; undeclared ones last."""
        present = set(self.frame["site"].dropna())
        declared = tuple(site for site in self.instrument.sites if site in present)
        return (*declared, *sorted(present.difference(declared)))

    @property
    def n_obs(self) -> int:
        """Number of rows, with or without answers."""
        return len(self.frame)

    def scores(self) -> pd.DataFrame:
        """Score every scale and higher-order construct; see :func:`scale_scores`.

        Returns
        -------
        pandas.DataFrame
            One column a scale, then one a higher-order construct; rows as in `frame`.
        """
        return scale_scores(self.frame, self.instrument)

    def by_site(self) -> dict[str, Responses]:
        """Return the answers of each site; rows without a site are in none.

        Findings are those of the whole file.
        """
        return {site: self._rows(self.frame["site"] == site) for site in self.sites}

    def to_csv(self, path: str | PathLike[str]) -> Path:
        """Write the answers to a file that `read_responses` reads back.

        Missing answers are written as their code. What could not be understood (an impossible
        code, an unknown site) is written as an empty cell: this is the decoded data, not a copy
        of the source. Columns of weights and durations have to be named when reading:
        `weight="weight", duration="duration"`.
        Simulated answers get a column "simulated", so that whoever reads the file knows.

        Parameters
        ----------
        path : str or path-like
            The file; UTF-8, comma-separated, one header line.

        Returns
        -------
        pathlib.Path
            The file.
        """
        written = self.frame.drop(columns="row")
        for item in self.instrument.items:
            codes = written[item].to_numpy(copy=True)
            status = self.answer_status[item].to_numpy()
            answers = self.instrument.response_sets[self.instrument.items[item].response_set]
            for missing in answers.missing:
                codes[status == missing.key] = missing.code
            written[item] = codes
        for name in written.columns:
            written[name] = _shortest(written[name])
        if self.simulated:
            written[SIMULATED] = "true"
        file = Path(path)
        written.to_csv(file, index=False, encoding="utf-8", lineterminator="\n")
        return file

    def _rows(self, chosen: pd.Series[bool]) -> Responses:
        return replace(
            self, frame=self.frame.loc[chosen], answer_status=self.answer_status.loc[chosen]
        )

    def __repr__(self) -> str:
        """Say how many answered what, and how much was odd."""
        kind = "simulated answers" if self.simulated else "answers"
        errors = sum(one.severity == "error" for one in self.findings)
        return (
            f"<Responses: {kind} of {self.n_obs} to {self.instrument.id}, {len(self.sites)} sites, "
            f"{errors} errors, {len(self.findings) - errors} warnings>"
        )

    def _repr_html_(self) -> str:
        """Show counts; never a respondent's row."""
        counts = self.frame["site"].value_counts()
        rows = [(self._site_name(site), int(counts[site])) for site in self.sites]
        without = self.n_obs - sum(count for _, count in rows)
        if without:
            rows.append(("no site", without))
        body = "".join(f"<tr><td>{escape(name)}</td><td>{n}</td></tr>" for name, n in rows)
        roles = [role for role in COLUMN_ROLES if role in self.frame and role != "site"]
        errors = sum(one.severity == "error" for one in self.findings)
        label = "<strong>Simulated answers.</strong> " if self.simulated else ""
        return (
            f"<p>{label}{escape(self.instrument.title)}: {self.n_obs} rows from "
            f"{escape(self.source)}; also known: {escape(', '.join(roles) or 'nothing else')}. "
            f"Findings: {errors} errors, {len(self.findings) - errors} warnings.</p>"
            "<table><thead><tr><th>Site</th><th>Rows</th></tr></thead>"
            f"<tbody>{body}</tbody></table>"
        )

    def _site_name(self, site: str) -> str:
        declared = self.instrument.sites.get(site)
        return declared.name if declared else site


def _shortest(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return whole numbers as integers, so that a code is written 3 and not 3.0."""
    if column.dtype != np.float64:
        return column
    whole = column.dropna() % 1 == 0
    return column.astype("Int64") if whole.all() else column
