"""The form as a respondent will read it, and how its answer scales come to stand on it.

Three things can differ and are told apart: in which order the codes are read, where the answers
are meant to run, and how they are drawn. The first two are agreed in the brief, per target and
mode; the third is measured on the page itself, and differs between a phone and a sheet of paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.instrument import Instrument
from psychometrics.instrument.parts import ResponseSet
from psychometrics.instrument.rules import did_you_mean
from psychometrics.translation.desk.preview_html import preview_html
from psychometrics.translation.desk.shown import Answers, Question, ShownForm, Words
from psychometrics.translation.form import form_of
from psychometrics.translation.locales import ScaleDisplay, locale_direction
from psychometrics.translation.open_locale import OpenLocale, refuse_shared_set


@dataclass(frozen=True)
class Preview:
    """A previewed form.

    Attributes
    ----------
    form : ShownForm
        What is on it.
    html : str
        The page: on a screen, on a phone, and printed.
    findings : tuple of Finding
        That it is a draft; texts that are missing; displays that nobody has recorded.
    """

    form: ShownForm
    html: str
    findings: tuple[Finding, ...]


def preview(
    instrument: Instrument,
    locale: str,
    *,
    target: str = "web",
    mode: str = "self",
    site: str | None = None,
    gender: str | None = None,
    translations: Path | None = None,
) -> Preview:
    """Return the form of a locale as a respondent will read it.

    Parameters
    ----------
    instrument : Instrument
        The definition.
    locale : str
        Such as "he_IL".
    target : str
        Where it will be shown, such as web or paper; it chooses the display of the brief.
    mode : str
        How it is answered, such as self or interview.
    site : str, optional
        Id of a site that has words of its own.
    gender : {"f", "m"}, optional
        Whom it speaks to, where texts have variants.
    translations : pathlib.Path, optional
        Folder of the translations; the shipped one if left out.

    Raises
    ------
    CatalogError
        If catalog or brief can't be read, or there is no such site.

    Examples
    --------
    >>> from psychometrics import load_instrument
    >>> shown = preview(load_instrument("peer_support_implementation"), "he_IL")
    >>> shown.form.direction, shown.form.draft is not None
    ('rtl', True)
    """
    refuse_shared_set(instrument)
    opened = OpenLocale.open(instrument, locale, translations)
    if site is not None and site not in instrument.sites:
        known = did_you_mean(site, instrument.sites)
        raise CatalogError(f"{instrument.id} has no site {site[:60]!r}.{known}")
    direction = locale_direction(locale, opened.brief)
    display = opened.brief.display(target, mode) if opened.brief else None
    findings: list[Finding] = []
    draft = opened.status.unsigned
    if draft is not None:
        findings.append(draft)
    if display is None:
        findings.append(
            finding("display_unrecorded", "warning", locale, locale=locale, target=target[:40],
                    mode=mode[:40])
        )  # fmt: skip
        running = "right_to_left" if direction == "rtl" else "left_to_right"
        display = ScaleDisplay(
            target=target, mode=mode, code_order="ascending", visual_direction=running
        )
        recorded = False
    else:
        recorded = True
        if display.otherwise:
            seen = "; ".join(f"{one.where}: {_spoken(one.drawn)}" for one in display.otherwise)
            findings.append(
                finding("display_drawn_otherwise", "warning", locale, locale=locale, seen=seen,
                        agreed=_spoken(display.visual_direction))
            )  # fmt: skip
    reading = _Words(opened, site, gender)
    form = ShownForm(
        instrument_id=instrument.id,
        version=instrument.version,
        locale=locale,
        source_locale=instrument.source_locale,
        direction=direction,
        title=reading("title"),
        before=tuple(
            reading(key) for key in ("instructions", "recall_period") if key in instrument.texts
        ),
        questions=tuple(_questions(instrument, reading, display)),
        display=display,
        display_recorded=recorded,
        draft=draft.message if draft else None,
        form_hash=form_of(instrument, opened.catalog, opened.brief, site).hash,
    )
    missing = reading.missing
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if missing[5:] else "")
        findings.append(
            finding("preview_untranslated", "error", locale, locale=locale, keys=shown,
                    count=len(missing), source=instrument.source_locale)
        )  # fmt: skip
    return Preview(form, preview_html(form), tuple(findings))


def _spoken(running: str) -> str:
    return running.replace("_", " ")


class _Words:
    """Gives the words of a form by key, and remembers what has no translation."""

    def __init__(self, opened: OpenLocale, site: str | None, gender: str | None) -> None:
        self.opened, self.site, self.gender = opened, site, gender
        self.missing: list[str] = []

    def __call__(self, key: str) -> Words:
        instrument, source = self.opened.instrument, self.opened.instrument.texts[key]
        if key.startswith("item.") and not instrument.items[key[5:]].translatable:
            return Words(key, source, False)
        text = self.opened.catalog.text(key, site=self.site, gender=self.gender)
        if not text.strip():
            self.missing.append(key)
            return Words(key, source, False)
        return Words(key, text, True)


def _questions(instrument: Instrument, words: _Words, display: ScaleDisplay) -> Iterator[Question]:
    """Yield what is asked, in order: items, then the questions beside the scales."""
    sets = {each.key: _answers(each, words, display) for each in instrument.response_sets.values()}
    for item in instrument.items.values():
        yield Question(words(f"item.{item.key}"), sets[item.response_set])
    free = Answers("", (), (), None)
    for comparator in instrument.comparators.values():
        if comparator.level == "respondent":
            answers = sets.get(comparator.response_set or "", free)
            yield Question(words(f"comparator.{comparator.key}"), answers)


def _answers(answers: ResponseSet, words: _Words, display: ScaleDisplay) -> Answers:
    """Return the answers of a set in the order in which they are read."""
    options = [(o.code, words(f"option.{answers.key}.{o.key}")) for o in answers.options]
    if options and (options[0][0] > options[-1][0]) != (display.code_order == "descending"):
        options.reverse()
    unit = words(f"unit.{answers.key}") if answers.range and answers.range.unit else None
    beside = [(m.code, words(f"missing.{answers.key}.{m.key}")) for m in answers.missing]
    return Answers(answers.key, tuple(options), tuple(beside), unit)
