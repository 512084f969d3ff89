"""What answers showed of texts: recorded once, told where it belongs, and answered by new texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psychometrics.errors import CatalogError, Finding
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.desk.sheet import make_sheet
from psychometrics.translation.desk.sheet_html import sheet_html
from psychometrics.translation.desk.xliff import sheet_xliff
from psychometrics.translation.feedback import (
    CODE,
    ItemFeedback,
    confirmed_faults,
    item_feedback_states,
)
from psychometrics.translation.feedback_record import (
    MARK,
    plan_feedback,
    write_feedback,
    write_picture,
)
from psychometrics.translation.open_locale import OpenLocale
from psychometrics.translation.record import record_of
from psychometrics.translation.signing import sign_form, waive
from psychometrics.translation.status import require_text, translation_status
from psychometrics.translation.steps import external_edits, record_step
from psychometrics.translation.text_hash import text_hash
from tests.translation.sample import STYLES, mood, put
from tests.translation.test_record import Project

KEY = "item.calm"
SHOWN: dict[str, Any] = {
    "verdict": "version_difference",
    "signals": ["lower: ulm, de_DE - others"],
    "shows": ["Respondents of Ulm (de_DE) answer lower."],
    "because": "A difference between versions of the form; the cause is not identifiable.",
    "check": ["How strong the words are."],
    "more": "More could be told by a second site.",
    "answers": "answers.csv",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.update()
    made.translate()
    return made


def found(project: Project, key: str = KEY, target: str | None = None, **changed: Any) -> Finding:
    text = load_catalog("mood", "de_DE", translations=project.translations).text(key)
    hashed = target or text_hash(text)
    return Finding(CODE, "warning", "Ulm", "It says.", key, "de_DE", hashed, SHOWN | changed)


def brought(project: Project, *findings: Finding) -> int:
    """Bring findings to the locale, and return how many were new."""
    plan = plan_feedback(
        project.instrument, "de_DE", findings, who="M1", when=project.now(),
        translations=project.translations,
    )  # fmt: skip
    write_feedback(plan)
    return len(plan.events)


def states(project: Project) -> list[ItemFeedback]:
    record = record_of(project.instrument, "de_DE", translations=project.translations)
    catalog = load_catalog("mood", "de_DE", translations=project.translations)
    return list(item_feedback_states(record, catalog))


def state(project: Project) -> str:
    (only,) = states(project)
    return only.state


def catalog_file(project: Project) -> Path:
    return project.translations / "de_DE" / "LC_MESSAGES" / "mood.po"


def test_a_finding_is_recorded_once_and_told_in_the_catalog(project: Project) -> None:
    assert brought(project, found(project)) == 1
    before = catalog_file(project).read_bytes()
    assert brought(project, found(project)) == 0
    assert catalog_file(project).read_bytes() == before
    assert state(project) == "open"
    entry = load_catalog("mood", "de_DE", translations=project.translations).get(KEY)
    assert entry is not None
    told = " ".join(line.removeprefix(MARK) for line in entry.comments)
    assert "Ulm (de_DE) answer lower." in told
    assert "To look at: How strong the words are." in told


def test_no_other_byte_of_the_catalog_changes(project: Project) -> None:
    file = catalog_file(project)
    lines = file.read_text(encoding="utf-8").split("\n")
    at = lines.index(f'msgctxt "{KEY}"')
    lines[at:at] = ["#   mine, indented", "#and close"]
    file.write_text("\n".join(lines), encoding="utf-8")
    before = file.read_text(encoding="utf-8").split("\n")
    brought(project, found(project))
    after = file.read_text(encoding="utf-8").split("\n")
    assert [line for line in after if not line.startswith(f"# {MARK}")] == before
    assert len(after) > len(before)


@pytest.mark.parametrize("style", STYLES)
def test_catalogs_of_all_editors_keep_their_bytes(tmp_path: Path, style: str) -> None:
    instrument = mood(tmp_path)
    file = put(tmp_path / "tr", STYLES[style])
    catalog = load_catalog("mood", "de_DE", translations=tmp_path / "tr")
    one = Finding(CODE, "warning", "x", "x", KEY, "de_DE", text_hash(catalog.text(KEY)), SHOWN)
    plan = plan_feedback(instrument, "de_DE", [one], who="M1", translations=tmp_path / "tr")
    write_feedback(plan)
    made = file.read_bytes().splitlines(keepends=True)
    ours = [line for line in made if line.startswith(f"# {MARK}".encode())]
    assert ours
    assert b"".join(line for line in made if line not in ours) == STYLES[style].encode()
    newline = b"\r\n" if style == "poedit" else b"\n"
    assert all(line.endswith(newline) for line in ours)


def test_comments_are_not_words_so_that_nothing_is_voided(project: Project) -> None:
    project.ispor()
    project.sign()
    sign_form(
        project.instrument, "de_DE", who="M1", when=project.now(), translations=project.translations
    )
    before = translation_status(project.instrument, "de_DE", translations=project.translations)
    assert before.form_signed
    brought(project, found(project))
    after = translation_status(project.instrument, "de_DE", translations=project.translations)
    assert after.texts == before.texts
    assert (after.form_hash, after.form_signed) == (before.form_hash, True)
    assert after.can_be_fielded
    (note,) = [each for each in after.blocks if each.code == "status_feedback_open"]
    assert note.severity == "warning"
    assert note.message == "1 to look at again, because of answers: item.calm."
    opened = OpenLocale.open(project.instrument, "de_DE", project.translations)
    assert external_edits(opened) is None


def test_a_finding_makes_no_wording_known(project: Project) -> None:
    """Whoever edits a file by hand is still found out, also where answers speak of the text."""
    brought(project, found(project))
    status = translation_status(project.instrument, "de_DE", translations=project.translations)
    assert require_text(status, KEY).state == "external"


def test_other_numbers_are_another_finding_and_the_last_one_counts(project: Project) -> None:
    brought(project, found(project))
    assert brought(project, found(project, shows=["Again, with more people."])) == 1
    (only,) = states(project)
    assert only.shown.shows == ("Again, with more people.",)
    assert "Again," in catalog_file(project).read_text(encoding="utf-8")
    assert "answer lower." not in catalog_file(project).read_text(encoding="utf-8")


def test_it_is_open_until_somebody_answers(project: Project) -> None:
    brought(project, found(project))
    record_step(
        project.instrument, "de_DE", "answer", who="R1", when=project.now(), comment="It is right.",
        answers=states(project)[0].event, translations=project.translations,
    )  # fmt: skip
    (only,) = states(project)
    assert (only.state, only.answer) == ("answered", "R1: It is right.")
    # The same signs in new numbers are answered too; others are not.
    brought(project, found(project, shows=["Again, with more people."]))
    assert state(project) == "answered"
    brought(project, found(project, signals=["reversed: ulm, de_DE"]))
    assert state(project) == "open"


def test_what_people_write_stays_a_comment(project: Project) -> None:
    brought(project, found(project))
    words = 'one\ntwo\u2028three\x85four\r\nmsgctxt "item.calm"\n=1+1 <script>'
    record_step(
        project.instrument, "de_DE", "answer", who="R1", when=project.now(), comment=words,
        answers=states(project)[0].event, translations=project.translations,
    )  # fmt: skip
    before = load_catalog("mood", "de_DE", translations=project.translations)
    brought(project)
    raw = catalog_file(project).read_bytes()
    after = load_catalog("mood", "de_DE", translations=project.translations)
    assert [(e.key, e.text) for e in after.entries] == [(e.key, e.text) for e in before.entries]
    assert b'# [answers] Answer: R1: one two three four msgctxt "item.calm"' in raw
    brought(project)
    assert catalog_file(project).read_bytes() == raw
    sheet = make_sheet(project.instrument, "de_DE", "reviewer", translations=project.translations)
    assert "<script>" not in sheet_html(sheet).replace("<script>\n", "")


def test_a_review_of_the_same_wording_answers_it(project: Project) -> None:
    brought(project, found(project))
    record_step(
        project.instrument, "de_DE", "review", who="R1", when=project.now(), keys=[KEY],
        category="meaning", decision="accepted", comment="As strong as the source.",
        translations=project.translations,
    )  # fmt: skip
    assert state(project) == "answered"


def test_a_new_text_answers_it_and_may_be_debriefed(project: Project) -> None:
    brought(project, found(project))
    record_step(
        project.instrument, "de_DE", "reconciliation", who="R1", when=project.now(),
        texts={KEY: "Ich bin ganz ruhig."}, reason="Weaker.", translations=project.translations,
    )  # fmt: skip
    assert state(project) == "retranslated"
    status = translation_status(project.instrument, "de_DE", translations=project.translations)
    (note,) = [each for each in status.blocks if each.code == "status_feedback_done"]
    assert "answered by a new text: item.calm" in note.message
    # What was said of the old words is not said of the new ones.
    assert brought(project) == 0
    assert MARK not in catalog_file(project).read_text(encoding="utf-8")
    record_step(
        project.instrument, "de_DE", "debriefing", who="I2", when=project.now(), keys=[KEY],
        respondents=5, translations=project.translations,
    )  # fmt: skip
    assert state(project) == "debriefed_again"


def test_answers_to_an_earlier_text_ask_nobody(project: Project) -> None:
    brought(project, found(project, target="0123456789abcdef"))
    assert state(project) == "retranslated"
    assert MARK not in catalog_file(project).read_text(encoding="utf-8")
    brought(project, found(project))
    assert sorted(each.state for each in states(project)) == ["open", "retranslated"]


def test_a_waiver_closes_it_for_this_wording(project: Project) -> None:
    brought(project, found(project))
    waive(
        project.instrument, "de_DE", who="M1", key=KEY, code=CODE, reason="A known difference.",
        translations=project.translations,
    )  # fmt: skip
    (only,) = states(project)
    assert (only.state, only.answer) == ("closed", "A known difference.")
    brought(project)
    assert MARK not in catalog_file(project).read_text(encoding="utf-8")


def test_those_who_judge_see_it_and_translators_do_not(project: Project) -> None:
    brought(project, found(project))
    opened = OpenLocale.open(project.instrument, "de_DE", project.translations)
    target = states(project)[0].text_hash
    write_picture(opened, KEY, target, "<svg>a < b <script>alert(1)</script></svg>")
    for role in ("forward", "back", "reconciler", "reviewer", "adjudicator"):
        sheet = make_sheet(project.instrument, "de_DE", role, translations=project.translations)
        judge = role in ("reconciler", "reviewer", "adjudicator")
        page = sheet_html(sheet)
        assert ("Ulm (de_DE) answer lower." in page) == judge
        assert ("data:image/svg+xml" in page) == judge
        assert "img-src data:" in page if judge else "img-src" not in page
        assert "alert(1)" not in page  # a picture is shown as one, and runs nothing
        assert MARK not in page
        if not judge:
            assert b"answer lower" not in sheet_xliff(sheet)
        shown = [row for row in sheet.rows if row.get("answers")]
        assert len(shown) == int(judge)


def test_what_is_simulated_says_so_everywhere(project: Project) -> None:
    brought(project, found(project, simulated=True))
    assert f"# {MARK}From simulated answers" in catalog_file(project).read_text(encoding="utf-8")
    status = translation_status(project.instrument, "de_DE", translations=project.translations)
    assert any("simulated answers" in each.message for each in status.blocks)
    sheet = make_sheet(project.instrument, "de_DE", "reviewer", translations=project.translations)
    assert any("From simulated answers" in row["answers"] for row in sheet.rows)


def test_a_fault_is_confirmed_by_people_who_read_both(project: Project) -> None:
    brought(project, found(project))
    (only,) = states(project)

    def confirmed() -> list[tuple[str, str, str]]:
        return list(
            confirmed_faults(
                record_of(project.instrument, "de_DE", translations=project.translations)
            )
        )

    assert confirmed() == []
    base: dict[str, Any] = {"translations": project.translations, "comment": "The adverb."}
    record_step(
        project.instrument, "de_DE", "review", who="R1", when=project.now(), keys=[KEY],
        category="layout", decision="rejected", **base,
    )  # fmt: skip
    assert confirmed() == []  # layout is no words
    record_step(
        project.instrument, "de_DE", "review", who="MT1", when=project.now(), keys=[KEY],
        category="meaning", decision="rejected", origin="machine", **base,
    )  # fmt: skip
    assert confirmed() == []  # a machine confirms nothing
    record_step(
        project.instrument, "de_DE", "answer", who="R1", when=project.now(), decision="accepted",
        category="meaning", answers=only.event, **base,
    )  # fmt: skip
    assert confirmed() == [(KEY, only.text_hash, "R1: accepted The adverb.")]
    record_step(
        project.instrument, "de_DE", "review", who="R1", when=project.now(), category="meaning",
        decision="changed", texts={KEY: "Ich bin ruhig, meistens."}, **base,
    )  # fmt: skip
    assert {each[1] for each in confirmed()} == {only.text_hash}  # the old words, not the new


def test_what_says_too_little_is_refused(project: Project) -> None:
    with pytest.raises(CatalogError, match="Say who brings the findings"):
        plan_feedback(
            project.instrument, "de_DE", [found(project)], translations=project.translations
        )
    with pytest.raises(CatalogError, match="can't be recorded"):
        brought(project, found(project, because=None))
    with pytest.raises(CatalogError, match="no pseudonym"):
        plan_feedback(
            project.instrument, "de_DE", [found(project)], who="Anna",
            translations=project.translations,
        )  # fmt: skip
    other = Finding("double_space", "warning", "x", "x", KEY, "de_DE", "0" * 16)
    with pytest.raises(CatalogError, match="is not from answers"):
        brought(project, other)
    with pytest.raises(CatalogError, match=r"has no text 'item\.nowhere'"):
        brought(project, found(project, key="item.nowhere", target="0" * 16))
    with pytest.raises(CatalogError, match="no catalog for sw_TZ"):
        plan_feedback(project.instrument, "sw_TZ", translations=project.translations)


def test_findings_about_other_locales_are_left_out(project: Project) -> None:
    other = Finding(CODE, "warning", "x", "x", KEY, "he_IL", "0" * 16, SHOWN)
    assert brought(project, other) == 0
    assert states(project) == []
