"""Confirmatory factor analysis: from model text to estimates, one module a step.

``syntax`` reads the text, ``table`` completes it into a parameter table, ``layout`` turns the
table into index arrays, ``kernel`` evaluates the fit function and its derivatives for many data
sets at once, ``estimate`` finds the optimum, ``inference`` gives standard errors and tests, and
``fit_indices`` the indices.
"""
