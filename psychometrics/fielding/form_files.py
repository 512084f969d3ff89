"""The files of a form, before anybody writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from psychometrics.errors import CatalogError, Finding


@dataclass(frozen=True)
class FormFile:
    """One file.

    Attributes
    ----------
    name : str
        Its name, without a folder.
    content : bytes
        What it holds.
    """

    name: str
    content: bytes


@dataclass(frozen=True)
class ExportedForm:
    """A form in the shape of one tool.

    Attributes
    ----------
    target : str
        The tool.
    files : tuple of FormFile
        What to load into it.
    findings : tuple of Finding
        What whoever fields it should know.
    """

    target: str
    files: tuple[FormFile, ...]
    findings: tuple[Finding, ...] = ()


def refuse(found: list[Finding]) -> NoReturn:
    """Raise an error that tells everything that keeps a form from being made.

    Raises
    ------
    CatalogError
        Always.
    """
    told = "\n".join(f"  {each.where}: {each.message}" for each in found)
    raise CatalogError(f"No form can be made of this release:\n{told}", found)
