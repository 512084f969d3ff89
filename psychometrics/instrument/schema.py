"""The JSON Schema of definition files, for editors that complete and check while one writes."""

from __future__ import annotations

from typing import Any

from psychometrics.instrument.definition import SECTIONS, Instrument
from psychometrics.instrument.shared import SharedSetFile, Use

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of an instrument definition as it is written.

    It says which fields there are, what they mean and what they hold. What only the whole can
    tell, such as an item that a scale names and nobody defines, is found by
    :func:`psychometrics.instrument.check_instrument`.

    Returns
    -------
    dict
        The schema; ``instruments/instrument.schema.json`` holds the same.

    Examples
    --------
    >>> schema = json_schema()
    >>> schema["properties"]["items"]["type"], schema["additionalProperties"]
    ('array', False)
    """
    made = Instrument.model_json_schema()
    made = {
        "$schema": DIALECT,
        **made,
        "title": "Instrument definition",
        "description": "A measure: what is asked, how it is scored, where it is fielded, "
        "and what was expected.",
    }
    for section in SECTIONS:
        field = made["properties"][section]
        field["items"] = field.pop("additionalProperties")  # a list in the file, named by its parts
        field["type"] = "array"
    answers = made["$defs"]["ResponseSet"]
    answers["oneOf"] = [{"required": ["options"]}, {"required": ["range"]}]
    del answers["properties"]["shared"], made["$defs"]["SharedVersion"]  # never written by hand
    made["$defs"]["Use"] = Use.model_json_schema()
    section = made["properties"]["response_sets"]
    section["items"] = {"anyOf": [section["items"], {"$ref": "#/$defs/Use"}]}
    return made


def shared_set_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file of a response set that instruments share.

    ``instruments/response_sets/response_set.schema.json`` holds the same.

    Examples
    --------
    >>> shared_set_schema()["required"][:3]
    ['key', 'version', 'title']
    """
    made = {"$schema": DIALECT, **SharedSetFile.model_json_schema()}
    made["title"] = "Shared response set"
    made["description"] = "Answers that several instruments share, and translate once."
    made["oneOf"] = [{"required": ["options"]}, {"required": ["range"]}]
    return made
