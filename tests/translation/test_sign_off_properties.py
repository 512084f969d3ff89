"""Whatever is done to a signed text: it counts as signed only while it is what was signed."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from psychometrics.translation.catalog import Entry
from psychometrics.translation.change import classify_change
from psychometrics.translation.events import Event, EventKind, text_state
from psychometrics.translation.record import Record
from psychometrics.translation.status import text_status
from psychometrics.translation.text_hash import plain_text
from psychometrics.translation.workflow import workflow

KEY = "item.a"
SOURCES = st.sampled_from(
    ["I am calm.", "I am calm", "I am  calm.", "I am quiet.", "I am not calm."]
)
TEXTS = st.sampled_from(["Ruhig.", "Ruhig", " Ruhig. ", "Still.", "Nicht ruhig.", "क्ष", "क्\u200dष"])
PEOPLE = st.sampled_from(["T1", "T2", "R1", "M1"])
METHOD = workflow("trapd")


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Any event about the text, by anybody, on any wording."""
    kind: EventKind = draw(
        st.sampled_from(
            ["forward", "reconciliation", "review", "debriefing", "sign_off", "external"]
        )
    )
    told = {
        "forward": {"origin": draw(st.sampled_from(["human", "machine"])), "draft": "A"},
        "reconciliation": {"reason": "x"},
        "review": {"category": "meaning"},
        "debriefing": {"respondents": 3},
    }
    before = draw(st.one_of(st.none(), TEXTS))
    return Event(
        kind=kind,
        who="unknown" if kind == "external" else draw(PEOPLE),
        when="2026-01-02T03:04:05Z",
        instrument="mood",
        version="1.0",
        locale="de_DE",
        texts={KEY: text_state(draw(SOURCES), draw(TEXTS), before=before)},
        **told.get(kind, {}),
    )


@st.composite
def confirmations(draw: st.DrawFn) -> Event:
    """A claim that one source means what another did, true or not."""
    change = {"key": KEY, "old": draw(SOURCES), "new": draw(SOURCES)}
    return Event(
        kind="confirmation", who="M1", when="2026-01-02T03:04:05Z", instrument="mood",
        version="1.0", locale=draw(st.sampled_from([None, "de_DE"])), changes=(change,),
    )  # fmt: skip


def _small(old: str, new: str, locale: str | None) -> bool:
    size = classify_change(old, new).size
    return size in ("none", "punctuation") or (size == "wording" and locale is not None)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.one_of(events(), confirmations()), max_size=12),
    SOURCES,
    TEXTS,
    st.booleans(),
    SOURCES,
)
def test_a_text_is_signed_only_as_it_was_signed(
    done: list[Event], source: str, text: str, fuzzy: bool, present: str
) -> None:
    record = Record(tuple(done))
    found = text_status(KEY, Entry(KEY, source, text, fuzzy), present, record, METHOD)
    if found.state != "signed":
        return
    assert not fuzzy
    assert plain_text(source) == plain_text(present)
    signatures = [
        e
        for e in done
        if e.kind == "sign_off" and e.texts[KEY].target == text_state("", text).target
    ]
    assert signatures
    same = {plain_text(present)}
    for _ in done:  # as far as confirmations reach
        same |= {
            plain_text(change.old)
            for event in done
            for change in event.changes
            if plain_text(change.new) in same and _small(change.old, change.new, event.locale)
        }
    hashes = {text_state(each, "").source for each in same}
    assert any(e.texts[KEY].source in hashes for e in signatures)
    assert "I am not calm." not in same or plain_text(present) == "I am not calm."


@settings(max_examples=200, deadline=None)
@given(st.lists(events(), max_size=8), SOURCES, TEXTS, TEXTS)
def test_an_external_edit_never_advances_a_text(
    done: list[Event], source: str, text: str, other: str
) -> None:
    """After an edit that nobody answers for, the text is where an unknown text is."""
    known = [e for e in done if e.texts[KEY].target != text_state("", other).target]
    edit = Event(
        kind="external", who="unknown", when="2026-02-02T03:04:05Z", instrument="mood",
        version="1.0", locale="de_DE",
        texts={KEY: text_state(source, other, before=text)},
    )  # fmt: skip
    for events_then in (known, [*known, edit]):
        entry = Entry(KEY, source, other)
        found = text_status(KEY, entry, source, Record(tuple(events_then)), METHOD)
        assert found.state == "external"
        assert found.done == ()


@settings(max_examples=100, deadline=None)
@given(st.lists(events(), max_size=10), SOURCES, TEXTS, st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_read_does_not_matter(
    done: list[Event], source: str, text: str, order: object
) -> None:
    entry = Entry(KEY, source, text)
    shuffled = list(done)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    one = text_status(KEY, entry, source, Record(tuple(done)), METHOD)
    other = text_status(KEY, entry, source, Record(tuple(shuffled)), METHOD)
    assert (one.state, one.done, one.next_step) == (other.state, other.done, other.next_step)
