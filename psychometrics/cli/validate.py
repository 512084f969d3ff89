"""``psychometrics validate``: from a definition and a file of answers to a validity report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from psychometrics.cli import options
from psychometrics.cli.columns import column_mapping
from psychometrics.cli.console import (
    WITH_ERROR_FINDINGS,
    as_records,
    count_of,
    error_console,
    guarded,
    print_findings,
    print_json,
    progress_shown,
    warnings_told,
)
from psychometrics.cli.places import check_file, check_folder

if TYPE_CHECKING:
    from psychometrics.report import ValidityReport
    from psychometrics.responses import Responses

HELP = (
    "Read answers, test what can be claimed of the measure, and write a validity report.\n\n"
    "Internal consistency, convergent and discriminant validity, structure and hypotheses, pooled "
    "and for each site. What is wrong with the answers is told as findings; the report covers "
    "whatever can be had."
)


def validate(
    instrument: options.InstrumentName,
    answers: options.AnswersFile,
    site: options.SiteColumn = None,
    language: options.LanguageColumn = None,
    form_version: options.FormVersionColumn = None,
    mode: options.ModeColumn = None,
    respondent: options.RespondentColumn = None,
    cluster: options.ClusterColumn = None,
    wave: options.WaveColumn = None,
    role: options.RoleColumn = None,
    weight: options.WeightColumn = None,
    duration: options.DurationColumn = None,
    duration_unit: options.DurationUnit = options.Unit.SECONDS,
    started: options.StartedColumn = None,
    ended: options.EndedColumn = None,
    column: options.ItemColumns = None,
    columns_file: options.ColumnsFile = None,
    allow_undeclared_sites: options.AllowUndeclaredSites = False,
    sheet: options.Sheet = None,
    preset: options.PresetChoice = options.Preset.STANDARD,
    bootstrap: options.Replicates = None,
    missing: options.ModelMissingChoice = None,
    level: options.OwnLevel = None,
    seed: options.OwnSeed = None,
    plan: options.PlanFile = None,
    collected_from: options.CollectedFrom = None,
    small_n: options.SmallNFile = None,
    judgements: options.JudgementsFile = None,
    cosmin: options.CosminFile = None,
    papers: options.PapersFile = None,
    out: options.ReportFile = Path("report.html"),
    tables: options.TablesFolder = None,
    minimum_group: options.MinimumGroup = 5,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Read answers, write a validity report, and leave with a code that a script can use."""
    named = {"site": site, "language": language, "form_version": form_version, "mode": mode}
    named |= {"respondent": respondent, "cluster": cluster, "wave": wave, "role": role}
    named |= {"weight": weight, "sheet": sheet, "duration": duration}
    named["duration_unit"] = duration_unit.value
    times = {"started": started, "ended": ended}
    with guarded(as_json):
        check_file(out)
        if tables is not None:
            check_folder(tables)
        mapping = column_mapping(column or (), columns_file)
        mapping |= {role: name for role, name in times.items() if name is not None}
        with progress_shown(quiet) as progress, warnings_told(quiet):
            progress("reading answers", 0, 1)
            responses = _read(instrument, answers, named, mapping, allow_undeclared_sites)
            from psychometrics.report import validate as run

            report = run(
                responses.instrument,
                responses,
                preset=preset.value,
                plan=plan,
                collected=collected_from,
                small_n=small_n,
                rng=seed,
                level=level,
                n_boot=bootstrap,
                missing=None if missing is None else missing.value,
                judgements=judgements,
                cosmin_criteria=cosmin,
                papers_criteria=papers,
                progress=progress,
            )
            progress("writing the report", 0, 1)
            files = _written(report, out, tables, minimum_group)
        has_errors = any(each.severity == "error" for each in report.findings)
        code = WITH_ERROR_FINDINGS if has_errors else 0
        if as_json:
            print_json(_summary(report, responses, files, code))
        _tell(report, files, as_json, quiet)
    raise typer.Exit(code)


def _read(
    instrument: str,
    answers: Path,
    named: Mapping[str, str | None],
    columns: Mapping[str, str],
    allow_undeclared_sites: bool,
) -> Responses:
    """Read the answers; an option that was left out is left to the reader's default."""
    from psychometrics.instrument import load_instrument
    from psychometrics.responses import read_responses

    given: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    return read_responses(
        answers,
        load_instrument(instrument),
        columns=dict(columns) or None,
        allow_undeclared_sites=allow_undeclared_sites,
        **given,
    )


def _written(
    report: ValidityReport, out: Path, tables: Path | None, minimum_group: int
) -> dict[str, Any]:
    """Write what was asked for and return where it is."""
    report.to_html(out, minimum_group_size=minimum_group)
    files: dict[str, Any] = {"report": str(out), "tables": []}
    if tables is not None:
        written = report.write_tables(tables, minimum_group_size=minimum_group)
        files["tables"] = [str(file) for file in written]
    return files


def _summary(
    report: ValidityReport, responses: Responses, files: Mapping[str, Any], code: int
) -> dict[str, Any]:
    """Return what a script may want to know."""
    from psychometrics import __version__

    definition = responses.instrument
    severities = [each.severity for each in report.findings]
    return {
        "psychometrics": __version__,
        "instrument": {
            "id": definition.id,
            "version": definition.version,
            "title": definition.title,
        },
        "answers": {
            "source": responses.source,
            "rows": len(responses.frame),
            "sites": list(responses.sites),
            "simulated": responses.simulated,
        },
        "settings": records(report, "settings"),
        "claims": records(report, "claims"),
        "deviations": [row for row in records(report, "plan") if row["status"] in _otherwise()],
        "findings": {
            "errors": severities.count("error"),
            "warnings": severities.count("warning"),
            "list": as_records(report.findings),
        },
        "files": dict(files),
        "exit_code": code,
    }


def _otherwise() -> tuple[str, ...]:
    """Return what the parts of a plan are called that were not done as planned."""
    from psychometrics.validity.deviations import DEVIATIONS

    return DEVIATIONS


def records(report: ValidityReport, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table as JSON can hold them: what isn't there is null."""
    rows = report.tables[table].to_dict("records")
    return [{str(name): plain(value, str(name)) for name, value in row.items()} for row in rows]


def plain(value: Any, column: str) -> Any:
    """Return a cell as JSON can hold it; a count is whole, also where others are missing.

    Examples
    --------
    >>> plain(float("nan"), "low"), plain(0.5, "low"), plain(301.0, "n_obs")
    (None, 0.5, 301)
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, float) and column.startswith("n_") and value.is_integer():
        return int(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _tell(report: ValidityReport, files: Mapping[str, Any], as_json: bool, quiet: bool) -> None:
    """Say on standard error what was found, and on standard output what may be claimed."""
    if quiet:
        print_findings([each for each in report.findings if each.severity == "error"])
        return
    if not as_json:
        from psychometrics.report.wording import say

        # How to write the page is for whoever calls from Python; here it is written.
        typer.echo(report.summary().removesuffix(say("summary.more")).rstrip())
    print_findings(report.findings)
    console = error_console()
    if not report.tables["plan"].empty:
        status = report.tables["plan"]["status"]
        console.print(f"Deviations from the plan: {int(status.isin(_otherwise()).sum())}")
    console.print(f"The report is in {files['report']}", markup=False)
    written: Sequence[str] = files["tables"]
    if written:
        folder = Path(written[0]).parent
        console.print(f"{count_of(len(written), 'table')} in {folder}", markup=False)
