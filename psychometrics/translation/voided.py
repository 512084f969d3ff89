"""What an edit of the definition would take back of what people have signed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from psychometrics.instrument import Instrument
from psychometrics.translation.change import ChangeClass
from psychometrics.translation.locales import load_brief
from psychometrics.translation.open_locale import OpenLocale
from psychometrics.translation.po import PoFile
from psychometrics.translation.record import Record, record_of
from psychometrics.translation.status import method_of, text_status
from psychometrics.translation.update import Update


@dataclass(frozen=True, slots=True)
class Voided:
    """Sign-offs of one locale that would no longer hold.

    Attributes
    ----------
    locale : str
        The locale.
    texts : tuple of (str, str)
        Key of each signed text, and how much its source text changed: punctuation, wording or
        meaning; "none" where the text is no longer used.
    form : bool
        Whether a sign-off of the whole form would no longer hold.
    """

    locale: str
    texts: tuple[tuple[str, ChangeClass], ...]
    form: bool

    @property
    def count(self) -> int:
        """Number of sign-offs."""
        return len(self.texts) + self.form


def voided_by(
    instrument: Instrument, update: Update, *, translations: Path | None = None
) -> Voided:
    """Return which sign-offs an update would take back.

    Parameters
    ----------
    instrument : Instrument
        The definition after the edit.
    update : Update
        What the edit does to a catalog, not written yet.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.
    """
    nothing = Voided(update.locale, (), False)
    if update.old is None:
        return nothing
    record = record_of(instrument, update.locale, translations=translations)
    signed_forms = record.of("form_sign_off")
    if not signed_forms and not record.of("sign_off"):
        return nothing
    opened = opened_before(instrument, update, record, translations=translations)
    _, method = method_of(instrument, update.locale, opened.brief)
    lost: list[tuple[str, ChangeClass]] = []
    for change in update.changes:
        entry = opened.entries.get(change.previous_key or change.key)
        if entry is None or change.what in ("added", "revived"):
            continue
        before = text_status(entry.key, entry, entry.source, opened.record, method)
        if before.state == "signed":
            lost.append((change.key, change.change.size))
    texts = tuple(dict.fromkeys(lost))
    same_form = any(event.form == opened.status.form_hash for event in signed_forms)
    return Voided(update.locale, texts, bool(signed_forms) and (bool(texts) or not same_form))


def opened_before(
    instrument: Instrument, update: Update, record: Record, *, translations: Path | None = None
) -> OpenLocale:
    """Return a locale as it is before an update, without reading its catalog once more."""
    brief = load_brief(update.locale, instrument.id, translations=translations)
    old = update.old if update.old is not None else PoFile(())
    return OpenLocale(instrument, update.locale, translations, update.file, old, brief, record)


def told_voided(voided: Iterable[Voided]) -> str:
    """Return the sum in words.

    Examples
    --------
    >>> told_voided([Voided("de_DE", (("item.a", "wording"),), True), Voided("he_IL", (), False)])
    '2 sign-offs in 1 locale'
    """
    counts = [each.count for each in voided if each.count]
    total, n_locales = sum(counts), len(counts)
    return (
        f"{total} sign-off{'' if total == 1 else 's'} "
        f"in {n_locales} locale{'' if n_locales == 1 else 's'}"
    )
