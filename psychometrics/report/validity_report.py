"""A validation told: tables, a summary, a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal, overload

import pandas as pd

from psychometrics.errors import DataError
from psychometrics.report.claims import VERDICTS, Claim
from psychometrics.report.disclosure import DEFAULT_MINIMUM
from psychometrics.report.export import write_csv_files
from psychometrics.report.source import Source, Study, read_study
from psychometrics.report.wording import label, say

Preset = Literal["quick", "standard", "full"]
Progress = Callable[[str, int, int], None]


class ValidityReport:
    """What a validation found, as tables, a short summary and a page.

    Parameters
    ----------
    study : Study
        What was computed.

    Attributes
    ----------
    study : Study
        What was computed, complete: its tables are for the analyst and hold small groups too.

    See Also
    --------
    validate : compute a study and return its report.

    Examples
    --------
    >>> from psychometrics import simulate_responses, validate
    >>> report = validate("hs1939", simulate_responses("hs1939", 40, rng=1), n_boot=20)
    >>> report
    ValidityReport(hs1939 1.0)
    >>> int(report.tables["sample"]["n_rows"].max())
    80
    """

    def __init__(self, study: Study) -> None:
        self.study = study

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables of the study, unrounded and with every group."""
        return dict(self.study.tables)

    @property
    def findings(self) -> tuple[Any, ...]:
        """What was noticed in the data; for whoever holds them, as messages may quote cells."""
        return tuple(self.study.findings)

    def summary(self) -> str:
        """Return the claims in a few lines of plain text; small groups are withheld."""
        from psychometrics.report.claims import headline
        from psychometrics.report.comparability import brief
        from psychometrics.report.criteria import Criteria
        from psychometrics.report.html import read_headline
        from psychometrics.report.sections import besides

        source = self._source(DEFAULT_MINIMUM)
        instrument = source.instrument
        claims = read_headline(source, Criteria.of(source))
        lines = [
            say(
                "summary.head",
                title=instrument.title,
                id=instrument.id,
                version=instrument.version,
            )
        ]
        if source.simulated:
            lines.append(say("simulated"))
        lines.append(headline(claims))
        compared = brief(source)
        if compared:
            lines += ["", say("summary.group", heading=say("heading.comparability"))]
            lines += [say("summary.told", sentence=told) for told in compared]
        for verdict in VERDICTS:
            here = [claim for claim in claims if claim.verdict == verdict]
            if here:
                lines += ["", say("summary.group", heading=say(f"heading.{verdict}"))]
            lines += [_summary_line(claim) for claim in here]
        also = besides(source)
        if also:
            lines += ["", say("summary.also"), *(say("summary.told", sentence=one) for one in also)]
        return "\n".join([*lines, "", say("summary.more")])

    @overload
    def to_html(
        self, path: None = None, *, locale: str = "en", minimum_group_size: int = DEFAULT_MINIMUM
    ) -> str: ...

    @overload
    def to_html(
        self, path: str | Path, *, locale: str = "en", minimum_group_size: int = DEFAULT_MINIMUM
    ) -> Path: ...

    def to_html(
        self,
        path: str | Path | None = None,
        *,
        locale: str = "en",
        minimum_group_size: int = DEFAULT_MINIMUM,
    ) -> str | Path:
        """Write the report as one page that needs no network.

        Parameters
        ----------
        path : str or Path, optional
            Where to write it; the folder is made if it isn't there.
        locale : str
            Language of the page.
        minimum_group_size : int
            Groups of fewer people are withheld, with whatever would give them away; 0 shows all.

        Returns
        -------
        str or Path
            The text of the page if `path` was left out, else the path.

        Raises
        ------
        DataError
            If there is no report in `locale`, or `minimum_group_size` is no size of a group.
        """
        from psychometrics.report.html import check_locale, render

        check_locale(locale)
        page = render(self._source(minimum_group_size), locale=locale)
        if path is None:
            return page
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8", newline="\n")
        return target

    def write_tables(
        self, directory: str | Path, *, minimum_group_size: int = DEFAULT_MINIMUM
    ) -> list[Path]:
        """Write every table as a CSV file.

        Parameters
        ----------
        directory : str or Path
            Where to; it is made if it isn't there.
        minimum_group_size : int
            Groups of fewer people are withheld, with whatever would give them away; 0 shows all.

        Returns
        -------
        list of Path
            The files: UTF-8 with a byte order mark, unrounded.

        Raises
        ------
        DataError
            If `minimum_group_size` is no size of a group.
        """
        source = self._source(minimum_group_size)
        return write_csv_files(
            source.protected.tables,
            Path(directory),
            str(source.instrument.id),
            simulated=source.simulated,
        )

    def _source(self, minimum_group_size: int) -> Source:
        return read_study(self.study, minimum_group_size)

    def _repr_html_(self) -> str:
        """Return the first screen for a notebook; small groups are withheld."""
        from psychometrics.report.notebook import render_short

        return render_short(self._source(DEFAULT_MINIMUM))

    def __repr__(self) -> str:
        instrument = self.study.instrument
        return f"ValidityReport({instrument.id} {instrument.version})"


def _summary_line(claim: Claim) -> str:
    """Return one claim as a line of plain text."""
    about = {"property": label(claim.property), "subject": claim.subject}
    if claim.reason:
        return say("summary.reason", reason=claim.reason, **about)
    value = {"statistic": claim.statistic, "value": claim.value}
    if claim.n_obs:
        return say("summary.line_n", n=claim.n_obs, **about, **value)
    return say("summary.line", **about, **value)


def _day(given: date | str | None) -> date | None:
    """Return a day that may be written as text."""
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise DataError(say("date_unreadable", found=repr(given))) from None


def validate(
    instrument: Any,
    responses: Any,
    *,
    preset: Preset = "standard",
    plan: Any = None,
    rng: Any = None,
    level: float | None = None,
    n_boot: int | None = None,
    missing: Literal["fiml", "listwise"] | None = None,
    judgements: Any = None,
    cosmin_criteria: Any = None,
    papers_criteria: Any = None,
    collected: Any = None,
    small_n: Any = None,
    progress: Progress | None = None,
) -> ValidityReport:
    """Validate a measure on answers: consistency, structure, convergent and discriminant validity.

    Parameters
    ----------
    instrument : Instrument or str
        The definition, or its id or path.
    responses : Responses
        The answers, as :func:`psychometrics.read_responses` returns them.
    preset : {"quick", "standard", "full"}
        200, 2,000 or 10,000 bootstrap samples. How sites are compared follows: by difference tests
        alone, by 500 permutations with alignment and items one by one, or by 1,000 with the search
        for unequal items repeated.
    plan : path, AnalysisPlan or Plan, optional
        Plan of analysis that was frozen before the data (``psychometrics plan init``); it is
        followed, and the report lists what was done otherwise. Or a few choices made beforehand,
        see :class:`psychometrics.validity.study.Plan`.
    rng : int or numpy.random.Generator, optional
        Seed of all random numbers; the plan's, or 0.
    level : float, optional
        Coverage of all intervals; the plan's, or 0.95.
    n_boot : int, optional
        Bootstrap samples, instead of the plan's or the preset's.
    missing : {"fiml", "listwise"}, optional
        Factor models, omega and HTMT use all answers there are (``fiml``; the plan's, or this), or
        everything that has the choice uses complete rows (``listwise``).
    judgements : path, optional
        File with what people judged (content validity, risk of bias, PAPERS) and numbers from
        elsewhere, such as a test-retest ICC.
    cosmin_criteria, papers_criteria : path, optional
        Thresholds of COSMIN and anchors of PAPERS, in place of those that come along.
    collected : datetime.date or str, optional
        When the first answer was given, such as "2026-03-05": whether the plan came before.
    small_n : path, optional
        What is done with how few people, in place of the policy that comes along.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.

    Returns
    -------
    ValidityReport
        With `.tables`, `.summary()`, `.to_html(path)` and `.write_tables(directory)`.

    Raises
    ------
    DataError
        If the answers or the options can't be used as given.
    InstrumentError
        If the definition has faults.
    DocumentError
        If the plan, the judgements or the criteria have faults.

    Examples
    --------
    >>> from psychometrics import simulate_responses
    >>> answers = simulate_responses("hs1939", 40, rng=1)
    >>> report = validate("hs1939", answers, preset="quick", n_boot=20, rng=1)
    >>> print(report.summary().splitlines()[0])
    Holzinger and Swineford 1939: nine ability tests (hs1939 1.0)
    """
    from psychometrics.validity.analysis_plan import read_plan
    from psychometrics.validity.rating_basis import Ratings
    from psychometrics.validity.small_n import small_n as read_policy
    from psychometrics.validity.study import run_study

    if isinstance(instrument, str | Path):
        from psychometrics.instrument import load_instrument

        instrument = load_instrument(instrument)
    if isinstance(plan, str | Path):
        plan = read_plan(plan, instrument)
    ratings = Ratings().replaced(
        instrument, cosmin=cosmin_criteria, papers=papers_criteria, judgements=judgements
    )
    study = run_study(
        instrument,
        responses,
        preset=preset,
        plan=plan,
        rng=rng,
        level=level,
        n_boot=n_boot,
        missing=missing,
        ratings=ratings,
        collected=_day(collected),
        small_n=None if small_n is None else read_policy(small_n),
        progress=progress,
    )
    return ValidityReport(study)
