"""Languages, modes and times: what tells of few people is withheld with what gives it away."""

from __future__ import annotations

from typing import Any

import pandas as pd

from psychometrics.report.disclosure_times import protect_forms, protect_times


def forms(rows: list[tuple[str, str | None, str | None, int]]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["variable", "value", "group", "n_rows"])
    made["pooling"] = ["site" if group else "total" for _, _, group, _ in rows]
    return made.assign(share=made["n_rows"] / 100)


def times(rows: list[tuple[str | None, str | None, int, int]]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["group", "mode", "n_timed", "n_fast"])
    made["pooling"] = ["site" if group else "total" for group, *_ in rows]
    return made.assign(n_rows=made["n_timed"], median_seconds=60.0, n_faster_than_others=0)


def test_large_groups_are_all_shown() -> None:
    frame = forms([("mode", "paper", None, 40), ("mode", "paper", "ulm", 40),
                   ("mode", "web", None, 60), ("mode", "web", "pune", 60)])  # fmt: skip
    shown = protect_forms(frame, 5, ())
    assert sorted(shown["n_rows"]) == [40, 40, 60, 60]


def test_a_small_group_at_a_site_takes_the_sites_with_it() -> None:
    frame = forms([("mode", "paper", None, 43), ("mode", "paper", "ulm", 40),
                   ("mode", "paper", "pune", 3), ("mode", "web", None, 57),
                   ("mode", "web", "pune", 57)])  # fmt: skip
    assert protect_forms(frame, 5, ())["n_rows"].tolist() == [43, 57]
    # A site that is withheld everywhere, and few people of one mode at no site.
    large = frame[frame["n_rows"] != 3]
    assert protect_forms(large, 5, ["pune"])["pooling"].unique().tolist() == ["total"]
    assert protect_forms(large, 5, ())["pooling"].unique().tolist() == ["total"]


def test_small_totals_are_told_together() -> None:
    frame = forms([("language", "de", None, 90), ("language", "en", None, 7),
                   ("language", None, None, 3)])  # fmt: skip
    shown = protect_forms(frame, 5, ())
    assert shown["n_rows"].tolist() == [90, 10]
    assert shown["value"].tolist() == ["de", "2 others"]
    # What is left of two is known from the sample's size.
    assert protect_forms(frame[frame["value"] != "en"], 5, ()).empty


def test_times_of_few_people() -> None:
    frame = times([(None, None, 50, 9), ("ulm", None, 47, 9), ("pune", None, 3, 0),
                   (None, "web", 50, 9)])  # fmt: skip
    shown = protect_times(frame, 5, ())
    at: Any = shown.set_index(shown["group"].fillna("") + shown["mode"].fillna(""))
    assert at.loc["pune"].drop(["group", "pooling", "mode"]).isna().all()
    assert at.loc["ulm", "median_seconds"] == 60
    assert at.loc[["ulm", "pune"], "n_timed"].isna().all()
    assert at.loc["", "n_timed"] == 50
    modes = times([(None, None, 50, 9), (None, "web", 47, 9), (None, "paper", 3, 0)])
    assert protect_times(modes, 5, ())["mode"].isna().all()


def test_few_fast_people_take_the_counts_of_their_kind_with_them() -> None:
    frame = times([(None, None, 50, 9), ("ulm", None, 25, 7), ("pune", None, 25, 2),
                   (None, "web", 25, 5), (None, "paper", 25, 4)])  # fmt: skip
    shown = protect_times(frame, 5, ())
    assert shown["n_fast"].notna().tolist() == [True, False, False, False, False]
    assert shown["median_seconds"].notna().all()
