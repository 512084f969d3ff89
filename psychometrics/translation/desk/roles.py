"""Who works on a translation, and what each of them may see.

Two forward translators are independent as long as neither has read the other, a back-translation is
blind as long as nobody showed the source. So a sheet has the columns of its role and no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from psychometrics.errors import CatalogError
from psychometrics.instrument.rules import did_you_mean
from psychometrics.translation.events import EventKind

Role = Literal["forward", "back", "reconciler", "reviewer", "adjudicator"]
Side = Literal["source", "target", "plain"]
DECISIONS: Final = ("accepted", "changed", "rejected")
CATEGORIES: Final = (
    "meaning", "wording", "grammar", "register", "term", "consistency", "layout", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet.

    Attributes
    ----------
    name : str
        What programs call it.
    title : str
        Its heading, by which it is found again in whatever place it stands.
    side : {"source", "target", "plain"}
        Which language and direction its texts have; plain is English.
    editable : bool
        Whether it is read when the sheet comes back.
    choices : tuple of str
        What may stand in it; anything if empty.
    """

    name: str
    title: str
    side: Side = "plain"
    editable: bool = False
    choices: tuple[str, ...] = ()


ID: Final = Column("id", "Key")
CHECK: Final = Column("check", "Do not change")
COMMENT: Final = Column("comment", "Comment", editable=True)
SOURCE: Final = Column("source", "Source text", "source")
NOTE: Final = Column("note", "What is meant")
TRANSLATION: Final = Column("translation", "Translation", "target", editable=True)
BACK: Final = Column("back", "Back-translation", "source", editable=True)
DECISION: Final = Column("decision", "Decision", editable=True, choices=DECISIONS)
CATEGORY: Final = Column("category", "Category", editable=True, choices=CATEGORIES)
REASON: Final = Column("reason", "Reason", editable=True)
SEEN: Final = (
    Column("state", "State"),
    Column("back_seen", "Back-translation", "source"),
    Column("remarks", "Remarks so far"),
    Column("findings", "Findings"),
    Column("answers", "From the answers"),
)
"""What only those see who are to judge."""
JUDGES: Final = ("reconciler", "reviewer", "adjudicator")

TASKS: Final[dict[Role, str]] = {
    "forward": "Translate each text for the readers that the brief describes. Write into the "
    "column Translation, and what you were unsure of into Comment. Talk to no other translator of "
    "this questionnaire before you have handed it in.",
    "back": "Write in {source} what each text says, no more and no less, and don't improve it. If "
    "it sounds odd or has two meanings, say so in Comment. Don't look for the original.",
    "reconciler": "Make one translation out of the drafts, in the column Translation. Say why in "
    "Reason, and write accepted or changed into Decision.",
    "reviewer": "Read each text against its source and note. Write accepted, changed or rejected "
    "into Decision, what kind of remark it is into Category, and what you mean into Comment.",
    "adjudicator": "Decide on each text in the light of drafts, reviews, back-translation and "
    "findings. Write the text that is to stand into Translation, and why into Reason.",
}


def check_role(role: str) -> Role:
    """Return the name of a role as such.

    Raises
    ------
    CatalogError
        If there is no such role.
    """
    if role not in get_args(Role):
        raise CatalogError(
            f"There is no role {role[:60]!r}.{did_you_mean(role, get_args(Role))} "
            f"There are: {', '.join(get_args(Role))}."
        )
    return cast(Role, role)


def columns_of(role: Role, drafts: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """Return the columns of a role.

    Parameters
    ----------
    role : str
        Whose sheet it is.
    drafts : tuple of str
        Letters of the forward translations there are, for those who may see them.

    Examples
    --------
    >>> [column.name for column in columns_of("back")]
    ['id', 'target', 'back', 'comment', 'check']
    """
    if role == "forward":
        return (ID, SOURCE, NOTE, TRANSLATION, COMMENT, CHECK)
    if role == "back":
        return (ID, Column("target", "Text", "target"), BACK, COMMENT, CHECK)
    made = tuple(Column(f"draft_{each}", f"Draft {each}", "target") for each in drafts)
    own = (CATEGORY, COMMENT) if role == "reviewer" else (REASON,)
    return (ID, SOURCE, NOTE, *made, *SEEN, TRANSLATION, DECISION, *own, CHECK)


def event_of(role: Role, workflow: str) -> EventKind:
    """Return the event that a sheet of a role is recorded as, in a workflow.

    Raises
    ------
    CatalogError
        If the workflow has nothing for the role to do.
    """
    if workflow == "adaptation" and role in ("forward", "back"):
        raise CatalogError(
            "An adaptation stays in one language, so nothing is translated forward or back; "
            "make the sheet of a reconciler, and of a reviewer from the place."
        )
    if role == "forward":
        return "forward"
    if role == "back":
        return "back_translation"
    if role == "reviewer":
        return "review"
    if workflow == "adaptation":
        return "adaptation"
    return "debriefing_review" if (role, workflow) == ("adjudicator", "ispor") else "reconciliation"
