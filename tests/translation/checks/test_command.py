"""``psychometrics translations check``: what it prints, its JSON and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from psychometrics.cli import main
from psychometrics.errors import CatalogError, DataError, InstrumentError
from psychometrics.instrument import load_instrument
from psychometrics.translation.checks.run import check_translations
from psychometrics.translation.signing import waive
from psychometrics.translation.status import translation_status

DEFINITION = """
id: mood
version: "1"
title: Mood
construct: Mood at work.
citation: None.
licence: BSD-3-Clause
provenance: Written for a test.
source_locale: en
instructions: Please choose one answer.
recall_period: In the past 14 days
response_sets:
  - key: yesno
    options:
      - {key: "no", code: 0, text: "No"}
      - {key: "yes", code: 1, text: "Yes, I am"}
items:
  - {key: calm, text: I am calm in my service., concept: Calm., rationale: Mood.,
     response_set: yesno}
  - {key: tense, text: I am tense in my service., concept: Tense., rationale: Mood.,
     response_set: yesno}
scales:
  - {key: mood, title: Mood of staff, description: Mood., items: [calm, tense], min_valid: 1,
     measurement: reflective}
sites:
  - {id: ulm, name: Ulm, country: DE, locales: [de_DE]}
  - {id: pune, name: Pune, country: IN, locales: [en_IN]}
"""
COMMAND = ("translations", "check")
GERMAN = {
    "title": ("Mood", "Stimmung"),
    "instructions": ("Please choose one answer.", "Bitte wählen Sie eine Antwort."),
    "recall_period": ("In the past 14 days", "In den letzten 14 Tagen"),
    "option.yesno.no": ("No", "Nein"),
    "option.yesno.yes": ("Yes, I am", "Ja, das bin ich"),
    "item.calm": ("I am calm in my service.", "Ich bin in meiner Einrichtung ruhig."),
    "item.tense": ("I am tense in my service.", "Ich bin in meiner Einrichtung angespannt."),
    "scale.mood": ("Mood of staff", "Stimmung der Mitarbeitenden"),
    "site.ulm": ("Ulm", "Ulm"),
    "site.pune": ("Pune", "Pune"),
}


def catalog(entries: dict[str, tuple[str, str]]) -> str:
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    told = [
        f"\nmsgctxt {json.dumps(key)}\nmsgid {json.dumps(source, ensure_ascii=False)}\n"
        f"msgstr {json.dumps(target, ensure_ascii=False)}\n"
        for key, (source, target) in entries.items()
    ]
    return header + "".join(told)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mood.yaml").write_text(DEFINITION, encoding="utf-8")
    english = {key: (source, source) for key, (source, _) in GERMAN.items()}
    for locale, entries in (("de_DE", GERMAN), ("en_IN", english)):
        write(tmp_path, locale, entries)
    return tmp_path


def write(project: Path, locale: str, entries: dict[str, tuple[str, str]]) -> None:
    file = project / "translations" / locale / "LC_MESSAGES" / "mood.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(catalog(entries), encoding="utf-8")


def run(capsys: pytest.CaptureFixture[str], project: Path, *more: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit, match=r"^\d+$") as stopped:
        main(
            [
                *COMMAND,
                str(project / "mood.yaml"),
                f"--translations={project / 'translations'}",
                *more,
            ]
        )
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return stopped.value.code, said.out, said.err


def test_a_clean_catalog_and_a_copy_in_an_adaptation_have_nothing_to_mend(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    assert run(capsys, project) == (0, "mood: nothing to mend.\n", "")


def test_errors_come_first_and_give_exit_code_1(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    faulty = GERMAN | {
        "item.calm": ("I am calm in my service.", "Ich bin nie ruhig in meiner Einrichtung"),
        "recall_period": ("In the past 14 days", "In den letzten 4 Tagen"),
    }
    write(project, "de_DE", faulty)
    code, out, _ = run(capsys, project)
    lines = out.splitlines()
    assert code == 1
    assert lines[0] == "de_DE: 1 error, 1 warning, 1 hint"
    assert "[number_differs] Numbers differ" in lines[1]
    line = catalog(faulty).splitlines().index('msgctxt "recall_period"') + 1
    assert f"mood.po:{line}: recall_period" in lines[1]
    assert [line.split()[0] for line in lines[1:]] == ["error:", "warning:", "hint:"]


def test_warnings_alone_give_exit_code_0(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    write(project, "de_DE", GERMAN | {"title": ("Mood", "Stimmung.")})
    code, out, _ = run(capsys, project)
    assert code == 0
    assert out.startswith("de_DE: 1 warning\n")


def test_json_holds_everything_and_rules_can_be_chosen(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    write(project, "de_DE", GERMAN | {"title": ("Mood", ""), "item.calm": ("I am calm.", "Ruhig")})
    code, out, _ = run(capsys, project, "--json", "--rule", "stale", "--locale", "de_DE")
    told = json.loads(out)
    assert code == 1
    assert (told["n_errors"], told["n_warnings"], told["n_hints"]) == (1, 0, 0)
    (found,) = told["findings"]
    assert (found["code"], found["key"], found["locale"]) == (
        "translation_stale",
        "item.calm",
        "de_DE",
    )
    assert len(found["text_hash"]) == 16
    assert found["params"]["before"] == "I am calm."


@pytest.mark.parametrize(
    "wrong", [("--rule", "spelling"), ("--locale", "fr_FR"), ("--locale", "../../etc")]
)
def test_an_unknown_rule_or_locale_is_a_wrong_call(
    capsys: pytest.CaptureFixture[str], project: Path, wrong: tuple[str, str]
) -> None:
    code, out, err = run(capsys, project, *wrong)
    assert (code, out) == (2, "")
    assert wrong[1] in err


def test_an_instrument_that_is_not_there_gives_exit_code_3(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    with pytest.raises(SystemExit, match=r"^3$"):
        main([*COMMAND, str(project / "gone.yaml")])
    assert "gone.yaml" in capsys.readouterr().err


def test_what_cannot_be_read_is_a_finding(project: Path) -> None:
    file = project / "translations" / "de_DE" / "LC_MESSAGES" / "mood.po"
    file.write_bytes(b"msgid \xff\n")
    (project / "translations" / "en_IN" / "LC_MESSAGES" / "mood.po").unlink()
    found = check_translations(project / "mood.yaml", translations=project / "translations")
    assert [each.code for each in found] == ["catalog_not_utf8", "catalog_missing"]


def test_a_text_buried_in_marks_is_a_finding_where_a_record_is_kept(project: Path) -> None:
    folder = project / "translations"
    definition = load_instrument(project / "mood.yaml")
    about = {"who": "M1", "key": "title", "code": "end_punctuation", "reason": "As agreed."}
    waive(definition, "de_DE", **about, translations=folder)
    write(project, "de_DE", GERMAN | {"title": ("Mood", "Stimm" + "\u0301\u0316" * 20_000)})
    found = check_translations(definition, "de_DE", translations=folder)
    assert [(each.code, each.key) for each in found] == [("too_many_marks", "title")]
    with pytest.raises(CatalogError, match="40000 marks follow each other"):
        translation_status(definition, "de_DE", translations=folder)


BRIEF = """
locale: {locale}
relation: translation
source_locale: en
direction: ltr
address: Sie
register: Plain.
gender: Neutral.
termbase:
  - {{term: service, target: Dienst, also: [Dienststelle], avoid: [Einrichtung]}}
"""


def test_the_brief_gives_terms_and_relation(project: Path) -> None:
    translations = project / "translations"
    for locale in ("de_DE", "en_IN"):
        (translations / locale / "brief.yaml").write_text(BRIEF.format(locale=locale))
    found = check_translations(project / "mood.yaml", "de_DE", translations=translations)
    assert sorted({each.code for each in found}) == ["term_avoided", "term_not_used"]
    (translations / "de_DE" / "brief.yaml").write_text("a: [", encoding="utf-8")
    found = check_translations(project / "mood.yaml", "de_DE", translations=translations)
    assert found
    assert {each.severity for each in found} == {"error"}
    assert "brief.yaml" in found[0].where


def test_the_record_says_what_is_signed_and_what_was_waived(
    capsys: pytest.CaptureFixture[str], project: Path
) -> None:
    translations = project / "translations"
    write(project, "de_DE", GERMAN | {"title": ("Mood", "Stimmung.")})
    instrument = load_instrument(project / "mood.yaml")
    reason = "The title is a sentence in German."
    about = {"who": "M1", "key": "title", "code": "end_punctuation", "reason": reason}
    waive(instrument, "de_DE", **about, translations=translations)
    found = check_translations(instrument, "de_DE", translations=translations)
    assert {each.code for each in found} == {"translation_unsigned"}
    code, out, _ = run(capsys, project, "--locale=de_DE")
    assert (code, out.splitlines()[1:]) == (
        0,
        ["  warning: 10 texts are not signed off as they stand"],
    )
    # An edit takes the waiver back.
    write(project, "de_DE", GERMAN | {"title": ("Mood", "Stimmungen.")})
    found = check_translations(instrument, "de_DE", translations=translations)
    assert "end_punctuation" in {each.code for each in found}


def test_two_instruments_with_one_source_have_one_translation(project: Path) -> None:
    other = DEFINITION.replace("id: mood", "id: temper").replace("Mood of staff", "Temper of staff")
    (project / "temper.yaml").write_text(other, encoding="utf-8")
    entries = GERMAN | {
        "option.yesno.yes": ("Yes, I am", "Ja, bin ich"),
        "scale.mood": ("Temper of staff", "Gemüt der Mitarbeitenden"),
    }
    file = project / "translations" / "de_DE" / "LC_MESSAGES" / "temper.po"
    file.write_text(catalog(entries), encoding="utf-8")
    both = [project / "mood.yaml", project / "temper.yaml"]
    found = check_translations(both, "de_DE", translations=project / "translations")
    assert [(each.code, each.key) for each in found] == [("one_source", "option.yesno.yes")]


def test_misuse_is_refused(project: Path) -> None:
    with pytest.raises(DataError, match="no rule 'spelling'"):
        check_translations(project / "mood.yaml", rules=["spelling"])
    with pytest.raises(InstrumentError, match="no locale 'xx'"):
        check_translations(project / "mood.yaml", ["xx"])
