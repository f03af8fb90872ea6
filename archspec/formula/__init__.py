"""Formulas over sizes left open: exact polynomials, floor divisions and all, and what has to hold for them."""
