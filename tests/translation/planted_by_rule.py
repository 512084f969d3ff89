"""One fault for every rule that is no hint, in every locale where it can be made.

Each is a small change of a draft in which nothing is found. Whoever wrote them knew the rules, so
they say that a rule works in a language, and nothing about what the rules miss: that says the
corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from psychometrics.translation.checks import CODES, Pair
from psychometrics.translation.checks.letters import LONGEST_TEXT
from psychometrics.translation.checks.pair import Term
from psychometrics.translation.checks.rules import HINT
from tests.translation import drafts
from tests.translation.planted import FAULTS, Planted

APOSTROPHE = ("sw_TZ", "lg_UG")
ONLY_IN = {
    "apostrophe_differs": APOSTROPHE,
    "space_after_apostrophe": APOSTROPHE,
    "range_shown_reversed": ("he_IL",),
    "digits_differ": ("hi_IN",),
    "digits_mixed": ("hi_IN",),
    "link_differs": drafts.TRANSLATED,
    "untranslated": drafts.TRANSLATED,
    "partly_untranslated": drafts.TRANSLATED,
    "perhaps_untranslated": ("de_DE", "sw_TZ", "lg_UG"),
}
"""Rules that make sense in some of the locales alone."""


def base(locale: str, key: str = "item.culture_1") -> Pair:
    """Return a text of the drafts."""
    relation = "adaptation" if locale == "en_IN" else "translation"
    return Pair(
        key, drafts.instrument().texts[key], drafts.targets(locale)[key], locale, relation=relation
    )


def _target(change: Callable[[str], str]) -> Callable[[Pair], Pair]:
    return lambda pair: replace(pair, target=change(pair.target))


def _both(source: str, target: str) -> Callable[[Pair], Pair]:
    """Put something before source and target."""
    return lambda pair: replace(
        pair, source=f"{source} {pair.source}", target=f"{target} {pair.target}".strip()
    )


def _inside(part: str) -> Callable[[Pair], Pair]:
    """Put something behind the second letter."""
    return _target(lambda text: text[:2] + part + text[2:])


def _at_space(part: str) -> Callable[[Pair], Pair]:
    """Put something in the place of the first space."""
    return _target(lambda text: text.replace(" ", part, 1))


def _of_script(latin: str, **others: str) -> Callable[[Pair], Pair]:
    """Put a word before the target that depends on the language."""
    return lambda pair: replace(pair, target=f"{others.get(pair.locale[:2], latin)} {pair.target}")


CHANGES: dict[str, Callable[[Pair], Pair]] = {
    "translation_missing": _target(lambda _: ""),
    "translation_stale": lambda pair: replace(pair, previous_source="Something else."),
    "translation_fuzzy": lambda pair: replace(pair, fuzzy=True),
    "translation_unsigned": lambda pair: replace(pair, signed=False),
    "text_too_long": _target(lambda text: text * (LONGEST_TEXT // len(text) + 1)),
    "too_many_marks": _inside("\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309"),
    "placeholder_lost": _both("{n}", ""),
    "placeholder_added": _both("", "{n}"),
    "markup_differs": _both("<b>a</b>", "<b>a"),
    "markup_unbalanced": _both("<b>1</b>", "</b>1<b>"),
    "markup_unsafe": _both("", "<script>alert(1)</script>"),
    "emphasis_differs": _both("**1**", "1"),
    "link_differs": _both("www.example.org", "www.example.com"),
    "newline_at_edge": _target(lambda text: text + "\n"),
    "escape_left": _both("", "&auml;"),
    "bidi_override": _target(lambda text: f"\u202e{text}\u202c"),
    "bidi_unbalanced": _target(lambda text: f"\u2067{text}"),
    "range_shown_reversed": _both("(0–10)", "(0–10)"),
    "replacement_character": _inside("\ufffd"),
    "mojibake": _both("", "Ã¼ber"),
    "lone_surrogate": _inside("\ud83d"),
    "control_character": _inside("\u0007"),
    "private_use_character": _inside("\uf020"),
    "not_composed": _of_script("u\u0308ber", hi="अा"),
    "presentation_form": _of_script("\ufb01n", he="\ufb2bלום"),
    "wrong_script": _target(lambda _: "Это совсем другая строка о чём-то."),
    "mixed_script_word": _inside("\u0430"),
    "foreign_letter": _both("", "\u0441"),
    "mark_without_letter": _at_space(" \u0301 "),
    "mark_twice": _inside("\u0301\u0301"),
    "end_punctuation": _target(lambda text: text[:-1]),
    "brackets_unbalanced": _at_space(" ("),
    "quotes_of_locale": _of_script("«so»", de="“so”"),
    "quotes_unbalanced": _at_space(' "'),
    "quotes_lost": _both('"1"', "1"),
    "apostrophe_wrong": _target(lambda text: f"{text[0]}`{text[1:]}"),
    "space_at_edge": _target(lambda text: text + " "),
    "space_doubled": _at_space("  "),
    "space_before_sign": _at_space(" , "),
    "space_after_sign": _at_space(","),
    "space_after_apostrophe": _both("", "n' endiga"),
    "word_doubled": _of_script(
        "this this", de="diese diese", hi="में में", he="של של", sw="wa wa", lg="mu mu"
    ),
    "invisible_character": _at_space("\u200b "),
    "number_differs": _both("14", "4"),
    "range_turned": _both("0-10", "10-0"),
    "digits_foreign": _both("14", "١٤"),
    "digits_mixed": _both("10, 14", "१०, 14"),
    "length_unusual": _target(lambda text: " ".join([text] * 4)),
    "untranslated": lambda pair: replace(pair, target=pair.source),
    "perhaps_untranslated": lambda pair: replace(
        pair, source="Strongly agree", target="Strongly agree"
    ),
    "partly_untranslated": _both("", "managers of this service actively"),
}  # fmt: skip
"""What is done to one text, by the code that has to tell."""


def planted_by_rule() -> Iterator[Planted]:
    """Yield the faults, named by locale and code."""
    for locale in drafts.LOCALES:
        for code in CODES:
            if not code.startswith(HINT) and locale in ONLY_IN.get(code, drafts.LOCALES):
                yield _planted(locale, code)


def _planted(locale: str, code: str) -> Planted:
    fault = next(name for name, codes in FAULTS.items() if code in codes)
    pair = base(locale)
    made = Planted(f"{locale}.{code}", locale, fault, f"made for {code}", pair)
    if code in CHANGES:
        return replace(made, pair=CHANGES[code](pair))
    return replace(made, **_TOGETHER[code](locale, pair))


def _options(
    locale: str, *, turned: bool = False, alike: bool = False, empty: bool = False
) -> dict[str, Any]:
    no, yes = (base(locale, f"option.yes_no.{key}") for key in ("no", "yes"))
    if alike:
        yes = replace(yes, target=no.target)
    if empty:
        yes = replace(yes, target="")
    pair, beside = (no, yes) if turned else (yes, no)
    return {"pair": pair, "beside": (beside,), "keys": (no.key, yes.key)}


def _apostrophes(_: str, pair: Pair) -> dict[str, Any]:
    straight, curly = (replace(pair, target=f"ng{sign}ombe {pair.target}") for sign in "'’")
    return {"pair": curly, "beside": tuple(replace(straight, key=f"item.{at}") for at in "ab")}


def _digits(_: str, pair: Pair) -> dict[str, Any]:
    native, european = (replace(pair, target=f"{sign} {pair.target}") for sign in ("१४", "14"))
    beside = tuple(replace(european, key=f"item.{at}") for at in "ab")
    return {"pair": replace(native, source=f"14 {pair.source}"), "beside": beside}


_TOGETHER: dict[str, Callable[[str, Pair], dict[str, Any]]] = {
    "key_absent": lambda _, pair: {"keys": (pair.key, "item.culture_2")},
    "key_unknown": lambda _, pair: {"keys": ("item.culture_2",)},
    "key_repeated": lambda _, pair: {"beside": (pair,)},
    "options_incomplete": lambda locale, _: _options(locale, empty=True),
    "option_order": lambda locale, _: _options(locale, turned=True),
    "options_alike": lambda locale, _: _options(locale, alike=True),
    "one_target": lambda locale, pair: {
        "beside": (replace(base(locale, "item.culture_2"), target=pair.target),)
    },
    "one_source": lambda locale, pair: {
        "beside": (replace(base(locale, "item.culture_2"), source=pair.source),)
    },
    "apostrophe_differs": _apostrophes,
    "digits_differ": _digits,
    "term_not_used": lambda _, pair: {"terms": {"manager": Term(("qqqq",), ())}},
    "term_avoided": lambda _, pair: {
        "terms": {"manager": Term((pair.target.split()[1],), (pair.target.split()[0],))}
    },
}
"""What is done to several texts together."""
