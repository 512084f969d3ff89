"""``psychometrics translations sheet`` and ``import``: work that translators do."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from psychometrics.cli import translations_project as told
from psychometrics.cli.console import (
    as_records,
    count_of,
    error_console,
    guarded,
    print_findings,
    print_json,
)
from psychometrics.cli.translations_record import Instrument

if TYPE_CHECKING:
    from psychometrics.errors import Finding
    from psychometrics.translation.desk.sheet import Sheet
    from psychometrics.translation.desk.sheet_import import SheetImport
    from psychometrics.translation.events import Origin

SHEET_HELP = (
    "Make the sheet of one role, to be filled in and sent back.\n\n"
    "Forward translators see the source, the notes and the brief, and not each other; a "
    "back-translator sees the translation alone; reconciler, reviewer and adjudicator see "
    "everything. The sheet is brought back by `psychometrics translations import`."
)
IMPORT_HELP = (
    "Bring back a sheet that was filled in: .xlsx, XLIFF (.xlf), or the .json that the page "
    "saves.\n\n"
    "What it changes is shown first; with --dry-run that is all. Columns may stand in any order. "
    "Formulas are never worked out. With a fault in any row nothing is recorded."
)
IMPORT_CODES = (
    "Exit codes: 0 it is recorded (with --dry-run: it can be); 2 the command was called wrongly; "
    "3 nothing was recorded."
)
PREVIEW_HELP = (
    "Make a page of the form as a respondent will read it: on a screen, on a phone, printed.\n\n"
    "Forms that nobody has signed are marked as drafts, also in print. Below the form stands how "
    "its answer scales run: the order of the codes, the direction agreed in the brief for this "
    "target and mode, and the direction as drawn by the browser."
)
EXPORT_HELP = (
    "Write the texts for an agency, as XLIFF 1.2: keys as ids, with notes, brief and states.\n\n"
    "The file holds what the role may see: for forward translators no translation that is there "
    "already. It comes back by `psychometrics translations import`."
)
NOTHING = 3


class SheetFormat(StrEnum):
    """Formats of sheets."""

    XLSX = "xlsx"
    HTML = "html"


def sheet(
    instrument: Instrument,
    locale: told.OneLocale,
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help="forward, back, reconciler, reviewer or adjudicator."),
    ],
    kind: Annotated[
        SheetFormat, typer.Option("--format", help="For Excel, or a page for the browser.")
    ] = SheetFormat.XLSX,
    who: Annotated[
        str | None,
        typer.Option(
            metavar="PSEUDONYM", help="A forward translator, who gets back what they wrote."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; here if left out.")
    ] = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Make a sheet."""
    with guarded(as_json):
        from psychometrics.translation.desk.sheet_html import sheet_html
        from psychometrics.translation.desk.sheet_xlsx import sheet_xlsx

        made = checked_sheet(instrument, locale, role, translations, who)
        file = out or Path(f"{made.file_stem}.{kind.value}")
        html = kind is SheetFormat.HTML
        raw = sheet_html(made).encode("utf-8") if html else sheet_xlsx(made)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
    if as_json:
        print_json({"file": str(file), "texts": len(made.rows), "role": role, "exit_code": 0})
    else:
        typer.echo(f"{file}: {count_of(len(made.rows), 'text')} for the role {made.role}.")


def checked_sheet(
    instrument: str, locale: str, role: str, translations: Path | None, who: str | None = None
) -> Sheet:
    """Make a sheet; those who judge find in it what the checks found."""
    from psychometrics.translation.checks.run import check_translations
    from psychometrics.translation.desk.roles import JUDGES
    from psychometrics.translation.desk.sheet import make_sheet

    opened = told.open_project(instrument, translations, writes=False)
    found: list[Finding] = []
    if role in JUDGES:
        found = check_translations(opened.instrument, [locale], translations=opened.translations)
    # Whether a text is signed stands in the column of its state.
    found = [each for each in found if each.code != "translation_unsigned"]
    return make_sheet(
        opened.instrument, locale, role, who=who, findings=found, translations=opened.translations
    )


def export(
    instrument: Instrument,
    locale: told.OneLocale,
    xliff: Annotated[
        bool, typer.Option("--xliff", help="As XLIFF 1.2; there is no other format yet.")
    ] = True,
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help="forward, back, reconciler, reviewer or adjudicator."),
    ] = "forward",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; here if left out.")
    ] = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Write XLIFF."""
    with guarded(as_json):
        from psychometrics.translation.desk.xliff import sheet_xliff

        made = checked_sheet(instrument, locale, role, translations)
        file = out or Path(f"{made.file_stem}.xlf")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(sheet_xliff(made))
    if as_json:
        print_json({"file": str(file), "texts": len(made.rows), "role": role, "exit_code": 0})
    else:
        typer.echo(f"{file}: {count_of(len(made.rows), 'text')} for the role {made.role}.")


def preview(
    instrument: Instrument,
    locale: told.OneLocale,
    target: Annotated[
        str, typer.Option(metavar="NAME", help="Where it will be shown: web, paper, odk ...")
    ] = "web",
    mode: Annotated[
        str, typer.Option(metavar="NAME", help="How it is answered: self, interview ...")
    ] = "self",
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="A site that has words of its own.")
    ] = None,
    gender: Annotated[
        str | None, typer.Option(metavar="LETTER", help="f or m, where texts have both forms.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to; here if left out.")
    ] = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Make a preview."""
    if gender not in (None, "f", "m"):
        raise typer.BadParameter("--gender is f or m.")
    with guarded(as_json):
        from psychometrics.translation.desk.preview import preview as make_preview

        opened = told.open_project(instrument, translations, writes=False)
        made = make_preview(
            opened.instrument, locale, target=target, mode=mode, site=site, gender=gender,
            translations=opened.translations,
        )  # fmt: skip
        file = out or Path(f"{opened.instrument.id}.{locale}.preview.html")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(made.html, encoding="utf-8")
    if as_json:
        print_json(
            {"file": str(file), "form_hash": made.form.form_hash, "draft": bool(made.form.draft),
             "findings": as_records(made.findings), "exit_code": 0}
        )  # fmt: skip
    else:
        typer.echo(f"{file}: {count_of(len(made.form.questions), 'question')}.")
        print_findings(made.findings)


def bring_in(
    instrument: Instrument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sheet that came back.")],
    who: told.Who,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")
    ] = False,
    origin: Annotated[
        str, typer.Option(metavar="ORIGIN", help="human, machine or published.")
    ] = "human",
    draft: Annotated[
        str | None,
        typer.Option(metavar="LETTER", help="Of a forward translation; the next free one."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Reason for rows that have none.")
    ] = None,
    translations: told.Translations = None,
    as_json: told.AsJson = False,
) -> None:
    """Bring back a sheet."""
    if origin not in ("human", "machine", "published"):
        raise typer.BadParameter("--origin is human, machine or published.")
    with guarded(as_json):
        from psychometrics.translation.desk.sheet_import import apply_import, plan_import

        opened = told.open_project(instrument, translations, writes=not dry_run)
        planned = plan_import(
            opened.instrument, file, who=who, origin=cast("Origin", origin), draft=draft,
            reason=reason, translations=opened.translations,
        )  # fmt: skip
        if not as_json:
            _show(planned)
        events = []
        if planned.is_sound and not dry_run:
            events = apply_import(opened.instrument, planned, translations=opened.translations)
    code = 0 if planned.is_sound else NOTHING
    if as_json:
        print_json(
            {
                "role": planned.role,
                "locale": planned.locale,
                "changes": [
                    {"key": one.key, "before": one.before, "after": one.after}
                    for one in planned.changes
                ],
                "events": [event.id for event in events],
                "findings": as_records(planned.findings),
                "exit_code": code,
            }
        )
    else:
        print_findings(planned.findings)
        told_done = f"Recorded: {count_of(len(events), 'event')}." if events else "Nothing written."
        error_console().print(told_done, markup=False)
    raise typer.Exit(code)


def _show(planned: SheetImport) -> None:
    """Show old and new words, as in a diff."""
    texts = sum(len(step.keys) for step in planned.steps)
    typer.echo(
        f"{planned.instrument_id} {planned.locale}: {planned.role} {planned.who}, "
        f"{count_of(texts, 'text')} worked on, {count_of(len(planned.changes), 'change')}."
    )
    for one in planned.changes:
        typer.echo(f"  {one.key}")
        if one.before:
            typer.echo(f"  - {one.before}")
        typer.echo(f"  + {one.after}")
