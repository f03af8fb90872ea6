"""The language's grammar and its tree."""
