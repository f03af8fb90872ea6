"""The resolved spec: imports followed, variants applied, parameters given."""
