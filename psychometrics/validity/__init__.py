"""What the numbers mean: analyses with labels, one row a statistic, each with its n and method.

A statistic that can't be had is a row with a reason. ``pooling`` says what a pooled row pools:
``total`` (rows stacked), ``within`` (site means taken out, N - G degrees of freedom) or ``meta``
(random-effects synthesis of the sites' own estimates).
"""
