"""What respondents are asked, in every language at once, as any tool needs it.

A release holds texts by key and locale. A tool wants questions in order, the answers to each, and
the languages beside each other. This is that view; nothing in it belongs to a single tool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from psychometrics.errors import CatalogError, Finding, finding
from psychometrics.fielding.languages import Language, languages_of
from psychometrics.instrument import Instrument
from psychometrics.instrument.parts import Comparator, ResponseSet
from psychometrics.instrument.rules import did_you_mean
from psychometrics.translation.locales import Direction
from psychometrics.translation.release import Release, ReleasedForm

Texts = Mapping[str, str]
"""Words by locale."""

Kind = Literal["choice", "number", "text"]

FEW_NUMBERS = 11
"""A range of at most so many whole numbers is answered by choosing one, as on paper."""


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen.

    Attributes
    ----------
    key : str
        Its stable name in the definition; the number itself where a number is chosen.
    code : int
        What stands for it in data.
    texts : mapping of str to str
        What respondents read, by locale.
    missing : bool
        Whether it says that there is no usable answer.
    """

    key: str
    code: int
    texts: Texts
    missing: bool = False


@dataclass(frozen=True)
class AnswerSet:
    """The answers to one kind of question.

    Attributes
    ----------
    key : str
        Key of the response set.
    choices : tuple of Choice
        In the order in which they are shown; those that mean no answer come last.
    low, high : float or None
        Limits where a number is written.
    whole : bool
        Whether only whole numbers make sense.
    units : mapping of str to str
        Unit of the number, by locale; empty where it has none.
    """

    key: str
    choices: tuple[Choice, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = True
    units: Texts = field(default_factory=dict)

    @property
    def missing(self) -> tuple[Choice, ...]:
        """Return the ways of giving no usable answer."""
        return tuple(choice for choice in self.choices if choice.missing)

    @property
    def counted(self) -> tuple[Choice, ...]:
        """Return the answers that count."""
        return tuple(choice for choice in self.choices if not choice.missing)


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    key : str
        Key of the item or comparator: the name of its column in every tool.
    texts : mapping of str to str
        The question, by locale.
    kind : {"choice", "number", "text"}
        How it is answered.
    answers : str or None
        Key of its answer set; None for free text or any number.
    scale : str or None
        Key of the item's scale.
    """

    key: str
    texts: Texts
    kind: Kind
    answers: str | None = None
    scale: str | None = None

    @property
    def text_key(self) -> str:
        """Return the key of its text in catalogs."""
        return f"{'item' if self.scale is not None else 'comparator'}.{self.key}"


@dataclass(frozen=True)
class Block:
    """Questions that stand together: items of one scale with the same answers, or one other.

    Attributes
    ----------
    key : str
        A name for tools that want one.
    questions : tuple of Question
        In order.
    answers : str or None
        Key of the answer set that all of them share, or None.
    """

    key: str
    questions: tuple[Question, ...]
    answers: str | None = None

    @property
    def is_grid(self) -> bool:
        """Tell whether the questions can stand as rows over the same choices."""
        return (
            len(self.questions) > 1
            and self.answers is not None
            and all(question.kind == "choice" for question in self.questions)
        )


@dataclass(frozen=True)
class Questionnaire:
    """A release as tools need it.

    Attributes
    ----------
    instrument : Instrument
        The definition that was released.
    release : str
        Name of the release, such as "1.0-draft".
    release_hash : str
        Hash of the release.
    draft : bool
        Whether a form in it was not signed off.
    languages : tuple of Language
        The languages on it; the first is the one that it opens in.
    titles, instructions, recall_periods : mapping of str to str
        By locale; empty mappings where the instrument has no such text.
    directions : mapping of str to str
        ltr or rtl, by locale.
    blocks : tuple of Block
        All questions, in order.
    answer_sets : mapping of str to AnswerSet
        The answer sets in use.
    site : str or None
        The site whose own words these are; None where one form serves all.
    findings : tuple of Finding
        What whoever fields it should know.
    """

    instrument: Instrument
    release: str
    release_hash: str
    draft: bool
    languages: tuple[Language, ...]
    titles: Texts
    instructions: Texts
    recall_periods: Texts
    directions: Mapping[str, Direction]
    blocks: tuple[Block, ...]
    answer_sets: Mapping[str, AnswerSet]
    site: str | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def locales(self) -> tuple[str, ...]:
        """Return the locales on it."""
        return tuple(language.locale for language in self.languages)

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return all questions in order."""
        return tuple(question for block in self.blocks for question in block.questions)

    @property
    def draft_mark(self) -> str:
        """Return what a form of unsigned text carries in its title, or nothing."""
        return f"[DRAFT {self.release}] " if self.draft else ""

    @property
    def all_texts(self) -> dict[str, Texts]:
        """Return everything that respondents read, by the keys of catalogs."""
        read: dict[str, Texts] = {
            "title": self.titles,
            "instructions": self.instructions,
            "recall_period": self.recall_periods,
        }
        read |= {question.text_key: question.texts for question in self.questions}
        for answers in self.answer_sets.values():
            for choice in answers.choices:
                kind = "missing" if choice.missing else "option"
                read[f"{kind}.{answers.key}.{choice.key}"] = choice.texts
            if answers.units:
                read[f"unit.{answers.key}"] = answers.units
        return {key: texts for key, texts in read.items() if texts}

    def answers_to(self, question: Question) -> AnswerSet | None:
        """Return the answer set of a question."""
        return self.answer_sets.get(question.answers or "")


def questionnaire_of(
    release: Release, *, locales: Iterable[str] | None = None, site: str | None = None
) -> Questionnaire:
    """Return a release as tools need it.

    Parameters
    ----------
    release : Release
        What was frozen.
    locales : iterable of str, optional
        The languages on the form, the first being the one it opens in; those of the site, or of
        all sites, if left out.
    site : str, optional
        Id of the site that it is for. A site may have words of its own.

    Returns
    -------
    Questionnaire
        Questions, answers and languages.

    Raises
    ------
    CatalogError
        If the release has no such locale or site, or the site isn't fielded in a locale.
    """
    instrument = Instrument.model_validate(dict(release.definition))
    chosen = _locales(instrument, release, locales, site)
    forms = {locale: release.form(locale, site) for locale in chosen}
    sets = _answer_sets(instrument, forms)
    return Questionnaire(
        instrument=instrument,
        release=release.name,
        release_hash=release.hash,
        draft=any(not form.signed for form in forms.values()) or release.draft,
        languages=languages_of(chosen),
        titles=_texts(forms, "title"),
        instructions=_texts(forms, "instructions"),
        recall_periods=_texts(forms, "recall_period"),
        directions={locale: _direction(form) for locale, form in forms.items()},
        blocks=_blocks(instrument, forms, sets),
        answer_sets=sets,
        site=site,
        findings=tuple(_findings(release, chosen, site)),
    )


def _locales(
    instrument: Instrument, release: Release, wanted: Iterable[str] | None, site: str | None
) -> tuple[str, ...]:
    """Return the locales of a form, refusing what the release or the site doesn't have."""
    if site is not None and site not in instrument.sites:
        known = did_you_mean(site, instrument.sites)
        raise CatalogError(f"{instrument.id} has no site {site[:60]!r}.{known}")
    sites = instrument.sites.values() if site is None else (instrument.sites[site],)
    fielded = tuple(dict.fromkeys(locale for each in sites for locale in each.locales))
    chosen = fielded or (instrument.source_locale,)
    if wanted is not None:
        chosen = tuple(dict.fromkeys(wanted))
        foreign = [locale for locale in chosen if site is not None and locale not in fielded]
        if foreign:
            raise CatalogError(f"{site} is not fielded in {', '.join(foreign)}.")
    if not chosen:
        raise CatalogError("A form needs a language; name one at least.")
    for locale in chosen:
        release.form(locale, site)  # which says what there is, where there isn't this one
    return chosen


def _texts(forms: Mapping[str, ReleasedForm], key: str) -> Texts:
    """Return a text in all languages; nothing where the definition doesn't have it."""
    found = {locale: form.texts[key] for locale, form in forms.items() if key in form.texts}
    return found if len(found) == len(forms) else {}


def _direction(form: ReleasedForm) -> Direction:
    return "rtl" if form.direction == "rtl" else "ltr"


def _answer_sets(instrument: Instrument, forms: Mapping[str, ReleasedForm]) -> dict[str, AnswerSet]:
    asked = {item.response_set for item in instrument.items.values()}
    asked |= {each.response_set for each in _asked(instrument) if each.response_set is not None}
    return {
        key: _answer_set(answers, forms)
        for key, answers in instrument.response_sets.items()
        if key in asked
    }


def _answer_set(answers: ResponseSet, forms: Mapping[str, ReleasedForm]) -> AnswerSet:
    shown = next(iter(forms.values())).codes[answers.key]
    order = {key: at for at, key in enumerate(shown)}
    options = [
        Choice(each.key, each.code, _texts(forms, f"option.{answers.key}.{each.key}"))
        for each in answers.options
    ]
    options.sort(key=lambda choice: order.get(choice.key, len(order)))
    missing = [
        Choice(each.key, each.code, _texts(forms, f"missing.{answers.key}.{each.key}"), True)
        for each in answers.missing
    ]
    if answers.range is None:
        return AnswerSet(answers.key, (*options, *missing))
    low, high = answers.range.minimum, answers.range.maximum
    whole = float(low).is_integer() and float(high).is_integer()
    numbers: list[Choice] = []
    if whole and high - low < FEW_NUMBERS:
        numbers = [
            Choice(str(code), code, dict.fromkeys(forms, str(code)))
            for code in range(int(low), int(high) + 1)
        ]
    units = _texts(forms, f"unit.{answers.key}")
    return AnswerSet(answers.key, (*numbers, *missing), low, high, whole, units)


def _asked(instrument: Instrument) -> list[Comparator]:
    """Return the comparators that respondents are asked; facts of a site are known already."""
    return [each for each in instrument.comparators.values() if each.level == "respondent"]


def _blocks(
    instrument: Instrument,
    forms: Mapping[str, ReleasedForm],
    sets: Mapping[str, AnswerSet],
) -> tuple[Block, ...]:
    """Put neighbouring items of one scale with the same answers into a block."""
    scale_of: dict[str, str] = {}
    for each in instrument.scales.values():
        for key in each.items:
            scale_of.setdefault(key, each.key)
    runs: list[tuple[tuple[str, str | None], list[Question]]] = []
    for item in instrument.items.values():
        scale = scale_of.get(item.key, "")
        question = Question(
            item.key, _texts(forms, f"item.{item.key}"), _kind(sets[item.response_set]),
            item.response_set, scale,
        )  # fmt: skip
        if not runs or runs[-1][0] != (scale, item.response_set):
            runs.append(((scale, item.response_set), []))
        runs[-1][1].append(question)
    blocks = [
        Block(f"block_{at}", tuple(questions), answers)
        for at, ((_, answers), questions) in enumerate(runs, 1)
    ]
    for at, other in enumerate(_asked(instrument), len(blocks) + 1):
        answers = other.response_set
        kind: Kind = "text" if other.kind == "nominal" else "number"
        if answers is not None:
            kind = _kind(sets[answers])
        asked = Question(other.key, _texts(forms, f"comparator.{other.key}"), kind, answers)
        blocks.append(Block(f"block_{at}", (asked,), answers))
    return tuple(blocks)


def _kind(answers: AnswerSet) -> Kind:
    return "choice" if answers.counted else "number"


def _findings(release: Release, locales: Iterable[str], site: str | None) -> Iterable[Finding]:
    for locale in locales:
        form = release.form(locale, site)
        if not form.signed:
            yield finding("field_unsigned", "warning", locale, locale=locale, release=release.name)
        if site is None:
            own = [
                name.partition("@")[2] for name in release.sites if name.startswith(f"{locale}@")
            ]
            if own:
                yield finding(
                    "field_site_words", "warning", locale, locale=locale, sites=", ".join(own)
                )
