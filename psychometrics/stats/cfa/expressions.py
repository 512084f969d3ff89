"""Expressions of defined parameters, such as ``indirect := a * b``.

They are read by precedence from the model text's own tokens and can be evaluated on complex
numbers too, so that their derivatives come by complex steps like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from psychometrics.stats.cfa.syntax import Definition, Token, syntax_error

Values = Mapping[str, Any]
Node = Callable[[Values], Any]

FUNCTIONS: dict[str, Callable[[Any], Any]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}


class ExpressionReader:
    """Reads ``+ - * / ^``, parentheses, numbers, labels, and ``exp log sqrt``."""

    def __init__(self, source: str, tokens: Sequence[Token], known: frozenset[str]) -> None:
        self.source = source
        self.tokens = tokens
        self.known = known
        self.place = 0

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
        node = self.product()
        while self.peek() in ("+", "-"):
            sign = self.take().text
            node = combine(sign, node, self.product())
        return node

    def product(self) -> Node:
        """Read factors joined by times and over."""
        node = self.signed()
        while self.peek() in ("*", "/"):
            sign = self.take().text
            node = combine(sign, node, self.signed())
        return node

    def signed(self) -> Node:
        """Read a factor with a sign perhaps; a power binds closer than its sign."""
        if self.peek() in ("-", "+"):
            negative = self.take().text == "-"
            inner = self.signed()
            return (lambda values: -inner(values)) if negative else inner
        base = self.atom()
        if self.peek() == "^":
            self.take()
            return combine("^", base, self.signed())
        return base

    def atom(self) -> Node:
        """Read a number, a label, a function or parentheses."""
        token = self.take()
        if token.kind == "number":
            number = float(token.text)
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


def combine(sign: str, left: Node, right: Node) -> Node:
    """Return the node of two nodes joined by a sign."""
    if sign == "+":
        return lambda values: left(values) + right(values)
    if sign == "-":
        return lambda values: left(values) - right(values)
    if sign == "*":
        return lambda values: left(values) * right(values)
    if sign == "/":
        return lambda values: left(values) / right(values)
    return lambda values: left(values) ** right(values)


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
        node = ExpressionReader(source, definition.expression, frozenset(known)).read()
        nodes.append((definition.lhs, node))
        known.add(definition.lhs)
    return tuple(nodes)
