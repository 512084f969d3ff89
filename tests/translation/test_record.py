"""The record: events, statuses that are computed from them, and who may do what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psychometrics.errors import CatalogError, finding
from psychometrics.instrument import Instrument
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.change import classify_change
from psychometrics.translation.confirm import confirm_source_change
from psychometrics.translation.events import Event
from psychometrics.translation.open_locale import OpenLocale
from psychometrics.translation.record import add_events, load_record, record_of
from psychometrics.translation.signing import sign, sign_form, waive
from psychometrics.translation.status import TextStatus, require_text, translation_status
from psychometrics.translation.steps import external_edits, record_step
from psychometrics.translation.text_hash import text_hash
from psychometrics.translation.update import update_catalogs, write_update
from psychometrics.translation.voided import told_voided, voided_by
from psychometrics.translation.workflow import workflow, workflows
from tests.translation.sample import mood

ISPOR = (
    ("forward", "T1", {"origin": "human", "draft": "A"}),
    ("forward", "T2", {"origin": "human", "draft": "B"}),
    ("reconciliation", "R1", {"reason": "A is plainer."}),
    ("back_translation", "B1", {"blind": True}),
    ("back_review", "M1", {}),
    ("harmonisation", "M1", {}),
    ("debriefing", "I1", {"respondents": 5}),
    ("debriefing_review", "M1", {}),
    ("proofreading", "P1", {}),
)


class Project:
    """A folder with the sample definition and its translations."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.translations = folder, folder / "tr"
        self.translations.mkdir()
        self.instrument: Instrument = mood(folder)
        self.changes: list[tuple[str, str]] = []
        self.clock = 0

    def now(self) -> str:
        self.clock += 1
        return f"2026-01-02T03:{self.clock // 60:02}:{self.clock % 60:02}Z"

    def update(self, *changes: tuple[str, str]) -> None:
        self.changes += changes
        self.instrument = mood(self.folder, *self.changes)
        for made in update_catalogs(self.instrument, translations=self.translations):
            write_update(made, translations=self.translations)

    def translate(self, suffix: str = "") -> None:
        """Put a text into every empty entry, as an editor would."""
        file = self.translations / "de_DE" / "LC_MESSAGES" / "mood.po"
        lines = file.read_text(encoding="utf-8").split("\n")
        for at, line in enumerate(lines):
            if line == 'msgstr ""' and not lines[at + 1].startswith('"'):
                lines[at] = f'msgstr "Deutsch {at}{suffix}"'
        file.write_text("\n".join(lines), encoding="utf-8")

    def edit(self, old: str, new: str) -> None:
        """Edit the catalog outside of the record."""
        file = self.translations / "de_DE" / "LC_MESSAGES" / "mood.po"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def step(self, kind, who, *, keys=None, texts=None, **told) -> Event:
        return record_step(
            self.instrument, "de_DE", kind, who=who, keys=keys, texts=texts, when=self.now(),
            translations=self.translations, **told,
        )  # fmt: skip

    def ispor(self, *keys: str) -> None:
        for kind, who, told in ISPOR:
            self.step(kind, who, keys=keys or None, **told)

    def sign(self, *keys: str, who: str = "M1") -> Event:
        return sign(
            self.instrument,
            "de_DE",
            who=who,
            keys=keys or None,
            when=self.now(),
            translations=self.translations,
        )

    @property
    def status(self):
        return translation_status(self.instrument, "de_DE", translations=self.translations)

    def text(self, key: str = "item.calm") -> TextStatus:
        return require_text(self.status, key)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.update()
    return made


@pytest.fixture
def signed(project: Project) -> Project:
    project.translate()
    project.ispor()
    project.sign()
    sign_form(
        project.instrument, "de_DE", who="M1", when=project.now(), translations=project.translations
    )
    return project


def codes(project: Project, severity: str = "error") -> set[str]:
    return {each.code for each in project.status.blocks if each.severity == severity}


def test_nothing_translated_blocks_everything(project: Project) -> None:
    assert project.status.counts == {"missing": len(project.status.texts)}
    assert codes(project) == {"status_missing", "status_form"}
    assert not project.status.can_be_fielded


def test_a_locale_without_a_catalog_has_every_text_missing(project: Project) -> None:
    status = translation_status(project.instrument, "he_IL", translations=project.translations)
    assert set(status.counts) == {"missing"}


def test_a_text_that_nobody_recorded_is_external_and_advances_nothing(project: Project) -> None:
    project.translate()
    assert set(project.status.counts) == {"external"}
    event = external_edits(OpenLocale.open(project.instrument, "de_DE", project.translations))
    assert event is not None
    assert (event.who, event.kind) == ("unknown", "external")
    add_events([event], translations=project.translations)
    assert set(project.status.counts) == {"external"}
    again = OpenLocale.open(project.instrument, "de_DE", project.translations)
    assert external_edits(again) is None
    with pytest.raises(CatalogError, match="changed outside of the record"):
        project.sign("item.calm")


def test_a_machine_draft_is_a_draft(project: Project) -> None:
    project.translate()
    project.step("forward", "A1", origin="machine", draft="A")
    assert set(project.status.counts) == {"draft"}
    assert project.text().origins == ("machine",)
    with pytest.raises(CatalogError, match="these steps are not done: Two independent forward"):
        project.sign("item.calm")


def test_two_drafts_of_one_person_are_not_independent(project: Project) -> None:
    project.translate()
    project.step("forward", "T1", origin="human", draft="A")
    project.step("forward", "T1", origin="human", draft="B")
    assert project.text().done == ()
    project.step("forward", "T2", origin="human", draft="B")
    assert project.text().done == ("forward_translation",)
    assert project.text().next_step == "reconciliation"


def test_the_whole_way_to_a_form_that_can_be_fielded(project: Project) -> None:
    project.translate()
    project.ispor()
    assert set(project.status.counts) == {"ready"}
    assert codes(project) == {"status_unsigned", "status_form"}
    with pytest.raises(CatalogError, match="The form can't be signed off yet"):
        sign_form(project.instrument, "de_DE", who="M1", translations=project.translations)
    project.sign()
    assert set(project.status.counts) == {"signed"}
    assert codes(project) == {"status_form"}
    sign_form(project.instrument, "de_DE", who="M1", translations=project.translations)
    assert project.status.can_be_fielded
    assert codes(project, "warning") == {"status_once"}
    project.step("preparation", "M1", keys=[])
    project.step("final_report", "M1", keys=[])
    assert project.status.blocks == ()


def test_what_is_signed_is_not_signed_again(signed: Project) -> None:
    with pytest.raises(CatalogError, match="every text is signed already"):
        signed.sign()


def test_distinct_people(project: Project) -> None:
    project.translate()
    project.step("forward", "T1", origin="human", draft="A")
    with pytest.raises(CatalogError, match=r"T1 can't do this for item.calm, having done: Two"):
        project.step("reconciliation", "T1", keys=["item.calm"], reason="Mine is best.")
    project.step("forward", "T2", origin="human", draft="B")
    for kind, who, told in ISPOR[2:]:
        project.step(kind, who, **told)
    with pytest.raises(CatalogError, match="T2 can't do this"):
        project.sign("item.calm", who="T2")


def test_names_of_people_are_refused(project: Project) -> None:
    for who in ("Maria Muster", "m@example.org", "", "t1", "unknown"):
        with pytest.raises(CatalogError, match="is no pseudonym"):
            project.sign(who=who)


def test_a_back_translation_that_was_not_blind_does_not_count(project: Project) -> None:
    project.translate()
    for kind, who, told in ISPOR[:3]:
        project.step(kind, who, **told)
    project.step("back_translation", "B1", blind=False)
    assert project.text().next_step == "back_translation"


def test_words_of_drafts_and_back_translations_are_kept(project: Project) -> None:
    project.step("forward", "T1", texts={"item.calm": "Ruhig A."}, origin="human", draft="A")
    project.step("forward", "T2", texts={"item.calm": "Ruhig B."}, origin="human", draft="B")
    project.step("reconciliation", "R1", texts={"item.calm": "Ruhig."}, reason="Shorter.")
    project.step("back_translation", "B1", texts={"item.calm": "Calm."}, blind=True)
    catalog = load_catalog("mood", "de_DE", translations=project.translations)
    assert catalog.text("item.calm") == "Ruhig."
    record = load_record("mood", "de_DE", translations=project.translations)
    assert [e.texts["item.calm"].text for e in record.about("item.calm")] == [
        "Ruhig A.", "Ruhig B.", None, "Calm.",
    ]  # fmt: skip
    assert project.text().done == ("forward_translation", "reconciliation", "back_translation")


def test_a_recorded_change_keeps_the_steps_before_it(project: Project) -> None:
    project.translate()
    project.ispor()
    project.step("debriefing_review", "M1", texts={"item.calm": "Ruhiger."}, comment="Of I1.")
    assert project.text().state == "ready"
    project.edit("Ruhiger.", "Ganz anders.")
    assert project.text().state == "external"


def test_an_edit_in_another_editor_takes_the_sign_off_back(signed: Project) -> None:
    assert signed.status.can_be_fielded
    calm = load_catalog("mood", "de_DE", translations=signed.translations).text("item.calm")
    signed.edit(f'msgstr "{calm}"', 'msgstr "Anders."')
    assert signed.text().state == "external"
    assert {"status_external", "status_form"} <= codes(signed)
    signed.edit('msgstr "Anders."', f'msgstr "{calm}"')
    assert signed.status.can_be_fielded


def test_re_wrapping_takes_nothing_back(signed: Project) -> None:
    calm = load_catalog("mood", "de_DE", translations=signed.translations).text("item.calm")
    first, second = calm.split(" ")
    signed.edit(f'msgstr "{calm}"', f'msgstr ""\n"{first}\\n"\n" {second}"')
    assert signed.status.can_be_fielded


def test_who_proofreads_answers_for_what_was_changed_in_the_editor(project: Project) -> None:
    project.translate()
    project.ispor()
    calm = load_catalog("mood", "de_DE", translations=project.translations).text("item.calm")
    project.edit(f'msgstr "{calm}"', 'msgstr "Korrigiert."')
    assert project.text().state == "external"
    project.step("proofreading", "P1", keys=["item.calm"])
    assert project.text().state == "ready"


def test_what_is_only_said_about_an_external_edit_does_not_adopt_it(project: Project) -> None:
    project.translate()
    project.step("debriefing", "I1", respondents=3)
    project.step("back_translation", "B1", blind=True)
    assert set(project.status.counts) == {"external"}
    with pytest.raises(CatalogError, match="Words don't change by the step debriefing"):
        project.step("debriefing", "I1", texts={"item.calm": "x"}, respondents=3)


def test_a_renamed_key_keeps_what_was_recorded(signed: Project) -> None:
    signed.update(
        ("  - key: calm\n", "  - key: quiet\n    renamed_from: [calm]\n"),
        ("items: [calm,", "items: [quiet,"),
    )
    assert signed.text("item.quiet").state == "signed"
    record = record_of(signed.instrument, "de_DE", translations=signed.translations)
    assert record.findings == ()
    assert all(event.file_name.endswith(f"-{event.id}.json") for event in record.events)


def test_the_form_is_signed_with_its_order(signed: Project) -> None:
    signed.update(("items: [calm,", "items: [calm,"))
    assert signed.status.form_signed
    glad = signed.folder.joinpath("mood.yaml").read_text().partition("  - key: glad")[2]
    glad = "  - key: glad" + glad.partition("  - key: code_word")[0]
    signed.update((glad, ""), ("items:\n", f"items:\n{glad}"))
    assert set(signed.status.counts) == {"signed"}
    assert not signed.status.form_signed


def test_the_form_is_signed_with_its_direction(signed: Project) -> None:
    (signed.translations / "de_DE" / "brief.yaml").write_text(
        "locale: de_DE\nrelation: translation\nsource_locale: en\ndirection: rtl\n"
        "address: Sie\nregister: Plain.\ngender: None needed.\n"
    )
    assert not signed.status.form_signed


def test_a_site_with_its_own_words_has_a_form_of_its_own(signed: Project) -> None:
    file = signed.translations / "de_DE" / "LC_MESSAGES" / "mood.po"
    own = '\nmsgctxt "item.calm@ulm"\nmsgid "I feel calm."\nmsgstr "Ich bin ruhig."\n'
    file.write_text(file.read_text(encoding="utf-8") + own, encoding="utf-8")
    assert signed.text("item.calm@ulm").state == "external"
    told = [each.message for each in signed.status.blocks]
    assert "Nobody has signed off the form of ulm as it is." in told
    assert signed.status.form_signed


# Changes of the source


def test_a_comma_can_be_confirmed_for_all_locales_at_once(signed: Project) -> None:
    signed.update(("text: I feel calm.", 'text: "I feel calm!"'))
    assert signed.text().state == "outdated"
    confirm_source_change(
        signed.instrument, ["item.calm"], who="M1", when=signed.now(),
        translations=signed.translations,
    )  # fmt: skip
    assert signed.text().state == "signed"
    assert signed.status.can_be_fielded
    catalog = load_catalog("mood", "de_DE", translations=signed.translations)
    entry = catalog.get("item.calm")
    assert entry is not None
    assert (entry.fuzzy, entry.previous_source) == (False, None)


def test_other_wording_is_confirmed_locale_by_locale(signed: Project) -> None:
    signed.update(("text: I feel calm.", "text: I feel quiet."))
    with pytest.raises(CatalogError, match="has to be looked at in each locale"):
        confirm_source_change(
            signed.instrument, ["item.calm"], who="M1", translations=signed.translations
        )
    confirm_source_change(
        signed.instrument, ["item.calm"], who="M1", locale="de_DE", when=signed.now(),
        translations=signed.translations,
    )  # fmt: skip
    assert signed.text().state == "signed"


def test_a_frequency_word_cannot_be_confirmed(signed: Project) -> None:
    signed.update(("text: I feel calm.", "text: I rarely feel calm."))
    for locale in (None, "de_DE"):
        with pytest.raises(CatalogError, match=r"frequency: nothing -> rarely.*translated again"):
            confirm_source_change(
                signed.instrument, ["item.calm"], who="M1", locale=locale,
                translations=signed.translations,
            )  # fmt: skip
    assert signed.text().state == "outdated"


def test_a_confirmation_that_claims_too_much_does_not_count(signed: Project) -> None:
    """Whoever writes the file by hand is found out: the class is computed again."""
    old, new = "I feel calm.", "I rarely feel calm."
    signed.update((f"text: {old}", f"text: {new}"))
    event = Event(
        kind="confirmation",
        who="M1",
        when=signed.now(),
        instrument="mood",
        version="1.0",
        changes=({"key": "item.calm", "old": old, "new": new},),
    )
    add_events([event], translations=signed.translations)
    signed.edit('#, fuzzy\n#| msgid "I feel calm."\n', "")
    assert classify_change(old, new).size == "meaning"
    assert signed.text().state != "signed"
    assert "confirmation_refused" in codes(signed)


def test_taking_the_mark_away_does_not_bring_the_sign_off_back(signed: Project) -> None:
    signed.update(("text: I feel calm.", "text: I never feel calm."))
    signed.edit('#, fuzzy\n#| msgid "I feel calm."\n', "")
    assert signed.text().state == "draft"


def test_a_comma_can_be_confirmed_though_the_mark_was_taken_away(signed: Project) -> None:
    """An editor's user says that the text is still right, which takes the mark away."""
    signed.update(("text: I feel calm.", 'text: "I feel calm!"'))
    signed.edit('#, fuzzy\n#| msgid "I feel calm."\n', "")
    assert signed.text().state == "draft"
    confirm_source_change(
        signed.instrument, ["item.calm"], who="M1", when=signed.now(),
        translations=signed.translations,
    )  # fmt: skip
    assert signed.text().state == "signed"
    with pytest.raises(CatalogError, match="There is nothing to confirm"):
        confirm_source_change(
            signed.instrument, ["item.calm"], who="M1", translations=signed.translations
        )


def test_what_an_edit_would_void_is_known_before(signed: Project) -> None:
    changed = mood(
        signed.folder,
        ("text: I feel calm.", "text: I often feel calm."),
        ("text: Never", "text: Not ever"),
    )
    (made,) = update_catalogs(changed, translations=signed.translations)
    voided = voided_by(changed, made, translations=signed.translations)
    assert voided.texts == (("item.calm", "meaning"), ("option.often3.never", "meaning"))
    assert told_voided([voided]) == "3 sign-offs in 1 locale"


# Waivers and queries


def test_a_waiver_holds_until_the_text_changes(project: Project) -> None:
    project.translate()
    waive(
        project.instrument,
        "de_DE",
        who="M1",
        key="item.calm",
        code="length_unusual",
        reason="German is long.",
        translations=project.translations,
    )
    record = load_record("mood", "de_DE", translations=project.translations)
    text = load_catalog("mood", "de_DE", translations=project.translations).text("item.calm")
    found = finding("status_form", "error", "x", what="x")

    def about(text: str, code: str = "length_unusual", key: str = "item.calm") -> bool:
        object.__setattr__(found, "code", code)
        object.__setattr__(found, "key", key)
        object.__setattr__(found, "text_hash", text_hash(text))
        return record.is_waived(found)

    assert about(text)
    assert not about(text + " mehr")
    assert not about(text, key="item.tense")
    assert not about(text, code="wrong_script")


def test_a_query_is_open_until_it_is_answered(project: Project) -> None:
    project.translate()
    query = project.step("query", "T1", keys=["item.calm"], comment="Calm of what?")
    assert "status_queries" in codes(project, "warning")
    project.step("answer", "M1", keys=[], answers=query.id, comment="Of mind.")
    assert "status_queries" not in codes(project, "warning")


# Files of events


def test_an_event_that_was_changed_does_not_count(signed: Project) -> None:
    (file,) = (signed.translations / "de_DE" / "record" / "mood").glob("*-sign_off-*.json")
    told = json.loads(file.read_text(encoding="utf-8"))
    told["who"] = "M2"
    file.write_text(json.dumps(told), encoding="utf-8")
    assert "event_changed" in codes(signed)
    assert set(signed.status.counts) == {"ready"}


def test_two_people_never_write_the_same_file(project: Project) -> None:
    project.translate()
    one = project.step("forward", "T1", origin="human", draft="A")
    two = project.step("forward", "T2", origin="human", draft="B")
    assert one.file_name != two.file_name
    assert one.file_name.startswith("2026-01-02-forward-")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "EOF|JSON"),
        ("[" * 100_000, "recursion|JSON"),
        ('{"kind": "sign_off"}', "Field required"),
        ('{"kind": "hack", "who": "A1"}', "kind"),
        ("x" * 5_000_000, "at most"),
    ],
)
def test_a_file_that_is_no_event_is_told(project: Project, content: str, told: str) -> None:
    folder = project.translations / "de_DE" / "record" / "mood"
    folder.mkdir(parents=True)
    (folder / "2026-01-02-sign_off-0123456789abcdef.json").write_text(content)
    (found,) = load_record("mood", "de_DE", translations=project.translations).findings
    assert any(word in found.message for word in told.split("|")), found.message


def test_an_event_needs_what_its_kind_needs(project: Project) -> None:
    project.translate()
    with pytest.raises(CatalogError, match="forward needs origin, draft"):
        project.step("forward", "T1")
    with pytest.raises(CatalogError, match=r"has no text 'item.clam'. Did you mean item.calm"):
        project.step("forward", "T1", keys=["item.clam"], origin="human", draft="A")


def test_events_of_another_record_are_refused(signed: Project) -> None:
    folder = signed.translations / "he_IL" / "record" / "mood"
    folder.mkdir(parents=True)
    for file in (signed.translations / "de_DE" / "record" / "mood").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    record = load_record("mood", "he_IL", translations=signed.translations)
    assert record.events == ()
    assert {each.code for each in record.findings} == {"event_misplaced"}


@pytest.mark.parametrize("name", workflows())
def test_workflows_refer_to_their_own_steps(name: str) -> None:
    method = workflow(name)
    keys = [step.key for step in method.steps]
    for at, step in enumerate(method.steps):
        assert set(step.differs) <= set(keys[:at])
    assert set(method.sign_off_differs) <= set(keys)
    assert len(workflow("ispor").steps) == 10


def test_codes_are_those_of_this_area_alone() -> None:
    from psychometrics.instrument.messages import MESSAGES as INSTRUMENT
    from psychometrics.responses.messages import MESSAGES as RESPONSES
    from psychometrics.translation.messages import MESSAGES
    from psychometrics.validity.messages import MESSAGES as VALIDITY

    assert not set(MESSAGES) & {*INSTRUMENT, *RESPONSES, *VALIDITY}


def test_a_finding_that_does_not_exist_is_not_waived(project: Project) -> None:
    project.translate()
    with pytest.raises(CatalogError, match="No finding has the code 'end_punctuaton'"):
        waive(
            project.instrument, "de_DE", who="V1", key="item.calm", code="end_punctuaton",
            reason="A slip.", translations=project.translations,
        )  # fmt: skip
    assert not record_of(project.instrument, "de_DE", translations=project.translations).of(
        "waiver"
    )
