"""What goes out comes home: every target, every shape of its exports, any instrument."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings

from psychometrics.errors import DataError
from psychometrics.fielding.answer_files import as_fhir, as_kobo, as_odk, drawn_answers
from psychometrics.fielding.questionnaire import questionnaire_of
from psychometrics.responses import read_responses
from psychometrics.responses.cells import BLANKS, folded, parse_number
from psychometrics.responses.round_trip import round_trips
from tests.fielding.forms import home_release, releases

TARGETS = ("xlsform", "redcap", "limesurvey", "fhir-r5", "fhir-r4b", "web")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("told", [{}, {"site": "pune"}, {"locales": ["he_IL"]}], ids=str)
def test_every_cell_comes_home(target, told):
    for trip in round_trips(home_release(), target, n=40, **told):
        assert trip.differing == (), trip.shape
        assert trip.n_cells > 1000


def readable(release):
    """Tell whether words alone can be read: none is a number, a blank, or another's word."""
    form = questionnaire_of(release)
    for answers in form.answer_sets.values():
        for locale in form.locales:
            words = [folded(each.texts[locale].replace("|", "¦")) for each in answers.choices]
            if len(set(words)) < len(words):
                return False
            if any(word in BLANKS or parse_number(word) is not None for word in words):
                return False
        # A word of one language that is another answer's word in another is ambiguous.
        by_word = {}
        for each in answers.choices:
            said = [*each.texts.values(), each.key, *(_source(form, answers.key, each.key))]
            for text in said:
                for word in (folded(text), folded(text.replace("|", "¦"))):
                    if by_word.setdefault(word, each.code) != each.code:
                        return False
    return True


def _source(form, answers, key):
    found = form.instrument.texts
    return [found[name] for name in (f"option.{answers}.{key}", f"missing.{answers}.{key}")
            if name in found]  # fmt: skip


@given(releases())
@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@pytest.mark.parametrize("target", TARGETS)
def test_any_instrument_comes_home(target, release):
    assume(readable(release))
    for trip in round_trips(release, target, n=12):
        assert trip.differing == (), trip.shape


def written(folder: Path, file):
    path = folder / file.name
    path.write_bytes(file.content)
    return path


@pytest.fixture
def drawn():
    form = questionnaire_of(home_release())
    return form, drawn_answers(form, 60, np.random.default_rng(1))


def test_the_tool_is_found_out_and_can_be_insisted_on(tmp_path, drawn):
    form, answers = drawn
    path = written(tmp_path, as_odk(form, answers))
    read = read_responses(path, form.instrument)
    assert read.frame["respondent"].notna().all()
    assert read.frame["duration"].tolist() == [570.0] * 60
    with pytest.raises(DataError, match=r"tool='excel'.*limesurvey"):
        read_responses(path, form.instrument, tool="excel")


def test_an_unknown_label_is_counted_and_never_guessed(tmp_path, drawn):
    form, answers = drawn
    path = written(tmp_path, as_kobo(form, answers, "he_IL"))
    text = path.read_text("utf-8-sig").replace("מסכים/ה ולא", "משהו אחר ולא")
    path.write_text(text, encoding="utf-8")
    read = read_responses(path, form.instrument, release=home_release())
    found = [each for each in read.findings if each.code == "unknown_text"]
    assert found
    assert all(each.params["count"] > 0 for each in found)
    neither = answers["culture_1"] == 3
    assert read.frame["culture_1"][neither.to_numpy()].isna().all()


def test_labels_in_two_languages_of_one_file(tmp_path, drawn):
    form, answers = drawn
    files = [as_kobo(form, answers, locale) for locale in ("de_DE", "hi_IN")]
    parts = [pd.read_csv(written(tmp_path, f), sep=";", dtype=str) for f in files]
    pd.concat(parts).to_csv(tmp_path / "both.csv", index=False)
    read = read_responses(tmp_path / "both.csv", form.instrument, release=home_release())
    first, second = read.frame["culture_2"][:60], read.frame["culture_2"][60:]
    assert np.array_equal(first, second, equal_nan=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "can't be read as such"),
        ("[]", "holds no answers"),
        ('{"resourceType": "Patient"}', "holds no answers"),
        ("[1, 2]", "holds no answers"),
        ("[" * 100_000, "can't be read as such"),
    ],
)
def test_json_without_answers_is_refused(tmp_path, text, said):
    path = tmp_path / "answers.json"
    path.write_text(text)
    with pytest.raises(DataError, match=said):
        read_responses(path, "hs1939")


def test_a_response_with_parts_missing_is_read_as_far_as_it_goes(tmp_path, drawn):
    form, answers = drawn
    told = json.loads(as_fhir(form, answers).content)
    told["entry"][0]["resource"]["item"] = [{"linkId": "culture_1"}, "?", {"answer": [{}]}]
    told["entry"][1]["resource"].pop("language")
    told["entry"].append({"resource": {"resourceType": "Patient"}})
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps(told))
    read = read_responses(path, form.instrument, release=home_release())
    assert read.n_obs == 60
    assert read.frame.loc[0, list(form.instrument.items)].isna().all()
