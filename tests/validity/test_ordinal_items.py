"""Items as categories: labels of categories, and findings that name item and group."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.errors import DataError
from psychometrics.validity.ordinal_items import ordinal_items

ANSWERS = np.array([[1.0, 2], [2, 2], [5, 4], [1, 4], [2, 2], [5, np.nan]])
SITES = np.array([0, 0, 0, 1, 1, 1])


def test_categories_are_named_by_their_answers():
    items = ordinal_items(ANSWERS, ("a", "b"))
    assert [items.category_label(0, category) for category in range(3)] == ["1", "2", "5"]
    np.testing.assert_array_equal(items.clean.codes[:, 1], [0, 0, 1, 1, 0, np.nan])


def test_findings_name_item_and_group():
    items = ordinal_items(ANSWERS, ("a", "b"), SITES, ("Ulm", "Pune"))
    told = {(each.code, each.where): each.message for each in items.findings}
    assert told[("codes_with_gaps", "a")].startswith("Nobody answered 3, 4 to a,")
    once = [each.message for each in items.findings if each.code == "category_answered_once"]
    assert len(once) == 9
    assert sum(each.startswith("One person in Pune answered 5 to a;") for each in once) == 1
    assert all(each.severity == "warning" for each in items.findings)


def test_a_group_without_rows_is_named():
    with pytest.raises(DataError, match="Nobody is in the group Pune"):
        ordinal_items(ANSWERS, ("a", "b"), np.zeros(6, dtype=int), ("Ulm", "Pune"))


def test_joined_categories_carry_all_their_answers():
    answers = np.array([1.0, 2, 3, 1, 2, 3, 1, 2, 1, 2])[:, None]
    site = np.repeat([0, 1], [6, 4])
    items = ordinal_items(answers, ("a",), site, ("Ulm", "Pune"), collapse=True)
    assert items.category_label(0, 1) == "2, 3"
    (told,) = items.findings
    assert told.message == (
        "a: the answer 3 was joined with 2 in all groups, since some group never gave it."
    )
