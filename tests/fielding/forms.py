"""Releases to make forms of: that of the home instrument, and any that could be."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from psychometrics import load_instrument
from psychometrics.instrument import Instrument
from psychometrics.translation.catalog import Catalog, Entry
from psychometrics.translation.form import form_of
from psychometrics.translation.locales import locale_direction
from psychometrics.translation.release import Release, ReleasedForm, make_release

LOCALES = ("de_DE", "hi_IN", "en_IN", "he_IL", "sw_TZ", "lg_UG")


@cache
def home_release() -> Release:
    """Return a release of the home instrument's drafts, without writing it."""
    return draft_of(load_instrument("peer_support_implementation"))


def draft_of(instrument: Instrument) -> Release:
    """Return a release of what the shipped catalogs hold, signed or not."""
    import shutil
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from psychometrics.instrument.shipped import data_folder

    with TemporaryDirectory() as folder:
        copied = Path(folder) / "translations"
        shutil.copytree(data_folder("translations"), copied)
        return make_release(
            instrument, "1.0", allow_draft=True, when="2026-01-02T03:04:05Z", translations=copied
        )


# Everything a text may hold: quotes, commas, line breaks, marks of formats, other scripts.
TEXTS = st.text(
    st.one_of(
        st.sampled_from(list("abz ,;|\"'<>&=+-@#%{}[]()*_\\/\n.:?!")),
        st.sampled_from(list("äßéשלוםहिन्दीŋ’“”–…\u200d😀")),
    ),
    min_size=1, max_size=40,
).map(str.strip).filter(bool)  # fmt: skip
CODES = st.lists(st.integers(-9, 99), min_size=4, max_size=9, unique=True)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    """Draw a release of a random instrument in two or three languages."""
    sets = []
    for at in range(draw(st.integers(1, 3))):
        codes = draw(CODES)
        n_missing = draw(st.integers(0, 2))
        options = sorted(codes[n_missing:])
        words = draw(
            st.lists(TEXTS, min_size=len(codes), max_size=len(codes), unique_by=str.casefold)
        )
        sets.append({
            "key": f"set{at}",
            "options": [
                {"key": f"o{i}", "code": code, "text": words[i]} for i, code in enumerate(options)
            ],
            "missing": [
                {"key": f"m{i}", "code": codes[i], "text": words[-1 - i], "meaning": "refused"}
                for i in range(n_missing)
            ],
        })  # fmt: skip
    low = draw(st.integers(-3, 3))
    sets.append({
        "key": "number",
        "range": {"minimum": float(low), "maximum": float(low + draw(st.integers(1, 60)))},
        "missing": [{"key": "none", "code": 999, "text": draw(TEXTS), "meaning": "refused"}],
    })  # fmt: skip
    items = [
        {"key": f"q{at}", "text": draw(TEXTS), "concept": "c", "rationale": "r",
         "response_set": f"set{draw(st.integers(0, len(sets) - 2))}"}
        for at in range(draw(st.integers(2, 6)))
    ]  # fmt: skip
    definition = {
        "id": "drawn", "version": "1.0", "title": draw(TEXTS), "construct": "c", "citation": "c",
        "licence": "c", "provenance": "p", "source_locale": "en", "instructions": draw(TEXTS),
        "recall_period": draw(TEXTS), "response_sets": sets, "items": items,
        "scales": [{"key": "s", "title": "s", "description": "d",
                    "items": [item["key"] for item in items], "min_valid": 1,
                    "measurement": "reflective"}],
        "comparators": [{"key": "rating", "text": draw(TEXTS), "kind": "numeric",
                         "level": "respondent", "response_set": "number"}],
        "sites": [
            {"id": "here", "name": "Here", "country": "DE", "locales": ["de_DE"]},
            {"id": "there", "name": "There", "country": "IL", "locales": ["he_IL", "en"]},
        ],
    }  # fmt: skip
    instrument = Instrument.model_validate(definition)
    forms = {locale: drawn_form(draw, instrument, locale) for locale in ("en", "de_DE", "he_IL")}
    return Release(
        instrument="drawn", name="1.0", draft=False, when="2026-01-02T03:04:05Z",
        definition=instrument.model_dump(mode="json", exclude_defaults=True),
        definition_hash=instrument.definition_hash, locales=forms,
    )  # fmt: skip


def drawn_form(draw: st.DrawFn, instrument: Instrument, locale: str) -> ReleasedForm:
    """Draw the words of a locale; the answers of a set never read the same."""
    entries, used = [], set()
    for key, text in instrument.texts.items():
        words = text
        if locale != "en" and not key.startswith(("scale.", "site.")):
            group = key.rpartition(".")[0]
            words = draw(TEXTS.filter(lambda said, g=group: (g, said.casefold()) not in used))
            used.add((group, words.casefold()))
        entries.append(Entry(key, text, words))
    form = form_of(instrument, Catalog(instrument.id, locale, tuple(entries)))
    return ReleasedForm(
        texts=dict(form.texts),
        codes={key: dict(codes) for key, codes in form.codes},
        direction=locale_direction(locale),
        form_hash=form.hash,
        signed=True,
    )
