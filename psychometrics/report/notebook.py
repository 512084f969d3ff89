"""The first screen for a notebook: what can be claimed, without the rest of the page."""

from __future__ import annotations

from html import escape

from psychometrics.report.claims import Claim, group_claims, headline
from psychometrics.report.comparability import brief
from psychometrics.report.criteria import Criteria
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
    heads = "".join(f'<th scope="col" style="{_CELL}">{escape(label(key))}</th>' for key in keys)
    if rows:
        parts.append(
            f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )
    parts.append(f"<p>{escape(say('summary.more'))}</p>")
    return "<div>" + "".join(parts) + "</div>"


def _row(verdict: str, claim: Claim) -> str:
    """Return one claim as a row of the table."""
    cells = (
        verdict,
        label(claim.property),
        claim.subject,
        claim.statistic,
        claim.reason or claim.value,
        claim.n_obs,
        claim.criterion,
    )
    made = "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in cells)
    return f"<tr>{made}</tr>"
