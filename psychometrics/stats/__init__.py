"""The numbers: kernels on numpy and scipy alone.

Nothing here sees a data frame, a locale or a file. Arrays carry leading axes
``(replicate, group)`` where a statistic is computed for many data sets at once; a single data
set is one replicate of one group.
"""
