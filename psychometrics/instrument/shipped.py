"""Where the definitions and translations that come with the toolkit lie."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from psychometrics.errors import InstrumentError

SHARED: Final = "response_sets"
"""Folder of the response sets that instruments share, in the folder of definitions."""


def shared_id(key: str) -> str:
    """Return the id of a shared response set, by which its catalogs and records are called.

    Examples
    --------
    >>> shared_id("agreement5")
    'response_sets.agreement5'
    """
    return f"{SHARED}.{key}"


def available_shared_sets() -> tuple[str, ...]:
    """Return the ids of the shared response sets that come with the toolkit.

    Examples
    --------
    >>> available_shared_sets()
    ('response_sets.agreement5',)
    """
    found = (data_folder("instruments") / SHARED).glob("*.yaml")
    return tuple(sorted(shared_id(file.stem) for file in found))


def translations_beside(file: Path) -> Path:
    """Return where the translations of a definition belong: beside it, or beside its folder.

    Examples
    --------
    >>> translations_beside(Path("/study/instruments/mood.yaml")).as_posix()
    '/study/translations'
    """
    folder = file.resolve().parent
    if folder.name == SHARED:
        folder = folder.parent
    return (folder.parent if folder.name == "instruments" else folder) / "translations"


@cache
def data_folder(name: str) -> Path:
    """Return a folder of shipped data: inside an installed package, or beside a source tree.

    Parameters
    ----------
    name : {"instruments", "translations"}
        Which folder.

    Raises
    ------
    InstrumentError
        If the installation holds no such folder.
    """
    package = Path(str(files("psychometrics")))
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise InstrumentError(
        f"This installation has no folder {name!r} in {package / '_data'}; install it again."
    )


def available_instruments() -> tuple[str, ...]:
    """Return the ids of the definitions that come with the toolkit.

    Examples
    --------
    >>> available_instruments()
    ('hs1939', 'ipip_bfi25', 'peer_support_implementation')
    """
    return tuple(sorted(file.stem for file in data_folder("instruments").glob("*.yaml")))
