"""Recorded output of R, its data and the scripts that made it."""
