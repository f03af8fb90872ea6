"""How PyTorch writes each op, a file for each: ``layer`` makes what a module holds, ``apply`` applies it."""
