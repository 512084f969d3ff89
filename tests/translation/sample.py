"""A small instrument, and catalogs of it as different editors write them."""

from __future__ import annotations

from pathlib import Path

from psychometrics.instrument import Instrument, load_instrument

MOOD = """\
id: mood
version: "1.0"
title: Mood
construct: How a person feels.
citation: None.
licence: Public domain.
provenance: Written for a test.
source_locale: en
instructions: Please think of the past week.
recall_period: The past week.
response_sets:
  - key: often3
    options:
      - {key: never, code: 1, text: Never}
      - {key: sometimes, code: 2, text: Sometimes}
      - {key: always, code: 3, text: Always}
    missing:
      - {key: none_given, code: 9, text: No answer, meaning: refused}
  - key: hours
    range: {minimum: 0, maximum: 24, unit: hours}
items:
  - key: calm
    text: I feel calm.
    concept: Quiet, and not bored.
    rationale: One side of mood.
    response_set: often3
  - key: tense
    text: I am tense.
    concept: Nervous; not about muscles.
    rationale: The other side.
    response_set: often3
    keyed: -1
  - key: glad
    text: I am glad.
    concept: Pleased with something.
    rationale: It belongs to mood.
    response_set: often3
  - key: code_word
    text: ABC-1
    concept: A code that stays as it is.
    rationale: For the test.
    response_set: often3
    translatable: false
scales:
  - key: mood
    title: Good mood
    description: A high score means a good mood.
    items: [calm, tense, glad]
    min_valid: 2
    measurement: reflective
comparators:
  - {key: sleep, text: How long did you sleep?, kind: numeric, level: respondent,
     response_set: hours}
sites:
  - {id: ulm, name: Ulm, country: DE, locales: [de_DE]}
  - {id: hamburg, name: Hamburg, country: DE, locales: [de_DE]}
"""


def mood(folder: Path, *changes: tuple[str, str]) -> Instrument:
    """Write the definition with texts replaced, and load it."""
    text = MOOD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "mood.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return load_instrument(file)


def put(folder: Path, content: str | bytes, locale: str = "de_DE", name: str = "mood") -> Path:
    """Write a catalog and return its file."""
    file = folder / locale / "LC_MESSAGES" / f"{name}.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


GETTEXT = r"""# German of the mood scale.
# Copyright (C) nobody
msgid ""
msgstr ""
"Project-Id-Version: mood 1.0\n"
"Language: de_DE\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"X-Reviewed-By: R1\n"

#. What the respondent reads first.
#: mood.yaml:9
msgctxt "instructions"
msgid "Please think of the past week."
msgstr ""
"Bitte denken Sie an die "
"vergangene Woche."

#  Quiet was discussed with R1.
#. Quiet, and not bored.
#: mood.yaml:23
#, no-wrap, x-checked-by-hand
msgctxt "item.calm"
msgid "I feel calm."
msgstr "Ich fühle mich ruhig."

#, fuzzy
#| msgctxt "item.nervous"
#| msgid "I am nervous."
msgctxt "item.tense"
msgid "I am tense."
msgstr "Ich bin nervös."

#~| msgid "Was it good?"
#~ msgctxt "item.good"
#~ msgid "It was \"good\"."
#~ msgstr "Es war „gut“.\n"
"""

POEDIT = (
    '\ufeffmsgid ""\nmsgstr ""\n"Language: de_DE\\n"\n'
    '"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"X-Generator: Poedit 3.4.2\\n"\n"X-Poedit-Bookmarks: 1,-1,-1\\n"\n\n'
    '#: mood.yaml:23\nmsgctxt "item.calm"\nmsgid "I feel calm."\n'
    'msgstr "Ich fühle mich ruhig."\n\n'
    '#~ msgctxt "item.old"\n#~ msgid "Old"\n#~ msgstr "Alt"\n'
).replace("\n", "\r\n")

WEBLATE = r"""# R1 <r1@example.org>, 2026.
msgid ""
msgstr ""
"Language: de_DE\n"
"Content-Type: text/plain; charset=UTF-8\n"
"X-Generator: Weblate 5.9\n"
#. Quiet, and not bored.
msgctxt "item.calm"
msgid "I feel calm."
msgstr "Ich fühle mich ruhig."
#, fuzzy
#| msgid "I am nervous."
msgctxt "item.tense"
msgid ""
"I am tense."
msgstr ""

# a comment at the end
"""

STYLES = {"gettext": GETTEXT, "poedit": POEDIT, "weblate": WEBLATE}
