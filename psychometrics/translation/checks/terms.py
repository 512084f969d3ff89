"""The instrument's terms: a term of the source appears in one of its agreed translations.

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
from psychometrics.translation.checks.pair import LocaleTexts, Pair, joined, warning

SHORTEST_STEM = 3
GERMAN_ENDINGS = ("innen", "erin", "ern", "ens", "in", "en", "er", "em", "es", "e", "n", "s")
UMLAUTS = str.maketrans("äöüß", "aous")
NUKTA = "\u093c"
NASALS = re.compile("[\u0902\u0901]|[ङञणनम]\u094d(?=[\u0915-\u0939])")
HINDI_ENDINGS = re.compile("(?:ियों|ियाँ|ियां|ियं|ों|ें|ाएँ|ाएं|ओं|एं|याँ|ां|ा|े|ी|ो|ि|ं)$")
HEBREW_POINTS = re.compile("[\u0591-\u05c7]")
HEBREW_FINALS = str.maketrans("םןךףץ", "מנכפצ")
HEBREW_ENDINGS = re.compile("(?:יותיו|יות|ותי|ות|ימ|יי|ית|י|ה|ת)$")
BANTU_PREFIX = re.compile(
    r"^(?:[aeo](?=[bgkmnlwyztv]))?(?:mu|mw|ba|bi|bu|bw|ki|ky|ka|kw|ku|gu|gw|ma|lu|lw|tu|tw|zi|n|m|"
    r"wa|vi|vy|ch|ji|ny|u|w|li|i)"
)


def terms_used(texts: LocaleTexts) -> Iterator[Finding]:
    """Where the source has a term, the target has one of its agreed translations."""
    wanted = {term: tuple(allowed) for term, allowed in texts.terms.items() if allowed}
    patterns = {term: _term_pattern(term) for term in wanted}
    longest_first = sorted(wanted, key=len, reverse=True)
    for pair in texts.translated:
        rest = pair.bare_source
        for term in longest_first:
            rest, count = patterns[term].subn(" ", rest)  # "peer support worker" is no "worker"
            if count and not _is_used(wanted[term], pair):
                yield warning(pair, "term_not_used", term=term, allowed=joined(wanted[term]))


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
    if code in ("sw", "lg"):
        return word.replace("’", "'").replace("ʼ", "'")
    return word


def _stem(word: str, code: str) -> str:
    """Return the part of a word that stays in its forms; never fewer letters than a stem needs."""
    if code == "de":
        shorter = next((word[: -len(e)] for e in GERMAN_ENDINGS if word.endswith(e)), word)
    elif code == "hi":
        shorter = HINDI_ENDINGS.sub("", word)
    elif code == "he":
        shorter = HEBREW_ENDINGS.sub("", word)
    elif code in ("sw", "lg"):
        shorter = BANTU_PREFIX.sub("", word)
        shorter = (
            shorter[:-1] if len(shorter) > SHORTEST_STEM and shorter[-1] in "aeio" else shorter
        )
    else:
        shorter = word
    return shorter if len(shorter) >= (2 if code == "hi" else SHORTEST_STEM) else word
