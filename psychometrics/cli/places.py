"""Whether results can be written where they are wanted, asked before the work is done."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile

from psychometrics.errors import DataError


def check_file(path: Path) -> None:
    """Make sure that a file can be written, making its folder where there is none.

    Raises
    ------
    DataError
        If it can't be.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder; give the name of a file, in it or elsewhere.")
    if path.exists() and not os.access(path, os.W_OK):
        raise DataError(f"{path} is there already and may not be changed; choose another name.")
    check_folder(path.parent)


def check_folder(path: Path) -> None:
    """Make sure that files can be written to a folder, making it where there is none.

    Raises
    ------
    DataError
        If they can't be.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise DataError(
            f"Nothing can be written to the folder {path} ({error.strerror}); choose another one."
        ) from error
