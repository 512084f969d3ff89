"""From answers to findings: what is found, what it is told to be, and what is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psychometrics.errors import DataError, Finding
from psychometrics.instrument import Instrument
from psychometrics.responses import Responses
from psychometrics.responses.simulation_plan import NonInvariance
from psychometrics.translation.feedback import CODE, shown_of
from psychometrics.translation.release import make_release
from psychometrics.translation.steps import record_step
from psychometrics.translation.text_hash import text_hash
from psychometrics.validity.item_feedback import AnswersFeedback, answers_feedback, telling_pairs
from tests.feedback_project import answered, rewrite, trust

REVERSED = NonInvariance(None, "open", locale="he_IL", reversed=True)
STRONGER = NonInvariance(None, "care", locale="hi_IN", shift=-1.0)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Instrument, Path]:
    return trust(tmp_path_factory.mktemp("trust"))


MADE: dict[tuple[Path, tuple[NonInvariance, ...]], AnswersFeedback] = {}
"""What was looked at already in the project that all tests read and none changes."""


def looked_at(
    project: tuple[Instrument, Path],
    *odd: NonInvariance,
    again: bool = False,
    responses: Any = None,
) -> AnswersFeedback:
    instrument, translations = project
    if responses is not None:
        return answers_feedback(responses, translations=translations)
    if again or (translations, odd) not in MADE:
        made = answers_feedback(answered(instrument, odd=odd), translations=translations)
        MADE[translations, odd] = made
    return MADE[translations, odd]


def only(found: AnswersFeedback) -> Finding:
    (one,) = found.findings
    return one


def sentences(found: Finding) -> Iterator[str]:
    for name in ("shows", "check"):
        yield from found.params[name]
    yield from (str(found.params[name]) for name in ("because", "more", "beside"))


def test_answers_without_a_fault_bring_nothing(project: tuple[Instrument, Path]) -> None:
    found = looked_at(project)
    assert found.findings == found.unplaced == ()
    assert set(found.differences["verdict"]) == {"equivalent", "undecided"}


def test_a_reversed_item_is_told_as_that_and_its_neighbours_are_left_alone(
    project: tuple[Instrument, Path],
) -> None:
    instrument, _ = project
    looked = looked_at(project, REVERSED)
    found = only(looked)
    assert (found.code, found.key, found.locale) == (CODE, "item.open", "he_IL")
    at = list(instrument.texts).index("item.open")
    assert found.text_hash == text_hash(f"עברית, {at}.")
    assert found.params["verdict"] == "version_difference"
    assert found.params["signals"] == ["reversed: haifa, he_IL"]
    assert "runs against its scale" in found.params["shows"][0]
    assert found.params["check"][0].startswith("Negation first")
    assert "he_IL was answered at Haifa alone" in found.params["because"]
    assert "second site that answers in he_IL" in found.params["more"]
    points = looked.curve(found)
    own = points[points["side"] == "group"].sort_values("standing")["mean"].to_numpy()
    assert own[0] > own[-1]


def test_a_stronger_word_is_told_as_lower_answers(project: tuple[Instrument, Path]) -> None:
    found = only(looked_at(project, STRONGER))
    assert (found.key, found.locale) == ("item.care", "hi_IN")
    # The two languages at Pune tell more than the others do.
    assert found.params["verdict"] == "within_site_language_difference"
    assert "chose one" in found.params["because"]
    lower = [each for each in found.params["shows"] if "answer lower than" in each]
    assert any("Pune (hi_IN) answer lower than those of Pune (en_IN)" in each for each in lower)
    assert any("answer lower than the others" in each for each in lower)
    assert found.params["check"][0].startswith("How strong the words are")
    assert "With the same words, Ulm (de_DE) and Hamburg (de_DE) differ" in found.params["beside"]


def test_sites_with_the_same_words_are_no_matter_of_words(
    project: tuple[Instrument, Path],
) -> None:
    found = only(looked_at(project, NonInvariance("ulm", "care", shift=-1.0)))
    assert (found.key, found.locale) == ("item.care", "de_DE")
    assert found.params["verdict"] == "same_words_site_difference"
    assert found.params["beside"] is None
    assert found.params["check"] == [
        "Both sites read these words, so look at how they are understood at each: services, roles, "
        "terms."
    ]


def test_a_language_of_two_sites_is_one_text(project: tuple[Instrument, Path]) -> None:
    found = only(looked_at(project, NonInvariance(None, "care", locale="de_DE", shift=-1.2)))
    assert found.params["verdict"] == "version_difference"
    assert found.params["groups"] == ["ulm, de_DE", "hamburg, de_DE"]


def test_a_text_and_a_place_of_equal_effect_get_the_same_verdict(
    project: tuple[Instrument, Path],
) -> None:
    """Where a language lives at one site, nothing in the answers tells one from the other."""
    text = looked_at(project, NonInvariance(None, "care", locale="he_IL", shift=-1.0))
    place = looked_at(project, NonInvariance("haifa", "care", shift=-1.0))
    assert text.findings == place.findings
    assert only(text).params["verdict"] == "version_difference"


def test_nobody_is_blamed(project: tuple[Instrument, Path]) -> None:
    for odd in (REVERSED, STRONGER):
        for sentence in sentences(only(looked_at(project, odd))):
            blame = r"translat|mistake|error|wrong|fault|culture|badly"
            assert not re.search(blame, sentence, re.IGNORECASE), sentence


def test_an_item_keyed_negatively_is_told_as_it_was_answered(
    project: tuple[Instrument, Path],
) -> None:
    # A shift makes people look higher on what is measured, so that they agree less with this one.
    found = only(looked_at(project, NonInvariance(None, "hide", locale="he_IL", shift=1.0)))
    (shown,) = [each for each in found.params["shows"] if "of the same standing: by" in each]
    assert "Haifa (he_IL) answer lower than the others" in shown
    numbers = [float(each) for each in re.findall(r"\d\.\d\d", shown)]
    assert numbers[1] < numbers[0] < numbers[2]


def test_what_the_text_shows_and_what_people_confirmed_is_told_apart(tmp_path: Path) -> None:
    instrument, translations = project = trust(tmp_path)
    rewrite(instrument, "hi_IN", translations, {"item.care": "हिन्दी  हिन्दी, care."})
    first = only(looked_at(project, STRONGER))
    assert first.params["text"].startswith("Apart from the answers, the text of the translation")
    record_step(
        instrument, "hi_IN", "review", who="R1", keys=["item.care"], category="meaning",
        decision="rejected", comment="It says always.", translations=translations,
    )  # fmt: skip
    again = only(looked_at(project, STRONGER, again=True))
    assert again.params["text"].endswith("found fault with this translation: R1: rejected It says "
                                         "always.")  # fmt: skip
    assert again.params["verdict"] == first.params["verdict"]


def test_the_old_text_is_looked_at_apart_from_the_new(tmp_path: Path) -> None:
    instrument, translations = project = trust(tmp_path)
    make_release(instrument, "1.0", allow_draft=True, translations=translations)
    old = text_hash(f"עברית, {list(instrument.texts).index('item.open')}.")
    rewrite(instrument, "he_IL", translations, {"item.open": "עברית חדשה."})
    make_release(instrument, "2.0", allow_draft=True, translations=translations)
    good = answered(instrument, n=200, seed=2)
    bad = answered(instrument, n=200, odd=[REVERSED])
    frames = [
        good.frame.assign(form_version="2.0-draft"), bad.frame.assign(form_version="1.0-draft"),
    ]  # fmt: skip
    both = replace(
        good,
        frame=pd.concat(frames, ignore_index=True),
        answer_status=pd.concat([good.answer_status, bad.answer_status], ignore_index=True),
    )
    looked = looked_at(project, responses=both)
    # Only Hebrew has two texts; all others are one group whatever the release.
    assert list(looked.versions.groups) == [
        "ulm, de_DE", "hamburg, de_DE", "pune, hi_IN", "pune, en_IN", "haifa, he_IL, 1.0-draft",
        "haifa, he_IL, 2.0-draft",
    ]  # fmt: skip
    found = only(looked)
    assert found.text_hash == old
    assert found.params["releases"] == ["1.0-draft"]
    assert "Haifa (he_IL, 1.0-draft)" in found.where
    assert not any("name no release" in each for each in found.params["shows"])


def test_an_item_that_is_left_out_is_told_without_a_verdict(
    project: tuple[Instrument, Path],
) -> None:
    made = answered(project[0])
    here = (made.frame["site"] == "haifa") & (made.frame["row"] % 5 == 0)
    frame, status = made.frame.copy(), made.answer_status.copy()
    frame.loc[here, "fair"], status.loc[here, "fair"] = np.nan, "blank"
    found = only(looked_at(project, responses=replace(made, frame=frame, answer_status=status)))
    assert (found.key, found.params["verdict"]) == ("item.fair", "undecided")
    assert "left out more often" in found.params["shows"][0]
    assert "says nothing of how it is answered" in found.params["because"]


def small(made: Responses, site: str, n: int) -> Responses:
    keep = (made.frame["site"] != site) | (made.frame.groupby("site").cumcount() < n)
    return replace(made, frame=made.frame[keep], answer_status=made.answer_status[keep])


def test_of_a_few_people_nothing_is_told(project: tuple[Instrument, Path]) -> None:
    made = small(answered(project[0], odd=[REVERSED]), "haifa", 7)
    looked = looked_at(project, responses=made)
    assert looked.findings == ()
    assert list(looked.untold) == ["haifa, he_IL"]
    assert looked_at(project).untold == {}


def test_texts_that_are_not_known_are_told_apart(tmp_path: Path) -> None:
    instrument, translations = project = trust(tmp_path)
    (translations / "he_IL" / "LC_MESSAGES" / "trust.po").unlink()
    looked = looked_at(project, REVERSED)
    assert looked.findings == ()
    (found,) = looked.unplaced
    assert (found.key, found.text_hash) == ("item.open", None)
    assert instrument.id == "trust"


def test_findings_are_plain_and_say_all_that_is_recorded(
    project: tuple[Instrument, Path],
) -> None:
    found = only(looked_at(project, REVERSED))
    shown = shown_of(found)
    assert shown.simulated
    assert shown.answers == "simulated answers"
    assert found.message.startswith("Nobody gave these answers: they are simulated.")


def test_one_group_alone_is_held_against_nobody(project: tuple[Instrument, Path]) -> None:
    made = answered(project[0], n=30)
    keep = made.frame["site"] == "haifa"
    one = replace(made, frame=made.frame[keep], answer_status=made.answer_status[keep])
    with pytest.raises(DataError, match="there are 1: haifa, he_IL"):
        looked_at(project, responses=one)
    lost = replace(made, frame=made.frame.assign(site=None))
    with pytest.raises(DataError, match="no site is known"):
        looked_at(project, responses=lost)


def test_pairs_that_tell_more_are_those_of_one_language_or_one_site(
    project: tuple[Instrument, Path],
) -> None:
    versions = looked_at(project).versions.groups
    assert telling_pairs(versions.values()) == [
        ("ulm, de_DE", "hamburg, de_DE"), ("pune, hi_IN", "pune, en_IN"),
    ]  # fmt: skip
