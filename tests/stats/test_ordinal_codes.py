"""Cleaning of codes: what is turned into categories, what is told, what is an error."""

from __future__ import annotations

import numpy as np
import pytest

from psychometrics.stats.ordinal_codes import MAX_CATEGORIES, clean_codes

GROUP = np.repeat([0, 1, 2], 20)


def column(*parts: str) -> np.ndarray:
    """Return answers written as digits, one string a group."""
    return np.array([[float(digit)] for part in parts for digit in part])


def kinds(found) -> list[str]:
    return [problem.kind for problem in found.problems]


def grouped(*parts: str, collapse: bool = False):
    values = column(*parts)
    group = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return clean_codes(values, group, len(parts), collapse=collapse)


def test_any_whole_numbers_become_categories():
    found = clean_codes(np.array([[-2.0, 10], [0, 30], [-1, 20], [np.nan, 10]]).repeat(2, axis=0))
    np.testing.assert_array_equal(found.codes[::2], [[0, 0], [2, 2], [1, 1], [np.nan, 0]])
    assert found.categories == (((-2.0,), (-1.0,), (0.0,)), ((10.0,), (20.0,), (30.0,)))


def test_the_same_answer_is_the_same_category_in_all_groups():
    found = grouped("112233", "332211")
    assert found.codes.ravel().tolist() == [0, 0, 1, 1, 2, 2, 2, 2, 1, 1, 0, 0]
    assert not found.problems
    assert found.counts[0].tolist() == [[2, 2, 2], [2, 2, 2]]
    assert found.answers[0].tolist() == [1, 2, 3]


def test_a_gap_is_told_and_closed():
    found = clean_codes(column("11225577"))
    (problem,) = found.problems
    assert problem.kind == "gaps"
    assert problem.values == (3.0, 4.0, 6.0)
    assert not problem.is_error
    assert found.codes.max() == 3


def test_an_answer_given_once_is_told():
    found = grouped("112233", "111223")
    assert [(p.kind, p.group, p.values) for p in found.problems] == [("answered_once", 1, (3.0,))]
    assert not found.errors


def test_what_a_group_lacks_is_an_error_with_its_counts():
    found = grouped("112233", "111122")
    (problem,) = found.errors
    assert (problem.kind, problem.item, problem.group) == ("category_missing_in_group", 0, 1)
    assert problem.values == (3.0,)
    assert found.counts[0].tolist() == [[2, 2, 2], [4, 2, 0]]
    assert np.isnan(found.codes).all()


class TestCollapse:
    @pytest.mark.parametrize(
        ("parts", "categories"),
        [
            # An end has one neighbour.
            (("112233", "111122"), ((1,), (2, 3))),
            (("112233", "222333"), ((1, 2), (3,))),
            # Inside, the neighbour that was answered less.
            (("11122334444", "11114444433"), ((1,), (2, 3), (4,))),
            (("1122334444", "1144444433"), ((1, 2), (3,), (4,))),
            # The lower one where both were answered alike.
            (("112233", "11333333"), ((1, 2), (3,))),
            # One after the other, until every group has all.
            (("11223344", "11112222"), ((1,), (2, 3, 4))),
        ],
    )
    def test_categories_are_joined_alike_in_all_groups(self, parts, categories):
        found = grouped(*parts, collapse=True)
        assert found.categories[0] == tuple(tuple(map(float, own)) for own in categories)
        assert not found.errors
        assert "collapsed" in kinds(found)
        for g, part in enumerate(parts):
            mine = slice(sum(map(len, parts[:g])), sum(map(len, parts[: g + 1])))
            expected = [
                next(c for c, own in enumerate(categories) if int(digit) in own) for digit in part
            ]
            assert found.codes[mine, 0].tolist() == expected

    def test_the_log_says_what_was_joined_with_what(self):
        found = grouped("112233", "111122", collapse=True)
        assert [p.values for p in found.problems if p.kind == "collapsed"] == [(3.0, 2.0)]

    def test_nothing_is_joined_where_nothing_lacks(self):
        assert not grouped("112233", "112233", collapse=True).problems

    def test_two_groups_without_a_common_answer_end_with_one_category(self):
        found = grouped("1122", "3344", collapse=True)
        assert "one_category" in kinds(found)
        assert found.errors


def test_constant_items():
    assert kinds(clean_codes(np.ones((5, 1)))) == ["one_category"]
    found = grouped("112233", "2222")
    assert [(p.kind, p.group, p.values, p.count) for p in found.errors] == [
        ("one_category_in_group", 1, (2.0,), 4)
    ]


def test_nobody_answered():
    assert kinds(clean_codes(np.full((5, 1), np.nan))) == ["nobody_answered"]
    values = np.concatenate([column("1122"), np.full((3, 1), np.nan)])
    found = clean_codes(values, np.repeat([0, 1], [4, 3]), 2)
    assert [(p.kind, p.group) for p in found.errors] == [("nobody_answered_in_group", 1)]


def test_a_group_without_rows():
    found = clean_codes(column("112233"), np.zeros(6, dtype=int), 2)
    assert [(p.kind, p.group, p.item) for p in found.errors] == [("group_empty", 1, -1)]


def test_numbers_that_are_not_whole():
    (problem,) = clean_codes(np.array([[1.0], [2.5], [2.5], [3.0]])).errors
    assert (problem.kind, problem.values, problem.count) == ("not_whole", (2.5,), 2)


def test_many_categories_up_to_the_limit():
    some = np.arange(MAX_CATEGORIES, dtype=float).repeat(2)[:, None]
    assert not clean_codes(some).problems
    (problem,) = clean_codes(np.append(some, [[99.0], [99.0]], axis=0)).errors
    assert (problem.kind, problem.count) == ("too_many_categories", MAX_CATEGORIES + 1)


def test_rows_of_no_group_do_not_count():
    values = column("112233", "9")
    found = clean_codes(values, np.append(np.zeros(6, dtype=int), -1), 1)
    assert not found.problems
    assert np.isnan(found.codes[-1, 0])


def test_every_item_is_looked_at():
    rng = np.random.default_rng(1)
    values = rng.integers(1, 4, size=(60, 4)).astype(float)
    values[:, 1], values[:, 3] = 2.0, values[:, 3] + 0.5
    found = clean_codes(values, GROUP, 3)
    assert [(p.kind, p.item) for p in found.errors] == [("one_category", 1), ("not_whole", 3)]
    assert np.isfinite(found.codes[:, [0, 2]]).all()
