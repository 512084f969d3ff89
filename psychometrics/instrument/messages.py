"""English sentences of the findings of instrument definitions, by code."""

from __future__ import annotations

FILE: dict[str, str] = {
    "definition_not_found": "There is no such file, or it can't be opened ({why}).",
    "definition_too_large": "The file has {size} bytes; a definition has at most {most}. "
    "Is it really a definition?",
    "definition_not_utf8": "The file is not text in UTF-8 ({why}). "
    "Save it again with the encoding UTF-8.",
    "definition_bom": "The file starts with a byte order mark, which is not needed. "
    "Save it as UTF-8 without BOM.",
    "definition_empty": "The file holds no definition. Start with `id:`, `version:` and `title:`.",
    "definition_not_mapping": "A definition is a list of `field: value` lines; here it is {found}. "
    "Start with `id:`, `version:` and `title:`.",
    "yaml_tab": "This line is indented with a tab. YAML knows only spaces: use two for each level.",
    "yaml_character": "The file holds a character that text can't hold ({found}). Delete it.",
    "yaml_syntax": "This can't be read as YAML: {why}. Look at the indentation, and put texts "
    "that hold a colon, a hash or quotes after `>-` on a line of their own.",
    "yaml_duplicate_key": "`{key}` was already given on line {first}. Keep one of the two.",
    "yaml_alias": "Anchors and aliases (& and *) are not used in definitions. Write it out.",
    "yaml_tag": "The tag {tag} is not used in definitions. Delete it.",
    "yaml_key_not_text": "A field name must be a plain word; here it is {found}.",
    "yaml_too_deep": "Things are nested more than {most} levels deep here; a definition needs "
    "far fewer. Is a bracket missing?",
    "yaml_second_document": "A second document starts here (`---`). "
    "Write each definition in a file of its own.",
    "id_not_file_name": "The id is {id}, and the file is called {file}. "
    "Translations are found by the id: call the file {id}.yaml.",
}

SHARED_SETS: dict[str, str] = {
    "definition_is_shared_set": "This is a response set that instruments share, and no "
    "instrument: it has no items. Name an instrument that uses it.",
    "shared_key_not_file_name": "The key is {key}, and the file is called {file}. Instruments "
    "find it by the key: call the file {key}.yaml.",
    "shared_set_unknown": "There is no shared response set {key}; its file would be {file}.{known}",
    "shared_set_faulty": "The shared response set {key} has errors; check {file}.",
    "shared_set_language": "The texts of the shared response set {key} are in {other}, and those "
    "of this definition in {own}.",
    "shared_set_version": "The shared response set {key} is version {version} now, and {found} is "
    'the one that was taken up here. Look at its answers, and write `version: "{version}"`.',
    "shared_set_changed": "The answers of the shared response set {key} have changed without a "
    "new version. Look at them, and write `hash: {hash}`.",
}

FIELDS: dict[str, str] = {
    "field_missing": "{owner} has no `{field}`. Add it: {meaning}",
    "field_unknown": "{owner} has no field `{field}`.{known}",
    "field_not_text": "`{field}` must be text, and {found} is {kind}. Put it in quotes: {quoted}.",
    "field_not_one_text": "`{field}` must be one text, and here it is {found}.",
    "field_not_text_or_code": "`{field}` must be a whole number or a text, and here it is {found}.",
    "field_not_integer": "`{field}` must be a whole number without quotes, and here it is {found}.",
    "field_not_number": "`{field}` must be a number without quotes, and here it is {found}.",
    "field_not_boolean": "`{field}` must be true or false, and here it is {found}.",
    "field_not_list": "`{field}` must be a list (one `- ` line for each), and here it is {found}.",
    "field_not_mapping": "`{field}` must hold `name: value` lines, and here it is {found}.",
    "field_empty": "`{field}` is empty. Write it: {meaning}",
    "field_choice": "`{field}` is {found}; it must be one of {allowed}.{known}",
    "field_key": "`{field}` is {found}; keys are {allowed}, digits and _, and start with a letter.",
    "field_country": "`{field}` is {found}; write two capital letters (ISO 3166), such as DE.",
    "field_refused": "`{field}` can't be {found} ({why}).",
    "options_or_range": "The response set {key} needs either `options:` or `range:`, "
    "one of the two and not both.",
    "duplicate_key": "{section} has the {name} {key} twice, first on line {first}. "
    "Give each its own; a key is never used for two things.",
}

PARTS: dict[str, str] = {
    "duplicate_option_code": "In {owner}, {a} and {b} have the same code {found}. "
    "Give each answer its own code.",
    "duplicate_option_key": "{owner} has the answer {found} twice. Give each its own key.",
    "duplicate_option_text": "In {owner}, {a} and {b} have the same text {found!r}. "
    "Respondents can't tell them apart: reword one.",
    "missing_code_is_option": "In {owner}, the missing answer {key} has the code {found} of the "
    "answer {other}. Give it a code that no answer has.",
    "missing_code_in_range": "In {owner}, the missing answer {key} has the code {found}, which is "
    "a possible answer ({low:g} to {high:g}). Give it a code outside the range.",
    "range_reversed": "In {owner}, the range goes from {low:g} to {high:g}. "
    "The minimum must be the lower number.",
    "too_few_options": "{owner} has only one answer, so nothing can vary. "
    "Add the others, or use `missing:`.",
    "codes_out_of_order": "In {owner}, the codes neither rise nor fall in the order of the "
    "answers ({codes}). Is the order of the answers right?",
    "structural_refusal": "In {owner}, {key} means {meaning} and is called structural. An answer "
    "existed and wasn't given: use `structural: false`, or another meaning.",
    "not_applicable_not_structural": "In {owner}, {key} means {meaning} and is not called "
    "structural. If no answer can exist in that case, add `structural: true`.",
    "unused_response_set": "No item and no comparator uses the response set {key}.",
    "unknown_response_set": "{owner} uses the response set {key}, which is not defined.{known}",
    "duplicate_item_text": "The items {a} and {b} have the same text. Reword or drop one.",
    "item_in_no_scale": "The item {key} is in no scale, so it enters no score. "
    "Add it to a scale, if that was not meant.",
    "retired_key_in_use": "The key {key} is retired (`retired_keys:`) and used here again. "
    "Choose a new key: data files may hold the old one with its old meaning.",
    "renamed_from_live": "{owner} says it was called {key}, and {key} is still the key of "
    "{other}. Delete one of the two.",
    "renamed_from_twice": "{owner} and {other} both say they were called {key}. "
    "Only one of them can be its successor.",
    "name_taken": "{owner} has the same name as {other}. Answers, scores and models keep them "
    "side by side: rename one.",
    "name_reserved": "{owner} has a name that is kept for a column of the data ({roles}). "
    "Rename it.",
    "scale_without_items": "The scale {key} has no items. Add `items: [...]` or delete it.",
    "unknown_item": "The scale {owner} names the item {key}, which does not exist.{known}",
    "item_twice": "The scale {owner} names the item {key} twice. Name it once.",
    "min_valid_out_of_range": "The scale {key} has {n_items} items and `min_valid: {found}`. "
    "It must be from 1 to {n_items}.",
    "few_items": "The scale {key} has only {count}. {consequence}",
    "mixed_response_sets": "The scale {key} joins items with different ranges ({sets}), so that "
    "some weigh more than others in its score.",
    "formative_scale": "{owner} is formative: its parts make it and need not go together. Alpha, "
    "omega and factor models don't apply, and no report will show them for it.",
    "unknown_scale": "{owner} names the scale {key}, which does not exist.{known}",
    "scale_twice": "{owner} names the scale {key} twice. Name it once.",
    "node_without_scales": "{owner} has no scales. Add `scales: [...]` or delete it.",
    "few_scales": "{owner} has {n_scales} reflective scales. A higher-order factor needs three "
    "or more to be estimated.",
    "unknown_locale": "{owner} has the locale {locale}, which is not known.{known} Write it as "
    "language or language_COUNTRY, such as en or de_DE.",
    "locale_twice": "{owner} names the locale {locale} twice. Name it once.",
    "unknown_country": "{owner} has the country {country}, which is not known.{known}",
    "alias_twice": "{owner} has the alias {alias!r}, which already stands for the site {other}. "
    "A value in a data file can stand for one site only.",
    "fact_of_respondents": "{owner} states {key} as a fact of the site, and {key} is a comparator "
    "of respondents. Give the comparator `level: site`, or delete the fact.",
    "unknown_column_target": "`columns:` names {key}, which is no item, no comparator and none of "
    "{roles}.{known}",
    "column_twice": "`columns:` takes both {a} and {b} from the column {column}. "
    "Each has a column of its own.",
}

EXPECTATIONS: dict[str, str] = {
    "pair_with_itself": "The scale {key} is declared distinct from itself. Name two scales.",
    "pair_twice": "The pair {a} and {b} is declared distinct twice. Keep one.",
    "comparator_not_binary": "The comparator {key} is binary, and its response set {set} has "
    "not two answers but {n_codes}. Give it two, or another kind.",
    "expectation_twice": "{section} has the key {key} twice. Give each its own.",
    "unknown_comparator": "The hypothesis {owner} names the comparator {key}, which does not "
    "exist.{known}",
    "site_level_comparator": "The hypothesis {owner} uses {key}, which is the same for a whole "
    "site. What doesn't vary between the people of a site can't go with their scores: "
    "use a comparator of `level: respondent`.",
    "nominal_comparator": "The hypothesis {owner} uses {key}, whose values have no order, so that "
    "a correlation means nothing. Use `known_groups:` instead.",
    "convergent_needs_direction": "The convergent hypothesis {owner} has no direction. "
    "Write `direction: positive` or `direction: negative`.",
    "convergent_needs_minimum": "The convergent hypothesis {owner} doesn't say how large the "
    "correlation must be. Add `minimum:`, such as 0.30.",
    "discriminant_needs_maximum": "The discriminant hypothesis {owner} doesn't say how large the "
    "correlation may be. Add `maximum:`, such as 0.30.",
    "discriminant_with_minimum": "The discriminant hypothesis {owner} has a `minimum:`. "
    "It says how small a correlation is: delete it, or make it convergent.",
    "bound_not_correlation": "The hypothesis {owner} has `{field}: {found:g}`. The size of a "
    "correlation is more than 0 and at most 1.",
    "bounds_reversed": "The hypothesis {owner} has a minimum of {low:g} and a maximum of {high:g}. "
    "The minimum must be the lower number.",
    "unknown_group_variable": "The known-groups comparison {owner} is of {key}, which is no "
    "comparator and none of {roles}.{known}",
    "site_level_groups": "The known-groups comparison {owner} is of {key}, which is the same "
    "for a whole site. A difference between sites has more than one cause: "
    "use a variable of respondents.",
    "same_group": "The known-groups comparison {owner} has {found} on both sides. Name two groups.",
    "unknown_group_value": "The known-groups comparison {owner} names {found!r}, which is no "
    "code of {variable} ({codes}).",
    "groups_without_scales": "The known-groups comparison {owner} names no scales. "
    "Add `scales: [...]`.",
    "difference_not_positive": "The known-groups comparison {owner} expects a difference of at "
    "least {found:g}. Write a positive number, and swap `higher:` and `lower:` if need be.",
}

CHOOSING: dict[str, str] = {
    "unknown_instrument": "There is no definition {name!r}.{known} "
    "For a definition of your own, give the path of its file.",
}

DOCUMENTS: dict[str, str] = {
    "document_empty": "The file holds nothing. It should hold {what}.",
    "document_not_mapping": "The file should hold {what}, as `field: value` lines; here it is "
    "{found}.",
    "field_not_date": "`{field}` must be a day such as 2026-03-01, and here it is {found}.",
    "document_too_large": "The file has {size} bytes; {most} are the most for {what}.",
}

MESSAGES: dict[str, str] = FILE | SHARED_SETS | FIELDS | PARTS | EXPECTATIONS | CHOOSING | DOCUMENTS
