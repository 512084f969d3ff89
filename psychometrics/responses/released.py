"""The words that respondents read, as far as answers may be given in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from psychometrics.errors import CatalogError
from psychometrics.instrument import Instrument
from psychometrics.responses.cells import texts
from psychometrics.responses.table import Table

if TYPE_CHECKING:
    from psychometrics.translation.release import Release

COLUMNS = frozenset({"form_version", "formversion", "__version__"})
MOST_NAMES = 20


def released_texts(
    table: Table, instrument: Instrument, release: Release | None = None
) -> tuple[Mapping[str, str], ...]:
    """Return the texts of every form of the releases that answers were given to.

    Parameters
    ----------
    table : Table
        The answers; a column may name releases.
    instrument : Instrument
        What was asked.
    release : Release, optional
        One that is known beforehand.
    """
    found = [] if release is None else [release]
    named = [column for column in table.columns if column.name in COLUMNS]
    if named:
        # Only then, since reading releases takes the whole layer of translations.
        from psychometrics.translation.release import load_release

        names: dict[Any, None] = {}
        for column in named:
            names |= dict.fromkeys(each for each in texts(column.values) if each)
        for name in list(names)[:MOST_NAMES]:
            try:
                found.append(load_release(instrument.id, str(name)))
            except CatalogError:
                continue  # it doesn't lie here
    forms = [form for each in found for form in (*each.locales.values(), *each.sites.values())]
    return tuple(form.texts for form in forms)
