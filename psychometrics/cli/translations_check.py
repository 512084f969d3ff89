"""``psychometrics translations check``: what is wrong with the translations of instruments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from psychometrics.cli.console import (
    WITH_ERROR_FINDINGS,
    count_of,
    guarded,
    print_json,
)
from psychometrics.cli.options import AsJson

if TYPE_CHECKING:
    from psychometrics.errors import Finding

CHECK_CODES = (
    "Exit codes: 0 no errors; 1 at least one error; 2 the command was called wrongly; "
    "3 a definition or catalog can't be read. Warnings and hints leave the code at 0."
)
KINDS = ("error", "warning", "hint")


def check(
    instruments: Annotated[
        list[str],
        typer.Argument(
            metavar="INSTRUMENT", help="Ids of shipped definitions, or paths of definition files."
        ),
    ],
    locale: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LOCALE", help="Language to check, such as de_DE; may be repeated. All if none."
        ),
    ] = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE", help="Rule or code to look for; may be repeated. All if none."
        ),
    ] = None,
    translations: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the translations, if not the shipped one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check translations, and report everything that is wrong, by locale, file and line."""
    with guarded(as_json):
        from psychometrics.errors import DataError, InstrumentError
        from psychometrics.instrument import load_instrument
        from psychometrics.translation.checks.run import check_translations

        definitions = [load_instrument(each) for each in instruments]
        try:
            findings = check_translations(
                definitions, locale, translations=translations, rules=rule
            )
        except (DataError, InstrumentError) as error:  # an unknown rule or locale
            raise typer.BadParameter(str(error)) from None
        if as_json:
            print_json(_summary(findings))
        else:
            _print_by_locale(findings, {one.id: one.locales for one in definitions})
        if any(each.severity == "error" for each in findings):
            raise typer.Exit(WITH_ERROR_FINDINGS)


def _kind(finding: Finding) -> str:
    from psychometrics.translation.checks import is_hint

    return "hint" if is_hint(finding) else finding.severity


def _summary(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return all that is known of the findings, for scripts."""
    counts = Counter(map(_kind, findings))
    records = [
        {
            "code": each.code,
            "severity": each.severity,
            "hint": _kind(each) == "hint",
            "where": each.where,
            "locale": each.locale,
            "key": each.key,
            "text_hash": each.text_hash,
            "message": each.message,
            "params": dict(each.params),
        }
        for each in findings
    ]
    return {f"n_{kind}s": counts[kind] for kind in KINDS} | {"findings": records}


def _print_by_locale(findings: Sequence[Finding], known: dict[str, tuple[str, ...]]) -> None:
    """Print the findings of each locale, errors first and hints last, and how many there are."""
    locales = dict.fromkeys(each.locale or "" for each in findings)
    for locale in locales:
        own = [each for each in findings if (each.locale or "") == locale]
        typer.echo(f"{locale or 'All locales'}: {_counted(own)}")
        for each in sorted(own, key=lambda one: KINDS.index(_kind(one))):
            about = f" {each.key}" if each.key else ""
            typer.echo(f"  {_kind(each)}: {each.where}:{about} [{each.code}] {each.message}")
    if not findings:
        typer.echo(f"{', '.join(known)}: nothing to mend.")
    elif len(locales) > 1:
        typer.echo(f"Together: {_counted(findings)}")


def _counted(findings: Sequence[Finding]) -> str:
    counts = Counter(map(_kind, findings))
    return ", ".join(count_of(counts[kind], kind) for kind in KINDS if counts[kind])
