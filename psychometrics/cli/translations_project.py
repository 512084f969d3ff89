"""Definitions and translations as told on the command line."""

from __future__ import annotations

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
        metavar="INSTRUMENT", help="Ids of shipped definitions, or paths of definition files."
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
class Project:
    """A definition, its file, and the folder of its translations."""

    instrument: Instrument
    file: Path
    translations: Path


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
    from psychometrics.instrument import available_instruments, load_instrument
    from psychometrics.instrument.shipped import data_folder

    instrument = load_instrument(name)
    if name in available_instruments():
        file = data_folder("instruments") / f"{name}.yaml"
        folder = translations or data_folder("translations")
        if writes and translations is None and folder.parent.name == "_data":
            raise CatalogError(
                f"{folder} belongs to the installed toolkit. Say with --translations where your "
                "own translations are."
            )
    else:
        file = Path(name)
        parent = file.resolve().parent
        root = parent.parent if parent.name == "instruments" else parent
        folder = translations or root / "translations"
    if not folder.is_dir():
        raise CatalogError(
            f"There is no folder {folder}. Make it, or say with --translations where it is."
        )
    return Project(instrument, file, folder)
