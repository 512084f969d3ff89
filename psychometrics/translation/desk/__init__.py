"""The translator's desk: sheets for each role, previews, and files for agencies."""
