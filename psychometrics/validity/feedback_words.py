"""What is told to a translator of one item, from the rows of frames: sentences, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psychometrics.errors import Reason, reason
from psychometrics.instrument import Instrument
from psychometrics.validity.frames import is_missing
from psychometrics.validity.version_groups import Version

Row = Mapping[str, Any]
MOST_ANSWERS = 3


@dataclass(frozen=True)
class Words:
    """How groups, items and answers are called."""

    instrument: Instrument
    versions: Mapping[str, Version]
    level: float

    def place(self, group: str) -> str:
        """Return the name of a group: its site, its language, and the release where it counts."""
        version = self.versions.get(group)
        if version is None:
            return "the others"
        site = self.instrument.sites.get(version.site)
        name = site.name if site else version.site
        usual = f"{version.site}, {version.locale}" if version.locale else version.site
        release = group.removeprefix(usual).lstrip(", ")
        parts = [part for part in (version.locale, release) if part]
        return f"{name} ({', '.join(parts)})" if parts else name

    def against(self, group: str) -> str:
        """Return the name of those whom a group is held against."""
        place = self.place(group)
        return f"those of {place}" if group in self.versions else place

    def named(self, why: Any) -> str:
        """Return a sentence with the names of sites and groups in place of their ids."""
        if not isinstance(why, Reason) or not why.code:
            return str(why)
        return str(
            reason(why.code, **{name: self._name(each) for name, each in why.params.items()})
        )

    def _name(self, told: Any) -> Any:
        if not isinstance(told, str):
            return told
        if told in self.instrument.sites:
            return self.instrument.sites[told].name
        parts = told.split("; ")
        known = all(part in self.versions for part in parts)
        return "; ".join(map(self.place, parts)) if known else told

    def answer(self, item: str, category: float) -> str:
        """Return the words of an answer, from its code as keyed."""
        known = self.instrument.items[item]
        answers = self.instrument.response_sets[known.response_set]
        code = category if known.keyed == 1 else answers.minimum + answers.maximum - category
        return next((one.text for one in answers.options if one.code == code), f"{code:g}")


def told(
    item: str,
    rows: Sequence[Row],
    signals: Sequence[Row],
    words: Words,
    *,
    assumed: bool,
) -> dict[str, Any]:
    """Return verdict, signals and sentences of one item.

    Parameters
    ----------
    item : str
        The item.
    rows : sequence of mapping
        Its differences that are shown, the most definite verdict first.
    signals : sequence of mapping
        All its signals in the groups that it is about.
    words : Words
        How things are called.
    assumed : bool
        Whether the answers name no release.
    """
    signs: dict[str, str] = {}
    shows: list[str] = []
    for row in signals:
        if row["flag"] and row["signal"] == "item_rest":
            signs[f"reversed: {row['group']}"] = _signal("shows_reversed", row, words)
    for row in rows:
        if row["kind"] != "sign":
            sign, sentence = _difference(row, words)
            signs.setdefault(f"{sign}: {row['group_a']} - {row['group_b']}", sentence)
    for row in signals:
        if row["flag"] and row["signal"] == "missing":
            signs[f"missing: {row['group']}"] = _signal("shows_missing", row, words)
    shows += signs.values()
    kinds = [name.partition(":")[0] for name in signs]
    shows += _described(item, signals, words) if "reversed" not in kinds else []
    shows += [str(reason("shows_no_release"))] if assumed else []
    answers = _unusual(item, signals, words) if "reversed" not in kinds else []
    first = rows[0] if rows else None
    verdict = str(first["verdict"]) if first else "undecided"
    return {
        "verdict": verdict,
        "signals": list(signs),
        "shows": shows,
        "because": words.named(first["because"]) if first else str(reason("attribution_left_out")),
        "check": _to_check(kinds, verdict, answers),
        "more": words.named(first["more"]) if first else str(reason("attribution_more_left_out")),
        "text": next((str(row["text"]) for row in rows if row["text"]), None),
        "beside": _beside(rows, words),
    }


def _signal(code: str, row: Row, words: Words, **more: Any) -> str:
    return str(
        reason(
            code, group=words.place(row["group"]), estimate=row["estimate"], low=row["low"],
            high=row["high"], own=row["own"], others_r=row["others"], n_obs=row["n_obs"],
            level=words.level, **more,
        )
    )  # fmt: skip


def _difference(row: Row, words: Words) -> tuple[str, str]:
    """Return what kind of difference a row shows, and the sentence; answers are told as given."""
    sign = words.instrument.items[row["item"]].keyed
    estimate, low, high = (sign * float(row[name]) for name in ("estimate", "low", "high"))
    kind = "slope" if row["kind"] != "uniform" else "lower" if estimate < 0 else "higher"
    if kind == "lower":
        low, high = -low, -high
    size = estimate if kind == "slope" else abs(estimate)
    sentence = reason(
        f"shows_{kind}", group=words.place(row["group_a"]), others=words.against(row["group_b"]),
        size=size, low=min(low, high), high=max(low, high), level=words.level, n_a=int(row["n_a"]),
        n_b=int(row["n_b"]),
    )  # fmt: skip
    return kind, str(sentence)


def _described(item: str, signals: Sequence[Row], words: Words) -> list[str]:
    """Return what else is seen of the item: consistency, and answers avoided or piled up."""
    made = [
        _signal("shows_consistency", row, words)
        for row in signals
        if row["flag"] and row["signal"] == "consistency"
    ]
    for row in _categories(signals):
        code = "shows_avoided" if row["estimate"] < 0 else "shows_piled_up"
        made.append(_signal(code, row, words, answer=words.answer(item, row["category"])))
    return made


def _categories(signals: Sequence[Row]) -> list[Row]:
    """Return the answers whose share is most unusual."""
    found = [row for row in signals if row["flag"] and row["signal"] == "category"]
    return sorted(found, key=lambda row: -abs(row["estimate"]))[:MOST_ANSWERS]


def _unusual(item: str, signals: Sequence[Row], words: Words) -> list[str]:
    return list(dict.fromkeys(words.answer(item, r["category"]) for r in _categories(signals)))


def _to_check(kinds: Sequence[str], verdict: str, answers: Sequence[str]) -> list[str]:
    """Return what to look at, the strongest sign first."""
    if verdict == "same_words_site_difference":
        return [str(reason("check_same_words"))]
    made = [str(reason(f"check_{kind}")) for kind in dict.fromkeys(kinds)]
    if answers:
        made.append(str(reason("check_answers", answers="; ".join(answers))))
    return made


def _beside(rows: Sequence[Row], words: Words) -> str | None:
    """Return how much two sites differ with the same words, where it is another difference."""
    if any(row["verdict"] == "same_words_site_difference" for row in rows):
        return None  # it is what is told already
    for row in rows:
        pair = row["same_words_pair"]
        if row["kind"] != "uniform" or not isinstance(pair, str) or is_missing(pair):
            continue
        a, _, b = pair.partition(" - ")
        return str(
            reason(
                "beside_same_words", a=words.place(a), b=words.place(b),
                size=row["same_words_estimate"], low=row["same_words_low"],
                high=row["same_words_high"], level=words.level,
            )
        )  # fmt: skip
    return None
