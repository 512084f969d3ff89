"""From answers to plain findings for translators: which items deserve another look, and why.

What runs against its scale is found first, and turned round where it does, since one turned item
would make its neighbours look odd. Then differences at the same standing are looked for, told by
what the design identifies, and put together by the wording that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import pandas as pd

from psychometrics.errors import DataError, Finding, finding, reason
from psychometrics.instrument import Instrument
from psychometrics.responses import Responses
from psychometrics.translation.checks.run import check_translations
from psychometrics.translation.feedback import CODE, confirmed_faults
from psychometrics.translation.files import catalog_file
from psychometrics.translation.record import record_of
from psychometrics.validity.attribution import SMALLEST, TextFact, attribute, text_faults
from psychometrics.validity.feedback_words import Words, told
from psychometrics.validity.item_curve import item_curve
from psychometrics.validity.item_signals import FEWEST, item_signals
from psychometrics.validity.version_groups import VERSION, Version, Versions, version_groups

FEWEST_ITEMS: Final = 3
SHOWN: Final = (
    "same_words_site_difference", "within_site_language_difference", "version_difference",
)  # fmt: skip
"""Verdicts that a difference is shown, the most definite first."""


@dataclass(frozen=True, eq=False)
class AnswersFeedback:
    """What answers show of the items, and what of it goes to translators.

    Attributes
    ----------
    findings : tuple of Finding
        One for each wording worth a look, with the code "item_worth_a_look": key, locale and hash
        of the text; `params` say what answers show, the verdict in words, what to look at.
    unplaced : tuple of Finding
        The same where the words that were read aren't known, or are those of the source.
    differences : pandas.DataFrame
        Every item and contrast with its verdict; see :func:`~.attribution.attribute`.
    signals : pandas.DataFrame
        Every item and group; see :func:`~.item_signals.item_signals`.
    versions : Versions
        Who read what.
    scales : Mapping
        The scales that were looked at.
    """

    findings: tuple[Finding, ...]
    unplaced: tuple[Finding, ...]
    differences: pd.DataFrame
    signals: pd.DataFrame
    versions: Versions
    scales: Mapping[str, Sequence[str]]

    @property
    def counts(self) -> dict[str, int]:
        """How many comparisons of an item there are by verdict."""
        return {str(name): int(n) for name, n in self.differences["verdict"].value_counts().items()}

    @property
    def untold(self) -> dict[str, str]:
        """Groups of which nothing can be told, and why; there, nothing found means nothing."""
        made = {}
        for group, version in self.versions.groups.items():
            if version.n < FEWEST:
                made[group] = str(reason("signal_too_few", n_obs=version.n, needed=FEWEST))
                continue
            mine = self.differences["group_a"] == group
            own = self.differences[mine & (self.differences["group_b"] == "others")]
            if own["estimate"].isna().all():
                reasons = [str(each) for each in own["reason"] if each]
                made[group] = reasons[0] if reasons else str(reason("attribution_no_estimate"))
        return made

    def curve(self, found: Finding) -> pd.DataFrame:
        """Return the curve of an item for the group that a finding is most about."""
        return item_curve(
            self.versions.frame, self.scales, VERSION, item=str(found.params["item"]),
            focal=str(found.params["groups"][0]),
        )  # fmt: skip


def answers_feedback(
    responses: Responses,
    *,
    translations: Path | None = None,
    smallest: float = SMALLEST,
    significance: float = 0.05,
    level: float = 0.95,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> AnswersFeedback:
    """Look for items whose wording deserves another look, and say why in plain words.

    An item is told where people of the same standing answer it differently (:func:`dif`, adjusted
    over all items, groups and kinds), where it runs against its scale, or where it is left out more
    often. Scales that are formative, or have fewer than three items, are left out.

    Parameters
    ----------
    responses : Responses
        What was answered.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.
    smallest : float
        Smallest difference that matters, in standard deviations of the item.
    significance : float
        Of each family of tests.
    level : float
        Coverage of intervals.
    progress : callable
        Told stage, done and total.

    Raises
    ------
    DataError
        If there are fewer than two groups, or no scale can be looked at.
    """
    instrument = responses.instrument
    scales = _scales(instrument)
    progress("who read what", 0, 4)
    versions = version_groups(responses, translations=translations)
    enough = {name: each for name, each in versions.groups.items() if each.n >= FEWEST}
    if len(enough) < 2:
        raise DataError(
            f"Versions of {FEWEST} people or more are held against each other, and there are "
            f"{len(enough)}: {', '.join(enough) or 'no site is known, or none has so many'}."
        )
    progress("items and their scales", 1, 4)
    signals = item_signals(
        versions.frame, scales, VERSION, blank=_blank(responses), significance=significance,
        level=level, response_range=_ranges(instrument),
    )  # fmt: skip
    progress("differences at the same standing", 2, 4)
    kept = versions.frame[versions.frame[VERSION].isin(list(enough))]
    evidence = _evidence(Versions(enough, kept), scales, signals, instrument, significance, level)
    progress("what the design identifies", 3, 4)
    facts = text_facts(instrument, versions, translations)
    differences = attribute(evidence, enough, smallest=smallest, facts=facts)
    words = Words(instrument, versions.groups, level)
    found = list(_findings(responses, versions, differences, signals, words))
    placed = [each for each in found if each.text_hash and each.locale != instrument.source_locale]
    progress("what the design identifies", 4, 4)
    return AnswersFeedback(
        tuple(placed), tuple(each for each in found if each not in placed), differences, signals,
        versions, scales,
    )  # fmt: skip


def _scales(instrument: Instrument) -> dict[str, list[str]]:
    """Return the scales whose items show one trait, and are enough to tell it."""
    keyed = instrument.keyed_items
    found = {
        name: keyed[name]
        for name, scale in instrument.scales.items()
        if scale.measurement == "reflective" and len(scale.items) >= FEWEST_ITEMS
    }
    if not found:
        raise DataError(str(finding("feedback_few_items", "error", instrument.id)))
    return found


def _ranges(instrument: Instrument) -> dict[str, tuple[float, float]]:
    return {item: instrument.response_range(item) for item in instrument.items}


def _blank(responses: Responses) -> pd.DataFrame:
    """Return where an answer could have been given and was not."""
    instrument, status = responses.instrument, responses.answer_status
    made = {}
    for item in instrument.items.values():
        possible = instrument.response_sets[item.response_set].missing
        given = ["answered", *(one.key for one in possible if one.structural)]
        made[item.key] = ~status[item.key].isin(given)
    return pd.DataFrame(made)


def _evidence(
    versions: Versions,
    scales: Mapping[str, Sequence[str]],
    signals: pd.DataFrame,
    instrument: Instrument,
    significance: float,
    level: float,
) -> pd.DataFrame:
    """Return the differences of every item: each group and the others, and pairs that tell more."""
    from psychometrics.validity.dif import dif

    against = signals[(signals["signal"] == "item_rest") & signals["flag"]]
    turned = set(zip(against["item"], against["group"], strict=True))
    frame = _turned(versions.frame, turned, instrument)
    settings: dict[str, Any] = {"significance": significance, "level": level}
    settings["cluster"] = "cluster" if "cluster" in frame else None
    settings["response_range"] = _ranges(instrument)
    pairs = telling_pairs(versions.groups.values())
    # One family of all items, groups, pairs and kinds, so that a pair isn't tested more laxly.
    n_items = sum(map(len, scales.values()))
    settings["family"] = 2 * n_items * (len(versions.groups) + len(pairs))
    parts = [dif(frame, scales, VERSION, contrasts="others", **settings)]
    if pairs:
        sides = {f"{a} - {b}": ([a], [b]) for a, b in pairs}
        parts.append(dif(frame, scales, VERSION, contrasts=sides, **settings))
    found = pd.concat(parts, ignore_index=True)
    own = [
        (item, a) in turned or (item, b) in turned
        for item, a, b in zip(found["item"], found["group_a"], found["group_b"], strict=True)
    ]
    # Of an item that was turned round to save its neighbours nothing else can be said.
    kept = found[~pd.Series(own, index=found.index)]
    return pd.concat([kept, _signs(against, signals)], ignore_index=True)


def telling_pairs(versions: Iterable[Version]) -> list[tuple[str, str]]:
    """Return the pairs of versions whose difference can be told to be less than everything.

    Two sites with one language, and two languages at one site.
    """
    return [
        (a.name, b.name)
        for a, b in combinations(versions, 2)
        if a.locale is not None and b.locale is not None
        and (a.locale == b.locale) != (a.site == b.site)
    ]  # fmt: skip


def _turned(
    frame: pd.DataFrame, turned: Iterable[tuple[str, str]], instrument: Instrument
) -> pd.DataFrame:
    """Return the answers with some items turned round in some groups."""
    made = frame.copy()
    for item, group in turned:
        low, high = instrument.response_range(item)
        here = made[VERSION] == group
        made.loc[here, item] = low + high - made.loc[here, item]
    return made


def _signs(against: pd.DataFrame, signals: pd.DataFrame) -> pd.DataFrame:
    """Return items that run against their scale as differences of their correlations."""
    apart = signals[signals["signal"] == "consistency"].set_index(["item", "group"])
    rows = []
    for row in records(against):
        beside = apart.loc[(row["item"], row["group"])]
        rows.append(
            {
                "scale": row["scale"], "item": row["item"], "group_a": row["group"],
                "group_b": "others", "kind": "sign", "estimate": beside["estimate"],
                "low": beside["low"], "high": beside["high"], "n_a": row["n_obs"],
                "n_b": row["n_others"], "p_value": row["p_value"],
                "p_adjusted": row["p_adjusted"], "flag": True, "method": row["method"],
                "reason": row["reason"],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def text_facts(
    instrument: Instrument, versions: Versions, translations: Path | None = None
) -> list[TextFact]:
    """Return what is known against the texts by themselves: from checks, and from the record."""
    made: list[TextFact] = []
    locales = dict.fromkeys(each.locale for each in versions.groups.values())
    for locale in locales:
        if locale is None or not catalog_file(translations, locale, instrument.id).is_file():
            continue
        if locale in instrument.locales:
            made += text_faults(check_translations(instrument, locale, translations=translations))
        record = record_of(instrument, locale, translations=translations)
        for key, wrong, said in confirmed_faults(record):
            if key.startswith("item."):
                item = key[5:].partition("@")[0].partition("[")[0]
                made.append(TextFact(item, locale, wrong, "confirmed", said))
    return made


def _findings(
    responses: Responses,
    versions: Versions,
    differences: pd.DataFrame,
    signals: pd.DataFrame,
    words: Words,
) -> Iterable[Finding]:
    """Yield a finding for each wording that something is shown of."""
    shown = records(differences[differences["verdict"].isin(SHOWN)])
    gaps = signals[(signals["signal"] == "missing") & signals["flag"]]
    about: dict[tuple[str, str, str], list[str]] = {}
    for item, group in _places(shown, gaps, versions):
        version = versions.groups[group]
        read = version.words.get(item)
        place = (item, str(version.locale), f"{read.key} {read.target}" if read else f" {group}")
        among = about.setdefault(place, [])
        if group not in among:
            among.append(group)
    for (item, _, _), groups in about.items():
        rows = [r for r in shown if r["item"] == item and {r["group_a"], r["group_b"]} & {*groups}]
        rows.sort(key=lambda row: SHOWN.index(row["verdict"]))
        own = signals[(signals["item"] == item) & signals["group"].isin(groups)]
        yield _one(item, groups, rows, own, responses, versions, words)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame by the names of its columns."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def _places(
    shown: Sequence[Mapping[str, Any]], gaps: pd.DataFrame, versions: Versions
) -> list[tuple[str, str]]:
    """Return which items of which groups something is shown of.

    A pair is about the side that also differs from the others; about both where neither does.
    """
    found = {(r["item"], r["group_a"]): None for r in shown if r["group_b"] == "others"}
    found |= {(item, g): None for item, g in zip(gaps["item"], gaps["group"], strict=True)}
    for row in shown:
        if row["group_b"] == "others":
            continue
        both = [(row["item"], row["group_a"]), (row["item"], row["group_b"])]
        if not any(each in found for each in both):
            found |= dict.fromkeys(both)
    order = {item: at for at, item in enumerate(versions.frame.columns)}
    return sorted(found, key=lambda each: (order[each[0]], list(versions.groups).index(each[1])))


def _one(
    item: str,
    groups: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    signals: pd.DataFrame,
    responses: Responses,
    versions: Versions,
    words: Words,
) -> Finding:
    """Return what is told of one wording."""
    version = versions.groups[groups[0]]
    read = version.words.get(item)
    releases = {name: None for group in groups for name in versions.groups[group].releases}
    params: dict[str, Any] = {
        **told(item, rows, records(signals), words, assumed=not releases),
        "item": item,
        "groups": list(groups),
        "source": read.source if read else None,
        "simulated": responses.simulated,
        "answers": Path(responses.source).name or "answers",
        "releases": list(releases),
    }  # fmt: skip
    where = "; ".join(words.place(group) for group in groups)
    simulated = [str(reason("shows_simulated"))] if responses.simulated else []
    sentence = " ".join([*simulated, *params["shows"], params["because"]])
    return Finding(
        CODE, "warning", where, sentence, read.key if read else f"item.{item}", version.locale,
        (read.target or None) if read else None, params,
    )  # fmt: skip
