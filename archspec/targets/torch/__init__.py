"""PyTorch: the target (``target.py``), its ops (``ops/``), and layers that start otherwise (``starts.py``)."""
