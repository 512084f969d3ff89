from __future__ import annotations

import pandas as pd

from psychometrics.plots.labels import Labels, Place, by_place, places, records, unique

LABELS = Labels(sites={"ulm": "Ulm", "pune": "Pune"}, scales={"training": "Training"})


def frame() -> pd.DataFrame:
    rows = [("site", "pune"), ("meta", None), ("site", "new"), ("total", None), ("site", "ulm")]
    return pd.DataFrame(
        [(pooling, group, at) for at, (pooling, group) in enumerate([*rows, ("within", None)])],
        columns=["pooling", "group", "value"],
    )


def test_pooled_rows_come_first_and_sites_in_the_order_of_the_definition() -> None:
    found = [place.group or place.pooling for place in places(frame(), LABELS)]
    assert found == ["within", "total", "meta", "ulm", "pune", "new"]


def test_keys_without_a_name_are_shown_as_they_are() -> None:
    assert LABELS.place("site", "new") == "new"
    assert LABELS.place("total", None) == "All together"
    assert LABELS.scale("training") == "Training"


def test_rows_are_found_by_their_place() -> None:
    assert by_place(frame())[Place("site", "ulm")]["value"] == 4
    assert by_place(frame())[Place("within", None)]["value"] == 5


def test_records_and_unique_keep_the_order() -> None:
    assert [row["value"] for row in records(frame())] == list(range(6))
    assert unique(["b", "a", None, "b", float("nan")]) == ["b", "a"]
