"""What is right in a language is never blamed, however odd it looks to a program."""

from __future__ import annotations

import pytest

from psychometrics.translation.checks import LocaleTexts, Pair, check_texts

LEGAL = [
    # Hindi: joiners, both spellings of nukta letters, danda or full stop, doubling, native digits
    ("hi_IN", "The managers listen.", "प्रबंधक सुनते हैं।"),
    ("hi_IN", "The managers listen.", "प्रबंधक सुनते हैं."),
    ("hi_IN", "The managers listen.", "प्रबंधक सुनते हैं ।"),
    ("hi_IN", "Is it so?", "क्या ऐसा है ?"),
    ("hi_IN", "I use a weapon.", "मैं शस्\u200dत्र और क्\u200cष का प्रयोग करता हूँ।"),
    ("hi_IN", "I read.", "मैं प\u0922\u093cता हूँ।"),
    ("hi_IN", "I read.", "मैं प\u095dता हूँ।"),
    ("hi_IN", "I go often.", "मैं बार-बार जाता हूँ।"),
    ("hi_IN", "In the past 14 days", "पिछले १४ दिनों में"),
    ("hi_IN", "In the past 14 days", "पिछले चौदह दिनों में"),
    ("hi_IN", "I know HTML.", "मैं HTML को जानता हूँ।"),
    ("hi_IN", "I say “no”.", "मैं “नहीं” कहता हूँ।"),
    ("hi_IN", "My opinion is asked for.", "मेरा मत पूछा जाता है।"),
    # Hebrew: geresh and gershayim in three spellings, maqaf, points, Latin words with prefixes
    ("he_IL", "The director general listens.", 'המנכ"ל מקשיב.'),
    ("he_IL", "The director general listens.", "המנכ״ל מקשיב."),
    ("he_IL", "The chips are good.", "הצ'יפס טוב."),
    ("he_IL", "The chips are good.", "הצ׳יפס טוב."),
    ("he_IL", "A school is near.", "בית־ספר נמצא קרוב."),
    ("he_IL", "I know GAD-7.", "אני מכיר את ה־GAD-7."),
    ("he_IL", "I know HTML.", "אני מכיר את הHTML."),
    ("he_IL", "Peace", "שָׁלוֹם"),
    ("he_IL", "I am calm.", "אני \u200fרגוע/ה."),
    ("he_IL", "Choose from 0 to 10.", "נא לבחור מ-0 עד 10."),
    ("he_IL", "Choose a number (0-10).", "נא לבחור מספר (0-10)."),
    ("he_IL", "I work slowly.", "אני עובד לאט לאט."),
    ("he_IL", "I say “no”.", 'אני אומר "לא".'),
    ("he_IL", "In the past two weeks", "בשבועיים האחרונים"),
    # German: both kinds of quotation marks, decimal comma, half days, relative clauses, cognates
    ("de_DE", "I say “no”.", "Ich sage „nein“."),
    ("de_DE", "I say “no”.", "Ich sage »nein«."),
    ("de_DE", 'I say "no".', 'Ich sage "nein".'),
    ("de_DE", "At 12.5 %", "Bei 12,5\u00a0%"),
    ("de_DE", "1,000 people", "1.000 Personen"),
    ("de_DE", "At 6 p.m.", "Um 18 Uhr"),
    ("de_DE", "I like those who are calm.", "Ich mag die, die die Ruhe lieben."),
    ("de_DE", "Name", "Name"),
    ("de_DE", "E-mail", "E-Mail"),
    ("de_DE", "For 2 weeks", "Zwei Wochen lang"),
    ("de_DE", "Once a week", "1-mal pro Woche"),
    ("de_DE", "I (always) listen.", "Ich höre (immer) zu."),
    ("de_DE", "50% of the days", "50 % der Tage"),
    ("de_DE", "Fun…", "„Spaß“ …"),
    ("de_DE", "I am unable to sleep.", "Ich kann nicht schlafen."),
    ("de_DE", "a) I sleep", "a) Ich schlafe"),
    # Swahili and Luganda: ng' at the beginning and end of words, one kind of apostrophe
    ("sw_TZ", "I own a cow.", "Nina ng'ombe."),
    ("sw_TZ", "I own a cow.", "Nina ng’ombe."),
    ("sw_TZ", "I own a cow.", "Nina ng\u02bcombe."),
    ("sw_TZ", "I work slowly.", "Ninafanya kazi polepole."),
    ("sw_TZ", "I sleep at night.", "Huwa ninalala usiku."),
    ("lg_UG", "My brother and the cow", "Muganda wange n'ente"),
    ("lg_UG", "I sing.", "Nnyimba ng'omuyimbi."),
    ("lg_UG", "I work slowly.", "Nkola mpola mpola."),
    ("lg_UG", "We speak Luganda.", "Twogera Oluganda mu ŋŋoma."),
]


@pytest.mark.parametrize(("locale", "source", "target"), LEGAL)
def test_what_is_legal_has_no_findings(locale: str, source: str, target: str) -> None:
    texts = LocaleTexts(locale, (Pair("item.x", source, target, locale),))
    found = [each for each in check_texts(texts) if each.code != "hint_word_doubled"]
    assert not found, [str(each) for each in found]


def test_an_adaptation_may_be_a_copy_with_its_own_spelling_and_digits() -> None:
    pairs = (
        Pair("item.a", "I organize 100,000 visits.", "I organise 1,00,000 visits.", "en_IN"),
        Pair("item.b", "I am calm at work.", "I am calm at work.", "en_IN"),
        Pair("item.c", "Write to help@example.org.", "Write to help@example.in.", "en_IN"),
    )
    adapted = tuple(
        Pair(each.key, each.source, each.target, "en_IN", relation="adaptation") for each in pairs
    )
    assert list(check_texts(LocaleTexts("en_IN", adapted))) == []


def test_an_unknown_language_is_checked_by_its_script_alone() -> None:
    ours = Pair("item.x", "I am calm.", "ನಾನು ಶಾಂತವಾಗಿದ್ದೇನೆ.", "kn_IN")
    latin = Pair("item.x", "I am calm.", "Naanu shaantavaagiddene.", "kn_IN")
    unheard = Pair("item.x", "I am calm.", "Aneno maber.", "ach_UG")
    assert list(check_texts(LocaleTexts("kn_IN", (ours,)))) == []
    assert [one.code for one in check_texts(LocaleTexts("kn_IN", (latin,)))] == ["wrong_script"]
    assert list(check_texts(LocaleTexts("ach_UG", (unheard,)))) == []
