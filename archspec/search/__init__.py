"""Spaces of variants: swept, and searched for what is on a budget.

Assumes a spec that resolves and axes over its numbers, choices and sizes. Every figure is what a full report of that
variant says; nothing is run, and nothing of `archspec/comparison/` is used.
"""
