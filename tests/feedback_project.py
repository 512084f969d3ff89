"""A small project in five versions, whose answers can be made odd in any of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from psychometrics.instrument import Instrument, load_instrument
from psychometrics.responses import Responses, simulate_responses
from psychometrics.responses.simulation_plan import NonInvariance
from psychometrics.translation.edit import with_texts
from psychometrics.translation.files import catalog_file, read_po
from psychometrics.translation.update import update_catalogs, write_update

TRUST = """\
id: trust
version: "1.0"
title: Trust
construct: Whether people trust a service.
citation: None.
licence: Public domain.
provenance: Written for a test.
source_locale: en
instructions: Please think of the service.
recall_period: The past month.
response_sets:
  - key: agree5
    options:
      - {key: a, code: 1, text: Strongly disagree}
      - {key: b, code: 2, text: Disagree}
      - {key: c, code: 3, text: Neither}
      - {key: d, code: 4, text: Agree}
      - {key: e, code: 5, text: Strongly agree}
items:
  - {key: kept, text: They are true., concept: Promises., rationale: R., response_set: agree5}
  - {key: open, text: They are open., concept: Frank., rationale: R., response_set: agree5}
  - {key: hide, text: They hide things., concept: Not frank., rationale: R., response_set: agree5,
     keyed: -1}
  - {key: care, text: They care., concept: For people., rationale: R., response_set: agree5}
  - {key: fair, text: They are fair., concept: To all., rationale: R., response_set: agree5}
scales:
  - key: trust
    title: Trust
    description: A high score means trust.
    items: [kept, open, hide, care, fair]
    min_valid: 3
    measurement: reflective
sites:
  - {id: ulm, name: Ulm, country: DE, locales: [de_DE]}
  - {id: hamburg, name: Hamburg, country: DE, locales: [de_DE]}
  - {id: pune, name: Pune, country: IN, locales: [hi_IN, en_IN]}
  - {id: haifa, name: Haifa, country: IL, locales: [he_IL]}
"""
LETTERS = {"de_DE": "Deutsch", "hi_IN": "हिन्दी", "en_IN": "English", "he_IL": "עברית"}


def trust(folder: Path) -> tuple[Instrument, Path]:
    """Write definition and catalogs, and return the instrument and the folder of its texts."""
    (folder / "instruments").mkdir(parents=True)
    file = folder / "instruments" / "trust.yaml"
    file.write_text(TRUST, encoding="utf-8")
    translations = folder / "translations"
    translations.mkdir()
    instrument = load_instrument(file)
    for made in update_catalogs(instrument, translations=translations):
        write_update(made, translations=translations)
        word = LETTERS[made.locale]
        texts = {key: f"{word}, {at}." for at, key in enumerate(instrument.texts)}
        rewrite(instrument, made.locale, translations, texts)
    return instrument, translations


def rewrite(instrument: Instrument, locale: str, translations: Path, texts: dict[str, str]) -> None:
    """Put words into a catalog, as an editor would."""
    file = catalog_file(translations, locale, instrument.id)
    made = with_texts(read_po(file), texts)
    file.write_text(made.dump(), encoding="utf-8")


def answered(
    instrument: Instrument, n: int = 250, seed: int = 1, odd: Iterable[NonInvariance] = ()
) -> Responses:
    """Return simulated answers; Pune has twice as many people, since they read two languages."""
    sizes = {"ulm": n, "hamburg": n, "pune": 2 * n, "haifa": n}
    return simulate_responses(
        instrument, sizes, rng=seed, noninvariance=odd, missing=0.02, structural=0.0
    )
