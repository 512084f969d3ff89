"""How long catalogs take: 20 instruments of 50 items in 7 locales, from files to files."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from psychometrics import load_instrument
from psychometrics.instrument import Instrument
from psychometrics.translation.status import translation_status
from psychometrics.translation.steps import record_step
from psychometrics.translation.update import update_catalogs, write_update
from psychometrics.translation.voided import voided_by

LOCALES = ("de_DE", "hi_IN", "en_IN", "he_IL", "sw_TZ", "lg_UG", "gu_IN")
N_INSTRUMENTS, N_ITEMS = 20, 50
BUDGET = 5.0
ITEM = """\
  - key: q{n}
    text: I feel at ease with matter number {n} of this long questionnaire about everyday life.
    concept: >-
      What is meant by matter number {n}, and what is not meant, in the two or three lines of text
      that such a note usually has.
    rationale: It belongs to the measure.
    response_set: agreement
"""
DEFINITION = """\
id: measure{number}
version: "1.0"
title: Measure {number}
construct: Something.
citation: None.
licence: Public domain.
provenance: Made for a benchmark.
source_locale: en
instructions: Please read each statement.
recall_period: The past week.
response_sets:
  - key: agreement
    options:
      - {{key: disagree, code: 1, text: Disagree}}
      - {{key: neither, code: 2, text: Neither}}
      - {{key: agree, code: 3, text: Agree}}
items:
{items}scales:
  - key: whole
    title: Whole
    description: A high score means much of it.
    items: [{keys}]
    min_valid: 40
    measurement: reflective
sites:
  - {{id: here, name: Here, country: DE, locales: [{locales}]}}
"""


def definitions(folder: Path) -> list[tuple[Path, Instrument]]:
    """Write the definitions and load them."""
    made = []
    for number in range(N_INSTRUMENTS):
        file = folder / f"measure{number}.yaml"
        items = "".join(ITEM.format(n=n) for n in range(N_ITEMS))
        keys = ", ".join(f"q{n}" for n in range(N_ITEMS))
        file.write_text(
            DEFINITION.format(number=number, items=items, keys=keys, locales=", ".join(LOCALES))
        )
        made.append((file, load_instrument(file)))
    return made


def translate(folder: Path) -> None:
    """Put a text into every empty entry."""
    for file in folder.rglob("*.po"):
        head, _, body = file.read_text(encoding="utf-8").partition("\n\n")
        text = body.replace('msgstr ""', 'msgstr "Ein Satz von der Länge, die solche Sätze haben."')
        file.write_text(f"{head}\n\n{text}", encoding="utf-8")


def update(folder: Path, measures: list[tuple[Path, Instrument]]) -> float:
    """Return the seconds that an update of all catalogs takes, with what it would void."""
    start = perf_counter()
    for file, instrument in measures:
        for made in update_catalogs(instrument, translations=folder, file=file):
            voided_by(instrument, made, translations=folder)
            write_update(made, translations=folder)
    return perf_counter() - start


def main() -> int:
    """Measure everything; return 1 if something takes longer than promised."""
    with TemporaryDirectory() as made:
        root = Path(made)
        folder = root / "translations"
        folder.mkdir()
        start = perf_counter()
        measures = definitions(root)
        times = {"load definitions": perf_counter() - start}
        times["make catalogs"] = update(folder, measures)
        translate(folder)
        for _, instrument in measures:
            for locale in LOCALES:
                for who, draft in (("T1", "A"), ("T2", "B")):
                    record_step(
                        instrument, locale, "forward", who=who, origin="human", draft=draft,
                        translations=folder,
                    )  # fmt: skip
        times["update, nothing changed"] = update(folder, measures)
        for file, _ in measures:
            file.write_text(file.read_text().replace("I feel at ease", "I often feel at ease"))
        measures = [(file, load_instrument(file)) for file, _ in measures]
        times["update, every item changed"] = update(folder, measures)
        start = perf_counter()
        for _, instrument in measures:
            for locale in LOCALES:
                translation_status(instrument, locale, translations=folder)
        times["status"] = perf_counter() - start
    for name, seconds in times.items():
        print(f"{name:<30} {seconds:.2f} s (promised: under {BUDGET:g} s)")
    return int(any(seconds >= BUDGET for seconds in times.values()))


if __name__ == "__main__":
    sys.exit(main())
