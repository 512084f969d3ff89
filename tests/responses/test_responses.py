"""What came in can be looked at, split by site, written and read again."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.instrument import Instrument
from psychometrics.responses import Clusters, Responses, read_responses, simulate_responses
from tests.responses.tiny import ITEMS, Read


def assert_same(made: Responses, expected: Responses) -> None:
    pd.testing.assert_frame_equal(made.frame, expected.frame)
    pd.testing.assert_frame_equal(made.answer_status, expected.answer_status)


def round_trip(responses: Responses, **options: Any) -> Responses:
    with tempfile.TemporaryDirectory() as folder:
        file = responses.to_csv(Path(folder) / "written.csv")
        return read_responses(file, responses.instrument, **options)


def test_simulated_answers_come_back(tiny: Instrument) -> None:
    made = simulate_responses(
        tiny, 50, rng=3, missing=0.2, structural=0.2, clusters=Clusters(size=7)
    )
    assert {"not_applicable", "blank"} <= set(made.answer_status["calm_1"])
    assert_same(round_trip(made), made)


cell = st.one_of(st.sampled_from([None, 1, 2, 3, 4, -8, -9]))
points = st.one_of(
    st.none(), st.just(-99.0), st.floats(0, 20, allow_subnormal=False).map(lambda x: x + 0.0)
)
said = st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"])))
row = st.tuples(
    st.sampled_from(["ulm", "pune", None]), said, cell, cell, cell, points, points, said
)


@settings(max_examples=40)
@given(st.lists(row, min_size=1, max_size=12))
def test_what_was_read_comes_back(tiny: Instrument, rows: list[tuple[Any, ...]]) -> None:
    names = ["site", "respondent", *ITEMS, "colour"]
    cells = {name: [one[at] for one in rows] for at, name in enumerate(names)}
    frame = pd.DataFrame({name: pd.Series(held, dtype=object) for name, held in cells.items()})
    read = read_responses(frame, tiny)

    again = round_trip(read)

    # Rows at the end without a single cell are written, and kept.
    assert_same(again, read)


def test_weights_come_back_where_named(read: Read) -> None:
    responses = read("site,calm_1,w\nulm,1,0.1\n,2,2\n", weight="w")
    assert_same(round_trip(responses, weight="weight"), responses)


def test_what_was_not_understood_is_written_as_blank(read: Read) -> None:
    again = round_trip(read("site,calm_1,calm_2\nulm,9,1\nmars,many,2\n"))
    assert again.answer_status["calm_1"].tolist() == ["blank", "blank"]
    assert again.frame["site"].tolist() == ["ulm", None]


def test_codes_are_written_short(tiny: Instrument, tmp_path: Path) -> None:
    frame = pd.DataFrame({"site": ["ulm", "ulm"], "calm_1": [1.0, np.nan], "skill_1": [2.5, -99.0]})
    file = read_responses(frame, tiny).to_csv(tmp_path / "a.csv")
    header, first, second = file.read_text(encoding="utf-8").splitlines()
    assert header == "site,calm_1,calm_2,calm_3,skill_1,skill_2"
    assert (first, second) == ("ulm,1,,,2.5,", "ulm,,,,-99.0,")


def test_by_site(read: Read) -> None:
    responses = read("site,calm_1\npune,1\n,2\nulm,3\npune,4\n")
    parts = responses.by_site()
    assert list(parts) == ["ulm", "pune"]
    assert parts["pune"].frame["row"].tolist() == [1, 4]
    assert parts["pune"].answer_status.index.tolist() == [0, 3]
    assert parts["pune"].sites == ("pune",)
    assert parts["pune"].scores()["calm"].isna().all()


def test_shown_as_counts_only(read: Read) -> None:
    text = "site,calm_1,respondent,role\n<b>Mars</b>,1,Anna,nurse\nulm,2,Berta,nurse\n,3,C,d\n"
    responses = read(text, allow_undeclared_sites=True)
    shown = responses._repr_html_()
    assert "<td>&lt;b&gt;Mars&lt;/b&gt;</td><td>1</td>" in shown
    assert "<td>no site</td><td>1</td>" in shown
    assert "Tiny &amp; small: 3 rows from answers.csv" in shown
    assert "respondent, role" in shown
    assert not any(word in shown + repr(responses) for word in ("Anna", "Berta", "nurse"))
    assert "Simulated" not in shown
    assert repr(responses).startswith("<Responses: answers of 3 to tiny, 2 sites, 4 errors")


def test_simulated_answers_say_so(tiny: Instrument) -> None:
    made = simulate_responses(tiny, 2, rng=1)
    assert "Simulated answers." in made._repr_html_()
    assert repr(made).startswith("<Responses: simulated answers of 4 to tiny, 2 sites")
