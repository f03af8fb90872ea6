"""How the toy target writes ops."""
