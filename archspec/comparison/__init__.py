"""Models beside one another: compared, told apart, their weights carried over.

Assumes specs that resolve. What is called equal computes the same from the same weights, and is found by structure and
not by name; nothing is run, and nothing of `archspec/search/` is used.
"""
