"""In which words: catalogs of translations, their record and their checks.

A translation is kept in ``translations/<locale>/LC_MESSAGES/<instrument>.po``, one entry for
each text key of the instrument (``msgctxt``), with the source wording beside it (``msgid``).

Answers that instruments share are an instrument too (``instrument.SharedSet``): all of this works
on them, but for what needs a form. Where an instrument is read, theirs are read along.

What other code builds on; every function takes ``translations=None``, the folder, unless it says
otherwise:

* ``source.source_strings(instrument, *, file=None) -> tuple[SourceString, ...]``:
  ``SourceString(key, text, kind, note, place, order)``
* ``text_hash.text_hash(text) -> str``, and ``text_hash.plain_text(text) -> str``
* ``catalog.load_catalog(instrument, locale) -> Catalog``: ``entries``, ``obsolete``, ``headers``,
  ``get(key, site=None, gender=None) -> Entry | None``, ``text(...) -> str``, ``words_of(site)``;
  ``Entry(key, source, text, fuzzy, previous_source, comments, notes, places, flags, line)`` with
  ``base_key``, ``site`` and ``gender``; ``shared``, the catalogs of shared response sets
* ``locales.load_brief(locale, instrument_id=None) -> Brief | None``; ``locales.locale_direction``
* ``update.update_catalogs(instrument, locales=None) -> Iterator[Update]``, ``update.write_update``,
  ``voided.voided_by(instrument, update) -> Voided``
* ``change.classify_change(old, new, language="en") -> Change``
* ``files.read_po``, ``files.catalog_file``, ``files.write_bytes``; ``po.parse(text) -> PoFile``;
  ``edit.with_texts(file, texts) -> PoFile``
* ``record.record_of(instrument, locale) -> Record``: ``about(key)``, ``is_waived(finding)``,
  ``open_queries``; ``record.add_events(events)``
* ``steps.record_step(instrument, locale, kind, *, who, keys=None, texts=None, **told) -> Event``
* ``signing.sign``, ``signing.sign_form``, ``signing.waive``, ``confirm.confirm_source_change``
* ``status.translation_status(instrument, locale) -> LocaleStatus``: ``texts``, ``counts``,
  ``blocks``, ``form_hash``, ``form_signed``, ``can_be_fielded``
* ``form.form_of(instrument, catalog, brief=None, site=None) -> Form``
* ``status.status_of_text(instrument, key, locale) -> TextStatus``
* ``new_project.plan_project(name, title, source_locale, sites, made) -> dict[Path, bytes]``
* ``release.make_release(instrument, version, ...) -> Release``, ``release.load_release``
"""
