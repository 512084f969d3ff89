"""What a user gets: the wheel, what importing costs, and docs that keep step with the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement
from packaging.version import Version

import psychometrics
from psychometrics.cli import app

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HEAVY = {
    "duckdb", "factor_analyzer", "great_tables", "jinja2", "matplotlib", "openpyxl", "pandas",
    "pingouin", "polars", "pyarrow", "pyreadstat", "scipy", "seaborn", "sklearn", "statsmodels",
}  # fmt: skip


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command outside of the source tree and return what it printed."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))
    }
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=kept | {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


# The wheel, and an editable installation


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the source archive, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


def new_environment(folder: Path, *what: str | Path) -> Path:
    """Make an environment with our dependencies but without our source tree; return its Python."""
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    python = folder / "env" / "bin" / "python"
    site_packages = run(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    )
    # A folder named in a .pth file comes last, and its own .pth files are not read: so an
    # editable installation in the outer environment does not leak in.
    outer = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    Path(site_packages.strip(), "dependencies.pth").write_text("\n".join(outer))
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps")
    run(*pip, "--no-build-isolation", *what, cwd=folder)
    return python


USE = """
import json, psychometrics
from psychometrics.instrument import available_instruments
instrument = psychometrics.load_instrument("peer_support_implementation")
print(json.dumps([psychometrics.__file__, len(instrument.items), available_instruments()]))
"""


@pytest.mark.slow
def test_an_installed_wheel_knows_its_instruments(archives: Path, tmp_path: Path) -> None:
    (wheel,) = archives.glob("*.whl")
    python = new_environment(tmp_path, wheel)
    place, n_items, shipped = json.loads(run(python, "-c", USE, cwd=tmp_path))
    assert Path(place).is_relative_to(tmp_path)
    assert n_items == 24
    assert shipped == ["hs1939", "ipip_bfi25", "peer_support_implementation"]
    assert "ipip_bfi25" in run(
        python.with_name("psychometrics"), "instrument", "list", cwd=tmp_path
    )


@pytest.mark.slow
def test_an_editable_installation_knows_its_instruments(tmp_path: Path) -> None:
    python = new_environment(tmp_path, "--editable", ROOT)
    place, n_items, _ = json.loads(run(python, "-c", USE, cwd=tmp_path))
    assert Path(place) == ROOT / "psychometrics" / "__init__.py"
    assert n_items == 24


@pytest.mark.slow
def test_the_archives_hold_what_they_should(archives: Path) -> None:
    (wheel,) = archives.glob("*.whl")
    in_wheel = set(zipfile.ZipFile(wheel).namelist())
    for file in ("_data/instruments/hs1939.yaml", "_data/translations/README.md", "py.typed"):
        assert f"psychometrics/{file}" in in_wheel
    assert not [name for name in in_wheel if name.startswith(("tests", "notebooks", "docs"))]
    source = {str(path.relative_to(ROOT)) for path in (ROOT / "psychometrics").rglob("*.*")}
    source = {name for name in source if "__pycache__" not in name}
    assert source <= in_wheel
    (archive,) = archives.glob("*.tar.gz")
    in_archive = {name.partition("/")[2] for name in tarfile.open(archive).getnames()}
    for name in ("Makefile", "constraints.txt", "tests/test_package.py", "LICENSE", "CHANGELOG.md"):
        assert name in in_archive


# What importing costs


def imported_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has after running some code."""
    report = "import sys; print(' '.join({name.partition('.')[0] for name in sys.modules}))"
    return set(run(sys.executable, "-c", f"{code}\n{report}", cwd=ROOT).split())


@pytest.mark.parametrize(
    "code",
    [
        "import psychometrics",
        "import psychometrics.cli",
        "from psychometrics import Finding, PsychometricsError",
        "from psychometrics import load_instrument",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code: str) -> None:
    assert imported_by(code) & HEAVY == set()


def test_help_imports_nothing_heavy() -> None:
    code = """
import contextlib, io
from psychometrics.cli import main
with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
    main(["--help"])
assert "validate" in said.getvalue()
"""
    assert imported_by(code) & HEAVY == set()


# Names and docs keep step


@pytest.mark.parametrize("name", psychometrics.__all__)
def test_a_public_name_is_explained(name: str) -> None:
    docstring = getattr(psychometrics, name).__doc__
    assert docstring, f"{name} has no docstring"
    assert "Examples\n" in docstring, f"{name} has no example"
    assert ">>> " in docstring


def test_public_names_and_their_table_are_the_same() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "index.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(psychometrics.__all__)


def test_public_names_are_listed_by_dir_and_others_refused() -> None:
    assert set(psychometrics.__all__) <= set(dir(psychometrics))
    with pytest.raises(AttributeError, match="has no attribute 'reliabilty'"):
        _ = psychometrics.reliabilty


def commands(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield every command of the command line with its full name."""
    command = command or typer.main.get_command(app)
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))
    if not hasattr(command, "commands"):
        yield " ".join(("psychometrics", *path)), command


COMMANDS = dict(commands())
SECTIONS = re.split(r"^## ", (ROOT / "docs" / "command_line.md").read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_and_a_section_with_all_its_options(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    (section,) = (text for text in SECTIONS if text.splitlines()[0] == name)
    for parameter in command.params:
        if parameter.name == "help":
            continue
        assert parameter.help, f"{name}: {parameter.name} has no help"
        option = parameter.param_type_name == "option"
        shown = max(parameter.opts, key=len) if option else parameter.metavar
        assert re.search(rf"{re.escape(shown)}\b", section), f"{name}: {shown} is not in the docs"


def test_documented_commands_exist() -> None:
    headings = [text.splitlines()[0] for text in SECTIONS[1:]]
    assert sorted(headings) == sorted(COMMANDS)


def test_documented_options_exist() -> None:
    for section in SECTIONS[1:]:
        name = section.splitlines()[0]
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        synopsis_and_table = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", section))
        others = {"--help"}
        assert synopsis_and_table - known - others == set(), name


@pytest.mark.slow
def test_the_examples_of_the_readme_run(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(blocks) >= 2
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    run(sys.executable, "-c", "\n".join(blocks), cwd=tmp_path, PYTHONPATH=str(ROOT))
    assert (tmp_path / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
def test_links_lead_somewhere(page: str | Path) -> None:
    file = ROOT / page
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", file.read_text()):
        assert (file.parent / target).exists(), f"{file.name} links to {target}"


def test_every_page_can_be_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert {page for page in pages if f"({page})" not in index} == set()


def test_paths_that_contributors_are_sent_to_exist() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text().partition("## How numbers")[0]
    named = re.findall(r"`([\w./-]+/[\w.-]*)`", table)
    assert len(named) > 20
    places = (ROOT, ROOT / "psychometrics")
    missing = [name for name in named if not any((place / name).exists() for place in places)]
    assert missing == []


# Versions


def pins(file: str) -> dict[str, Version]:
    """Return the pinned versions of a constraints file by normalised name."""
    lines = [line for line in (ROOT / file).read_text().splitlines() if line[:1] not in ("", "#")]
    pairs = [line.partition("==")[::2] for line in lines]
    assert all(version for _, version in pairs), f"{file} pins every package with =="
    return {normal(name): Version(version) for name, version in pairs}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(extras: Sequence[str] = ()) -> list[Requirement]:
    more = [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    made = [Requirement(line) for line in [*PROJECT["dependencies"], *more]]
    return [each for each in made if each.name != PROJECT["name"]]


def test_dependencies_are_those_agreed_on() -> None:
    assert sorted(each.name for each in requirements()) == sorted(
        "numpy scipy pandas narwhals pydantic ruamel.yaml babel polib matplotlib pingouin "
        "factor_analyzer great_tables jinja2 typer rich".split()
    )


def test_lower_bounds_are_what_the_oldest_run_installs() -> None:
    oldest = pins("constraints-oldest.txt")
    extras = ("excel", "parquet", "spss", "polars", "duckdb", "test")
    for each in requirements(extras):
        (bound,) = each.specifier
        assert bound.operator == ">="
        pinned = oldest[normal(each.name)]
        assert pinned.release[:2] == Version(bound.version).release[:2], each.name
        assert pinned >= Version(bound.version), each.name


def test_pinned_versions_meet_the_lower_bounds() -> None:
    newest = pins("constraints.txt")
    for each in requirements(tuple(PROJECT["optional-dependencies"])):
        assert newest[normal(each.name)] in each.specifier, each.name


# What is committed


def committed() -> list[Path]:
    """Return the files of the project: tracked ones, and those that would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:  # a source archive is no repository
        made = {"site-packages", "__pycache__", "reports", ".pytest_cache", ".hypothesis"}
        files = [file for file in ROOT.rglob("*") if not made.intersection(file.parts)]
    this = Path(__file__)  # it names what it looks for
    return [file for file in files if file.is_file() and file != this]


def test_nothing_committed_names_a_machine_or_an_index() -> None:
    pattern = re.compile(
        r"(?:^|[\s\"'(=:])/(?:work|root|home|Users|tmp)/\w"
        r"|pypi\.org|pythonhosted|index-url|registry\.npmjs"
    )
    found = []
    for file in committed():
        text = file.read_text(encoding="utf-8", errors="ignore")
        found += [
            f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    assert found == []


def test_ci_runs_what_the_readme_says() -> None:
    assert re.search(r"^make test\b", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert re.search(r"^make .*\btest$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)


def test_the_change_log_knows_this_version_and_has_its_heading() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert psychometrics.__version__ in changes
    assert "### Numbers change" in changes
