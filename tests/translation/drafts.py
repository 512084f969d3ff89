"""Reads the drafts that come with the toolkit: catalogs, briefs, rereadings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polib
from ruamel.yaml import YAML

from psychometrics.instrument import Instrument, load_instrument
from psychometrics.instrument.shipped import data_folder

INSTRUMENT = "peer_support_implementation"
CATALOGS = (INSTRUMENT, "response_sets.agreement5")
TRANSLATED = ("de_DE", "hi_IN", "he_IL", "sw_TZ", "lg_UG")
LOCALES = (*TRANSLATED, "en_IN")


@cache
def instrument() -> Instrument:
    return load_instrument(INSTRUMENT)


def catalog_file(locale: str, name: str = INSTRUMENT) -> Path:
    return data_folder("translations") / locale / "LC_MESSAGES" / f"{name}.po"


@cache
def catalog(locale: str, name: str = INSTRUMENT) -> polib.POFile:
    return polib.pofile(str(catalog_file(locale, name)), encoding="utf-8")


@cache
def targets(locale: str) -> dict[str, str]:
    """Return the drafted texts by key, those of the shared answers too."""
    return {e.msgctxt: e.msgstr for name in CATALOGS for e in catalog(locale, name)}


@cache
def brief(locale: str) -> dict[str, Any]:
    return _yaml(data_folder("translations") / locale / "brief.yaml")


@cache
def reread(locale: str) -> dict[str, Any]:
    """Return the rereading of a translation, or the account of an adaptation."""
    kind = "adaptation" if brief(locale)["relation"] == "adaptation" else "back"
    return _yaml(data_folder("translations") / locale / "drafts" / f"{INSTRUMENT}.{kind}.yaml")


def _yaml(file: Path) -> dict[str, Any]:
    with file.open(encoding="utf-8") as stream:
        return dict(YAML(typ="safe").load(stream))
