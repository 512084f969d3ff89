"""What may be said of why an item works differently: no more than the design identifies.

Where a language lives at one site, language and site are one thing at any number of people. So a
difference is told as what it is a difference of, and a fault of the text is named only where the
text shows it by itself, or a bilingual reviewer confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final, Literal

import pandas as pd

from psychometrics.errors import NO_REASON, DataError, Finding, Reason, reason
from psychometrics.validity.frames import is_missing
from psychometrics.validity.version_groups import Version

Verdict = Literal[
    "version_difference",
    "same_words_site_difference",
    "within_site_language_difference",
    "equivalent",
    "undecided",
]
OTHERS: Final = "others"
"""What stands for all groups but the one it is held against."""

SMALLEST: Final = 0.25
"""Smallest difference that matters, in standard deviations of the item.

A quarter is the rough criterion by which the NAEP marked items of several categories.
"""

NEEDED: Final = (
    "scale", "item", "group_a", "group_b", "kind", "estimate", "low", "high", "p_adjusted", "flag",
    "n_a", "n_b",
)  # fmt: skip
COLUMNS: Final = (
    "scale", "item", "group_a", "group_b", "kind", "estimate", "low", "high", "n_a", "n_b",
    "p_adjusted", "flag", "verdict", "because", "text", "same_words_pair", "same_words_estimate",
    "same_words_low", "same_words_high", "more", "method", "reason",
)  # fmt: skip
OBJECTS: Final = ("verdict", "because", "text", "same_words_pair", "more", "reason")


@dataclass(frozen=True, slots=True)
class TextFact:
    """What is known against a text by itself, without any answers.

    Attributes
    ----------
    item : str
        The item.
    locale : str
        Whose words.
    text_hash : str
        Of which wording.
    kind : {"fault", "confirmed"}
        A fault that a check found, or one that a bilingual reviewer confirmed in the record.
    told : str
        In words.
    """

    item: str
    locale: str
    text_hash: str
    kind: Literal["fault", "confirmed"]
    told: str


def text_faults(findings: Iterable[Finding]) -> list[TextFact]:
    """Return what checks found wrong with texts of items; hints and states are left out.

    A hint comes from a list of words and is often wrong; that a text is missing, unsigned or
    older than its source says nothing about its words.
    """
    made = []
    for each in findings:
        about = each.key is not None and each.key.startswith("item.") and each.text_hash
        state = each.code.startswith(("hint_", "translation_"))
        if about and not state and each.locale is not None and each.key is not None:
            item = each.key[5:].partition("@")[0].partition("[")[0]
            made.append(TextFact(item, each.locale, str(each.text_hash), "fault", each.message))
    return made


def attribute(
    evidence: pd.DataFrame,
    versions: Mapping[str, Version],
    *,
    smallest: float = SMALLEST,
    facts: Iterable[TextFact] = (),
    sides: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Say of each item and contrast what kind of difference it is, and what it can't be told to be.

    Parameters
    ----------
    evidence : pandas.DataFrame
        Differential item functioning, as :func:`psychometrics.dif` gives it: `scale`, `item`,
        `group_a`, `group_b`, `kind` ("uniform", "nonuniform"), `estimate` (positive where group_a
        answers higher at the same standing, in standard deviations of the item), `low`, `high`,
        `p_adjusted`, `flag`, `n_a`, `n_b`; `method` and `reason` are passed on.
    versions : mapping of str to Version
        Who read what, by the name of the group: `version_groups(responses).groups`.
    smallest : float
        Smallest uniform difference that matters. An interval within its bounds is ``equivalent``,
        whether or not the difference is told from none.
    facts : iterable of TextFact
        What is known against texts by themselves.
    sides : mapping, optional
        Groups behind a name in group_a or group_b that is none of `versions`; "others" is known.

    Returns
    -------
    pandas.DataFrame
        A row for each of `evidence`: `verdict`, `because`; `text` (what speaks against the text
        itself; empty where nothing does); how much two sites differ with the same words
        (`same_words_pair`, `same_words_estimate`, ...: one contrast, no null distribution); `more`
        (what would identify more).

    Raises
    ------
    DataError
        If columns are absent, or a group is not known.

    References
    ----------
    The bounds: Yuan & Chan (2016), doi:10.1037/met0000080, on equivalence. A quarter of a standard
    deviation: NAEP Technical Documentation, "The Standardization Method".

    Examples
    --------
    >>> from psychometrics.validity.version_groups import Version
    >>> places = {"a": Version("a", "a", "de_DE", (), {}), "b": Version("b", "b", "he_IL", (), {})}
    >>> row = {"scale": "s", "item": "i", "group_a": "b", "group_b": "a", "kind": "uniform",
    ...     "estimate": -0.6, "low": -0.8, "high": -0.4, "p_adjusted": 0.001, "flag": True,
    ...     "n_a": 90, "n_b": 90}
    >>> attribute(pd.DataFrame([row]), places)["verdict"].tolist()
    ['version_difference']
    """
    absent = [name for name in NEEDED if name not in evidence]
    if absent:
        raise DataError(f"The evidence lacks the columns {', '.join(absent)}; dif() has them.")
    if not smallest > 0:
        raise DataError(
            f"smallest={smallest} must be above 0: the smallest difference of interest."
        )
    groups = _Groups(versions, sides or {})
    rows = [{str(name): cell for name, cell in row.items()} for row in evidence.to_dict("records")]
    known = list(facts)
    pairs = _same_words(rows, groups)
    made = [_row(row, groups, smallest, known, pairs) for row in rows]
    frame = pd.DataFrame(made, index=evidence.index, columns=list(COLUMNS))
    for name in OBJECTS:  # pandas would turn reasons into plain strings, without their codes
        cells = [row[name] for row in made]
        frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


class _Groups:
    """The versions behind the names of a frame."""

    def __init__(self, versions: Mapping[str, Version], sides: Mapping[str, Sequence[str]]) -> None:
        self.versions, self.sides = versions, sides

    def pair(self, row: Mapping[str, Any]) -> tuple[list[Version], list[Version]]:
        """Return the versions on both sides of a row."""
        a, b = str(row["group_a"]), str(row["group_b"])
        one = self._of(a, ()) if a != OTHERS else None
        other = self._of(b, one or ())
        return (self._of(a, other) if one is None else one), other

    def _of(self, name: str, against: Iterable[Version]) -> list[Version]:
        if name in self.versions:
            return [self.versions[name]]
        if name in self.sides:
            return [self.versions[each] for each in self.sides[name]]
        if name == OTHERS:
            left = {each.name for each in against}
            return [each for each in self.versions.values() if each.name not in left]
        known = ", ".join(self.versions)
        raise DataError(f"The group {name!r} of the evidence isn't known; there are {known}.")


Pairs = dict[tuple[str, str, str], dict[str, Any]]


def _same_words(rows: Sequence[Mapping[str, Any]], groups: _Groups) -> Pairs:
    """Return the widest difference of two sites with the same words, by scale, item and kind."""
    made: Pairs = {}
    for row in rows:
        verdict, _ = _by_design(*groups.pair(row), str(row["item"]))
        if verdict != "same_words_site_difference" or is_missing(row["estimate"]):
            continue
        key = (str(row["scale"]), str(row["item"]), str(row["kind"]))
        before = made.get(key)
        if before is None or abs(row["estimate"]) > abs(before["same_words_estimate"]):
            made[key] = {
                "same_words_pair": f"{row['group_a']} - {row['group_b']}",
                "same_words_estimate": float(row["estimate"]),
                "same_words_low": float(row["low"]),
                "same_words_high": float(row["high"]),
            }
    return made


def _row(
    row: Mapping[str, Any],
    groups: _Groups,
    smallest: float,
    facts: Sequence[TextFact],
    pairs: Pairs,
) -> dict[str, Any]:
    one, other = groups.pair(row)
    item = str(row["item"])
    verdict, why = _verdict(row, one, other, smallest)
    nothing = {"same_words_pair": None} | dict.fromkeys(
        ("same_words_estimate", "same_words_low", "same_words_high"), float("nan")
    )
    differs = verdict not in ("equivalent", "undecided")
    same_words = verdict == "same_words_site_difference"
    against = _told(facts, item, one) if differs and not same_words else NO_REASON
    return {
        **{name: row.get(name) for name in COLUMNS if name in row},
        "verdict": verdict,
        "because": why,
        "text": against,
        **pairs.get((str(row["scale"]), item, str(row["kind"])), nothing),
        "more": _more(verdict, one, other, groups) if differs else _to_decide(why),
        "method": row.get("method", ""),
        "reason": row.get("reason", NO_REASON),
    }


def _verdict(
    row: Mapping[str, Any], one: Sequence[Version], other: Sequence[Version], smallest: float
) -> tuple[Verdict, Reason]:
    """Return the verdict of a row: by the interval first, then by the design."""
    low, high = float(row["low"]), float(row["high"])
    known = isfinite(low) and isfinite(high)
    if row["kind"] == "uniform" and known and -smallest < low and high < smallest:
        return "equivalent", reason("attribution_equivalent", smallest=smallest)
    if is_missing(row["flag"]) or not row["flag"]:
        if is_missing(row["estimate"]):
            return "undecided", reason("attribution_no_estimate")
        if not known or row["kind"] != "uniform":
            return "undecided", reason("attribution_not_shown")
        return "undecided", reason("attribution_too_wide", smallest=smallest)
    return _by_design(one, other, str(row["item"]))


def _by_design(
    one: Sequence[Version], other: Sequence[Version], item: str
) -> tuple[Verdict, Reason]:
    """Return what a difference of two sides is, by where they are and what they read."""
    if not one or not other:
        return "undecided", reason("attribution_nobody")
    unknown = [each.name for each in (*one, *other) if each.locale is None]
    if unknown:
        return "undecided", reason("attribution_language_unknown", groups="; ".join(unknown))
    sites = [{each.site for each in side} for side in (one, other)]
    locales = [{each.locale for each in side} for side in (one, other)]
    if len(sites[0]) == 1 and sites[0] == sites[1] and not locales[0] & locales[1]:
        return "within_site_language_difference", reason(
            "attribution_within_site", site=one[0].site
        )
    if len(locales[0]) == 1 and locales[0] == locales[1]:
        return _one_language(one, other, item, together=bool(sites[0] & sites[1]))
    (locale, *several) = sorted(str(each) for each in locales[0])
    where = sorted(sites[0])
    if several or len(where) > 1:
        named = "; ".join(each.name for each in one)
        return "version_difference", reason("attribution_version", versions=named)
    return "version_difference", reason("attribution_one_site", locale=locale, site=where[0])


def _one_language(
    one: Sequence[Version], other: Sequence[Version], item: str, *, together: bool
) -> tuple[Verdict, Reason]:
    """Return what a difference within one language is."""
    if together:  # the same site with the words of two releases
        return "version_difference", reason("attribution_releases")
    same = [
        a.words[item].same_as(b.words[item]) if item in a.words and item in b.words else None
        for a in one
        for b in other
    ]
    if all(each is True for each in same):
        return "same_words_site_difference", reason("attribution_same_words")
    if any(each is False for each in same):
        return "version_difference", reason("attribution_words_differ")
    return "version_difference", reason("attribution_words_unknown")


def _told(facts: Sequence[TextFact], item: str, side: Sequence[Version]) -> Reason:
    """Return what speaks against the words that a side read, what is confirmed first."""
    read = {(v.locale, v.words[item].target) for v in side if item in v.words}
    own = [each for each in facts if each.item == item and (each.locale, each.text_hash) in read]
    for kind in ("confirmed", "fault"):
        told = list(dict.fromkeys(each.told for each in own if each.kind == kind))
        if told:
            return reason(f"attribution_text_{kind}", told=" ".join(told))
    return NO_REASON


def _to_decide(why: Reason) -> Reason:
    """Return what would decide a row that is undecided; nothing for one that is decided."""
    if why.code == "attribution_language_unknown":
        return reason("attribution_more_language")
    if why.code in ("attribution_too_wide", "attribution_not_shown", "attribution_no_estimate"):
        return reason("attribution_more_people")
    return NO_REASON


def _more(
    verdict: Verdict, one: Sequence[Version], other: Sequence[Version], groups: _Groups
) -> Reason:
    """Return what would identify more."""
    if verdict == "within_site_language_difference":
        return reason("attribution_more_within_site")
    if verdict == "same_words_site_difference":
        return reason("attribution_more_same_words")
    locales = sorted({str(each.locale) for each in one})
    if set(locales) == {str(each.locale) for each in other}:
        return reason("attribution_more_words")
    shared = sorted(
        each.name
        for each in groups.versions.values()
        if each.locale in locales and len(one) == 1 and each.site != one[0].site
    )
    beside = sorted(
        each.name
        for each in groups.versions.values()
        if len(one) == 1 and each.site == one[0].site and each.locale != one[0].locale
    )
    if beside:
        return reason("attribution_more_beside", others="; ".join(beside))
    if shared:
        return reason("attribution_more_shared", others="; ".join(shared))
    if len({each.site for each in one}) > 1:
        return reason("attribution_more_bilingual", locales=", ".join(locales))
    return reason("attribution_more_second_site", locales=", ".join(locales))
