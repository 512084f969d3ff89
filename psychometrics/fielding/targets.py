"""Every tool that a form can be made for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from psychometrics.errors import CatalogError, check_option
from psychometrics.fielding.fhir import fhir
from psychometrics.fielding.form_files import ExportedForm
from psychometrics.fielding.limesurvey import limesurvey
from psychometrics.fielding.paper import paper_form
from psychometrics.fielding.questionnaire import questionnaire_of
from psychometrics.fielding.redcap import redcap
from psychometrics.fielding.web_form import web_form
from psychometrics.fielding.xlsform import xlsform
from psychometrics.translation.files import write_bytes
from psychometrics.translation.release import Release

TARGETS: Final[dict[str, Callable[..., ExportedForm]]] = {
    "xlsform": xlsform,
    "redcap": redcap,
    "limesurvey": limesurvey,
    "fhir-r5": partial(fhir, version="R5"),
    "fhir-r4b": partial(fhir, version="R4B"),
    "web": web_form,
    "paper": paper_form,
}


def export_form(
    release: Release,
    target: str,
    *,
    locales: Iterable[str] | None = None,
    site: str | None = None,
    mode: str | None = None,
    allow_draft: bool = False,
    **options: bool,
) -> ExportedForm:
    """Return a release as a form for a tool.

    Parameters
    ----------
    release : Release
        What respondents are given.
    target : str
        One of ``xlsform redcap limesurvey fhir-r5 fhir-r4b web paper``.
    locales : iterable of str, optional
        The languages on it; those of the site, or of all sites, if left out.
    site : str, optional
        Id of the site that it is for.
    mode : str, optional
        How it is answered, noted with every answer; the target's own word if left out.
    allow_draft : bool
        Whether a form of unsigned text is made; it then says so on itself.
    **options
        Of the target: ``grids`` (xlsform), ``random_order`` and ``together`` (web).

    Returns
    -------
    ExportedForm
        Files, not yet written, and findings.

    Raises
    ------
    CatalogError
        If the text is unsigned and drafts aren't allowed, or the release can't be such a form.
    DataError
        If there is no such target.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from psychometrics import load_instrument
    >>> from psychometrics.translation.release import make_release
    >>> hs = load_instrument("hs1939")
    >>> with TemporaryDirectory() as folder:
    ...     release = make_release(hs, "1.0", translations=Path(folder))
    >>> [file.name for file in export_form(release, "web", locales=["en_US"]).files]
    ['web_hs1939_en_US.html']
    """
    check_option("target", target, TARGETS)
    form = questionnaire_of(release, locales=locales, site=site)
    if form.draft and not allow_draft:
        raise CatalogError(
            f"{release.instrument} {release.name} holds text that nobody has signed off, which is "
            "not fielded. Have it signed, or allow drafts (--allow-draft), which marks the form.",
            form.findings,
        )
    told = dict(options) | ({} if mode is None else {"mode": mode})
    return TARGETS[target](form, **told)


def write_form(made: ExportedForm, folder: Path) -> tuple[Path, ...]:
    """Write the files of a form, each whole or not at all, and return where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / file.name for file in made.files)
    for path, file in zip(paths, made.files, strict=True):
        write_bytes(folder, path, file.content)
    return paths
