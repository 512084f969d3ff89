from __future__ import annotations

import numpy as np
import pytest

from psychometrics.errors import ModelError
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.kernel import slot_values
from psychometrics.stats.cfa.layout import COVARIANCE, MEAN, REGRESSION, lay_out

TWO = "f =~ a1 + a2 + a3\ng =~ b1 + b2 + b3"


def test_observed_variables_stand_before_factors() -> None:
    layout = lay_out(complete(TWO))
    assert layout.variables == ("a1", "a2", "a3", "b1", "b2", "b3", "f", "g")
    assert (layout.n_observed, layout.n_variables, layout.n_free) == (6, 8, 13)


def test_a_loading_goes_from_factor_to_item_and_a_regression_to_its_outcome() -> None:
    layout = lay_out(complete(TWO + "\ng ~ f\na1 ~ 1"))
    index = {name: i for i, name in enumerate(layout.variables)}
    table = complete(TWO + "\ng ~ f\na1 ~ 1")
    places = {
        row.name: (int(layout.kind[s]), int(layout.row[s]), int(layout.column[s]))
        for row, s in zip(table.rows, layout.row_slots, strict=True)
    }
    assert places["f=~a2"] == (REGRESSION, index["a2"], index["f"])
    assert places["g~f"] == (REGRESSION, index["g"], index["f"])
    assert places["a1~~a1"] == (COVARIANCE, index["a1"], index["a1"])
    assert places["a1~1"] == (MEAN, index["a1"], index["a1"])


def test_slots_are_fixed_values_and_free_parameters() -> None:
    table = complete("f =~ a + 0.6*b + c + d")
    layout = lay_out(table)
    z = np.arange(1.0, layout.n_free + 1)
    slots = slot_values(layout, z[None])[0, 0]
    free = iter(z)
    expected = [next(free) if row.free else row.value for row in table.rows]
    np.testing.assert_array_equal(slots[layout.row_slots], expected)


def test_equal_labels_are_one_parameter() -> None:
    table = complete("f =~ a + k*b + k*c + d")
    layout = lay_out(table)
    assert layout.n_free == lay_out(complete("f =~ a + b + c + d")).n_free - 1
    slots = slot_values(layout, np.arange(1.0, layout.n_free + 1)[None])[0, 0]
    b, c = (layout.row_slots[i] for i, r in enumerate(table.rows) if r.label == "k")
    assert slots[b] == slots[c]


def test_a_label_in_all_groups_is_one_parameter() -> None:
    layout = lay_out(complete("f =~ a + k*b + c + d", n_groups=2))
    assert layout.n_free == 2 * 8 - 1


def test_free_rows_name_each_parameter_once() -> None:
    table = complete("f =~ a + k*b + k*c + d")
    layout = lay_out(table)
    written = [table.rows[i].name for i in layout.free_rows]
    assert len(set(written)) == layout.n_free
    assert "f=~b" in written
    assert "f=~c" not in written


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("a ~~ b", 0),
        ("y ~ x", 1),
        (TWO, 1),
        (TWO + "\nh =~ f + g", 2),
        (TWO + "\nh =~ f + g\ni =~ h + c", 3),
        ("x ~ y + w\ny ~ x + v", None),
    ],
)
def test_depth_is_the_longest_path(text: str, depth: int | None) -> None:
    assert lay_out(complete(text)).depth == depth


def test_nothing_free_is_refused() -> None:
    with pytest.raises(ModelError, match="no free parameter: there is nothing to estimate"):
        lay_out(complete("x ~~ 1*x"))
