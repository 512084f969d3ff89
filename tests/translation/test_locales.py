"""Briefs of locales, and the variants of texts that they ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from psychometrics.errors import CatalogError
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.keys import TextKey, text_key
from psychometrics.translation.locales import is_adaptation, load_brief, locale_direction
from psychometrics.translation.update import update_catalogs, write_update
from tests.translation.sample import GETTEXT, mood, put

BRIEF = """\
locale: de_DE
instrument: mood
relation: translation
source_locale: en
direction: ltr
address: Sie
register: Everyday German.
gender: Two forms only where an adjective has them.
gender_strategy: variants
gender_variants: [item.glad]
termbase:
  - {term: calm, target: ruhig, also: [gelassen], avoid: [still], note: As agreed.}
  - {term: sleep, target: [Schlaf, Schlafen]}
own_words:
  ulm: [item.calm]
displays:
  - {target: paper, mode: self, code_order: ascending, visual_direction: left_to_right}
"""


def write(folder: Path, text: str, locale: str = "de_DE") -> None:
    file = folder / locale / "brief.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_a_brief_is_read(tmp_path: Path) -> None:
    write(tmp_path, BRIEF)
    brief = load_brief("de_DE", translations=tmp_path)
    assert brief is not None
    assert brief.language_register == "Everyday German."
    assert brief.terms == {"calm": ("ruhig", "gelassen"), "sleep": ("Schlaf", "Schlafen")}
    assert load_brief("de_DE", "mood", translations=tmp_path) == brief
    assert load_brief("de_DE", "other", translations=tmp_path) is None
    assert brief.displays[0].code_order == "ascending"
    assert load_brief("he_IL", translations=tmp_path) is None


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("locale: de_DE", "locale: de_AT", "brief_locale", 1),
        ("locale: de_DE", "locale: ../de", "locale_name", 1),
        ("relation: translation", "relation: copy", "field_choice", 3),
        ("displays:\n", "displays:\n  - {target: paper, mode: self, code_order: ascending, "
         "visual_direction: left_to_right}\n", "field_refused", 1),
        ("source_locale: en", "source_locale: English", "locale_name", 4),
        ("direction: ltr\n", "", "field_missing", 1),
        ("address: Sie", "address: Sie\nadress: x", "field_unknown", 7),
        ("register: Everyday German.", "register: [a]", "field_not_one_text", 7),
        ("gender_strategy: variants", "gender_strategy: neutral", "field_refused", 1),
        ("target: ruhig", "target: []", "field_empty", 12),
        ("term: sleep", "term: &a sleep", "yaml_alias", 13),
        ("term: sleep", "term: Calm", "field_refused", 1),
    ],
)  # fmt: skip
def test_a_fault_of_a_brief_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, code: str, line: int
) -> None:
    assert old in BRIEF
    write(tmp_path, BRIEF.replace(old, new))
    with pytest.raises(CatalogError, match=r"brief\.yaml has faults") as raised:
        load_brief("de_DE", translations=tmp_path)
    found = {(f.code, int(f.where.rpartition(":")[2])) for f in raised.value.findings}
    assert (code, line) in found


def test_a_yaml_bomb_does_not_grow(tmp_path: Path) -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    write(tmp_path, bomb)
    with pytest.raises(CatalogError, match="Anchors and aliases"):
        load_brief("de_DE", translations=tmp_path)


def test_a_catalog_gets_the_variants_that_the_brief_asks_for(tmp_path: Path) -> None:
    put(tmp_path, GETTEXT)
    write(tmp_path, BRIEF)
    for made in update_catalogs(mood(tmp_path), translations=tmp_path):
        write_update(made, translations=tmp_path)
    catalog = load_catalog("mood", "de_DE", translations=tmp_path)
    keys = [entry.key for entry in catalog.entries if entry.base_key in ("item.calm", "item.glad")]
    assert keys == ["item.calm", "item.calm@ulm", "item.glad", "item.glad[f]", "item.glad[m]"]
    (own,) = (entry for entry in catalog.entries if entry.key == "item.calm@ulm")
    assert (own.base_key, own.site, own.text) == ("item.calm", "ulm", "")
    assert "The wording of one site only: ulm." in own.notes
    assert catalog.text("item.calm", site="ulm") == "Ich fühle mich ruhig."
    assert catalog.words_of("ulm") == ()


def test_a_form_for_a_gender_comes_before_that_for_everybody(tmp_path: Path) -> None:
    own = "".join(
        f'\nmsgctxt "{key}"\nmsgid "I am glad."\nmsgstr "{text}"\n'
        for key, text in (
            ("item.glad", "all"), ("item.glad[f]", "her"), ("item.glad[f]@ulm", "her in Ulm"),
            ("item.glad@hamburg", "Hamburg"),
        )
    )  # fmt: skip
    put(tmp_path, GETTEXT + own)
    catalog = load_catalog("mood", "de_DE", translations=tmp_path)
    assert catalog.text("item.glad", gender="f") == "her"
    assert catalog.text("item.glad", gender="m") == "all"
    assert catalog.text("item.glad", gender="f", site="ulm") == "her in Ulm"
    assert catalog.text("item.glad", gender="f", site="hamburg") == "Hamburg"
    assert catalog.words_of("ulm") == ("item.glad",)


def test_keys_and_their_parts() -> None:
    assert text_key("item.a") == TextKey("item.a")
    assert str(text_key("option.s.o[m]@ulm")) == "option.s.o[m]@ulm"
    assert text_key("item.a[x]").base == "item.a[x]"


def test_direction_and_relation_have_a_default() -> None:
    assert locale_direction("he_IL") == "rtl"
    assert locale_direction("zz_ZZ") == "ltr"
    assert is_adaptation("en_IN", "en")
