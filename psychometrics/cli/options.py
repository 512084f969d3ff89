"""The arguments and options of the commands, declared once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

COLUMNS = "Columns of the answers"
NUMBERS = "The numbers"
RATINGS = "Ratings"
OUTPUT = "What is written"


class Preset(StrEnum):
    """How much work `validate` does."""

    QUICK = "quick"
    STANDARD = "standard"
    FULL = "full"


class MissingModels(StrEnum):
    """What models do with missing answers."""

    FIML = "fiml"
    LISTWISE = "listwise"


class Unit(StrEnum):
    """What a duration in numbers counts."""

    SECONDS = "seconds"
    MINUTES = "minutes"


def _column(what: str) -> Any:
    return typer.Option(metavar="COLUMN", rich_help_panel=COLUMNS, help=what)


def _number(what: str, minimum: float, maximum: float | None = None) -> Any:
    return typer.Option(rich_help_panel=NUMBERS, help=what, min=minimum, max=maximum)


InstrumentName = Annotated[
    str,
    typer.Argument(
        metavar="INSTRUMENT", help="Id of a shipped definition, or path of a definition file."
    ),
]
AnswersFile = Annotated[
    Path,
    typer.Argument(
        metavar="ANSWERS", help="CSV, TSV, Excel, Parquet or SPSS file, one row a respondent."
    ),
]

SiteColumn = Annotated[str | None, _column("Site; a column named site if left out.")]
LanguageColumn = Annotated[str | None, _column("Language of the form.")]
FormVersionColumn = Annotated[str | None, _column("Version of the form.")]
ModeColumn = Annotated[str | None, _column("Mode: paper, web, interview.")]
RespondentColumn = Annotated[str | None, _column("Respondent, to find duplicates.")]
ClusterColumn = Annotated[str | None, _column("Cluster, such as the service.")]
WaveColumn = Annotated[str | None, _column("Wave of the survey.")]
RoleColumn = Annotated[str | None, _column("Role of the respondent, for known groups.")]
WeightColumn = Annotated[str | None, _column("Weight of the row.")]
DurationColumn = Annotated[str | None, _column("How long answering took.")]
DurationUnit = Annotated[
    Unit,
    typer.Option(
        "--duration-unit", rich_help_panel=COLUMNS, help="What a duration in numbers counts."
    ),
]
StartedColumn = Annotated[str | None, _column("When answering began, with the time.")]
EndedColumn = Annotated[str | None, _column("When answering ended, with the time.")]
ItemColumns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="ITEM=COLUMN",
        rich_help_panel=COLUMNS,
        help="Column of an item or comparator whose name differs; may be repeated.",
    ),
]
ColumnsFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", rich_help_panel=COLUMNS, help="The same in a YAML or CSV file."),
]
AllowUndeclaredSites = Annotated[
    bool,
    typer.Option(
        "--allow-undeclared-sites",
        rich_help_panel=COLUMNS,
        help="Take sites that the definition doesn't know as they are.",
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        rich_help_panel=COLUMNS,
        help="Sheet of an Excel file; the first if left out.",
    ),
]

PresetChoice = Annotated[
    Preset, typer.Option(rich_help_panel=NUMBERS, help="How much work is done.")
]
Replicates = Annotated[int | None, _number("Bootstrap replicates, instead of the preset's.", 0)]
ModelMissingChoice = Annotated[
    MissingModels | None,
    typer.Option(
        "--missing",
        rich_help_panel=NUMBERS,
        help="Missing answers: models use all there are (fiml; the plan's choice, or this), or "
        "everything uses complete rows (listwise).",
    ),
]
OwnLevel = Annotated[
    float | None, _number("Coverage of intervals; the plan's, or 0.95.", 0.5, 0.999)
]
OwnSeed = Annotated[int | None, _number("The same seed gives the same bytes; the plan's, or 0.", 0)]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=NUMBERS,
        help="Plan of analysis, frozen before the data: it is followed, and the report says what "
        "was done otherwise.",
    ),
]
CollectedFrom = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        rich_help_panel=NUMBERS,
        help="Day of the first answer, as in 2026-03-05, to say whether the plan came before.",
    ),
]

SmallNFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        rich_help_panel=NUMBERS,
        help="What is done with how few people, instead of the policy that is shipped.",
    ),
]


def _rules(what: str) -> Any:
    return typer.Option(metavar="FILE", rich_help_panel=RATINGS, help=what)


JudgementsFile = Annotated[
    Path | None, _rules("YAML file with what people judged, and numbers from elsewhere.")
]
CosminFile = Annotated[Path | None, _rules("Thresholds of COSMIN, instead of those shipped.")]
PapersFile = Annotated[Path | None, _rules("Anchors of PAPERS, instead of those shipped.")]

ReportFile = Annotated[
    Path,
    typer.Option(
        metavar="FILE", rich_help_panel=OUTPUT, help="The report, one self-contained page."
    ),
]
TablesFolder = Annotated[
    Path | None,
    typer.Option(metavar="DIR", rich_help_panel=OUTPUT, help="Folder for every table as CSV."),
]
MinimumGroup = Annotated[
    int,
    typer.Option(
        min=0,
        rich_help_panel=OUTPUT,
        help="Smaller groups are suppressed in what is written; 0 shows all.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", rich_help_panel=OUTPUT, help="Print a summary for scripts as JSON."),
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", rich_help_panel=OUTPUT, help="Say nothing but errors."),
]
