"""Symbolic numbers: a value (the hint), an expression over names, and what it follows; and what is open in it.

Nothing here knows of tensors, specs or files. ``expr.py`` has expressions in the author's words, ``number.py`` numbers
that carry one, ``open.py`` numbers that stand for more than one case, with the formulas (``poly.py``, ``algebra.py``)
and guards that tell for which. ``evaluate.py`` runs formulas, ``bounds.py`` reasons about them, ``printer.py`` prints.
"""
