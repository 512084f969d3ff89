"""The form as a respondent reads it, and the one hash that stands for all of it.

A text can be right by itself and wrong on the form: under another instruction, with other anchors,
in another order. So whoever signs the form off signs all of that together.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from psychometrics.instrument import Instrument
from psychometrics.instrument.parts import ResponseSet
from psychometrics.translation.catalog import Catalog
from psychometrics.translation.locales import Brief, Direction, ScaleDisplay, locale_direction
from psychometrics.translation.text_hash import LENGTH, plain_text

NOT_READ: Final = ("scale.", "site.")
"""Texts for readers of reports; no respondent sees them."""


@dataclass(frozen=True, slots=True)
class Form:
    """What respondents of one locale, or of one site in it, read.

    Attributes
    ----------
    texts : tuple of (str, str)
        Key and words in the order of the form; words are empty where there are none yet.
    codes : tuple of (str, tuple of (str, int))
        Keys and codes of the answers of each response set, in the order in which they are shown.
    answered_with : tuple of (str, str)
        The response set of each item.
    direction : {"ltr", "rtl"}
        Direction of the writing.
    displays : tuple of str
        How answer scales are shown, by target and mode.
    """

    texts: tuple[tuple[str, str], ...]
    codes: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    answered_with: tuple[tuple[str, str], ...]
    direction: Direction
    displays: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """16 hexadecimal digits for texts, anchors, instructions, order and direction together."""
        told = {
            "texts": [[key, plain_text(text)] for key, text in self.texts],
            "codes": self.codes,
            "answered_with": self.answered_with,
            "direction": self.direction,
            "displays": self.displays,
        }
        raw = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]


def form_of(
    instrument: Instrument, catalog: Catalog, brief: Brief | None = None, site: str | None = None
) -> Form:
    """Return the form in the locale of a catalog.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    catalog : Catalog
        The translations.
    brief : Brief, optional
        Direction and displays; the direction is that of the language if left out.
    site : str, optional
        Id of a site that has its own wording of some texts.
    """
    kept = {f"item.{item.key}" for item in instrument.items.values() if not item.translatable}
    texts: list[tuple[str, str]] = []
    for key, source in instrument.texts.items():
        if key.startswith(NOT_READ):
            continue
        texts.append((key, source if key in kept else catalog.text(key, site=site)))
        for gender in ("f", "m"):
            own = catalog.get(key, site=site, gender=gender)
            if own is not None and own.gender == gender:
                texts.append((f"{key}[{gender}]", own.text))
    sets = instrument.response_sets.values()
    displays = tuple(map(_told, brief.displays)) if brief else ()
    return Form(
        texts=tuple(texts),
        codes=tuple((each.key, _codes(each)) for each in sets),
        answered_with=tuple((i.key, i.response_set) for i in instrument.items.values()),
        direction=locale_direction(catalog.locale, brief),
        displays=displays,
    )


def _told(display: ScaleDisplay) -> str:
    """Return what is recorded of a display, as one text: agreed first, then what was seen."""
    agreed = (display.target, display.mode, display.code_order, display.visual_direction)
    seen = (f"{one.where}: {one.drawn}" for one in display.renderings)
    return " | ".join([*agreed, display.rendered or "", *seen])


def _codes(answers: ResponseSet) -> tuple[tuple[str, int], ...]:
    """Return keys and codes of the answers in the order in which they are shown."""
    options = tuple((option.key, option.code) for option in answers.options)
    return options + tuple((missing.key, missing.code) for missing in answers.missing)


def sites_with_own_words(catalog: Catalog) -> tuple[str, ...]:
    """Return the sites whose form differs from that of the locale."""
    sites = dict.fromkeys(entry.site for entry in catalog.all_entries if entry.site)
    return tuple(site for site in sites if site and catalog.words_of(site))
