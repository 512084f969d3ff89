"""The instrument's terms, in the translations that were agreed on.

Words change their form, so stems are compared, each language in its own way: German compounds and
umlauts, Hindi cases and spellings, Hebrew prefixes and final letters, Bantu noun classes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from psychometrics.errors import Finding
from psychometrics.translation.checks.letters import words_of
from psychometrics.translation.checks.pair import STAND_IN, LocaleTexts, Pair, joined, warning

SHORTEST_STEM = 3
GERMAN_ENDINGS = ("innen", "erin", "ern", "ens", "in", "en", "er", "em", "es", "e", "n", "s")
UMLAUTS = str.maketrans("äöüß", "aous")
NUKTA = "\u093c"
NASALS = re.compile("[\u0902\u0901]|[ङञणनम]\u094d(?=[\u0915-\u0939])")
HINDI_ENDINGS = re.compile("(?:ियों|ियाँ|ियां|ियं|ों|ें|ाएँ|ाएं|ओं|एं|याँ|ां|ा|े|ी|ो|ि|ं)$")
BANTU = ("sw", "lg")
HEBREW_POINTS = re.compile("[\u0591-\u05c7]")
HEBREW_FINALS = str.maketrans("םןךףץ", "מנכפצ")
HEBREW_ENDINGS = re.compile("(?:יותיו|יות|ותי|ות|ימ|יי|ית|י|ה|ת)$")
BANTU_PREFIX = re.compile(
    r"^(?:[aeo](?=[bgkmnlwyztv]))?(?:mu|mw|ba|bi|bu|bw|ki|ky|ka|kw|ku|gu|gw|ma|lu|lw|tu|tw|zi|n|m|"
    r"wa|vi|vy|ch|ji|ny|u|w|li|i)"
)


def terms(texts: LocaleTexts) -> Iterator[Finding]:
    """Where the source has a term, the target has an agreed translation, and no other.

    What was decided against may be a part of what was agreed on.
    """
    for pair, name in _uses(texts):
        term = texts.terms[name]
        if term.allowed and not _is_used(term.allowed, pair):
            yield warning(pair, "term_not_used", term=name, allowed=joined(term.allowed))
        for avoided in term.avoided:
            if _is_there(avoided, pair) and not _is_part(avoided, term.allowed, pair):
                yield warning(pair, "term_avoided", term=name, avoided=avoided)


def _uses(texts: LocaleTexts) -> Iterator[tuple[Pair, str]]:
    """Yield every pair with the terms of its source, of overlapping ones the longest alone."""
    patterns = {name: _term_pattern(name) for name in sorted(texts.terms, key=len, reverse=True)}
    for pair in texts.translated:
        rest = pair.bare_source
        for name, pattern in patterns.items():
            rest, count = pattern.subn(STAND_IN, rest)  # "peer support worker" is no "worker"
            if count:
                yield pair, name


def _term_pattern(term: str) -> re.Pattern[str]:
    """Return a pattern for an English term, with its plural and possessive."""
    words = r"[\s-]+".join(re.escape(word) for word in term.split())
    if words.endswith("y"):
        words = f"{words[:-1]}(?:y|ies)"
    return re.compile(rf"\b{words}(?:s|es|['’]s|s['’])?\b", re.IGNORECASE)


def _is_used(allowed: Sequence[str], pair: Pair) -> bool:
    code = pair.language.code
    found = [_folded(word, code) for word in pair.target_words]
    for target in allowed:
        stems = _stems(target, code)
        if stems and all(any(stem in word for word in found) for stem in stems):
            return True
    return False


def _is_there(term: str, pair: Pair) -> bool:
    """Return whether the words of a term follow each other in the target.

    In any form; but in Bantu languages as they are, since many words share a stem.
    """
    code = pair.language.code
    words, found = words_of(term), pair.target_words
    if code not in BANTU:
        words, found = (
            [_stem(_folded(word, code), code) for word in each] for each in (words, found)
        )
    size = len(words)
    return any(found[at : at + size] == words for at in range(len(found) - size + 1)) and size > 0


def _is_part(avoided: str, allowed: Sequence[str], pair: Pair) -> bool:
    """Return whether an agreed translation that is used contains the one decided against."""
    return any(
        f" {' '.join(words_of(avoided))} " in f" {' '.join(words_of(each))} "
        and _is_used((each,), pair)
        for each in allowed
    )


@lru_cache(maxsize=4096)
def _stems(term: str, code: str) -> tuple[str, ...]:
    return tuple(_stem(_folded(word, code), code) for word in words_of(term))


@lru_cache(maxsize=8192)
def _folded(word: str, code: str) -> str:
    """Return a word without what its writers may choose: points, nukta, umlauts in plurals."""
    if code == "de":
        return word.replace("ß", "ss").translate(UMLAUTS)
    if code == "hi":
        apart = unicodedata.normalize("NFD", word).replace(NUKTA, "")
        return NASALS.sub("", apart.replace("\u200d", "").replace("\u200c", ""))
    if code == "he":
        bare_word = HEBREW_POINTS.sub("", unicodedata.normalize("NFD", word))
        return bare_word.translate(HEBREW_FINALS).replace("וו", "ו").replace("יי", "י")
    if code in BANTU:
        plain = word.replace("’", "'").replace("ʼ", "'")
        return plain.replace("r", "l") if code == "lg" else plain  # l is written r after e and i
    return word


@lru_cache(maxsize=8192)
def _stem(word: str, code: str) -> str:
    """Return the part of a word that stays in its forms; never fewer letters than a stem needs."""
    if code == "de":
        shorter = next((word[: -len(e)] for e in GERMAN_ENDINGS if word.endswith(e)), word)
    elif code == "hi":
        shorter = HINDI_ENDINGS.sub("", word)
    elif code == "he":
        article = word.startswith("ה") and len(word) > SHORTEST_STEM + 1
        shorter = HEBREW_ENDINGS.sub("", word[1:] if article else word)
    elif code in BANTU:
        shorter = BANTU_PREFIX.sub("", word)
        shorter = (
            shorter[:-1] if len(shorter) > SHORTEST_STEM and shorter[-1] in "aeio" else shorter
        )
    else:
        shorter = word
    return shorter if len(shorter) >= (2 if code == "hi" else SHORTEST_STEM) else word
