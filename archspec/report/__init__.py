"""Graph to report: parameters, work and memory, counted and simulated; nothing is run.

Assumes a graph, whose sizes may be open: code here uses arithmetic and comparisons alone, so that every count is a
formula where a size is one. Guarantees that a figure is exact for the source that is written of the graph, that it fits
into 64 bits, and that every form in which a report is shown has the same figures. A report is not changed once made.
"""
