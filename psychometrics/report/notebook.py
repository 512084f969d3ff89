"""The first screen for a notebook: what can be claimed, without the rest of the page."""

from __future__ import annotations

from html import escape

from psychometrics.report.claims import Claim, group_claims, headline
from psychometrics.report.comparability import brief
from psychometrics.report.criteria import Criteria
from psychometrics.report.glossary import by_words, described, source_of
from psychometrics.report.html import read_headline
from psychometrics.report.source import Source
from psychometrics.report.wording import label, say

_CELL = "text-align:left;vertical-align:top"


def render_short(source: Source) -> str:
    """Return title, verdicts and claims as a small piece of HTML without any style sheet."""
    instrument = source.instrument
    claims = read_headline(source, Criteria.of(source))
    parts = [f"<p><strong>{escape(say('title', title=instrument.title))}</strong></p>"]
    if source.simulated:
        parts.append(f"<p><strong>{escape(say('simulated'))}</strong></p>")
    parts.append(f"<p>{escape(headline(claims))}</p>")
    told = "".join(f"<li>{escape(line)}</li>" for line in brief(source))
    if told:
        parts.append(f"<p>{escape(say('heading.comparability'))}</p><ul>{told}</ul>")
    rows = [
        _row(f"{group.mark} {group.heading}", claim)
        for group in group_claims(claims)
        for part in group.properties
        for line in part.lines
        for claim in line.claims
    ]
    keys = ("verdict", "property", "subject", "statistic", "value", "n_obs", "criterion")
    heads = "".join(
        f'<th scope="col" style="{_CELL}">{_explained(label(key))}</th>' for key in keys
    )
    if rows:
        parts.append(
            f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )
        parts.append(_words([*map(label, keys), *_said(claims)]))
    parts.append(f"<p>{escape(say('summary.more'))}</p>")
    return "<div>" + "".join(parts) + "</div>"


def _row(verdict: str, claim: Claim) -> str:
    """Return one claim as a row of the table."""
    cells = (
        _explained(verdict, verdict.partition(" ")[2]),
        _explained(label(claim.property)),
        escape(claim.subject),
        _explained(claim.statistic),
        escape(claim.reason or claim.value),
        escape(claim.n_obs),
        escape(claim.criterion),
    )
    made = "".join(f'<td style="{_CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{made}</tr>"


def _explained(text: str, words: str | None = None) -> str:
    """Return a text that says what it means when it is pointed at, where the glossary does."""
    entry = by_words().get(text if words is None else words)
    if entry is None:
        return escape(text)
    return f'<abbr title="{escape(described(entry))}">{escape(text)}</abbr>'


def _said(claims: list[Claim]) -> list[str]:
    """Return the words of the claims that the glossary may explain."""
    found = [(say(f"heading.{one.verdict}"), label(one.property), one.statistic) for one in claims]
    return [words for row in found for words in row]


def _words(words: list[str]) -> str:
    """Return the entries of some words, to be opened: not everybody can point."""
    known = by_words()
    entries = {known[one].id: known[one] for one in words if one in known}
    told = "".join(
        f"<dt><strong>{escape(one.name)}</strong></dt><dd>{escape(described(one))} "
        f"<em>{escape(source_of(one))}</em></dd>"
        for one in sorted(entries.values(), key=lambda entry: entry.name.casefold())
    )
    heading = escape(say("glossary.short"))
    return f"<details><summary>{heading}</summary><dl>{told}</dl></details>"
