"""A shared response set as a definition of its own: nothing but answers.

Catalogs, records, checks and sheets work on the texts of a definition. So that all of them work on
shared answers as they do on a questionnaire, these are an :class:`Instrument` without items: with
texts, a version and locales, and no form.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from psychometrics.errors import InstrumentError
from psychometrics.instrument.definition import Instrument
from psychometrics.instrument.file import load_instrument
from psychometrics.instrument.parts import Item, Key, ResponseSet, Scale, SharedVersion, Text
from psychometrics.instrument.shared import SharedSetFile, read_shared
from psychometrics.instrument.shipped import SHARED, shared_id

SetId = Annotated[str, StringConstraints(pattern=rf"^{SHARED}\.[a-z][a-z0-9_]*$")]


class SharedSet(Instrument):
    """Answers that several instruments share, with the texts of which work is done once.

    Attributes
    ----------
    fielded : tuple of str
        Locales of the instruments that use it.
    moved_from : tuple of str
        Ids of instruments that held the answers themselves before.
    """

    id: SetId = Field(description="response_sets. and the key.")
    instructions: str = ""
    recall_period: str = ""
    citation: str = ""
    licence: str = ""
    provenance: str = ""
    items: Mapping[str, Item] = Field(default_factory=dict)
    scales: Mapping[str, Scale] = Field(default_factory=dict)
    fielded: tuple[Text, ...] = ()
    moved_from: tuple[Key, ...] = ()

    @property
    def key(self) -> str:
        """Key of the response set."""
        return next(iter(self.response_sets))

    @property
    def locales(self) -> tuple[str, ...]:
        """The source language, then those of the instruments that use the set."""
        return tuple(dict.fromkeys((self.source_locale, *self.fielded)))

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The texts of the answers by their key, the same as in the instruments."""
        kept = ("option.", "missing.", "unit.")
        return {key: text for key, text in super().texts.items() if key.startswith(kept)}


def shared_sets(instrument: Instrument) -> tuple[SharedSet, ...]:
    """Return the shared sets that an instrument has taken up, in the order of its definition.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> [each.id for each in shared_sets(load_instrument("peer_support_implementation"))]
    ['response_sets.agreement5']
    """
    return tuple(
        _set_of(answers, answers.shared, instrument.source_locale, instrument.locales)
        for answers in instrument.response_sets.values()
        if answers.shared is not None
    )


@lru_cache(maxsize=128)
def _set_of(
    answers: ResponseSet, shared: SharedVersion, source_locale: str, locales: tuple[str, ...]
) -> SharedSet:
    """Return a shared set as one instrument has taken it up."""
    return SharedSet(
        id=shared_id(answers.key),
        version=shared.version,
        title=answers.key,
        construct=f"Answers {answers.key}, shared between instruments.",
        source_locale=source_locale,
        response_sets={answers.key: answers.model_copy(update={"shared": None})},
        fielded=tuple(each for each in locales if each != source_locale),
        moved_from=shared.moved_from,
    )


def load_shared_set(file: Path) -> SharedSet:
    """Load a shared response set from its file.

    Raises
    ------
    InstrumentError
        If it has faults; ``findings`` lists all of them.
    """
    read = read_shared(file)
    if read.value is None:
        told = "\n".join(f"  {each.where}: {each.message}" for each in read.findings)
        raise InstrumentError(f"{file} has errors:\n{told}", list(read.findings))
    users = users_of(read.value, file)
    fielded = (each for one in users for each in one.locales if each != one.source_locale)
    return _as_definition(read.value, tuple(dict.fromkeys(fielded)))


def _as_definition(read: SharedSetFile, fielded: tuple[str, ...]) -> SharedSet:
    return SharedSet(
        id=shared_id(read.key),
        version=read.version,
        title=read.title,
        construct=read.description,
        licence=read.licence,
        provenance=read.provenance,
        source_locale=read.source_locale,
        response_sets={read.key: read.answers},
        fielded=fielded,
        moved_from=read.moved_from,
    )


def users_of(made: SharedSetFile | SharedSet, file: Path) -> tuple[Instrument, ...]:
    """Return the instruments beside a shared set that use it.

    Definitions with errors are passed over; `psychometrics instrument check` names them.

    Parameters
    ----------
    made : SharedSetFile or SharedSet
        The shared set.
    file : pathlib.Path
        Its file, in the folder ``response_sets`` of the definitions.
    """
    found = []
    for each in sorted(file.absolute().parent.parent.glob("*.yaml")):
        try:
            instrument = load_instrument(each)
        except InstrumentError:
            continue
        answers = instrument.response_sets.get(made.key)
        if answers is not None and answers.shared is not None:
            found.append(instrument)
    return tuple(found)
