from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from psychometrics.errors import ModelError, ModelSyntaxError
from psychometrics.stats.cfa.completion import complete
from psychometrics.stats.cfa.syntax import Modifier, Term, parse_model, tokens_of

HS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~~ textual"


def terms(text: str) -> list[tuple[str, str, str]]:
    return [(term.lhs, term.op, term.rhs) for term in parse_model(text).terms]


def modifier(text: str) -> Modifier:
    """Return the modifier of the last term."""
    return parse_model(text).terms[-1].modifier


def meaning(text: str) -> list[tuple[str, str, str, str]]:
    """Return all that is said, without the places where it stands; NaN compares as text."""
    return [(t.lhs, t.op, t.rhs, repr(t.modifier)) for t in parse_model(text).terms]


# ---- what is read ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f =~ a + b", [("f", "=~", "a"), ("f", "=~", "b")]),
        ("f=~a+b", [("f", "=~", "a"), ("f", "=~", "b")]),
        ("a ~~ b + c", [("a", "~~", "b"), ("a", "~~", "c")]),
        ("y ~ x1 + x2", [("y", "~", "x1"), ("y", "~", "x2")]),
        ("y + z ~ x", [("y", "~", "x"), ("z", "~", "x")]),
        ("a + b =~ c", [("a", "=~", "c"), ("b", "=~", "c")]),
        ("x ~ 1", [("x", "~1", "")]),
        ("x + y ~ 1", [("x", "~1", ""), ("y", "~1", "")]),
        ("y ~ 1 + x", [("y", "~1", ""), ("y", "~", "x")]),
        ("u | t1 + t2", [("u", "|", "t1"), ("u", "|", "t2")]),
        ("f.1 =~ item_1 + Item.2", [("f.1", "=~", "item_1"), ("f.1", "=~", "Item.2")]),
    ],
)
def test_operators(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f =~ 0.5*a", Modifier(fixed=(0.5,))),
        ("f =~ -.5e-2*a", Modifier(fixed=(-0.005,))),
        ("f =~ lambda*a", Modifier(labels=("lambda",))),
        ('f =~ "my label"*a', Modifier(labels=("my label",))),
        ("f =~ start(0.7)*a", Modifier(starts=(0.7,))),
        ("f =~ start(-0.7)*a", Modifier(starts=(-0.7,))),
        ("f =~ start(+0.7)*a", Modifier(starts=(0.7,))),
        ('f =~ equal("l1")*a', Modifier(labels=("l1",))),
        ('f =~ label("l1")*a', Modifier(labels=("l1",))),
        ("f =~ start(0.5)*l*a", Modifier(starts=(0.5,), labels=("l",))),
        ("f =~ c(1, 2)*a", Modifier(fixed=(1.0, 2.0))),
        ("f =~ c(l1, l2)*a", Modifier(labels=("l1", "l2"))),
        ("f =~ c(0.9, l2)*a", Modifier(fixed=(0.9, None), labels=(None, "l2"))),
        ("f =~ start(0.1, 0.2)*a", Modifier(starts=(0.1, 0.2))),
        ("x ~ 0*1", Modifier(fixed=(0.0,))),
        ("x ~ 0", Modifier(fixed=(0.0,))),
        ("x ~ 0.0", Modifier(fixed=(0.0,))),
        ("x ~ 5*1", Modifier(fixed=(5.0,))),
        ("x ~ m*1", Modifier(labels=("m",))),
        ("x ~ 1", Modifier()),
    ],
)
def test_modifiers(text: str, expected: Modifier) -> None:
    assert modifier(text) == expected


def test_na_sets_free() -> None:
    assert math.isnan(modifier("f =~ NA*a").fixed[0] or 0)
    first, second = modifier("f =~ c(NA, 1)*a").fixed
    assert math.isnan(first or 0)
    assert second == 1


def test_definitions_and_constraints_are_kept_apart() -> None:
    read = parse_model("f =~ l1*a + l2*b\nratio := l1 / l2\nl1 == l2")
    assert [(d.lhs, d.op) for d in read.definitions] == [("ratio", ":="), ("l1", "==")]
    assert [token.text for token in read.definitions[0].expression] == ["l1", "/", "l2"]


def test_places_are_kept() -> None:
    text = "f =~ a +\n  0.5*b"
    read = parse_model(text)
    assert [text[term.start] for term in read.terms] == ["a", "b"]
    assert read.source == text


@pytest.mark.parametrize("name", ["תרבות", "मदद", "संस्कृति", "ثقافة", "größe", "oŋŋanga", "संस्‌था"])
def test_names_of_any_script(name: str) -> None:
    # Vowel signs, viramas and joiners are part of a word.
    assert terms(f"{name} =~ {name}_1 + a") == [(name, "=~", f"{name}_1"), (name, "=~", "a")]


# ---- layout of the text ----------------------------------------------------------------------

SAME_AS_HS = [
    "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; visual ~~ textual",
    "\n\n  visual=~x1+x2+x3\n\n\n\ttextual\t=~ x4 + x5+x6\nvisual~~textual\n\n",
    "visual =~ x1 +\n x2\n + x3\ntextual =~\nx4 + x5 +\n\n x6\nvisual ~~ textual",
    "visual =~ x1 + x2\n\n\n   + x3; textual =~ x4 + x5 + x6;; visual ~~ textual;",
    "# first\nvisual =~ x1 + x2 + x3 # =~ noise\n! second\ntextual =~ x4 + x5 # and\n + x6\n"
    "visual ~~ textual",
    "visual =~ x1 + # goes on\n x2 + x3\r\ntextual =~ x4 + x5 + x6\r\nvisual ~~ textual\r\n",
    "visual\N{NO-BREAK SPACE}=~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~~ textual",
    "visual =~ x1\nvisual =~ x2 + x3\ntextual =~ x4 + x5 + x6\nvisual ~~ textual",
]


@pytest.mark.parametrize("text", SAME_AS_HS)
def test_spaces_comments_and_line_ends_mean_nothing(text: str) -> None:
    assert terms(text) == terms(HS)


words = st.sampled_from(["f", "g", "x1", "x2", "x.3", "y_4", "ż", "מ"])
weights = st.sampled_from(
    ["", "0.5*", "-1*", "NA*", "a*", "start(0.2)*", "c(a, b)*", "start(1)*b*"]
)
gaps = st.sampled_from(["", " ", "  ", "\t"])


@st.composite
def statements(draw: st.DrawFn) -> tuple[str, str]:
    """Return one statement written plainly, and written with spaces, comments and line ends."""
    op = draw(st.sampled_from(["=~", "~~", "~"]))
    lhs = draw(words)
    right = draw(st.lists(st.tuples(weights, words), min_size=1, max_size=4))
    plain = f"{lhs} {op} " + " + ".join(w + name for w, name in right)
    breaks = st.sampled_from(["", " ", "\n", " # comment = ~ +\n", "\n\n  ", " ! more\n\n\t"])
    loose = draw(gaps) + lhs + draw(gaps) + op + draw(breaks)
    for i, (weight, name) in enumerate(right):
        before = draw(st.sampled_from(["", " ", "\n", "\n\n"])) + "+" + draw(breaks) if i else ""
        loose += before + weight.replace("*", draw(gaps) + "*" + draw(breaks)) + name + draw(gaps)
    return plain, loose


@given(
    st.lists(statements(), min_size=1, max_size=4),
    st.sampled_from(["\n", ";", "\n\n", " # c\n"]),
)
def test_any_layout_says_the_same(written: list[tuple[str, str]], between: str) -> None:
    plain = "\n".join(text for text, _ in written)
    loose = between.join(text for _, text in written)
    assert meaning(loose) == meaning(plain)


@given(st.lists(statements(), min_size=1, max_size=4))
def test_what_was_read_can_be_written_and_read_again(written: list[tuple[str, str]]) -> None:
    def write(term: Term) -> str:
        m, text = term.modifier, ""
        for number in m.fixed:
            text += "NA*" if math.isnan(number or 0) else f"{number!r}*"
        text += "".join(f"start({s!r})*" for s in m.starts)
        if len(m.labels) == 1:
            text += f"{m.labels[0]}*"
        if len(m.labels) > 1:
            text += f"c({', '.join(map(str, m.labels))})*"
        return f"{term.lhs} {term.op} {text}{term.rhs}"

    source = "\n".join(text for text, _ in written)
    again = "\n".join(write(term) for term in parse_model(source).terms)
    assert meaning(again) == meaning(source)


# ---- errors and their places -----------------------------------------------------------------

ERRORS = [
    ("f =~ a $ b", 1, 8, r"the character '\$' has no meaning here"),
    ("f =~ a\ng <- b", 2, 3, "the character '<' has no meaning here"),
    ("f =~ a + b\n\n  g a", 3, 3, "no operator in this statement; use one of =~ ~"),
    ("f =~ a\n=~ b", 2, 1, "nothing stands before '=~'"),
    ("f =~ a\ng =~", 2, 3, "nothing follows '=~'"),
    ("f =~ a; g =~;", 1, 11, "nothing follows '=~'"),
    ("f =~ a +", 1, 9, "the statement stops too early"),
    ("f =~ a b", 1, 8, r"expected '\+', found 'b'"),
    ("f =~ a - b", 1, 8, r"expected '\+', found '-'"),
    ("f =~ a =~ b", 1, 8, r"expected '\+', found '=~'"),
    ("f =~ a +\ng ~~ b", 2, 3, r"expected '\+', found '~~'"),
    ("2f =~ a", 1, 1, "expected a variable name, found '2'"),
    ("f g =~ a", 1, 3, r"expected '\+', found 'g'"),
    ("f + =~ a", 1, 4, "the statement stops too early"),
    ("f =~ -a", 1, 6, "expected a variable name, found '-'"),
    ("f =~ 1", 1, 6, "expected a variable name, found '1'"),
    ("y ~ 2", 1, 5, "expected a variable name, found '2'"),
    ("a ~~ 1", 1, 6, "expected a variable name, found '1'"),
    ('f =~ "a"', 1, 6, "expected a variable name, found '\"a\"'"),
    ("f =~ *a", 1, 6, r"expected a number, found '\*'"),
    ("f =~ 2**a", 1, 8, r"expected a number, found '\*'"),
    ("f =~ 0.5 0.6*a", 1, 10, r"expected '\*', found '0\.6'"),
    ("f =~ 1e999*a", 1, 6, "1e999 is too large a number"),
    ("f =~ c(1, 2*a", 1, 12, r"expected ',' or '\)', found '\*'"),
    ("f =~ c(1, 2)", 1, 13, "the statement stops too early"),
    ("f =~ c(1, 2) a", 1, 14, r"expected '\*', found 'a'"),
    ("f =~ c(1 2)*a", 1, 10, r"expected ',' or '\)', found '2'"),
    ("f =~ c()*a", 1, 8, r"expected a number, found '\)'"),
    ("f =~ start(a)*b", 1, 6, r"start\(\.\.\.\) is not a modifier"),
    ("f =~ prior(1)*b", 1, 6, r"prior\(\.\.\.\) is not a modifier"),
    ("f =~ equal(1)*b", 1, 6, r"equal\(\.\.\.\) is not a modifier"),
    ("f =~ a\na b := 2", 2, 1, "one name stands before ':='"),
    ("f =~ a\n:= 2", 2, 1, "one name stands before ':='"),
    ("f =~ a:b", 1, 7, "the character ':' has no meaning here"),
    ("f =~ a\n\tf =~ 'b", 2, 7, 'the character "\'" has no meaning here'),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), ERRORS)
def test_errors_name_line_and_column(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ModelSyntaxError, match=rf"line {line}, column {column}: .*{message}"):
        parse_model(text)


@pytest.mark.parametrize(("text", "line", "column", "message"), ERRORS)
def test_errors_mark_the_place(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ModelSyntaxError, match=message) as caught:
        parse_model(text)
    _, shown, mark = str(caught.value).split("\n")
    assert shown == "  " + text.split("\n")[line - 1]
    assert mark.index("^") == column + 1
    # Tabs stay tabs, so that the mark stands under its place.
    assert [c for c in mark[2:-1] if c != " "] == [c for c in shown[2 : column + 1] if c == "\t"]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", ";;", "a := 1"])
def test_a_text_without_parameters(text: str) -> None:
    with pytest.raises(ModelSyntaxError, match="holds no parameters; write 'factor =~ a"):
        parse_model(text)


ALPHABET = "fxab 019.,+-*/^()=~|:<>#!\"'\n\t;_cNAstartequl{}[]%$&é०²\u200d\u0000"


@given(st.text(ALPHABET, max_size=40))
@example("f =~ c(")
@example("f =~ start(")
@example("+\n+")
@example("(\n)\n;=~")
@example("f =~ '")
@example("0 ~ 0")
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    with suppress(ModelSyntaxError, ModelError):
        complete(text)


@given(st.text(max_size=30))
def test_any_characters_are_read_or_refused(text: str) -> None:
    with suppress(ModelSyntaxError):
        parse_model(text)


@given(st.text(ALPHABET, max_size=40))
def test_tokens_cover_the_text(text: str) -> None:
    try:
        tokens = tokens_of(text)
    except ModelSyntaxError:
        return
    for token in tokens:
        assert text[token.start : token.start + len(token.text)] == token.text
    assert [t.start for t in tokens] == sorted({t.start for t in tokens})
