"""Which column of the answers holds what, as told on the command line."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import typer

from psychometrics.errors import DataError


def column_mapping(pairs: Sequence[str], file: Path | None) -> dict[str, str]:
    """Join the mapping file and the single mappings; a single one wins over the file.

    Parameters
    ----------
    pairs : sequence of str
        Each "key=column name": the key of an item, a comparator or a role such as site.
    file : pathlib.Path, optional
        YAML ("key: column name") or CSV (two columns, with or without the header key,column).

    Raises
    ------
    typer.BadParameter
        If a pair has no equals sign.
    DataError
        If the file is no such mapping.
    """
    mapping = read_mapping(file) if file is not None else {}
    for pair in pairs:
        key, sign, column = (part.strip() for part in pair.partition("="))
        if not (key and sign and column):
            raise typer.BadParameter(
                f"{pair!r} is not of the form item=column, such as culture_1=Q1.",
                param_hint="--column",
            )
        mapping[key] = column
    return mapping


def read_mapping(file: Path) -> dict[str, str]:
    """Read a mapping file.

    Raises
    ------
    DataError
        If it is no mapping from keys to column names, or names a key twice.
    """
    is_yaml = file.suffix.lower() in {".yaml", ".yml"}
    pairs = _yaml_pairs(file) if is_yaml else _csv_pairs(file)
    mapping: dict[str, str] = {}
    for key, column in pairs:
        if mapping.setdefault(key, column) != column:
            raise DataError(
                f"{file}: {key} is mapped to {mapping[key]!r} and to {column!r}; keep one of them."
            )
    return mapping


def _csv_pairs(file: Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    if rows and rows[0][1] in (["key", "column"], ["item", "column"]):
        del rows[0]
    for line, row in rows:
        if len(row) != 2 or not all(row):
            raise DataError(
                f"{file}, line {line}: found {','.join(row)!r}; expected a key and a column name "
                "with a comma between them, such as culture_1,Q1."
            )
    return [(row[0], row[1]) for _, row in rows]


def _yaml_pairs(file: Path) -> list[tuple[str, str]]:
    from psychometrics.instrument.yaml_tree import described, read_tree

    file.open("rb").close()  # a file that can't be opened is told as everywhere
    tree = read_tree(file)
    faults = [
        each for each in tree.faults if each.severity == "error" and each.code != "definition_empty"
    ]
    if faults:
        told = "\n".join(f"{each.where}: {each.message}" for each in faults)
        raise DataError(told, faults)
    if not isinstance(tree.data, dict):
        raise DataError(f'{file}: expected lines such as "culture_1: Q1", a key and a column name.')
    for key, column in tree.data.items():
        if isinstance(column, bool | dict | list) or column is None:
            raise DataError(
                f"{file}:{tree.line((key,))}: found {described(column)} for {key}; expected the "
                "name of one column, such as Q1. A name that YAML takes for something else goes "
                "in quotes."
            )
    return [(key, str(column)) for key, column in tree.data.items()]
