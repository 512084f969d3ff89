from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd

from psychometrics import simulate_responses
from psychometrics.report.limits import limits
from psychometrics.report.section_tables import items_table, reliability_table, sample_table
from psychometrics.report.source import read_study
from psychometrics.report.tables import Rows, Table, as_gt, as_html, methods_note
from psychometrics.report.validity_tables import fit_table, hypotheses_table, known_groups_table
from psychometrics.validity.study import run_study
from tests.report.study_fixture import FakeStudy


class Cells(HTMLParser):
    """Reads a table: tags with their attributes, and the texts of its cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"td", "th", "caption"}:
            self.open = True
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "caption"}:
            self.open = False

    def handle_data(self, data: str) -> None:
        if self.open:
            self.cells[-1] += data


def small() -> Table:
    made = Rows()
    made.add({"group": "One", "place": "Ulm <b>", "value": "0.80", "word": "none"}, strong=True)
    made.add({"group": "One", "place": "Pune", "value": "—", "word": ""}, reason="Too few: 3 & 4.")
    made.add({"group": "Two", "place": "x", "value": "—", "word": ""}, reason="Too few: 3 & 4.")
    labels = {"place": "Place", "value": "Value", "word": "Word"}
    left = frozenset({"word"})
    return made.table("tab-x", "A <caption>", labels, group="group", left=left, notes=("N < 5.",))


def test_a_table_has_caption_scopes_and_a_box_of_its_own() -> None:
    found = Cells(str(as_html(small())))
    assert found.cells[0] == "A <caption>"
    scopes = [attrs.get("scope") for tag, attrs in found.tags if tag == "th"]
    assert scopes == ["col", "col", "col", "colgroup", "row", "row", "colgroup", "row"]
    tag, attrs = found.tags[0]
    assert (tag, attrs["class"], attrs["tabindex"]) == ("div", "scroll", "0")


def test_whatever_is_filled_in_is_escaped() -> None:
    made = str(as_html(small()))
    assert "<b>" not in made
    assert "Ulm &lt;b&gt;" in made
    assert "N &lt; 5." in made


def test_equal_reasons_share_a_footnote() -> None:
    made = str(as_html(small()))
    assert made.count("Too few: 3 &amp; 4.") == 1
    assert made.count('class="gt_footnote_marks"') == 3  # two cells and the note itself


def test_pooled_rows_are_set_apart() -> None:
    assert str(as_html(small())).count('<tr class="strong">') == 1


def test_no_style_sheet_and_no_id_but_the_tables_own() -> None:
    found = Cells(str(as_html(small())))
    assert not [tag for tag, _ in found.tags if tag == "style"]
    assert [attrs["id"] for _, attrs in found.tags if "id" in attrs] == ["tab-x"]


def test_the_same_table_gives_the_same_bytes() -> None:
    assert as_html(small()) == as_html(small())


def test_the_specification_is_a_great_tables_object() -> None:
    made = as_gt(small()).as_raw_html()
    assert '<div id="tab-x"' in made
    assert made.count("Too few: 3 &amp; 4.") == 1


def test_methods_are_told_once_for_each_statistic() -> None:
    frame = pd.DataFrame({"coefficient": ["alpha", "alpha", "omega"], "method": ["A", "A", ""]})
    assert methods_note(frame, "coefficient", str.upper) == ("ALPHA: A.",)


def test_a_withheld_site_shows_less_than_the_limit(study: FakeStudy) -> None:
    made = sample_table(read_study(study, 5))
    assert made is not None
    rows = {row["place"]: row for row in made.rows}
    assert rows["באר שבע"]["n_rows"] == "<5"
    assert rows["Ulm"]["n_rows"] == "47"
    assert rows["पुणे"]["n_rows"] == "0"


def test_reliability_has_both_coefficients_with_their_numbers(study: FakeStudy) -> None:
    made = reliability_table(read_study(study, 5))
    assert made is not None
    assert list(made.labels) == ["place", "alpha", "n_alpha", "omega_total", "n_omega_total"]
    assert len(made.rows) == 3 * 8
    assert any("ML" in note for note in made.notes)


def test_each_fit_index_stands_with_its_own_mark(study: FakeStudy) -> None:
    made = fit_table(read_study(study, 5))
    assert made is not None
    first = made.rows[0]
    assert first["cfi"] == "0.931 ✗"
    assert first["rmsea"] == "0.092 [0.071, 0.114] ✗"
    assert first["srmr"] == "0.065 ✓"
    assert first["chi2"] == "85.31 (51)"


def test_hypotheses_say_what_was_expected(study: FakeStudy) -> None:
    made = hypotheses_table(read_study(study, 5), sites=False)
    assert made is not None
    assert made.rows[0]["group"] == "Training with readiness: positive, at least 0.30"
    assert "readiness stands for: Readiness rating" in made.notes


def test_the_share_of_missing_answers_is_a_percentage(study: FakeStudy) -> None:
    found = items_table(read_study(study, 5))
    assert found is not None
    assert {row["missing"] for row in found.rows} == {"2.0%"}


def test_groups_and_codes_have_the_texts_of_the_definition() -> None:
    made = simulate_responses("ipip_bfi25", 60, rng=1)
    source = read_study(run_study(made.instrument, made, n_boot=0), 5)
    groups, expected = (
        table(source, sites=False) for table in (known_groups_table, hypotheses_table)
    )
    assert groups is not None
    assert expected is not None
    assert (
        groups.rows[0]["group"] == "Neuroticism, by gender: Female above Male, by 0.20 SD or more"
    )
    assert "gender stands for: Gender (1 Male, 2 Female)" in expected.notes


def test_weights_are_told_with_what_they_do_not_touch() -> None:
    made = simulate_responses("hs1939", 60, rng=1)
    for column, told in ((None, False), (np.linspace(0.5, 2.0, 120), True)):
        frame = made.frame if column is None else made.frame.assign(weight=column)
        study = run_study(made.instrument, replace(made, frame=frame), n_boot=0)
        source = read_study(study, 5)
        words = " ".join(map(str, limits(source, [])))
        assert source.weighted is told
        assert ("Weights count in" in words) is told
