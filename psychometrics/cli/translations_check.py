"""``psychometrics translations check``: what is wrong with the translations of instruments."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from psychometrics.cli import translations_project as told
from psychometrics.cli.console import (
    WITH_ERROR_FINDINGS,
    count_of,
    guarded,
    print_json,
)

if TYPE_CHECKING:
    from psychometrics.errors import Finding
    from psychometrics.instrument import Instrument

CHECK_CODES = (
    "Exit codes: 0 no errors; 1 at least one error; 2 the command was called wrongly; "
    "3 a definition or catalog can't be read. Warnings and hints leave the code at 0."
)
UNSIGNED, MOST_UNSIGNED = "translation_unsigned", 3
KINDS = ("error", "warning", "hint")


def check(
    instruments: told.Instruments,
    locale: told.Locales = None,
    rule: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE", help="Rule or code to look for; may be repeated. All if left out."
        ),
    ] = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Check translations, and report everything that is wrong, by locale, file and line."""
    with guarded(as_json):
        from psychometrics.errors import DataError
        from psychometrics.translation.checks.rules import chosen_codes
        from psychometrics.translation.checks.run import check_translations

        try:
            chosen_codes(rule)
        except DataError as error:
            raise typer.BadParameter(str(error), param_hint="--rule") from None
        by_folder: dict[Path, list[Instrument]] = defaultdict(list)
        for project in told.open_projects(instruments, translations, writes=False):
            by_folder[project.translations].append(project.instrument)
        _refuse_unknown(locale, [one for several in by_folder.values() for one in several])
        findings = [
            each
            for folder, several in by_folder.items()
            for each in check_translations(several, locale, translations=folder, rules=rule)
        ]
        if as_json:
            print_json(_summary(findings))
        else:
            _print_by_locale(findings, [one.id for one in chain(*by_folder.values())])
        if any(each.severity == "error" for each in findings):
            raise typer.Exit(WITH_ERROR_FINDINGS)


def _refuse_unknown(locales: Sequence[str] | None, definitions: Sequence[Instrument]) -> None:
    """Refuse a locale that none of the definitions is fielded in."""
    known = dict.fromkeys(each for one in definitions for each in one.locales)
    for each in locales or ():
        if each not in known:
            raise typer.BadParameter(
                f"No definition has the locale {each!r}; they have {', '.join(known)}.",
                param_hint="--locale",
            )


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


def _print_by_locale(findings: Sequence[Finding], names: Sequence[str]) -> None:
    """Print the findings of each locale, errors first and hints last, and how many there are."""
    locales = dict.fromkeys(each.locale or "" for each in findings)
    for locale in locales:
        own = [each for each in findings if (each.locale or "") == locale]
        typer.echo(f"{locale or 'All locales'}: {_counted(own)}")
        unsigned = [each for each in own if each.code == UNSIGNED]
        if len(unsigned) > MOST_UNSIGNED:  # a new catalog would show nothing else
            own = [each for each in own if each.code != UNSIGNED]
            typer.echo(f"  warning: {len(unsigned)} texts are not signed off as they stand")
        for each in sorted(own, key=lambda one: KINDS.index(_kind(one))):
            about = f" {each.key}" if each.key else ""
            typer.echo(f"  {_kind(each)}: {each.where}:{about} [{each.code}] {each.message}")
    if not findings:
        typer.echo(f"{', '.join(names)}: nothing to mend.")
    elif len(locales) > 1:
        typer.echo(f"Together: {_counted(findings)}")


def _counted(findings: Sequence[Finding]) -> str:
    counts = Counter(map(_kind, findings))
    return ", ".join(count_of(counts[kind], kind) for kind in KINDS if counts[kind])
