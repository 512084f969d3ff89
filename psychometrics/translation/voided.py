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
    forms : tuple of str
        Ids of the instruments of which a sign-off of the whole form would no longer hold: the one
        that is edited, or those that use an edited response set.
    """

    locale: str
    texts: tuple[tuple[str, ChangeClass], ...]
    forms: tuple[str, ...] = ()

    @property
    def form(self) -> bool:
        """Whether a sign-off of a whole form would no longer hold."""
        return bool(self.forms)

    @property
    def count(self) -> int:
        """Number of sign-offs."""
        return len(self.texts) + len(self.forms)


def voided_by(
    instrument: Instrument,
    update: Update,
    *,
    translations: Path | None = None,
    users: Iterable[Instrument] = (),
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
    users : iterable of Instrument
        For a response set that instruments share: those instruments.
    """
    nothing = Voided(update.locale, ())
    record = record_of(instrument, update.locale, translations=translations)
    signed_forms = [e for e in record.of("form_sign_off") if e.instrument == instrument.id]
    forms = tuple(
        user.id
        for user in users
        if _has_signed_form(user, update.locale, translations) and _touches_form(update)
    )
    if update.old is None or not (signed_forms or record.of("sign_off")):
        return Voided(update.locale, (), forms) if forms else nothing
    opened = opened_before(instrument, update, record, translations=translations)
    _, method = method_of(instrument, update.locale, opened.brief)
    earlier = {one.key: one.previous_key for one in update.changes if one.what == "renamed"}
    lost: list[tuple[str, ChangeClass]] = []
    for change in update.changes:
        entry = opened.entries.get(earlier.get(change.key) or change.key)
        if entry is None or change.what in ("added", "revived", "moved", "renamed"):
            continue
        # The record is read by present keys, so a renamed text is asked for by its new one.
        before = text_status(change.key, entry, entry.source, opened.record, method)
        if before.state == "signed":
            lost.append((change.key, change.change.size))
    texts = tuple(dict.fromkeys(lost))
    same_form = any(event.form == opened.status.form_hash for event in signed_forms)
    if signed_forms and (texts or not same_form):
        forms = (instrument.id, *forms)
    return Voided(update.locale, texts, forms)


def _has_signed_form(user: Instrument, locale: str, translations: Path | None) -> bool:
    """Tell whether somebody signed the form of an instrument in a locale."""
    if locale not in user.locales:
        return False
    record = record_of(user, locale, translations=translations)
    return any(event.instrument == user.id for event in record.of("form_sign_off"))


def _touches_form(update: Update) -> bool:
    """Tell whether an update changes the answers that forms show, or asks to look at them again."""
    return any(change.what != "moved" for change in update.changes)


def opened_before(
    instrument: Instrument, update: Update, record: Record, *, translations: Path | None = None
) -> OpenLocale:
    """Return a locale as it is before an update, without reading its catalog once more."""
    brief = load_brief(update.locale, instrument.id, translations=translations)
    old = update.old if update.old is not None else PoFile(())
    return OpenLocale(instrument, update.locale, translations, update.file, old, brief, record)


def count_voided(voided: Iterable[Voided]) -> int:
    """Return how many sign-offs would no longer hold.

    A form with an edited set counts once, though the set tells it and perhaps the instrument too.
    """
    listed = list(voided)
    forms = {(each.locale, one) for each in listed for one in each.forms}
    return sum(len(each.texts) for each in listed) + len(forms)


def told_voided(voided: Iterable[Voided]) -> str:
    """Return the sum in words.

    Examples
    --------
    >>> signed = Voided("de_DE", (("item.a", "wording"),), ("mood",))
    >>> told_voided([signed, Voided("he_IL", ())])
    '2 sign-offs in 1 locale'
    """
    lost = [each for each in voided if each.count]
    total, n_locales = count_voided(lost), len({each.locale for each in lost})
    return (
        f"{total} sign-off{'' if total == 1 else 's'} "
        f"in {n_locales} locale{'' if n_locales == 1 else 's'}"
    )
