"""``psychometrics translations``: from a definition to signed and released texts."""

from __future__ import annotations

import typer

from psychometrics.cli import translations_catalogs as catalogs
from psychometrics.cli import translations_check as checks
from psychometrics.cli import translations_desk as desk
from psychometrics.cli import translations_feedback as answers
from psychometrics.cli import translations_record as record
from psychometrics.cli import translations_release as releases

app = typer.Typer(
    help="Translate definitions: catalogs, who did what to which text, sign-offs and releases.",
    no_args_is_help=True,
)

app.command(help=catalogs.EXTRACT_HELP)(catalogs.extract)
app.command(help=catalogs.UPDATE_HELP, epilog=catalogs.UPDATE_CODES)(catalogs.update)
app.command(epilog=checks.CHECK_CODES)(checks.check)
app.command(help=record.STATUS_HELP, epilog=record.STATUS_CODES)(record.status)
app.command("record", help=record.RECORD_HELP)(record.record)
app.command(help=record.SIGN_HELP)(record.sign)
app.command(help=record.CONFIRM_HELP)(record.confirm)
app.command(help=record.WAIVE_HELP)(record.waive)
app.command(help=answers.HELP, epilog=answers.CODES)(answers.feedback)
app.command(help=releases.RELEASE_HELP)(releases.release)
app.command(help=desk.SHEET_HELP)(desk.sheet)
app.command("import", help=desk.IMPORT_HELP, epilog=desk.IMPORT_CODES)(desk.bring_in)
app.command(help=desk.PREVIEW_HELP)(desk.preview)
app.command(help=desk.EXPORT_HELP)(desk.export)
