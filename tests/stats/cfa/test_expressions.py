from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychometrics.errors import ModelSyntaxError
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.defined import defined_values
from psychometrics.stats.cfa.inference import delta_method, jacobian
from psychometrics.stats.cfa.layout import lay_out
from psychometrics.stats.moments import FloatArray

MODEL = "f =~ m + a*x + b*y + c*z\n"
LABELS = {"a": 0.7, "b": -1.3, "c": 2.0}


def value(expression: str, before: str = "") -> float:
    """Evaluate an expression at the labels' values."""
    table = complete(MODEL + before + "d := " + expression)
    layout = lay_out(table)
    return float(defined_values(table, layout, at(layout.n_free))[0, -1])


def at(n_free: int) -> FloatArray:
    z = np.ones((1, n_free))
    z[0, :3] = list(LABELS.values())
    return z


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b*c", 0.7 - 2.6),
        ("(a + b)*c", -1.2),
        ("a - b - c", 0.7 + 1.3 - 2),
        ("a / b / c", 0.7 / -1.3 / 2),
        ("a / (b / c)", 0.7 / (-1.3 / 2)),
        ("-c^2", -4.0),
        ("(-c)^2", 4.0),
        ("c^-1", 0.5),
        ("c^a^2", 2 ** (0.7**2)),
        ("2*-b", 2.6),
        ("--a", 0.7),
        ("+a", 0.7),
        ("b^2", 1.69),
        ("b^3", -2.197),
        ("sqrt(c)", np.sqrt(2)),
        ("exp(log(c))", 2.0),
        ("1e-2*a + .5", 0.507),
        ("3", 3.0),
    ],
)
def test_precedence_and_functions(expression: str, expected: float) -> None:
    assert value(expression) == pytest.approx(expected, rel=1e-12)


def test_a_definition_may_use_those_before_it() -> None:
    assert value("total / 2", "total := a + c\n") == pytest.approx(1.35)


def test_a_label_of_a_fixed_parameter_stands_for_its_value() -> None:
    table = complete("f =~ 0.6*x + y + z + w\nf =~ k*x\nd := 2*k")
    layout = lay_out(table)
    assert defined_values(table, layout, np.ones((1, layout.n_free)))[0, 0] == pytest.approx(1.2)


def test_labels_by_group() -> None:
    table = complete("f =~ x + c(a1, a2)*y + z\nd := a2 - a1", n_groups=2)
    layout = lay_out(table)
    labels = [table.rows[i].label for i in layout.free_rows]
    z = np.array([[{"a1": 0.5, "a2": 0.8}.get(label or "", 1.0) for label in labels]])
    assert defined_values(table, layout, z)[0, 0] == pytest.approx(0.3)


def test_a_model_without_definitions_has_no_values() -> None:
    table = complete(MODEL)
    layout = lay_out(table)
    assert defined_values(table, layout, np.ones((4, layout.n_free))).shape == (4, 0)


leaves = st.sampled_from(["a", "b", "c", "1.5", "0.25"])
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda e: f"-({e})"),
        inner.map(lambda e: f"exp(({e}) / 10)"),
        inner.map(lambda e: f"({e})^2"),
    ),
    max_leaves=6,
)


@given(expressions)
def test_it_means_what_python_means(expression: str) -> None:
    with np.errstate(all="ignore"):
        expected = eval(expression.replace("^", "**"), {"exp": np.exp, **LABELS})
    assert value(expression) == pytest.approx(float(expected), rel=1e-10, abs=1e-12, nan_ok=True)


@given(expressions)
def test_derivatives_by_complex_steps(expression: str) -> None:
    table = complete(MODEL + "d := " + expression)
    layout = lay_out(table)
    z = at(layout.n_free)[0]
    found = jacobian(lambda point: defined_values(table, layout, point), z)[0, :3]
    expected = []
    for i in range(3):
        step = 1e-5 * np.eye(len(z))[i]
        ends = [defined_values(table, layout, (z + s * step)[None])[0, 0] for s in (-1, 1)]
        expected.append((ends[1] - ends[0]) / 2e-5)
    size = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, atol=1e-5 * size)


@pytest.mark.parametrize("expression", ["1/(a - 0.7)", "log(b)", "sqrt(b)", "b^0.5"])
def test_what_has_no_value_has_no_standard_error(expression: str) -> None:
    table = complete(MODEL + "e := a\nd := " + expression)
    layout = lay_out(table)
    found, spread = delta_method(
        lambda point: defined_values(table, layout, point),
        at(layout.n_free)[0],
        np.eye(layout.n_free),
    )
    assert not np.isfinite(found[1])
    assert np.isnan(spread[1, 1])
    assert spread[0, 0] == pytest.approx(1.0)


def test_long_sums_are_no_problem() -> None:
    assert value(" + ".join(["a"] * 3000)) == pytest.approx(2100.0)


ERRORS = [
    ("k", 6, "no parameter is labelled 'k'; labels are a, b, c"),
    ("a +", 9, "the expression stops too early"),
    ("(a", 8, "the expression stops too early"),
    ("(a b)", 9, r"expected '\)', found 'b'"),
    ("a b", 8, "'b' does not belong here"),
    ("a)", 7, r"'\)' does not belong here"),
    ("* a", 6, r"expected a label or a number, found '\*'"),
    ("abs(a)", 6, "no parameter is labelled 'abs'"),
    ('"a"', 6, "expected a label or a number, found '\"a\"'"),
    ("a ~ b", 8, "'~' does not belong here"),
    ("later", 6, "no parameter is labelled 'later'"),
]


@pytest.mark.parametrize(("expression", "column", "message"), ERRORS)
def test_errors_point_at_the_place(expression: str, column: int, message: str) -> None:
    with pytest.raises(ModelSyntaxError, match=rf"line 2, column {column}: .*{message}"):
        complete(f"{MODEL}d := {expression}" + ("\nlater := a" if "later" in expression else ""))


@pytest.mark.parametrize("text", ["a := 2", "d := a\nd := b"])
def test_a_name_is_given_once(text: str) -> None:
    with pytest.raises(ModelSyntaxError, match="is a label or was defined before"):
        complete(MODEL + text)


@pytest.mark.parametrize(
    "text", ["(" * 5000 + "a" + ")" * 5000, "-" * 5000 + "a", "a^" * 5000 + "a"]
)
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(ModelSyntaxError, match="nested too deeply"):
        complete(MODEL + "d := " + text)


@given(st.text("abcd+-*/^() .019explogsqrt", max_size=30))
def test_any_expression_is_read_or_refused(text: str) -> None:
    with suppress(ModelSyntaxError):
        assert np.isscalar(value(text))
