"""Which release of the form the answers were given to: other words are another question."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from psychometrics.errors import CatalogError
from psychometrics.instrument import Instrument
from psychometrics.responses.table import FILE, Placed, place
from psychometrics.translation.release import DRAFT, Release, differing, load_release


def check_releases(
    frame: pd.DataFrame, instrument: Instrument, source: str, translations: Path | None = None
) -> list[Placed]:
    """Report answers to several releases, to drafts, and to words that only one site has.

    Parameters
    ----------
    frame : pandas.DataFrame
        Answers; the column `form_version` names the release.
    instrument : Instrument
        What was asked.
    source : str
        Where the answers come from.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.
    """
    if "form_version" not in frame:
        return []
    counts = frame["form_version"].value_counts(dropna=True)
    names = sorted(map(str, counts.index))
    known = {name: release for name in names if (release := _known(name, instrument, translations))}
    findings = []
    if len(names) > 1:
        told = ", ".join(f"{name} ({int(counts[name])})" for name in names)
        findings.append(
            place(FILE, "several_releases", "warning", source, count=len(names), names=told,
                  differ=_difference(names, known))
        )  # fmt: skip
    for name in names:
        if name.endswith(DRAFT):
            findings.append(
                place(FILE, "draft_release", "warning", source, release=name,
                      count=int(counts[name]))
            )  # fmt: skip
    for name, release in known.items():
        answered = set(frame.loc[frame["form_version"] == name, "site"].dropna())
        for place_of_words, keys in release.site_words().items():
            locale, _, site = place_of_words.partition("@")
            if site in answered and keys:
                findings.append(
                    place(FILE, "site_words", "warning", source, release=name, site=site,
                          language=locale, keys=_shown(keys))
                )  # fmt: skip
    return findings


def _known(name: str, instrument: Instrument, translations: Path | None) -> Release | None:
    """Return a release if it lies here; answers may name one that doesn't."""
    try:
        return load_release(instrument.id, name, translations=translations)
    except CatalogError:
        return None


def _difference(names: list[str], known: dict[str, Release]) -> str:
    """Return in words what differs between releases, as far as they lie here."""
    if set(names) - set(known):
        return "Whether their texts differ can't be seen, since not all of the releases are here."
    keys: dict[str, None] = {}
    first = known[names[0]]
    for name in names[1:]:
        for place_of_form, form in {**known[name].locales, **known[name].sites}.items():
            other = {**first.locales, **first.sites}.get(place_of_form)
            if other is not None:
                keys.update(dict.fromkeys(differing(form, other)))
    return f"Their texts differ in {_shown(tuple(keys))}." if keys else "Their texts are the same."


def _shown(keys: tuple[str, ...]) -> str:
    return ", ".join(keys[:6]) + (f" and {len(keys) - 6} more" if len(keys) > 6 else "")
