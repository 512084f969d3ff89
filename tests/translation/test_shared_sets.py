"""Response sets that instruments share: translated, checked, signed and released once for all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from babel.messages.frontend import CommandLineInterface
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psychometrics.errors import CatalogError
from psychometrics.instrument import load_instrument, load_shared_set
from psychometrics.translation.catalog import load_catalog
from psychometrics.translation.checks.run import check_translations
from psychometrics.translation.confirm import confirm_source_change
from psychometrics.translation.desk.preview import preview
from psychometrics.translation.desk.sheet import make_sheet
from psychometrics.translation.edit import with_texts
from psychometrics.translation.form import form_of
from psychometrics.translation.po import parse
from psychometrics.translation.record import record_of
from psychometrics.translation.release import make_release
from psychometrics.translation.signing import sign, sign_form
from psychometrics.translation.status import require_text, translation_status
from psychometrics.translation.steps import record_step
from psychometrics.translation.update import update_catalogs, write_update
from tests.test_cli import Terminal
from tests.test_cli import run as run
from tests.translation.sample import MOOD
from tests.translation.test_record import ISPOR

INLINE = MOOD[MOOD.index("  - key: often3") : MOOD.index("  - key: hours")]
SHARED = """\
key: often3
version: "1.0"
title: How often, in three steps
description: How often something happened.
licence: Public domain.
provenance: Written for a test.
source_locale: en
moved_from: [mood]
""" + "".join(line[4:] for line in INLINE.splitlines(keepends=True)[1:])
USING = MOOD.replace(INLINE, '  - use: often3\n    version: "1.0"\n')
OTHER = USING.replace("id: mood\n", "id: worry\n").replace("title: Mood", "title: Worry")
SET = "response_sets.often3"
WORDS = {
    "option.often3.never": "Nie",
    "option.often3.sometimes": "Manchmal",
    "option.often3.always": "Immer",
    "missing.often3.none_given": "Keine Angabe",
}


class Shop:
    """A project of two instruments that share answers."""

    def __init__(self, root: Path) -> None:
        self.root, self.translations = root, root / "translations"
        self.definitions = root / "instruments"
        (self.definitions / "response_sets").mkdir(parents=True, exist_ok=True)
        self.translations.mkdir(exist_ok=True)
        self.set_file = self.definitions / "response_sets" / "often3.yaml"
        self.clock = 0

    def write(self, name: str, text: str) -> None:
        (self.definitions / f"{name}.yaml").write_text(text, encoding="utf-8")

    def share(self, text: str = SHARED) -> None:
        self.set_file.write_text(text, encoding="utf-8")
        self.write("mood", USING)
        self.write("worry", OTHER)

    def load(self, name: str):
        if name == SET:
            return load_shared_set(self.set_file)
        return load_instrument(self.definitions / f"{name}.yaml")

    def now(self) -> str:
        self.clock += 1
        return f"2026-01-02T03:{self.clock // 60:02}:{self.clock % 60:02}Z"

    def update(self, *names: str) -> None:
        for name in names:
            for made in update_catalogs(self.load(name), translations=self.translations):
                write_update(made, translations=self.translations)

    def file(self, name: str) -> Path:
        return self.translations / "de_DE" / "LC_MESSAGES" / f"{name}.po"

    def status(self, name: str):
        return translation_status(self.load(name), "de_DE", translations=self.translations)

    def step(self, name: str, kind: str, who: str, **told) -> None:
        record_step(
            self.load(name), "de_DE", kind, who=who, when=self.now(),
            translations=self.translations, **told,
        )  # fmt: skip

    def sign(self, name: str, form: bool = False) -> None:
        do = sign_form if form else sign
        told = {"who": "S1", "when": self.now(), "translations": self.translations}
        do(self.load(name), "de_DE", **told)

    def sign_all(self) -> None:
        """Translate, do all steps, and sign: the set once, then both instruments."""
        self.update("mood", "worry", SET)
        for name in ("mood", "worry", SET):
            translate(self.file(name), f"Text {name} ")
            for kind, who, told in ISPOR:
                self.step(name, kind, who, **told)
            self.sign(name)
        self.sign("mood", form=True)
        self.sign("worry", form=True)


def translate(file: Path, start: str) -> None:
    """Put a text into every empty entry."""
    lines = file.read_text(encoding="utf-8").split("\n")
    for at, line in enumerate(lines):
        if line == 'msgstr ""' and at > 5:
            lines[at] = f'msgstr "{start}{at}"'
    file.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.share()
    return made


@pytest.fixture(scope="module")
def signed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project in which everything is signed; tests get copies of it."""
    made = Shop(tmp_path_factory.mktemp("signed"))
    made.share()
    made.sign_all()
    return made.root


@pytest.fixture
def signed(signed_once: Path, tmp_path: Path) -> Shop:
    shutil.copytree(signed_once, tmp_path, dirs_exist_ok=True)
    made = Shop(tmp_path)
    made.clock = 1000
    return made


def test_the_texts_stand_in_a_catalog_of_their_own(shop: Shop) -> None:
    shop.update("mood", "worry", SET)
    own = load_catalog("mood", "de_DE", translations=shop.translations)
    assert not [entry.key for entry in own.entries if ".often3." in entry.key]
    shared = load_catalog(SET, "de_DE", translations=shop.translations)
    assert [entry.key for entry in shared.entries] == list(WORDS)
    assert shared.entries[0].places == ("response_sets/often3.yaml",)
    assert "Answer 1 of 3" in shared.entries[0].notes[0]


def test_an_instrument_finds_its_shared_words(signed: Shop) -> None:
    words = load_catalog(SET, "de_DE", translations=signed.translations)
    for name in ("mood", "worry"):
        instrument = signed.load(name)
        catalog = load_catalog(instrument, "de_DE", translations=signed.translations)
        for key in WORDS:
            assert catalog.text(key) == words.text(key) != ""
            text = instrument.text(key, "de_DE", translations=signed.translations)
            assert text == words.text(key)


def test_moving_loses_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.write("mood", MOOD)
    shop.update("mood")
    translate(shop.file("mood"), "Text ")
    raw = shop.file("mood").read_text("utf-8")
    for key, text in WORDS.items():  # a comment and an unknown flag go along
        at = raw.index(f'msgctxt "{key}"')
        end = raw.index("\n", raw.index("msgstr", at))
        start = raw.rindex("\n\n", 0, at) + 2
        entry = raw[start:end].rpartition("msgstr")[0] + f'msgstr "{text}"'
        raw = f"{raw[:start]}# why\n#, x-mine\n{entry}{raw[end:]}"
    shop.file("mood").write_text(raw, encoding="utf-8")
    for kind, who, told in ISPOR:
        shop.step("mood", kind, who, **told)
    shop.sign("mood")
    shop.sign("mood", form=True)
    before = shop.status("mood")
    assert before.can_be_fielded

    shop.share()
    for name in (SET, "mood"):
        shop.update(name)
    shared = shop.file(SET).read_text("utf-8")
    for key, text in WORDS.items():
        assert f'msgctxt "{key}"\n' in shared
        assert f'msgstr "{text}"\n' in shared
        entry = load_catalog(SET, "de_DE", translations=shop.translations).get(key)
        assert (entry.flags, entry.comments, entry.fuzzy) == (("x-mine",), ("why",), False)
    own = load_catalog("mood", "de_DE", translations=shop.translations)
    assert {entry.key: entry.text for entry in own.obsolete} == WORDS
    after = shop.status("mood")
    assert after.can_be_fielded, "signatures of the words go along"
    assert after.form_hash == before.form_hash
    assert shop.status(SET).counts == {"signed": 4}
    assert shop.status("worry").counts["signed"] == 4

    shop.write("mood", MOOD)  # and back again
    shop.update("mood")
    own = load_catalog("mood", "de_DE", translations=shop.translations)
    assert {key: own.text(key) for key in WORDS} == WORDS
    assert shop.status("mood").can_be_fielded


def test_an_instrument_with_answers_of_its_own_stays_as_it_is(shop: Shop) -> None:
    shop.write("mood", MOOD)
    shop.update("mood", "worry", SET)
    own = load_catalog("mood", "de_DE", translations=shop.translations)
    assert {entry.key for entry in own.entries} > set(WORDS)
    assert own.shared == ()
    assert [each.id for each in [shop.load("mood")]] == ["mood"]


def test_signing_the_set_counts_in_every_instrument(signed: Shop) -> None:
    for name in ("mood", "worry"):
        status = signed.status(name)
        assert status.can_be_fielded
        assert require_text(status, "option.often3.never").state == "signed"
        record = record_of(signed.load(name), "de_DE", translations=signed.translations)
        assert SET in {event.instrument for event in record.events}
    folder = signed.translations / "de_DE" / "record" / SET
    assert len(list(folder.glob("*.json"))) == len(ISPOR) + 1


def test_work_on_shared_words_names_the_set(signed: Shop) -> None:
    mood = signed.load("mood")
    told = {"who": "S1", "translations": signed.translations}
    key = "option.often3.never"
    with pytest.raises(CatalogError, match=r"belongs to the response set response_sets\.often3"):
        sign(mood, "de_DE", keys=[key], **told)
    with pytest.raises(CatalogError, match="belongs to the response set"):
        confirm_source_change(mood, [key], **told)
    for refused in (
        lambda: sign_form(signed.load(SET), "de_DE", **told),
        lambda: preview(signed.load(SET), "de_DE", translations=signed.translations),
        lambda: make_release(signed.load(SET), "1.0", translations=signed.translations),
    ):
        with pytest.raises(CatalogError, match="it has no form of its own"):
            refused()


@pytest.mark.parametrize(
    ("old", "new", "size"),
    [
        ("text: Sometimes", "text: Sometimes.", "punctuation"),
        ("text: No answer", "text: No reply", "wording"),
        ("text: Always", "text: Often", "meaning"),
    ],
)
def test_an_edit_of_the_set_is_told_for_every_instrument(
    signed: Shop, run: Terminal, monkeypatch: pytest.MonkeyPatch, old: str, new: str, size: str
) -> None:
    monkeypatch.chdir(signed.root)
    signed.set_file.write_text(SHARED.replace(old, new), encoding="utf-8")
    for named in (
        ["instruments/response_sets/often3.yaml"],
        ["instruments/mood.yaml"],
        ["instruments/worry.yaml", "instruments/mood.yaml"],
    ):
        done = run("translations", "update", *named, "--dry-run", "--json")
        told = json.loads(done.out)
        assert done.code == 1
        [catalog] = [each for each in told["catalogs"] if each["instrument"] == SET]
        [change] = catalog["changes"]
        assert (change["what"], change["size"]) == ("changed", size)
        assert catalog["voids"]["forms"] == ["mood", "worry"]
        assert told["voided_sign_offs"] == 3, "one text, two forms"
    assert signed.status("mood").form_signed, "nothing was written"
    done = run("translations", "update", "instruments/mood.yaml")
    assert "3 sign-offs in 1 locale no longer hold." in done.err
    for name in ("mood", "worry", SET):
        assert not signed.status(name).can_be_fielded
    entry = load_catalog(SET, "de_DE", translations=signed.translations).get(change["key"])
    assert entry is not None
    assert entry.fuzzy
    assert f"kind of change: {size}" in " ".join(entry.notes)


def test_a_comma_is_confirmed_once_for_all_instruments(signed: Shop) -> None:
    signed.set_file.write_text(SHARED.replace("text: Sometimes", "text: Sometimes."), "utf-8")
    signed.update(SET)
    assert not signed.status("worry").can_be_fielded
    confirm_source_change(
        signed.load(SET), ["option.often3.sometimes"], who="M1", when=signed.now(),
        translations=signed.translations,
    )  # fmt: skip
    assert signed.status("mood").can_be_fielded
    assert signed.status("worry").can_be_fielded


def test_order_and_codes_of_the_set_are_part_of_each_form(signed: Shop) -> None:
    def hashes() -> list[str]:
        return [signed.status(name).form_hash for name in ("mood", "worry")]

    before = hashes()
    signed.set_file.write_text(SHARED.replace("code: 3", "code: 4"), encoding="utf-8")
    assert not set(before) & set(hashes())
    signed.set_file.write_text(SHARED, encoding="utf-8")
    file = signed.file(SET)
    file.write_text(file.read_text("utf-8").replace("Text response", "Texte response", 1), "utf-8")
    assert not set(before) & set(hashes())


def test_releases_freeze_the_set_with_version_and_hash(signed: Shop) -> None:
    made = make_release(signed.load("mood"), "1.0", translations=signed.translations)
    answers = made.definition["response_sets"]["often3"]
    assert answers["shared"]["version"] == "1.0"
    assert len(answers["shared"]["hash"]) == 16
    assert made.form("de_DE").texts["option.often3.never"].startswith("Text response_sets")
    assert list(made.form("de_DE").codes["often3"].values()) == [1, 2, 3, 9]
    signed.set_file.write_text(SHARED.replace('"1.0"', '"1.1"'), encoding="utf-8")
    with pytest.raises(CatalogError, match="was released before"):
        make_release(signed.load("mood"), "1.0", translations=signed.translations)


def test_checks_cover_the_set_once(shop: Shop) -> None:
    shop.update("mood", "worry", SET)
    both = [shop.load("mood"), shop.load("worry")]
    found = check_translations(both, "de_DE", translations=shop.translations)
    about = [each for each in found if each.key == "option.often3.never"]
    assert [each.code for each in about] == ["translation_missing"]
    assert about[0].where.startswith(str(shop.file(SET)))
    alone = check_translations(shop.load(SET), "de_DE", translations=shop.translations)
    assert {each.key for each in alone} == set(WORDS)


def test_a_broken_catalog_of_the_set_leaves_the_others_checked(shop: Shop) -> None:
    shop.update("mood", "worry", SET)
    shop.file(SET).write_bytes(b"\xff\xfe")
    both = [shop.load("mood"), shop.load("worry")]
    found = check_translations(both, "de_DE", translations=shop.translations)
    assert [each.code for each in found if SET in each.where] == ["catalog_not_utf8"]
    missing = {each.where.partition(":")[0] for each in found if each.key == "item.calm"}
    assert missing == {str(shop.file("mood")), str(shop.file("worry"))}


def test_a_shared_set_without_a_catalog_is_told(shop: Shop) -> None:
    shop.update("mood")
    found = check_translations(shop.load("mood"), "de_DE", translations=shop.translations)
    [fault] = [each for each in found if each.code == "catalog_missing"]
    assert SET in fault.where
    assert require_text(shop.status("mood"), "option.often3.never").state == "missing"


def test_a_sheet_of_the_set_is_worked_on_and_that_of_an_instrument_shows_it(signed: Shop) -> None:
    told = {"translations": signed.translations}
    own = make_sheet(signed.load(SET), "de_DE", "forward", **told)
    assert [row["id"] for row in own.rows] == list(WORDS)
    sheet = make_sheet(signed.load("mood"), "de_DE", "reconciler", **told)
    assert not [row["id"] for row in sheet.rows if row["id"] in WORDS]
    shown = dict(sheet.brief)["Answers often3"]
    assert "Never: Text response_sets.often3" in shown
    assert not make_sheet(signed.load("mood"), "de_DE", "back", **told).brief


def test_a_forward_translator_sees_shared_words_only_when_they_are_signed(
    shop: Shop, signed_once: Path
) -> None:
    def seen(root: Path, role: str) -> str:
        instrument = load_instrument(root / "instruments" / "mood.yaml")
        sheet = make_sheet(instrument, "de_DE", role, translations=root / "translations")
        return dict(sheet.brief)["Answers often3"]

    shop.update("mood", SET)
    translate(shop.file(SET), "Entwurf ")
    assert "Entwurf" not in seen(shop.root, "forward")
    assert "Never: (not agreed yet)" in seen(shop.root, "forward")
    assert "Never: Entwurf" in seen(shop.root, "reconciler")
    assert "Never: Text" in seen(signed_once, "forward")


def test_the_preview_shows_shared_words(signed: Shop) -> None:
    made = preview(signed.load("worry"), "de_DE", translations=signed.translations)
    catalog = load_catalog(SET, "de_DE", translations=signed.translations)
    assert catalog.text("option.often3.always") in made.html
    assert not [each for each in made.findings if each.code == "preview_untranslated"]


def test_a_site_can_have_its_own_shared_words(shop: Shop) -> None:
    folder = shop.translations / "de_DE"
    folder.mkdir()
    (folder / "brief.yaml").write_text(
        "locale: de_DE\nrelation: translation\nsource_locale: en\ndirection: ltr\n"
        "register: Plain.\naddress: Sie\ngender: Neutral.\ninstrument: mood\n"
        "own_words:\n  ulm: [option.often3.never]\n",
        encoding="utf-8",
    )
    shop.update("mood", SET)
    translate(shop.file(SET), "Antwort ")
    translate(shop.file("mood"), "Text ")
    mood = shop.load("mood")
    catalog = load_catalog(mood, "de_DE", translations=shop.translations)
    assert catalog.text("option.often3.never", site="ulm") != catalog.text("option.often3.never")
    assert form_of(mood, catalog, site="ulm").hash != form_of(mood, catalog).hash


def test_templates_of_both_are_written(
    shop: Shop, run: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.root)
    done = run("translations", "extract", "instruments/mood.yaml", "instruments/worry.yaml")
    assert f"templates/{SET}.pot: 4 texts." in done.out
    assert done.out.count("templates/") == 3
    made = (shop.root / "templates" / f"{SET}.pot").read_text("utf-8")
    line = SHARED[: SHARED.index("{key: never")].count("\n") + 1
    assert f"#: instruments/response_sets/often3.yaml:{line}\n" in made


def test_pybabel_finds_shared_sets(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop.root)
    (shop.root / "babel.cfg").write_text(
        "[extractors]\npsychometrics = psychometrics.translation.template:extract_definition\n"
        "[psychometrics: instruments/**.yaml]\n"
    )
    command = ["extract", "-F", "babel.cfg", "-k", "pgettext:1c,2", "-o", "all.pot", "."]
    CommandLineInterface().run(["pybabel", "-q", *command])
    made = parse((shop.root / "all.pot").read_text("utf-8"))
    assert [entry.context for entry in made.entries].count("option.often3.never") == 1
    [entry] = [each for each in made.entries if each.context == "option.often3.never"]
    assert entry.told("place")[0].startswith("instruments/response_sets/often3.yaml:")


def test_set_names_that_lead_elsewhere_are_refused(shop: Shop, run: Terminal) -> None:
    done = run("translations", "check", "response_sets.../../../etc/passwd")
    assert done.code == 3
    with pytest.raises(CatalogError, match="is no id of an instrument"):
        load_catalog("response_sets.../x", "de_DE", translations=shop.translations)


ANSWERS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(st.sampled_from(sorted(WORDS)), ANSWERS.filter(lambda text: text.strip())),
    st.sets(st.sampled_from(["Never", "Sometimes", "Always", "No answer"])),
)
def test_moving_and_editing_at_once_loses_and_mixes_up_nothing(
    words: dict[str, str], edited: set[str]
) -> None:
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        shop.write("mood", MOOD)
        shop.update("mood")
        file = shop.file("mood")
        read = with_texts(parse(file.read_text("utf-8")), words)
        file.write_bytes(read.dump().encode("utf-8"))
        text = SHARED
        for one in edited:
            text = text.replace(f"text: {one}", f"text: {one} perhaps")
        shop.share(text)
        shop.update(SET, "mood")
        own = load_catalog(SET, "de_DE", translations=shop.translations)
        for key, source in shop.load(SET).texts.items():
            entry = own.get(key)
            assert entry is not None
            assert (entry.text, entry.source) == (words.get(key, ""), source)
            assert entry.fuzzy is (key in words and source.endswith("perhaps"))
            if entry.fuzzy:
                assert f"{entry.previous_source} perhaps" == source
