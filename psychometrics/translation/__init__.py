"""In which words: catalogs of translations, their record and their checks.

A translation is kept in ``translations/<locale>/LC_MESSAGES/<instrument>.po``, one entry for
each text key of the instrument (``msgctxt``), with the source wording beside it (``msgid``).
"""
