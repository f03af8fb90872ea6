"""Random valid specs, held against each other on every road from a spec to numbers."""
