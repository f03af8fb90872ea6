"""SVG as a tree of elements; texts and attributes are escaped where it is written."""

from __future__ import annotations

from xml.etree import ElementTree

from archspec.diagnostics.printable import on_one_line

Element = ElementTree.Element


def drawing(width: float, height: float, label: str, css: str) -> Element:
    """An empty drawing that scales to its place, with what it shows in words."""
    size = f"{number(width)} {number(height)}"
    made = Element("svg", {"viewBox": f"0 0 {size}", "role": "img", "aria-label": clean(label), "class": css})
    made.set("style", f"max-width:{number(width)}px")
    return made


def add(parent: Element, tag: str, content: str = "", **attributes: str | float) -> Element:
    """A child; ``css`` is its class, and ``_`` in other attributes' names is ``-``."""
    names = {name: "class" if name == "css" else name.replace("_", "-") for name in attributes}
    given = {names[name]: clean(v) if isinstance(v, str) else number(v) for name, v in attributes.items()}
    made = ElementTree.SubElement(parent, tag, given)
    made.text = clean(content) or None
    return made


def write(drawing: Element) -> str:
    """The drawing as it stands in a page."""
    return ElementTree.tostring(drawing, encoding="unicode", short_empty_elements=True)


def number(value: float) -> str:
    """A coordinate with a tenth at most."""
    return f"{value:.1f}".removesuffix(".0")


def clean(text: str) -> str:
    """Text without what cannot stand in XML."""
    return on_one_line(text)


def fit(text: str, room: float, size: float) -> str:
    """Text cut to a width in a monospaced face of a size."""
    most = int(room / (0.605 * size))
    return text if len(text) <= most else text[: max(most - 1, 1)] + "…"
