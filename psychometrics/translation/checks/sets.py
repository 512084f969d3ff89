"""Texts together: keys, options of one set, one source with several targets and the reverse."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from psychometrics.errors import Finding
from psychometrics.translation.checks.letters import shown
from psychometrics.translation.checks.pair import LocaleTexts, Pair, error, joined, warning
from psychometrics.translation.keys import text_key

OPTION_PARTS = frozenset({"option", "missing"})
FEWEST_WORDS = 3
FEWEST_LETTERS = 4
NOT_WORDS = re.compile(r"[\W_]+")


def keys(texts: LocaleTexts) -> Iterator[Finding]:
    """The catalog has the keys of the definition, each once, and no other."""
    counts = Counter(pair.key for pair in texts.pairs)
    known = None if texts.keys is None else set(texts.keys)
    seen: set[str] = set()
    for pair in texts.pairs:
        if pair.key in seen:
            continue
        seen.add(pair.key)
        if counts[pair.key] > 1:
            yield error(pair, "key_repeated", key_name=pair.key, count=counts[pair.key])
        if known is not None and _base(pair.key) not in known:
            yield error(pair, "key_unknown", key_name=pair.key)
    for key in texts.keys or ():
        if key not in counts:
            yield error(Pair(key, "", "", texts.locale), "key_absent", key_name=key)


def option_sets_complete(texts: LocaleTexts) -> Iterator[Finding]:
    """All options of a set are translated, or none: nobody can answer in two languages."""
    for name, pairs in _option_sets(texts.pairs).items():
        lacking = [pair for pair in pairs if not pair.target.strip() or pair.fuzzy]
        if 0 < len(lacking) < len(pairs):
            told = joined(pair.key.rpartition(".")[2] for pair in lacking)
            yield error(lacking[0], "options_incomplete", name=name, options=told)


def option_order(texts: LocaleTexts) -> Iterator[Finding]:
    """The options of a set stand in the catalog in the order of the definition."""
    if texts.keys is None:
        return
    place = {key: at for at, key in enumerate(texts.keys)}
    for name, pairs in _option_sets(texts.pairs).items():
        known = [pair for pair in pairs if pair.key in place]
        for first, second in itertools.pairwise(known):
            if place[first.key] > place[second.key]:
                after = first.key.rpartition(".")[2]
                yield warning(second, "option_order", name=name, after=after)
                break


def same_options(texts: LocaleTexts) -> Iterator[Finding]:
    """No two options of a set read the same."""
    for name, pairs in _option_sets(texts.translated).items():
        for first, second in _alike(pairs):
            yield error(second, "options_alike", name=name, other=first.key.rpartition(".")[2])


def one_target(texts: LocaleTexts) -> Iterator[Finding]:
    """Items with different sources have different targets."""
    items = [pair for pair in texts.translated if pair.part not in OPTION_PARTS]
    for first, second in _alike(items):
        if min(map(len, (first.source_words, second.source_words))) >= FEWEST_WORDS:
            yield error(second, "one_target", other=first.key)


def one_source(texts: LocaleTexts) -> Iterator[Finding]:
    """One source has one target, wherever it stands.

    A few letters (an abbreviation) may stand for different things, but for answers.
    """
    by_source: dict[str, list[Pair]] = defaultdict(list)
    for pair in texts.translated:
        by_source[" ".join(pair.source.split())].append(pair)
    for pairs in by_source.values():
        first = pairs[0]
        if len(first.source.strip()) < FEWEST_LETTERS and first.part not in OPTION_PARTS:
            continue
        for other in pairs[1:]:
            is_variant = any(each.key != _base(each.key) for each in (other, first))
            if not is_variant and reading(other.target) != reading(first.target):
                yield warning(other, "one_source", other=first.key, target=shown(first.target))


def reading(text: str) -> str:
    """Return what two texts share that read the same: no case, marks of layout or signs.

    Examples
    --------
    >>> reading("Stimme  zu.") == reading("stimme zu"), reading("+") == reading("-")
    (True, False)
    """
    normal = unicodedata.normalize("NFC", text).casefold()
    if normal.isascii():
        signless = NOT_WORDS.sub(" ", normal)
    else:
        signless = "".join(map(_signless, normal))
    return " ".join(signless.split()) or normal.strip()


@lru_cache(maxsize=4096)
def _signless(character: str) -> str:
    """Return a letter or mark itself, nothing for what only lays out, a space for a sign."""
    category = unicodedata.category(character)
    return "" if category == "Cf" else " " if category[0] in "PZSC" else character


def _base(key: str) -> str:
    """Return a key without the gender or the site that its wording is for."""
    return text_key(key).base


def _option_sets(pairs: Iterable[Pair]) -> Mapping[str, list[Pair]]:
    """Return the options by the name of their set: the middle of "option.agreement5.agree"."""
    sets: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.part in OPTION_PARTS:
            sets[pair.key.partition(".")[2].rpartition(".")[0]].append(pair)
    return sets


def _alike(pairs: Iterable[Pair]) -> Iterator[tuple[Pair, Pair]]:
    """Yield pairs that read the same in the target but not in the source."""
    first: dict[str, Pair] = {}
    for pair in pairs:
        same = first.setdefault(reading(pair.target), pair)
        if (
            same is not pair
            and _base(same.key) != _base(pair.key)
            and _differ(same.source, pair.source)
        ):
            yield same, pair


def _differ(one: str, other: str) -> bool:
    """Return whether two sources read differently, apart from a plural that a language may lack."""
    return _without_plural(one) != _without_plural(other)


def _without_plural(text: str) -> list[str]:
    return [word.removesuffix("s") for word in reading(text).split()]
