"""How much a change of a source text matters to its translations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from psychometrics.instrument.yaml_tree import read_tree
from psychometrics.translation.text_hash import plain_text

ChangeClass = Literal["none", "punctuation", "wording", "meaning"]
CLASSES: Final[tuple[ChangeClass, ...]] = ("none", "punctuation", "wording", "meaning")

# A sign and a decimal point belong to a number, an apostrophe and a hyphen to a word.
TOKEN: Final = re.compile(
    r"[-−+]?\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’\u02bc\u2018\u200c\u200d-][^\W\d_]+)*[\u0300-\u036f]*|\w+"
)
# Punctuation that says more than where to pause.
SIGNS: Final = re.compile(r"[?{}<>\[\]%$&/#@=+×~^*|\\]")
AFFIXES: Final = ("prefix", "suffix")


@dataclass(frozen=True, slots=True)
class Change:
    """What a changed source text means for its translations.

    Attributes
    ----------
    size : {"none", "punctuation", "wording", "meaning"}
        none: nothing but white space; punctuation: the words are the same; wording: other words;
        meaning: a word or number that turns the meaning of an item was touched.
    about : tuple of str
        What was touched, such as "frequency: rarely -> often".
    """

    size: ChangeClass
    about: tuple[str, ...] = ()


NO_CHANGE: Final = Change("none")


@lru_cache(maxsize=4096)
def classify_change(old: str, new: str, language: str = "en") -> Change:
    """Return how much a change of a source text matters.

    Parameters
    ----------
    old, new : str
        The source text before and after.
    language : str
        Language of both, or its locale. Where there are no word lists for it nothing can be ruled
        out, so that every change of words counts as one of meaning.

    Examples
    --------
    >>> classify_change("I rarely worry.", "I often worry.")
    Change(size='meaning', about=('frequency: rarely -> often',))
    >>> classify_change("I worry, often.", "I worry often.").size
    'punctuation'
    >>> classify_change("I worry often.", "I often feel worried.").size
    'wording'
    """
    if plain_text(old) == plain_text(new):
        return NO_CHANGE
    before, after = words(old), words(new)
    if before == after:
        same = Counter(SIGNS.findall(old)) == Counter(SIGNS.findall(new))
        return Change("punctuation" if same else "wording")
    lists = meaning_words().get(language.partition("_")[0])
    about = tuple(_numbers(before, after))
    if lists is None:
        return Change("meaning", about or (f"no word lists for {language}",))
    about += tuple(_touched(before, after, lists)) + tuple(_affixes(before, after, lists))
    return Change("meaning" if about else "wording", about)


def words(text: str) -> list[str]:
    """Return the words and numbers of a text in order.

    Examples
    --------
    >>> words("It isn't -1.5 (or so), is it?")
    ['It', "isn't", '-1.5', 'or', 'so', 'is', 'it']
    """
    return TOKEN.findall(plain_text(text).replace("’", "'"))


def _numbers(before: list[str], after: list[str]) -> Iterable[str]:
    """Yield what became of numbers in digits."""
    old, new = ([word for word in row if word[-1].isdigit()] for row in (before, after))
    if old != new:
        yield _told("number", old, new)


def _touched(
    before: list[str], after: list[str], lists: Mapping[str, frozenset[str]]
) -> Iterable[str]:
    """Yield which kinds of meaning-bearing words differ, in number or order."""
    rows = [list(map(_plain_form, row)) for row in (before, after)]
    for kind, known in lists.items():
        if kind in AFFIXES:
            continue
        old, new = ([word for word in row if word in known] for row in rows)
        if old != new:
            lost, gained = Counter(old) - Counter(new), Counter(new) - Counter(old)
            if lost or gained:
                yield _told(kind, list(lost.elements()), list(gained.elements()))
            else:
                yield _told(kind, old, new)


def _plain_form(word: str) -> str:
    word = word.casefold()
    return "not" if word.endswith("n't") or word == "cannot" else word


def _affixes(
    before: list[str], after: list[str], lists: Mapping[str, frozenset[str]]
) -> Iterable[str]:
    """Yield words that were turned round by an affix, such as able and unable."""
    old, new = ({word.casefold() for word in row} for row in (before, after))
    lost, gained = sorted(old - new), sorted(new - old)
    for one in lost:
        for other in gained:
            short, long = sorted((one, other), key=len)
            turned = any(long == affix + short for affix in lists.get("prefix", ()))
            turned |= any(_opposite(one, other, end) for end in lists.get("suffix", ()))
            if turned:
                yield _told("negation", [one], [other])


def _opposite(one: str, other: str, ending: str) -> bool:
    """Tell whether one of two words has the ending and the other its stem: useless, useful."""
    if one.endswith(ending) == other.endswith(ending):
        return False
    ended, bare = (one, other) if one.endswith(ending) else (other, one)
    stem = ended[: -len(ending)]
    return len(stem) > 2 and bare.startswith(stem)


def _told(kind: str, old: list[str], new: list[str]) -> str:
    return f"{kind}: {' '.join(old) or 'nothing'} -> {' '.join(new) or 'nothing'}"


@cache
def meaning_words() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Return the word lists by language and kind."""
    tree = read_tree(Path(__file__).parent / "data" / "meaning_words.yaml")
    data: dict[str, dict[str, Any]] = tree.data
    return {
        language: {kind: frozenset(map(str, listed)) for kind, listed in kinds.items()}
        for language, kinds in data.items()
    }
