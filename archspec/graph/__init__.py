"""Spec to graph: a tree of module instances, each a short dataflow of ops and uses of its layers.

Assumes a resolved spec: imports found, names linked, one model chosen. Guarantees, or raises ``SpecError`` with every
independent problem: each op accepted its inputs; all names, sizes and shares of weights agree; every step is needed by
some result; equal instances are one node; nodes are not changed once made. What is asked of a node and all that is in
it goes through ``walk.py``, what is asked of the tensors of a body through ``liveness.py``.
"""
