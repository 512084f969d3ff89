"""Expressions of defined parameters, such as ``indirect := a * b``.

They are read by precedence from the model text's own tokens and can be evaluated on complex
numbers too, so that their derivatives come by complex steps like all others.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from psychometrics.stats.cfa.syntax import Definition, Token, syntax_error

Values = Mapping[str, Any]
Node = Callable[[Values], Any]

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}
# Deeper than any formula; deeper still would exhaust Python's own stack.
DEEPEST = 50
FUNCTIONS: dict[str, Callable[[Any], Any]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}


class ExpressionReader:
    """Reads ``+ - * / ^``, parentheses, numbers, labels, and ``exp log sqrt``."""

    def __init__(self, source: str, tokens: Sequence[Token], known: frozenset[str]) -> None:
        self.source = source
        self.tokens = tokens
        self.known = known
        self.place = 0
        self.depth = 0

    def peek(self) -> str:
        """Return the next token's text, or nothing."""
        return self.tokens[self.place].text if self.place < len(self.tokens) else ""

    def take(self) -> Token:
        """Take the next token."""
        if self.place >= len(self.tokens):
            last = self.tokens[-1]
            raise syntax_error(
                self.source, last.start + len(last.text), "the expression stops too early."
            )
        self.place += 1
        return self.tokens[self.place - 1]

    def read(self) -> Node:
        """Read the whole expression."""
        node = self.total()
        if self.place < len(self.tokens):
            token = self.tokens[self.place]
            raise syntax_error(
                self.source, token.start, f"{token.text!r} does not belong here in an expression."
            )
        return node

    def total(self) -> Node:
        """Read terms joined by plus and minus."""
        first, rest = self.product(), []
        while self.peek() in ("+", "-"):
            rest.append((self.take().text, self.product()))
        return joined(first, rest)

    def product(self) -> Node:
        """Read factors joined by times and over."""
        first, rest = self.signed(), []
        while self.peek() in ("*", "/"):
            rest.append((self.take().text, self.signed()))
        return joined(first, rest)

    def signed(self) -> Node:
        """Read a factor with a sign perhaps; a power binds closer than its sign."""
        self.depth += 1
        if self.depth > DEEPEST:
            start = self.tokens[min(self.place, len(self.tokens) - 1)].start
            raise syntax_error(self.source, start, "the expression is nested too deeply.")
        if self.peek() in ("-", "+"):
            negative = self.take().text == "-"
            inner = self.signed()
            node = (lambda values: -inner(values)) if negative else inner
        else:
            node = self.atom()
            if self.peek() == "^":
                node = joined(node, [(self.take().text, self.signed())])
        self.depth -= 1
        return node

    def atom(self) -> Node:
        """Read a number, a label, a function or parentheses."""
        token = self.take()
        if token.kind == "number":
            number = np.float64(token.text)  # 1 / 0 is infinite with it, not an exception
            return lambda values: number
        if token.text == "(":
            return self.closed(self.total())
        if token.kind == "name" and token.text in FUNCTIONS and self.peek() == "(":
            self.take()
            function, inner = FUNCTIONS[token.text], self.closed(self.total())
            return lambda values: function(inner(values))
        if token.kind == "name" and token.text in self.known:
            name = token.text
            return lambda values: values[name]
        if token.kind == "name":
            raise syntax_error(
                self.source,
                token.start,
                f"no parameter is labelled {token.text!r}; labels are "
                f"{', '.join(sorted(self.known)) or 'not used in this model'}.",
            )
        raise syntax_error(
            self.source, token.start, f"expected a label or a number, found {token.text!r}."
        )

    def closed(self, node: Node) -> Node:
        """Take the parenthesis that ends what was opened."""
        token = self.take()
        if token.text != ")":
            raise syntax_error(self.source, token.start, f"expected ')', found {token.text!r}.")
        return node


def joined(first: Node, rest: Sequence[tuple[str, Node]]) -> Node:
    """Return the node of nodes joined by signs, from left to right."""
    if not rest:
        return first

    def node(values: Values) -> Any:
        found = first(values)
        for sign, part in rest:
            found = OPERATIONS[sign](found, part(values))
        return found

    return node


def read_definitions(
    definitions: Sequence[Definition], labels: Sequence[str], source: str
) -> tuple[tuple[str, Node], ...]:
    """Read the definitions of a model; one may use those before it.

    Raises
    ------
    ModelSyntaxError
        Where an expression can't be read or names no label, with the place.
    """
    known = set(labels)
    nodes: list[tuple[str, Node]] = []
    for definition in definitions:
        if definition.lhs in known:
            raise syntax_error(
                source,
                definition.start,
                f"{definition.lhs!r} is a label or was defined before; choose another name.",
            )
        node = ExpressionReader(source, definition.expression, frozenset(known)).read()
        nodes.append((definition.lhs, node))
        known.add(definition.lhs)
    return tuple(nodes)


def read_constraints(
    definitions: Sequence[Definition], labels: Sequence[str], source: str
) -> list[tuple[tuple[tuple[str, float], ...], float, str]]:
    """Read the constraints (``==``) of a model as weights of labels and a constant.

    Raises
    ------
    ModelSyntaxError
        Where a side can't be read, or is not linear in the labels.
    """
    found = []
    known = frozenset(labels)
    for definition in definitions:
        if definition.op != "==":
            continue
        left = ExpressionReader(source, definition.left, known).read()
        right = ExpressionReader(source, definition.expression, known).read()
        weights, constant = linear_form(joined(left, [("-", right)]), sorted(known))
        if weights is None:
            raise syntax_error(
                source,
                definition.start,
                "only sums of parameters times numbers can be constrained with '=='; write the "
                "model in another way.",
            )
        terms = tuple((name, weight) for name, weight in weights.items() if weight)
        text = definition.lhs + " == " + "".join(t.text for t in definition.expression)
        found.append((terms, -constant, text))
    return found


def linear_form(node: Node, names: Sequence[str]) -> tuple[dict[str, float] | None, float]:
    """Return the weight of each name and the constant of a linear expression; None if it isn't."""
    with np.errstate(all="ignore"):
        nothing = dict.fromkeys(names, np.float64(0.0))
        constant = float(node(nothing))
        weights = {
            name: float(node(nothing | {name: np.float64(1.0)})) - constant for name in names
        }
        # Points that no sum of other terms would hit by chance.
        for seed in (1, 2):
            drawn = np.random.default_rng(seed).uniform(0.5, 2.0, len(names))
            point = dict(zip(names, drawn, strict=True))
            expected = constant + sum(weights[n] * point[n] for n in names)
            gap = abs(float(node(point)) - expected)
            if not gap < 1e-9 * (1 + abs(expected)):
                return None, 0.0
    return weights, constant
