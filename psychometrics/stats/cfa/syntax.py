"""Model text in lavaan's language: from characters to terms, with the place of every error.

Read here: ``=~`` (is measured by), ``~~`` (varies or covaries with), ``~`` (is regressed on),
``~1`` (intercept), ``|`` (threshold), ``~*~`` (scale of an ordered item), ``:=`` (is defined as),
``==`` ; modifiers before ``*``: a number, ``NA``, a label, ``start(0.5)``, ``equal("label")``,
``c(..)`` with one entry a group;
``#`` and ``!`` begin comments; a line goes on after an operator, ``+``, ``*`` or ``,``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from psychometrics.errors import ModelSyntaxError

OPERATORS = ("=~", "~*~", "~~", ":=", "==", "~", "|")
# A name is letters, digits, dots and underscores of any script, with the marks that join letters.
TOKEN = re.compile(
    r"(?P<space>[^\S\n]+)|(?P<comment>[#!][^\n]*)|(?P<end>[\n;])"
    r"|(?P<operator>=~|~\*~|~~|:=|==|~|\|)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<text>\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?P<name>[^\W\d](?:[\w.]|[^\x00-\x7f\s])*)"
    r"|(?P<sign>[+\-*/^(),])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a model text and where it stands."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Modifier:
    """What stands before ``*``: one entry a group, or one for all.

    Attributes
    ----------
    fixed : tuple of float or None
        Fixed values; None where there is none; ``nan`` for ``NA`` (set free).
    starts : tuple of float or None
        Starting values.
    labels : tuple of str or None
        Labels; the same label means the same parameter.
    """

    fixed: tuple[float | None, ...] = ()
    starts: tuple[float | None, ...] = ()
    labels: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One parameter as written: ``lhs op modifier*rhs``."""

    lhs: str
    op: str
    rhs: str
    modifier: Modifier
    start: int


@dataclass(frozen=True, slots=True)
class Definition:
    """``name := expression`` or ``left == right``; both sides as tokens."""

    left: tuple[Token, ...]
    op: str
    expression: tuple[Token, ...]
    start: int

    @property
    def lhs(self) -> str:
        """What stands on the left, as text."""
        return "".join(token.text for token in self.left)


@dataclass(frozen=True, slots=True)
class ModelText:
    """A parsed model text."""

    terms: tuple[Term, ...] = ()
    definitions: tuple[Definition, ...] = ()
    source: str = field(default="", repr=False)


def syntax_error(source: str, start: int, message: str) -> ModelSyntaxError:
    """Make the error that names line and column, shows the line and marks the place."""
    line_number = source.count("\n", 0, start) + 1
    begin = source.rfind("\n", 0, start) + 1
    end = source.find("\n", start)
    line = source[begin : end if end >= 0 else len(source)]
    place = "".join("\t" if c == "\t" else " " for c in source[begin:start]) + "^"
    where = f"Model text, line {line_number}, column {start - begin + 1}"
    return ModelSyntaxError(f"{where}: {message}\n  {line}\n  {place}")


def tokens_of(source: str) -> list[Token]:
    """Split a model text into tokens; comments and spaces are gone, line ends stay."""
    tokens: list[Token] = []
    position = 0
    while position < len(source):
        match = TOKEN.match(source, position)
        if match is None:
            raise syntax_error(
                source, position, f"the character {source[position]!r} has no meaning here."
            )
        kind = match.lastgroup or ""
        if kind not in ("space", "comment"):
            tokens.append(Token(kind, match.group(), position))
        position = match.end()
    return tokens


def statements_of(tokens: list[Token]) -> list[list[Token]]:
    """Group tokens into statements; a line end after ``+ * , (`` or an operator is no end."""
    statements: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        current = statements[-1]
        if token.kind == "end":
            goes_on = bool(current) and (
                current[-1].kind == "operator" or current[-1].text in ("+", "*", ",", "(", "-", "/")
            )
            if token.text == ";" or not (goes_on or depth):
                statements.append([])
                depth = 0
            continue
        depth += (token.text == "(") - (token.text == ")")
        # A line that begins with "+" continues the one before, whatever is empty in between.
        while token.text == "+" and not statements[-1] and len(statements) > 1:
            statements.pop()
        statements[-1].append(token)
    return [statement for statement in statements if statement]


class Reader:
    """Reads one statement from left to right."""

    def __init__(self, source: str, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.place = 0

    def peek(self, ahead: int = 0) -> Token | None:
        """Look at a token without taking it."""
        index = self.place + ahead
        return self.tokens[index] if index < len(self.tokens) else None

    def take(self) -> Token:
        """Take the next token."""
        token = self.peek()
        if token is None:
            last = self.tokens[-1]
            raise syntax_error(
                self.source, last.start + len(last.text), "the statement stops too early."
            )
        self.place += 1
        return token

    def expect(self, text: str) -> None:
        """Take a token that must be `text`."""
        token = self.take()
        if token.text != text:
            raise syntax_error(
                self.source, token.start, f"expected {text!r}, found {token.text!r}."
            )

    def name(self, what: str) -> Token:
        """Take a name."""
        token = self.take()
        if token.kind != "name":
            raise syntax_error(self.source, token.start, f"expected {what}, found {token.text!r}.")
        return token

    def number(self) -> float:
        """Take a number, with a sign perhaps."""
        sign = 1.0
        token = self.take()
        if token.text in ("-", "+"):
            sign = -1.0 if token.text == "-" else 1.0
            token = self.take()
        if token.kind != "number":
            raise syntax_error(
                self.source, token.start, f"expected a number, found {token.text!r}."
            )
        value = sign * float(token.text)
        if not math.isfinite(value):
            raise syntax_error(self.source, token.start, f"{token.text} is too large a number.")
        return value

    def starts_modifier(self) -> bool:
        """Tell whether a ``*`` belongs to what comes next, before the next ``+``."""
        token, following = self.peek(), self.peek(1)
        if token and following and token.kind == "name" and following.text == "(":
            return True
        depth = 0
        for token in self.tokens[self.place :]:
            depth += (token.text == "(") - (token.text == ")")
            if depth == 0 and token.text == "*":
                return True
            if depth == 0 and token.text == "+":
                return False
        return False

    def entries(self) -> list[Token | float | None]:
        """Take ``(a, 1, NA)`` after ``c``: labels as tokens, numbers, None for ``NA``."""
        self.expect("(")
        found: list[Token | float | None] = []
        while True:
            token = self.peek()
            if token is not None and token.text == "NA":
                self.take()
                found.append(None)
            elif token is not None and token.kind in ("name", "text"):
                found.append(self.take())
            else:
                found.append(self.number())
            closing = self.take()
            if closing.text == ")":
                return found
            if closing.text != ",":
                raise syntax_error(
                    self.source, closing.start, f"expected ',' or ')', found {closing.text!r}."
                )

    def modifier(self) -> Modifier:
        """Take one modifier, without the ``*`` after it."""
        token = self.peek()
        following = self.peek(1)
        called = following is not None and following.text == "("
        if token is not None and token.kind == "name" and called:
            return self.called_modifier()
        if token is not None and token.kind in ("name", "text"):
            self.take()
            if token.text == "NA":
                return Modifier(fixed=(float("nan"),))
            return Modifier(labels=(token.text.strip("\"'"),))
        return Modifier(fixed=(self.number(),))

    def called_modifier(self) -> Modifier:
        """Take ``c(...)``, ``start(...)`` or ``equal(...)``."""
        function = self.take()
        entries = self.entries()
        if function.text == "c":
            fixed = tuple(
                float("nan") if e is None else e if isinstance(e, float) else None for e in entries
            )
            labels = tuple(e.text.strip("\"'") if isinstance(e, Token) else None for e in entries)
            return Modifier(
                fixed=fixed if any(f is not None for f in fixed) else (),
                labels=labels if any(labels) else (),
            )
        if function.text == "start" and all(isinstance(e, float) for e in entries):
            return Modifier(starts=tuple(e for e in entries if isinstance(e, float)))
        if function.text in ("equal", "label") and all(isinstance(e, Token) for e in entries):
            return Modifier(
                labels=tuple(e.text.strip("\"'") for e in entries if isinstance(e, Token))
            )
        raise syntax_error(
            self.source,
            function.start,
            f"{function.text}(...) is not a modifier that can be used so; known are c(...), "
            'start(number), equal("label").',
        )


def merge_modifiers(first: Modifier, second: Modifier) -> Modifier:
    """Combine two modifiers of one parameter (``start(0.5)*a*x``)."""
    return Modifier(
        first.fixed or second.fixed, first.starts or second.starts, first.labels or second.labels
    )


def parse_terms(reader: Reader, lhs: list[Token], op: str) -> list[Term]:
    """Read the right side of a statement: terms joined by ``+``."""
    terms: list[Term] = []
    while True:
        modifier = Modifier()
        while reader.starts_modifier():
            modifier = merge_modifiers(modifier, reader.modifier())
            reader.expect("*")
        token = reader.take()
        if op == "~" and token.kind == "number" and float(token.text) in (0.0, 1.0):
            if float(token.text) == 0:
                modifier = merge_modifiers(Modifier(fixed=(0.0,)), modifier)
            terms += [Term(left.text, "~1", "", modifier, token.start) for left in lhs]
        elif token.kind != "name":
            raise syntax_error(
                reader.source, token.start, f"expected a variable name, found {token.text!r}."
            )
        else:
            terms += [Term(left.text, op, token.text, modifier, token.start) for left in lhs]
        if reader.peek() is None:
            return terms
        reader.expect("+")


def parse_model(source: str) -> ModelText:
    """Read a model text.

    Parameters
    ----------
    source : str
        Model in lavaan's language.

    Returns
    -------
    ModelText

    Raises
    ------
    ModelSyntaxError
        Where the text can't be read, with the line and a mark under the place.

    Examples
    --------
    >>> [(t.lhs, t.op, t.rhs) for t in parse_model("f =~ a + b; a ~~ b").terms]
    [('f', '=~', 'a'), ('f', '=~', 'b'), ('a', '~~', 'b')]
    """
    terms: list[Term] = []
    definitions: list[Definition] = []
    for statement in statements_of(tokens_of(source)):
        at = next((i for i, t in enumerate(statement) if t.kind == "operator"), None)
        if at is None:
            raise syntax_error(
                source,
                statement[0].start,
                "no operator in this statement; use one of " + " ".join(OPERATORS) + ".",
            )
        operator = statement[at]
        reader = Reader(source, [*statement[at + 1 :]] or [operator])
        if at == len(statement) - 1:
            raise syntax_error(source, operator.start, f"nothing follows {operator.text!r}.")
        if operator.text in (":=", "=="):
            if operator.text == ":=" and len(statement[:at]) != 1:
                raise syntax_error(
                    source, statement[0].start, "one name stands before ':=', and nothing else."
                )
            if not at:
                raise syntax_error(
                    source, operator.start, f"nothing stands before {operator.text!r}."
                )
            definitions.append(
                Definition(
                    tuple(statement[:at]),
                    operator.text,
                    tuple(statement[at + 1 :]),
                    statement[0].start,
                )
            )
            continue
        left = parse_left(source, statement[:at], operator)
        terms += parse_terms(reader, left, operator.text)
    if not terms:
        raise ModelSyntaxError("The model text holds no parameters; write 'factor =~ a + b + c'.")
    return ModelText(tuple(terms), tuple(definitions), source)


def parse_left(source: str, tokens: list[Token], operator: Token) -> list[Token]:
    """Read the left side of a statement: names joined by ``+``."""
    if not tokens:
        raise syntax_error(source, operator.start, f"nothing stands before {operator.text!r}.")
    reader = Reader(source, tokens)
    names = [reader.name("a variable name")]
    while reader.peek() is not None:
        reader.expect("+")
        names.append(reader.name("a variable name"))
    return names
