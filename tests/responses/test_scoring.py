"""Scores: keyed once, prorated, and only where enough was answered."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.instrument import Instrument
from psychometrics.responses import scale_scores
from tests.responses.tiny import ITEMS

NAN = np.nan


def frame_of(*rows: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(ITEMS), dtype=float)


def test_scores_by_hand(tiny: Instrument) -> None:
    answers = frame_of(
        (1, 2, 4, 10, 20),  # calm: 1, 2 and 4 turned round in 1..4 is 1
        (4, NAN, 1, 10, NAN),  # a sum is prorated
        (4, NAN, NAN, NAN, NAN),  # one of three is too few
        (NAN, NAN, NAN, 0, 0),
    )
    scores = scale_scores(answers, tiny)
    assert list(scores.columns) == ["calm", "skill", "whole"]
    np.testing.assert_allclose(scores["calm"], [4 / 3, 4, NAN, NAN])
    np.testing.assert_allclose(scores["skill"], [30, 20, NAN, 0])
    np.testing.assert_allclose(scores["whole"], [(4 / 3 + 30) / 2, 12, NAN, NAN])


def test_the_answers_are_not_changed(tiny: Instrument) -> None:
    answers = frame_of((1, 2, 4, 10, 20))
    before = answers.copy()
    scale_scores(answers, tiny)
    pd.testing.assert_frame_equal(answers, before)


def test_the_index_is_kept(tiny: Instrument) -> None:
    answers = frame_of((1, 2, 4, 10, 20), (1, 2, 4, 10, 20)).set_axis([7, 3])
    assert scale_scores(answers, tiny).index.tolist() == [7, 3]


codes = st.lists(
    st.tuples(*[st.one_of(st.just(NAN), st.integers(1, 4).map(float))] * 3), min_size=1, max_size=20
)


@settings(max_examples=40)
@given(codes)
def test_turning_every_answer_and_key_round_turns_the_score_round(
    tiny: Instrument, answers: list[tuple[float, float, float]]
) -> None:
    frame = frame_of(*[(*row, 1.0, 1.0) for row in answers])
    turned = frame.assign(**{key: 5 - frame[key] for key in ITEMS[:3]})

    score, other = scale_scores(frame, tiny)["calm"], scale_scores(turned, tiny)["calm"]

    np.testing.assert_allclose(score + other, np.where(score.isna(), NAN, 5.0))
    n_usable = frame[list(ITEMS[:3])].notna().sum(axis=1)
    assert (score.notna() == (n_usable >= tiny.scales["calm"].min_valid)).all()
    assert score.dropna().between(1, 4).all()
