from __future__ import annotations

import re

import pytest

from psychometrics.errors import ModelError, ModelSyntaxError
from psychometrics.stats.cfa.completion import complete, text_of_scales
from psychometrics.stats.cfa.table import Parameter, ParameterTable
from tests.reference.load import load
from tests.stats.cfa.cases import CASES, HS_MODEL, case, row_of

TWO = "f =~ a1 + a2 + a3\ng =~ b1 + b2 + b3"


def row(table: ParameterTable, name: str, group: int = 0) -> Parameter:
    """Return the row written as `name`."""
    return next(r for r in table.rows if r.name == name and r.group == group)


def names(table: ParameterTable, *, free: bool) -> set[str]:
    return {r.name for r in table.rows if r.free is free}


# ---- what follows from a model text ----------------------------------------------------------


def test_the_first_indicator_carries_the_scale() -> None:
    table = complete(TWO)
    assert names(table, free=False) == {"f=~a1", "g=~b1"}
    assert row(table, "f=~a1").value == 1


def test_std_lv_fixes_variances_instead() -> None:
    table = complete(TWO, std_lv=True)
    assert names(table, free=False) == {"f~~f", "g~~g"}


def test_every_variable_has_a_variance_and_factors_covary() -> None:
    free = names(complete(TWO), free=True)
    expected = {f"{v}~~{v}" for v in ("a1", "a2", "a3", "b1", "b2", "b3", "f", "g")} | {"f~~g"}
    assert expected <= free
    assert len(free) == len(expected) + 4


def test_orthogonal_leaves_the_covariances_out() -> None:
    table = complete(TWO, orthogonal=True)
    assert not any(r.op == "~~" and r.lhs != r.rhs for r in table.rows)


def test_intercepts_are_free_and_factor_means_zero() -> None:
    table = complete(TWO, mean_structure=True)
    assert row(table, "a1~1").free
    assert (row(table, "f~1").free, row(table, "f~1").value) == (False, 0.0)


def test_one_written_intercept_brings_the_means() -> None:
    table = complete(TWO + "\na1 ~ 0*1\nf ~ 1")
    assert table.mean_structure
    assert (row(table, "a1~1").free, row(table, "a1~1").value) == (False, 0.0)
    assert row(table, "f~1").free
    assert row(table, "b1~1").free


def test_second_order_factors_explain_the_first() -> None:
    table = complete(TWO + "\nh =~ f + g")
    assert row(table, "h=~f").value == 1
    assert not any(r.name in ("f~~g", "g~~f", "f~~h") for r in table.rows)
    assert table.latent == ("f", "g", "h")


def test_variables_stand_in_the_order_of_their_mention() -> None:
    table = complete("y ~ x\nf =~ b + a\na ~~ z")
    assert table.observed == ("b", "a", "y", "x", "z")


def test_observed_predictors_keep_their_moments() -> None:
    table = complete(TWO + "\nf + g ~ x + w", mean_structure=True)
    assert table.exogenous == ("x", "w")
    assert all(row(table, name).exogenous for name in ("x~~x", "w~~w", "x~~w", "x~1", "w~1"))
    assert row(table, "f~~g").free  # outcomes that predict nothing covary


@pytest.mark.parametrize("written", ["x ~~ x", "x ~~ w", "x ~ 1"])
def test_a_predictor_that_is_written_about_is_random(written: str) -> None:
    assert "x" not in complete(TWO + "\nf ~ x + w\n" + written).exogenous


def test_outcomes_that_predict_others_do_not_covary_with_them() -> None:
    table = complete(TWO + "\nh =~ c1 + c2 + c3\nh ~ g\ng ~ f")
    assert not any(r.op == "~~" and r.lhs != r.rhs for r in table.rows)


def test_the_only_indicator_of_a_factor_has_no_residual() -> None:
    table = complete(TWO + "\nh =~ c")
    assert (row(table, "c~~c").free, row(table, "c~~c").value) == (False, 0.0)


@pytest.mark.parametrize("written", ["c ~~ c", "c ~~ 0.3*c", "f =~ c"])
def test_a_residual_of_an_only_indicator_can_be_asked_for(written: str) -> None:
    table = complete(TWO + "\nh =~ c\n" + written)
    assert row(table, "c~~c").value != 0


def test_a_parameter_written_twice_is_one() -> None:
    table = complete(TWO + "\na1 ~~ b1\nb1 ~~ 0.1*a1\na1 ~~ u*a1\na1 ~~ start(2)*a1")
    assert sum({r.lhs, r.rhs} == {"a1", "b1"} for r in table.rows) == 1
    assert row(table, "a1~~b1").value == 0.1
    assert (row(table, "a1~~a1").label, row(table, "a1~~a1").start) == ("u", 2.0)


def test_na_frees_the_first_indicator() -> None:
    table = complete("f =~ NA*a1 + a2 + a3\nf ~~ 1*f")
    assert names(table, free=False) == {"f~~f"}


def test_fixed_values_and_starts() -> None:
    table = complete("f =~ a1 + 0.6*a2 + start(0.4)*a3")
    assert (row(table, "f=~a2").free, row(table, "f=~a2").value) == (False, 0.6)
    assert (row(table, "f=~a3").free, row(table, "f=~a3").start) == (True, 0.4)


# ---- labels ----------------------------------------------------------------------------------


def test_a_label_shared_with_a_fixed_parameter_fixes() -> None:
    # lavaan: where one of several equal parameters is fixed, all are.
    table = complete("f =~ a*a1 + a*a2 + a3")
    assert (row(table, "f=~a2").free, row(table, "f=~a2").value) == (False, 1.0)


def test_equal_may_name_a_parameter() -> None:
    table = complete('f =~ a1 + a2 + equal("f=~a2")*a3')
    assert row(table, "f=~a2").label == row(table, "f=~a3").label
    assert row(table, "f=~a2").label is not None


def test_equal_may_name_a_labelled_parameter() -> None:
    table = complete('f =~ a1 + k*a2 + equal("f=~a2")*a3')
    assert row(table, "f=~a2").label == row(table, "f=~a3").label == "k"


def test_other_labels_stay_as_they_are() -> None:
    table = complete("f =~ a1 + k*a2 + l*a3")
    assert (row(table, "f=~a2").label, row(table, "f=~a3").label) == ("k", "l")


# ---- several groups --------------------------------------------------------------------------


def test_groups_have_the_same_rows() -> None:
    table = complete(TWO, n_groups=3)
    assert table.n_groups == 3
    per_group = [[r.name for r in table.rows if r.group == g] for g in range(3)]
    assert per_group[0] == per_group[1] == per_group[2]


def test_modifiers_by_group() -> None:
    table = complete("f =~ a1 + c(0.5, k)*a2 + c(l, l)*a3 + start(0.1, 0.2)*a4", n_groups=2)
    assert [row(table, "f=~a2", g).value for g in (0, 1)] == [0.5, None]
    assert [row(table, "f=~a2", g).label for g in (0, 1)] == [None, "k"]
    assert [row(table, "f=~a3", g).label for g in (0, 1)] == ["l", "l"]
    assert [row(table, "f=~a4", g).start for g in (0, 1)] == [0.1, 0.2]


@pytest.mark.parametrize(("text", "n"), [("f =~ c(1, 2)*a + b", 1), ("f =~ c(1, 2)*a + b", 3)])
def test_a_modifier_needs_one_entry_a_group(text: str, n: int) -> None:
    groups = "1 group;" if n == 1 else "3 groups;"
    with pytest.raises(
        ModelSyntaxError, match=rf"line 1, column 14: c\(...\) has 2 entries, the model {groups}"
    ):
        complete(text, n_groups=n)


# ---- scales ----------------------------------------------------------------------------------


def test_a_mapping_of_scales_is_the_same_model() -> None:
    scales = {"f": ["a1", "-a2", "a3"], "g": ("b1", "b2", "b3")}
    assert complete(scales) == complete(TWO)


def test_names_in_a_mapping_may_hold_anything() -> None:
    table = complete({"role clarity": ["I know - more or less", "c 2", "-c 3"]})
    assert table.observed == ("I know - more or less", "c 2", "c 3")


@pytest.mark.parametrize("scales", [{}, {"f": []}])
def test_scales_without_items(scales: dict[str, list[str]]) -> None:
    with pytest.raises(ModelError, match="no scales with items"):
        text_of_scales(scales)


def test_a_scale_named_like_an_item() -> None:
    with pytest.raises(ModelError, match="'a1' names a scale and an item"):
        complete({"a1": ["a1", "a2"]})


# ---- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f =~ f + a", "'f' stands on both sides of '=~'"),
        ("y ~ y", "'y' stands on both sides of '~'"),
        ("f =~ g\ng =~ f", "The model holds factors only"),
        ("f =~ a + b + c\na ~ f", "'f =~ a' and 'a ~ f' are one parameter"),
    ],
)
def test_models_that_make_no_sense(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=re.escape(message)):
        complete(text)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("f =~ k*a + l*b + c\nk == l^2", "line 2, column 1", "can be constrained with '=='"),
        ("f =~ k*a + b + c\nk == m", "line 2, column 6", "no parameter is labelled 'm'"),
        ("f =~ a + b + c\na | t1", "line 2, column 5", "belong to ordered items"),
        ("f =~ a + b + c\na ~*~ a", "line 2, column 7", "belong to ordered items"),
    ],
)
def test_what_is_read_but_not_available_is_refused(text: str, place: str, message: str) -> None:
    with pytest.raises(ModelSyntaxError, match=rf"{place}: .*{re.escape(message)}"):
        complete(text)


# ---- recorded by R ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_the_table_has_the_rows_that_lavaan_has(name: str) -> None:
    table, record = case(name).table, case(name).record
    recorded = [r for r in record["parameters"] if r["op"] != ":="]
    absent = []
    for theirs in recorded:
        try:
            row_of(table, theirs["lhs"], theirs["op"], theirs["rhs"])
        except LookupError:
            absent.append(theirs)
    # lavaan lists the covariances that `orthogonal` fixes at zero; ours leaves them out.
    assert all((r["est"], r["se"]) == (0, 0) for r in absent)
    assert len(table.rows) == len(recorded) - len(absent)


@pytest.mark.parametrize("name", CASES)
def test_lavaan_estimates_what_is_free(name: str) -> None:
    table = case(name).table
    for theirs in case(name).record["parameters"]:
        if theirs["op"] == ":=" or (theirs["est"], theirs["se"]) == (0, 0):
            continue
        ours = table.rows[row_of(table, theirs["lhs"], theirs["op"], theirs["rhs"])]
        assert (ours.free and not ours.exogenous) == (theirs["se"] > 0)


@pytest.mark.parametrize("key", ["labelled", "second_order", "mimic"])
def test_models_of_two_groups_are_read(key: str) -> None:
    model = load("engine_groups")["kinds"]["models"][key]
    text = "\n".join(line for line in model.splitlines() if ":=" not in line)
    table = complete(text, n_groups=2, mean_structure=True)
    assert {r.group for r in table.rows} == {0, 1}


def test_hs_has_24_rows() -> None:
    assert len(complete(HS_MODEL).rows) == 24
