"""Texts that know how far they are: strings like any other, from catalog and record."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pandas as pd
import pytest

from psychometrics.errors import CatalogError
from psychometrics.instrument import load_instrument
from psychometrics.responses import read_responses
from psychometrics.translation.release import Release, ReleasedForm
from tests.translation.drafts import LOCALES, instrument
from tests.translation.sample import GETTEXT, mood, put
from tests.translation.test_record import Project, project, signed

__all__ = ["project", "signed"]


def german(made: Project, key: str = "item.calm", **told: object):
    return made.instrument.text(key, "de_DE", translations=made.translations, **told)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", ["item.culture_1", "option.agreement5.agree", "title"])
def test_shipped_translations_are_drafts(locale: str, key: str) -> None:
    text = instrument().text(key, locale)
    assert (text.status, text.signed, text.key, text.locale) == ("draft", False, key, locale)
    with pytest.raises(CatalogError, match=f"{key!r} is not signed off in {locale}; it is draft"):
        instrument().text(key, locale, signed=True)


def test_the_source_is_what_it_is() -> None:
    text = load_instrument("hs1939").text("item.x1")
    assert (text.status, text.signed, text.locale) == ("source", True, "en_US")
    assert instrument().text("item.culture_1", "en", signed=True).status == "source"


def test_a_text_that_stays_as_it_is_needs_no_signature(project: Project) -> None:
    assert german(project, "item.code_word", signed=True) == "ABC-1"


def test_signed_text_says_so_until_somebody_changes_it(signed: Project) -> None:
    text = german(signed, signed=True)
    assert (text.status, text.signed) == ("signed", True)
    file = signed.translations / "de_DE" / "LC_MESSAGES" / "mood.po"
    file.write_text(file.read_text("utf-8").replace(str(text), f"{text}, doch"), encoding="utf-8")
    changed = german(signed)
    assert changed == f"{text}, doch"
    assert (changed.status, changed.signed) == ("external", False)
    assert text.status == "external", "it is asked of the words as they stand now"
    with pytest.raises(CatalogError, match="it is external"):
        german(signed, signed=True)


def test_words_of_a_site_have_a_status_of_their_own(signed: Project) -> None:
    file = signed.translations / "de_DE" / "LC_MESSAGES" / "mood.po"
    own = '\nmsgctxt "item.calm@ulm"\nmsgid "{}"\nmsgstr "Ulmer Ruhe."\n'
    before = file.read_text("utf-8")
    file.write_text(before + own.format("I feel calm."), encoding="utf-8")
    assert german(signed, site="ulm").status == "external"
    assert german(signed, site="hamburg").status == "signed"
    file.write_text(before + own.format("I felt calm."), encoding="utf-8")  # out of date
    assert german(signed, site="ulm") == german(signed)
    assert german(signed, site="ulm").status == "signed"


def test_the_folder_beside_the_definition_is_the_usual_one(tmp_path: Path) -> None:
    made = mood(tmp_path / "instruments")
    assert made.translations is None
    put(tmp_path / "translations", GETTEXT)
    assert made.translations == tmp_path / "translations"
    text = made.text("item.calm", "de_DE")
    assert (text, text.status) == ("Ich fühle mich ruhig.", "external")
    assert made == mood(tmp_path / "elsewhere"), "where it lies is no part of what it says"
    assert made.definition_hash == mood(tmp_path / "elsewhere").definition_hash


def test_answers_find_the_releases_beside_the_definition(tmp_path: Path) -> None:
    made = mood(tmp_path / "instruments", ("text: Sometimes", "text: Now and then"))
    put(tmp_path / "translations", GETTEXT)
    folder = tmp_path / "translations" / "releases" / "mood"
    folder.mkdir(parents=True)
    for name, words in (("1.0", "Ruhig."), ("1.1", "Gelassen.")):
        form = ReleasedForm(
            texts={"item.calm": words}, codes={}, direction="ltr", form_hash="0" * 16, signed=True
        )
        release = Release(
            instrument="mood", name=name, draft=False, when="2026-01-02T03:04:05Z",
            definition={}, definition_hash="0" * 64, locales={"de_DE": form},
        )  # fmt: skip
        told = {"hash": release.hash, **release.model_dump(mode="json")}
        (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
    frame = pd.DataFrame(
        {"site": ["ulm"] * 2, "form_version": ["1.0", "1.1"], "calm": [1, 2], "tense": [2, 2],
         "glad": [3, 1], "code_word": [1, 1]}
    )  # fmt: skip
    [found] = [each for each in read_responses(frame, made).findings
               if each.code == "several_releases"]  # fmt: skip
    assert "item.calm" in found.message


def test_it_is_a_string_wherever_one_is_wanted() -> None:
    text = instrument().text("item.culture_1", "he_IL")
    assert isinstance(text, str)
    assert text == str(text) == copy.deepcopy(text) == pickle.loads(pickle.dumps(text))
    assert hash(text) == hash(str(text))
    assert json.loads(json.dumps({text: text})) == {str(text): str(text)}
    assert pd.DataFrame({"text": [text]})["text"].str.len()[0] == len(text)
    assert type(text.upper()) is str
