"""Terms are recognised in the forms that a language gives them."""

from __future__ import annotations

import pytest

from psychometrics.translation.checks import LocaleTexts, Pair, check_texts
from psychometrics.translation.checks.pair import Term


def codes(locale: str, term: str, source: str, target: str, *allowed: str, avoid: str = "") -> set:
    terms = {term: Term(allowed, (avoid,) if avoid else ())}
    texts = LocaleTexts(locale, (Pair("item.x", source, target, locale),), None, terms)
    return {each.code for each in check_texts(texts)} & {"term_not_used", "term_avoided"}


FORMS = [
    ("de_DE", "doctor", "Doctors help.", "Ärzte helfen.", "Arzt"),
    ("de_DE", "service", "The services help.", "Den Einrichtungen ist zu helfen.", "Einrichtung"),
    ("de_DE", "training", "My training helps.", "Die Schulungsangebote helfen.", "Schulung"),
    (
        "de_DE",
        "peer network",
        "The peer network helps.",
        "Das Peer-Netzwerk hilft.",
        "Peer-Netzwerk",
    ),
    ("hi_IN", "service", "The services help.", "सेवाओं से मदद मिलती है।", "सेवा"),
    ("hi_IN", "training", "Training helps.", "प्रशिक्षणों से मदद होती है।", "प्रशिक्षण"),
    ("hi_IN", "staff", "Staff help.", "कर्मचारियों से मदद मिलती है।", "कर्मचारी"),
    ("hi_IN", "manager", "Managers help.", "प्रबन्धक मदद करते हैं।", "प्रबंधक"),
    ("he_IL", "service", "The service helps.", "ובשירותים האלה עוזרים.", "שירות"),
    ("he_IL", "manager", "The managers help.", "המנהלים עוזרים.", "מנהל"),
    ("he_IL", "role", "My role helps.", "לתפקידי יש ערך.", "התפקיד"),
    ("he_IL", "team", "The team helps.", "שהצוות עוזר.", "צוות"),
    ("sw_TZ", "manager", "Managers help.", "Mameneja wanasaidia.", "meneja"),
    ("sw_TZ", "teacher", "A teacher helps.", "Walimu wanasaidia.", "mwalimu"),
    ("sw_TZ", "centre", "Centres help.", "Vituo vinasaidia.", "kituo"),
    ("lg_UG", "worker", "A worker helps.", "Abakozi bayamba.", "omukozi"),
    ("lg_UG", "job", "Jobs help.", "Emirimu giyamba.", "omulimu"),
]


@pytest.mark.parametrize(("locale", "term", "source", "target", "allowed"), FORMS)
def test_a_form_of_the_agreed_word_is_recognised(
    locale: str, term: str, source: str, target: str, allowed: str
) -> None:
    assert codes(locale, term, source, target, allowed) == set()


@pytest.mark.parametrize(
    ("locale", "target", "allowed"),
    [
        ("de_DE", "Der Dienst hilft.", "Einrichtung"),
        ("hi_IN", "केंद्र मदद करता है।", "सेवा"),
        ("he_IL", "המרכז עוזר.", "שירות"),
        ("sw_TZ", "Shirika linasaidia.", "kituo"),
        ("lg_UG", "Ekitongole kiyamba.", "ekifo"),
    ],
)
def test_another_word_is_not(locale: str, target: str, allowed: str) -> None:
    assert codes(locale, "service", "The service helps.", target, allowed) == {"term_not_used"}


def test_the_longest_term_counts_and_terms_are_words() -> None:
    terms = {
        "peer support worker": Term(("Peer-Begleitende",)),
        "worker": Term(("Arbeiter",)),
        "port": Term(("Hafen",)),
    }
    pair = Pair("item.x", "Peer support workers help.", "Peer-Begleitende helfen.", "de_DE")
    assert list(check_texts(LocaleTexts("de_DE", (pair,), None, terms))) == []


def test_what_was_decided_against_is_found_in_its_forms() -> None:
    source, target = "The service helps.", "In den Kliniken der Einrichtung wird geholfen."
    assert codes("de_DE", "service", source, target, "Einrichtung", avoid="Klinik") == {
        "term_avoided"
    }
    # A part of an agreed term is no use of the other one.
    target = "Die Kliniken und Einrichtungen helfen."
    assert codes("de_DE", "service", source, target, "Klinik und Einrichtung", avoid="Klinik") == (
        set()
    )
