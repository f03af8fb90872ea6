"""The kinds of numbers that a model can be reported in."""

DTYPES = ("float32", "bfloat16", "float16", "float64")
