"""Placeholders, tags, links and line breaks: what a program reads in a text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from psychometrics.errors import Finding
from psychometrics.translation.checks.letters import shown
from psychometrics.translation.checks.pair import (
    LINK,
    PLACEHOLDER,
    TAG,
    Pair,
    error,
    joined,
    warning,
)

TAG_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,20})")
VOID_TAGS = frozenset({"br", "hr", "img", "input", "wbr"})
# What runs or loads something when a page shows the text.
UNSAFE = re.compile(
    r"<\s{0,5}/?\s{0,5}(?:script|iframe|object|embed|style|link|meta|svg|form|base)\b"
    r"|\bon[a-z]{3,20}\s{0,5}=\s{0,5}[\"']"
    r"|<[a-z][^<>]{0,500}?[\s/\"']on[a-z]{3,20}\s{0,5}="  # the value needs no quotes
    r"|\b(?:javascript|vbscript)\s{0,5}:|\bdata:text/html",
    re.IGNORECASE,
)
EMPHASIS = re.compile(r"(?<!\w)([*_]{1,2})(?=[^\s*_])[^*_\n]{1,500}(?<=[^\s*_])\1(?!\w)")


def placeholders(pair: Pair) -> Iterator[Finding]:
    """Every placeholder of the source is in the target, and no other is.

    How often doesn't matter: a sentence that names somebody twice may become one that does once.
    """
    expected, found = _placeholders(pair.source), _placeholders(pair.target)
    if lost := [each for each in expected if each not in found]:
        yield error(pair, "placeholder_lost", placeholders=joined(map(shown, lost)))
    if added := [each for each in found if each not in expected]:
        yield error(pair, "placeholder_added", placeholders=joined(map(shown, added)))


def tags(pair: Pair) -> Iterator[Finding]:
    """The same tags as in the source, as often, closed in the order in which they were opened."""
    if "<" not in pair.source and "<" not in pair.target:
        return
    expected, found = _tags(pair.source), _tags(pair.target)
    if Counter(expected) != Counter(found):
        yield error(
            pair,
            "markup_differs",
            expected=joined(expected) or "none",
            found=joined(map(shown, found)) or "none",
        )
    elif not _nested(found) and _nested(expected):
        yield error(pair, "markup_unbalanced", found=joined(found))


def unsafe(pair: Pair) -> Iterator[Finding]:
    """Nothing that a browser would run or load."""
    if not ("<" in pair.target or "=" in pair.target or ":" in pair.target):
        return
    if (hit := UNSAFE.search(pair.target)) and not UNSAFE.search(pair.source):
        yield error(pair, "markup_unsafe", found=shown(hit.group()))


def emphasis(pair: Pair) -> Iterator[Finding]:
    """Emphasis by * or _ is opened and closed, and is there if it is in the source."""
    if not EMPHASIS.search(pair.source):
        return
    expected, found = (EMPHASIS.findall(text) for text in (pair.source, pair.target))
    if Counter(expected) != Counter(found):
        yield warning(pair, "emphasis_differs", expected=len(expected), found=len(found))


def links(pair: Pair) -> Iterator[Finding]:
    """The links and addresses are those of the source; an adaptation may have its own."""
    if pair.relation == "adaptation":
        return
    expected, found = _links(pair.source), _links(pair.target)
    if expected != found:
        yield warning(
            pair,
            "link_differs",
            lost=joined(map(shown, sorted(expected - found))) or "none",
            added=joined(map(shown, sorted(found - expected))) or "none",
        )


def newlines_at_edges(pair: Pair) -> Iterator[Finding]:
    """Source and target both begin, and both end, with a line break or neither does."""
    starts = pair.source.startswith("\n") != pair.target.startswith("\n")
    ends = pair.source.endswith("\n") != pair.target.endswith("\n")
    if starts or ends:
        yield error(pair, "newline_at_edge", edge="beginning" if starts else "end")


def leftovers(pair: Pair) -> Iterator[Finding]:
    r"""No escape of a program or a page (\n, \u05d0, &auml;) is left as letters in the target."""
    if not any(each in pair.target for each in "\\&="):
        return
    hit = ESCAPE.search(pair.target)
    if hit and not ESCAPE.search(pair.source):
        yield error(pair, "escape_left", found=shown(hit.group()))


ESCAPE = re.compile(
    r"=[CDE][0-9A-F]=[89AB][0-9A-F]|\\(?:n|t|r|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})|&(?:#\d{2,7}|#x[0-9A-Fa-f]{2,6}|[A-Za-z]{2,10});"
)


def _placeholders(text: str) -> list[str]:
    return PLACEHOLDER.findall(text) if "{" in text or "%" in text or "[" in text else []


def _links(text: str) -> set[str]:
    if "@" not in text and "://" not in text and "www." not in text:
        return set()
    return {link.rstrip(".,;:!?।") for link in LINK.findall(text)}


def _tags(text: str) -> list[str]:
    """Return "<b>" and "</b>" for each tag, without attributes; nothing for a line break."""
    return [
        f"<{hit.group(1)}{hit.group(2).lower()}>"
        for each in TAG.findall(text)
        if (hit := TAG_NAME.match(each)) and hit.group(2).lower() != "br"
    ]


def _nested(found: list[str]) -> bool:
    opened: list[str] = []
    for tag in found:
        name = tag.strip("</>")
        if name in VOID_TAGS:
            continue
        if not tag.startswith("</"):
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened
