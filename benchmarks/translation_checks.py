"""What the checks of translations find, and how often they are wrong, beside other tools.

Planted faults: recall by kind of fault, by rule and by language, and findings in texts without a
fault, of our rules, of pofilter (translate-toolkit), of `msgfmt -c` and of Babel's checkers, on the
same files.
People's translations: findings by language in catalogs of Django (a wheel, `pip download --no-deps
django`) and in any MO file; those that a reader judged to be wrong are listed in
`results/translation_findings_judged_wrong.json` by fingerprint. Size: 20 instruments of 50 items
in 7 locales. pofilter is found on the PATH or named; without it its column stays empty.

    python benchmarks/translation_checks.py
    python benchmarks/translation_checks.py --django django-5.2.9-py3-none-any.whl --mo lg_UG=gtk.mo
    python benchmarks/translation_checks.py --django ... --show de_DE
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import polib
from babel.messages.pofile import PoFileError, read_po

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from psychometrics.errors import Finding  # noqa: E402
from psychometrics.translation.checks import (  # noqa: E402
    LocaleTexts,
    Pair,
    check_texts,
    is_hint,
)
from psychometrics.translation.checks.rules import CODES  # noqa: E402
from tests.translation.planted import CLEAN, FAULTS, Planted, planted  # noqa: E402
from tests.translation.planted_by_rule import planted_by_rule  # noqa: E402

JUDGED = Path(__file__).parent / "results" / "translation_findings_judged_wrong.json"
LOCALES = ("de_DE", "en_IN", "he_IL", "hi_IN", "lg_UG", "sw_TZ")
MOST_FALSE = 0.02
LONGEST_SECONDS = 5.0
DJANGO = {"de": "de_DE", "hi": "hi_IN", "he": "he_IL", "sw": "sw_TZ"}
HINTS_ONLY = {fault for fault, codes in FAULTS.items() if all("hint_" in code for code in codes)}
SAMPLE = Pair(
    "item.x",
    "The managers of this service actively support the work of peers.",
    "Die Führungskräfte dieser Einrichtung unterstützen die Arbeit der Peers aktiv.",
    "de_DE",
)
Found = dict[str, set[str]]
"""By tool, the names of the texts in which it found something."""


# Planted faults


def write_catalog(text: Planted, file: Path) -> None:
    """Write the catalog of one text as a PO file that other tools read."""
    lines = [
        'msgid ""',
        'msgstr ""',
        '"Project-Id-Version: x\\n"',
        '"PO-Revision-Date: 2026-01-01 00:00+0000\\n"',
        '"Last-Translator: none <none@example.org>\\n"',
        '"Language-Team: none <none@example.org>\\n"',
        f'"Language: {text.locale}\\n"',
        '"MIME-Version: 1.0\\n"',
        '"Content-Type: text/plain; charset=UTF-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
    ]
    for pair in text.catalog.pairs:
        flags = ["fuzzy"] if pair.fuzzy else []
        flags += ["python-brace-format"] if "{" in pair.source else []
        flags += ["python-format"] if "%(" in pair.source else []
        lines += ["", *([f"#, {', '.join(flags)}"] if flags else [])]
        if pair.previous_source is not None:
            lines.append(f"#| msgid {quoted(pair.previous_source)}")
        lines.append(f"msgctxt {quoted(pair.key)}")
        lines.append(f"msgid {quoted(pair.source)}")
        lines.append(f"msgstr {quoted(pair.target)}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(("\n".join(lines) + "\n").encode("utf-8", "surrogatepass"))


def quoted(text: str) -> str:
    """Return a text as a string of a PO file."""
    told = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{told}"'


def pofilter(folder: Path, program: str) -> set[str]:
    """Return the names of the files in which pofilter's standard tests fail."""
    found: set[str] = set()
    for locale in sorted(folder.iterdir()):
        out = folder.parent / "pofilter" / locale.name
        out.mkdir(parents=True)
        language = f"--language={locale.name.partition('_')[0]}"
        subprocess.run(
            [program, language, "--progress=none", str(locale), str(out)],
            capture_output=True,
            check=False,
        )
        found |= {file.stem for file in out.glob("*.po") if "msgstr" in read_text(file)}
    return found


def read_text(file: Path) -> str:
    """Return the text of a file, whatever its bytes."""
    return file.read_text(encoding="utf-8", errors="replace")


def msgfmt(file: Path) -> bool:
    """Return whether `msgfmt -c` says anything about a file."""
    done = subprocess.run(["msgfmt", "-c", "-o", "-", str(file)], capture_output=True, check=False)
    return bool(done.returncode or done.stderr)


def babel(file: Path) -> bool:
    """Return whether Babel can't read a file, or its checkers find something in it."""
    try:
        with file.open("rb") as lines:
            catalog = read_po(lines, abort_invalid=True)
        return any(errors for _, errors in catalog.check())
    except (PoFileError, UnicodeError, ValueError):
        return True


def found_by_tools(texts: list[Planted], program: str | None) -> Found:
    """Return what each tool finds in the catalogs of the texts, each a file of its own."""
    ours = {text.name: text.findings() for text in texts}
    found: Found = {
        "here": {
            text.name
            for text in texts
            if (
                text.others(ours[text.name])
                if text.fault == CLEAN
                else text.is_found(ours[text.name])
            )
        }
    }
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "in"
        files = {text.name: folder / text.locale / f"{text.name}.po" for text in texts}
        for text in texts:
            write_catalog(text, files[text.name])
        if program:
            found["pofilter"] = pofilter(folder, program)
        if shutil.which("msgfmt"):
            found["msgfmt -c"] = {name for name, file in files.items() if msgfmt(file)}
        found["Babel"] = {name for name, file in files.items() if babel(file)}
    return found


def print_planted(texts: list[Planted], found: Found) -> bool:
    """Print who found what; return whether everything was found here that has to be."""
    faulty = [text for text in texts if text.fault != CLEAN]
    clean = [text for text in texts if text.fault == CLEAN]
    print(f"\n{len(faulty)} planted faults, {len(clean)} texts without one\n")
    print_head("fault", found)
    for fault in FAULTS:
        print_row(fault, [text for text in faulty if text.fault == fault], found)
    for locale in dict.fromkeys(text.locale for text in texts):
        print_row(f"all, {locale}", [text for text in faulty if text.locale == locale], found)
    print_row("**all**", faulty, found)
    for locale in dict.fromkeys(text.locale for text in clean):
        print_row(f"no fault, {locale}", [one for one in clean if one.locale == locale], found)
    by_products = Counter(one.code for text in faulty for one in text.others(text.findings()))
    print(f"\nFindings here about something else than the fault: {dict(by_products) or 'none'}")
    for text in faulty:
        if text.name not in found["here"]:
            print(f"missed: {text.name} ({text.fault}): {text.description}")
    for text in clean:
        if text.name in found["here"]:
            print(f"wrong: {text.name}: {[str(one) for one in text.others(text.findings())]}")
    missed = [
        one for one in faulty if one.name not in found["here"] and one.fault not in HINTS_ONLY
    ]
    wrong = [one for one in clean if one.name in found["here"]]
    return not missed and len(wrong) <= MOST_FALSE * len(clean)


def print_by_rule(texts: list[Planted], found: Found) -> bool:
    """Print who found the faults that were made for one rule each; return whether all were."""
    print(f"\n{len(texts)} faults made for a rule each\n")
    print_head("rule", found)
    for rule in dict.fromkeys(CODES.values()):
        print_row(rule, [one for one in texts if CODES[one.name.partition(".")[2]] == rule], found)
    print_row("**all**", texts, found)
    return all(text.name in found["here"] for text in texts)


def print_head(what: str, found: Found) -> None:
    """Print the head of a table: what is found here in each locale, and by each tool in all."""
    names = [*LOCALES, "n", *found]
    print(f"| {what} | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}")


def print_row(name: str, texts: list[Planted], found: Found) -> None:
    """Print how many of some texts each tool found something in."""
    if texts:
        cells = [found_of([text for text in texts if text.locale == one], found) for one in LOCALES]
        cells.append(str(len(texts)))
        cells += [str(sum(text.name in names for text in texts)) for names in found.values()]
        print(f"| {name} | {' | '.join(cells)} |")


def found_of(texts: list[Planted], found: Found) -> str:
    """Return how many of some texts something was found in here, such as "2/3"."""
    return f"{sum(text.name in found['here'] for text in texts)}/{len(texts)}" if texts else ""


# People's translations


def django_pairs(wheel: Path) -> Iterator[Pair]:
    """Yield the finished translations in a wheel of Django."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as made:
        for name in sorted(archive.namelist()):
            parts = name.split("/")
            if name.endswith(".po") and parts[-3] in DJANGO:
                file = Path(archive.extract(name, made))
                yield from pairs_of(polib.pofile(str(file)), DJANGO[parts[-3]], name)


def pairs_of(catalog: list[polib.POEntry], locale: str, name: str) -> Iterator[Pair]:
    """Yield the finished translations of a catalog; of plurals the last form."""
    for at, entry in enumerate(catalog):
        plural = bool(entry.msgid_plural)
        source = entry.msgid_plural if plural else entry.msgid
        target = entry.msgstr_plural[max(entry.msgstr_plural)] if plural else entry.msgstr
        if target and not entry.obsolete and "fuzzy" not in getattr(entry, "flags", ()):
            yield Pair(f"item.{name}.{at}", source, target, locale)


def flagged_by_pofilter(texts: list[Pair], locale: str, program: str | None) -> str:
    """Return the share of the texts in which pofilter's standard tests fail."""
    if not program:
        return ""
    with tempfile.TemporaryDirectory() as made:
        catalog = polib.POFile(wrapwidth=0)
        catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
        for pair in texts:
            entry = polib.POEntry(msgctxt=pair.key, msgid=pair.source, msgstr=pair.target)
            catalog.append(entry)
        file, out = Path(made) / "in.po", Path(made) / "out.po"
        catalog.save(str(file))
        language = f"--language={locale.partition('_')[0]}"
        subprocess.run(
            [program, language, "--progress=none", str(file), str(out)],
            capture_output=True,
            check=False,
        )
        n_flagged = len(polib.pofile(str(out))) if out.exists() else 0
    return f"{n_flagged / len(texts):.1%}"


def print_public(pairs: dict[str, list[Pair]], show: str | None, program: str | None) -> bool:
    """Print the findings by language; return whether few enough are wrong."""
    told = json.loads(JUDGED.read_text(encoding="utf-8"))
    judged = {(one["locale"], one["code"], one["text_hash"]) for one in told}
    fine = True
    print(
        "\n| locale | texts | findings | right | wrong | wrong of texts | hints | pofilter flags |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for locale, texts in pairs.items():
        found = list(check_texts(LocaleTexts(locale, tuple(texts))))
        hard = [one for one in found if not is_hint(one)]
        wrong = [one for one in hard if (locale, one.code, one.text_hash) in judged]
        share = len(wrong) / len(texts)
        fine &= share < MOST_FALSE
        print(
            f"| {locale} | {len(texts)} | {len(hard)} | {len(hard) - len(wrong)} | {len(wrong)} "
            f"| {share:.1%} | {(len(found) - len(hard)) / len(texts):.1%} "
            f"| {flagged_by_pofilter(texts, locale, program)} |"
        )
        if show == locale:
            print_findings(found, texts, judged)
    print_rules_in_public(pairs, judged)
    return fine


def print_rules_in_public(pairs: dict[str, list[Pair]], judged: set[tuple[str, ...]]) -> None:
    """Print by rule and locale how many findings were judged wrong, of how many."""
    print(f"\n| rule | {' | '.join(pairs)} |\n|{'---|' * (len(pairs) + 1)}")
    cells: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for locale, texts in pairs.items():
        for one in check_texts(LocaleTexts(locale, tuple(texts))):
            if not is_hint(one):
                wrong = (locale, one.code, one.text_hash) in judged
                cells[CODES[one.code]][locale].append(wrong)
    for rule in dict.fromkeys(CODES.values()):
        if rule in cells:
            row = [cells[rule][locale] for locale in pairs]
            print(f"| {rule} | {' | '.join(f'{sum(x)}/{len(x)}' if x else '' for x in row)} |")


def print_findings(found: list[Finding], texts: list[Pair], judged: set[tuple[str, ...]]) -> None:
    """Print every finding with its texts and its fingerprint, to be judged by a reader."""
    by_key = {pair.key: pair for pair in texts}
    for one in found:
        pair = by_key[str(one.key)]
        mark = "WRONG" if (one.locale, one.code, one.text_hash) in judged else ""
        print(f"{mark:<6}{one.code} {one.text_hash}\n    {pair.source!r}\n    {pair.target!r}")


# Size


def seconds_for_many(pairs: dict[str, list[Pair]]) -> float:
    """Return the CPU time of 20 catalogs of 50 items and 30 other texts in 7 locales."""
    made: list[LocaleTexts] = []
    sources = {locale: texts for locale, texts in pairs.items() if texts}
    sources = sources or {"de_DE": [SAMPLE]}
    locales = (list(sources) * 7)[:7]
    for locale in locales:
        texts = [pair for pair in sources[locale] if len(pair.source) > 25] or sources[locale]
        for instrument in range(20):
            chosen = [texts[(instrument * 80 + at) % len(texts)] for at in range(80)]
            made.append(
                LocaleTexts(
                    locale,
                    tuple(
                        Pair(f"item.x{at}", pair.source, pair.target, locale)
                        for at, pair in enumerate(chosen)
                    ),
                )
            )
    start = process_time()
    for texts_of_locale in made:
        list(check_texts(texts_of_locale))
    return process_time() - start


def main() -> int:
    """Measure everything; return 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--django", type=Path, help="wheel of Django")
    parser.add_argument("--mo", action="append", default=[], metavar="LOCALE=FILE")
    parser.add_argument("--pofilter", default=shutil.which("pofilter"), metavar="PROGRAM")
    parser.add_argument("--show", metavar="LOCALE", help="print every finding of a locale")
    asked = parser.parse_args()
    fine = True
    texts = list(planted())
    if texts:
        fine &= print_planted(texts, found_by_tools(texts, asked.pofilter))
        by_rule = list(planted_by_rule())
        fine &= print_by_rule(by_rule, found_by_tools(by_rule, asked.pofilter))
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for pair in django_pairs(asked.django) if asked.django else ():
        pairs[pair.locale].append(pair)
    for each in asked.mo:
        locale, _, file = each.partition("=")
        pairs[locale] += pairs_of(polib.mofile(file), locale, Path(file).name)
    if pairs:
        fine &= print_public(pairs, asked.show, asked.pofilter)
    seconds = seconds_for_many(pairs)
    print(
        f"\n20 instruments x 80 texts x 7 locales: {seconds:.1f} s (promised: {LONGEST_SECONDS} s)"
    )
    return int(not (fine and seconds < LONGEST_SECONDS))


if __name__ == "__main__":
    raise SystemExit(main())
