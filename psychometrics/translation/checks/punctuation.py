"""The sign at the end, quotation marks, brackets, and apostrophes within words."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from psychometrics.errors import Finding
from psychometrics.translation.checks.language import JOINER_SCRIPTS
from psychometrics.translation.checks.letters import LETTER, code_point, listed
from psychometrics.translation.checks.pair import STAND_IN, LocaleTexts, Pair, warning

# Signs that mean the same at the end of a text, whatever the script.
END = {
    ".": "full stop", "।": "full stop", "॥": "full stop", "。": "full stop", "۔": "full stop",
    "።": "full stop", "?": "question mark", "؟": "question mark", ";": "semicolon",
    "؛": "semicolon", "!": "exclamation mark", ":": "colon", "…": "ellipsis", "：": "colon",
    ",": "comma", "|": "vertical bar", "،": "comma", "\u037e": "question mark",
}  # fmt: skip
INDIC = JOINER_SCRIPTS - {"ARABIC", "SYRIAC"}
OF_SCRIPTS = {
    **dict.fromkeys("।॥", INDIC),
    **dict.fromkeys("؟؛،۔", frozenset({"ARABIC", "SYRIAC"})),
    **dict.fromkeys("。：", frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL"})),
    "።": frozenset({"ETHIOPIC"}),
    "\u037e": frozenset({"GREEK"}),
}
"""Signs that belong to some scripts alone."""
TWO_STOPS = re.compile(r"(?<![.])[.]{2}$|।।$")
CLOSING = "\"'”’“‘»«›‹)]}*_\u200e\u200f\u2066\u2067\u2068\u2069\u202c\u200b\u200c\u200d"
OPEN_TO_CLOSE = {"(": ")", "[": "]", "{": "}"}
GENDER_VARIANT = re.compile(r"\[[a-z]{1,3}\]")
LIST_LETTER = re.compile(r"(?:(?<=^)|(?<=\s))[\w]{1,3}\)")
SMILEY = re.compile(r"[:;]-?[()]")
ABBREVIATION = re.compile(r"^[^\s.]{1,6}\.$|[^\s.]\.[^\s.]{1,4}\.$|\betc\.$|\be\.g\.$")
DOUBLE_QUOTES = "“”„‟«»"
QUOTES = DOUBLE_QUOTES + '"'
ANY_QUOTES = QUOTES + "'’‚‘‹›״׳`"
OPENER = re.compile(r"(?:^|(?<=[\s(\[]))([“”„‟«»‹›‘’‚])(?=[^\W_])")
CLOSER = re.compile(r"(?<=[^\s(\[])([“„])(?=$|[\s.,;:!?)\]।])")
# Between two letters a straight quote is the gershayim of Hebrew; after a digit it is an inch.
STRAIGHT = re.compile(r"(?<![\d״׳])\"(?!\")")
INSIDE_WORD = re.compile(r"(?<=[^\W\d_])\"(?=[^\W\d_])")
APOSTROPHES = "'’ʼ"
WRONG_APOSTROPHE = re.compile(rf"([`´′ʻ‘ʹˈ])(?={LETTER})(?<={LETTER}.)")
IN_WORD = re.compile(r"(?<=[^\W\d_])(['’ʼ])(?=[^\W\d_])|(?<=\bng)(['’ʼ])")


def end(pair: Pair) -> Iterator[Finding]:
    """The target ends with the same kind of sign as the source, whatever its script."""
    expected = _end(pair.bare_source, pair.source_language.script)
    found = _end(pair.bare_target, pair.language.script)
    if expected == found or ABBREVIATION.search(pair.source.strip()):
        return
    if found == "full stop" and ABBREVIATION.search(pair.target.strip()):
        return
    yield warning(pair, "end_punctuation", expected=expected or "nothing", found=found or "nothing")


def brackets(pair: Pair) -> Iterator[Finding]:
    """Brackets are closed in the order in which they were opened, if they are in the source."""
    if not any(each in pair.bare_target for each in "()[]{}"):
        return
    if (fault := _unbalanced(pair.bare_target)) and not _unbalanced(pair.bare_source):
        yield warning(pair, "brackets_unbalanced", found=fault)


def quotes(pair: Pair) -> Iterator[Finding]:
    """Quotation marks of the language, each on its side of a word; straight ones are fine."""
    language = pair.language
    if not language.quotes:
        return
    text = pair.bare_target
    wrong = [each for each in DOUBLE_QUOTES + "‚‹›" if each in text and each not in language.quotes]
    wrong += [hit for hit in OPENER.findall(text) if hit not in language.opening + "’"]
    wrong += [hit for hit in CLOSER.findall(text) if hit in language.opening]
    if wrong:
        yield warning(
            pair, "quotes_of_locale", found=listed("".join(wrong)), expected=language.quotes[:2]
        )


def quotes_balanced(pair: Pair) -> Iterator[Finding]:
    """As many quotation marks open as close, if they do in the source."""
    if _odd_quotes(pair.bare_target) and not _odd_quotes(pair.bare_source):
        yield warning(pair, "quotes_unbalanced")


def quotes_kept(pair: Pair) -> Iterator[Finding]:
    """What is quoted in the source is quoted in the target, by any signs."""
    quoted = sum(each in QUOTES for each in pair.bare_source)
    if quoted < 2:
        return
    target = IN_WORD.sub("", pair.bare_target)  # the apostrophe of gw'abayambi quotes nothing
    if not any(each in ANY_QUOTES for each in target):
        yield warning(pair, "quotes_lost")


def apostrophe(pair: Pair) -> Iterator[Finding]:
    """No accent, prime or opening quote where an apostrophe belongs within a word."""
    if pair.target.isascii() and "`" not in pair.target:
        return
    if hit := WRONG_APOSTROPHE.search(pair.bare_target):
        yield warning(pair, "apostrophe_wrong", found=listed(hit.group(1)))


def apostrophes_consistent(texts: LocaleTexts) -> Iterator[Finding]:
    """One kind of apostrophe within words in a locale, in languages that write words with it."""
    if not texts.language.apostrophe:
        return
    used: dict[str, list[Pair]] = defaultdict(list)
    for pair in texts.translated:
        if any(each in pair.target for each in APOSTROPHES):
            hits = {one or two for one, two in IN_WORD.findall(pair.bare_target)}
            for each in hits:
                used[each].append(pair)
    if len(used) < 2:
        return
    usual = max(used, key=lambda each: (len(used[each]), each == "ʼ"))
    for each, pairs in used.items():
        if each != usual:
            for pair in pairs:
                yield warning(
                    pair, "apostrophe_differs", found=code_point(each), usual=code_point(usual)
                )


def _end(text: str, script: str | None) -> str:
    """Return the kind of the sign at the end: nothing after a letter or a stand-in."""
    text = text.rstrip()
    while text and text[-1] in CLOSING:
        text = text[:-1].rstrip()
    if text.endswith(("...", "…")):
        return "ellipsis"
    if not text or text[-1] == STAND_IN:
        return ""
    if TWO_STOPS.search(text):
        return "two full stops"
    scripts = OF_SCRIPTS.get(text[-1])
    if scripts and script and script not in scripts:
        return "a sign of another script"
    return END.get(text[-1], "")


def _unbalanced(text: str) -> str:
    """Return the first bracket that is not closed or not opened."""
    text = GENDER_VARIANT.sub("", text)
    if ")" in text:
        text = (
            LIST_LETTER.sub(lambda hit: hit.group()[:-1], SMILEY.sub("", text))
            if (text.count("(") != text.count(")"))
            else text
        )
    opened: list[str] = []
    for each in text:
        if each in OPEN_TO_CLOSE:
            opened.append(each)
        elif each in ")]}" and (not opened or OPEN_TO_CLOSE[opened.pop()] != each):
            return each
    return opened[0] if opened else ""


def _odd_quotes(text: str) -> bool:
    curly = Counter(each for each in text if each in DOUBLE_QUOTES)
    if curly.total() % 2:
        return True
    if '"' not in text:
        return False
    return len(STRAIGHT.findall(INSIDE_WORD.sub("", text))) % 2 == 1
