"""Definitions and translations as told on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from psychometrics.errors import CatalogError

if TYPE_CHECKING:
    from psychometrics.instrument import Instrument

Instruments = Annotated[
    list[str],
    typer.Argument(
        metavar="INSTRUMENT",
        help="Ids of shipped definitions, or paths of files: of instruments, or of response sets "
        "that instruments share.",
    ),
]
Locales = Annotated[
    list[str] | None,
    typer.Option(
        "--locale", metavar="LOCALE", help="Such as de_DE; may be repeated. All if left out."
    ),
]
OneLocale = Annotated[str, typer.Option(metavar="LOCALE", help="Such as de_DE.")]
Translations = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder of the translations; if left out, the folder translations beside the "
        "definition, or beside its folder instruments.",
    ),
]
Who = Annotated[
    str, typer.Option(metavar="PSEUDONYM", help="Letters and a number, such as T1; never a name.")
]
Keys = Annotated[
    list[str] | None,
    typer.Option(
        "--key", metavar="KEY", help="Key of a text, such as item.culture_1; may be repeated."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for scripts as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]


@dataclass(frozen=True)
class Definition:
    """A definition and its file."""

    instrument: Instrument
    file: Path


@dataclass(frozen=True)
class Project(Definition):
    """A definition, its file, and the folder of its translations."""

    translations: Path

    @property
    def users(self) -> tuple[Instrument, ...]:
        """The instruments beside a shared response set that use it; none of an instrument."""
        from psychometrics.instrument import SharedSet
        from psychometrics.instrument.shared_set import users_of

        made = self.instrument
        return users_of(made, self.file) if isinstance(made, SharedSet) else ()


def open_definition(name: str) -> Definition:
    """Load an instrument, or a response set that instruments share.

    Parameters
    ----------
    name : str
        Id of a shipped definition, or path of a file.

    Raises
    ------
    InstrumentError
        If there is no such definition, or it has faults.
    """
    from psychometrics.instrument import load_instrument, load_shared_set
    from psychometrics.instrument.shared import is_shared_file
    from psychometrics.translation.source import shipped_file

    file = shipped_file(name) or Path(name)
    if is_shared_file(file) and file.suffix in (".yaml", ".yml"):
        return Definition(load_shared_set(file), file)
    return Definition(load_instrument(name), file)


def open_definitions(names: Iterable[str]) -> Iterator[Definition]:
    """Load several definitions, and behind them each response set that they share, once.

    Raises
    ------
    InstrumentError
        If there is no such definition, or it has faults.
    """
    from psychometrics.instrument import load_shared_set, shared_sets
    from psychometrics.instrument.shared import shared_file

    seen: set[Path] = set()
    sets: list[Path] = []
    for name in names:
        made = open_definition(name)
        if made.file.resolve() not in seen:
            seen.add(made.file.resolve())
            yield made
            shared = shared_sets(made.instrument)
            sets += [shared_file(made.file.parent, one.key) for one in shared]
    for file in sets:
        if file.resolve() not in seen:
            seen.add(file.resolve())
            yield Definition(load_shared_set(file), file)


def open_project(name: str, translations: Path | None, *, writes: bool) -> Project:
    """Load a definition and find the folder of its translations.

    Parameters
    ----------
    name : str
        Id of a shipped definition, or path of a file.
    translations : pathlib.Path, optional
        The folder, where it was told.
    writes : bool
        Whether the command writes to it.

    Raises
    ------
    InstrumentError
        If there is no such definition, or it has faults.
    CatalogError
        If the folder is not there, or belongs to the installed toolkit.
    """
    return _project(open_definition(name), translations, writes)


def open_projects(
    names: Iterable[str], translations: Path | None, *, writes: bool
) -> Iterator[Project]:
    """Open several definitions, and behind them each response set that they share, once.

    Parameters are those of :func:`open_project`.
    """
    for each in open_definitions(names):
        yield _project(each, translations, writes)


def _project(made: Definition, translations: Path | None, writes: bool) -> Project:
    from psychometrics.instrument.shipped import translations_beside

    found = translations or translations_beside(made.file)
    if writes and translations is None and found.parent.name == "_data":
        raise CatalogError(
            f"{found} belongs to the installed toolkit. Say with --translations where your "
            "own translations are."
        )
    if not found.is_dir():
        raise CatalogError(
            f"There is no folder {found}. Make it, or say with --translations where it is."
        )
    return Project(made.instrument, made.file, found)
