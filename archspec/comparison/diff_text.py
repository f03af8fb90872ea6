"""A difference as text for people, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from archspec.comparison.changes import Change
from archspec.comparison.describe import format_value
from archspec.comparison.diff import Diff
from archspec.comparison.ranges import fold, fold_texts
from archspec.diagnostics.printable import paint, printable
from archspec.report.text import scaled

MARKS = {"added": "+", "removed": "-", "replaced": "~", "changed": "~", "renamed": ">", "resized": "="}
COLOURS = {"+": "32", "-": "31", "~": "33", ">": "36", "=": "2"}
MOST = 30
"""Lines of keys shown of each group."""
GROUPS = {
    "carried": "same key and shape",
    "misshapen": "same key, another shape",
    "new": "not in A",
    "left": "in A alone",
    "renamed": "of the new, in A under another name",
}


def render_diff(found: Diff, format: str = "text", colour: bool = False) -> str:
    """The difference as ``text`` or ``json``."""
    if format == "json":
        return json.dumps(found.to_dict(), indent=2)
    if found.equal:
        return f"{printable(found.a)} and {printable(found.b)} are equal in structure; all weights carry over"
    lines = [paint(f"--- {found.a}", "1", colour), paint(f"+++ {found.b}", "1", colour), ""]
    rows = _changes(found.changes)
    width = min(max(len(path) for _, path, _ in rows), 64)
    lines += [paint(f"{mark} {path.ljust(width)}  {text}", COLOURS[mark], colour) for mark, path, text in rows]
    counts = {kind: sum(change.kind == kind for change in found.changes) for kind in MARKS}
    shown = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    return "\n".join([*lines, "", f"layers: {shown}", "", *_weights(found, colour)])


def _changes(changes: Iterable[Change]) -> list[tuple[str, str, str]]:
    """A line for each change, equal ones folded: its mark, its paths, its words."""
    folded = fold_texts(
        (change.path or "(model)", f"{MARKS[change.kind]}{_describe_change(change)}") for change in changes
    )
    return [(text[0], path, text[1:]) for path, text, _ in folded]


def _describe_change(change: Change) -> str:
    details = ", ".join(str(item) for item in change.details if not item.inside)
    inside = ", ".join(str(item) for item in change.details if item.inside)
    details += f" ({inside})" if inside else ""
    if change.kind in ("added", "removed"):
        return (change.after if change.kind == "added" else change.before) or ""
    if change.kind == "renamed":
        return f"was {change.old_path.rsplit('.', 1)[-1]}"
    if change.kind == "replaced":
        return f"{change.before} -> {change.after}" + (f"  ({details})" if details else "")
    name = (change.after or "").partition("(")[0]
    return f"{name}: {details}" if change.path and details else details or f"{name}: other wiring"


def _weights(found: Diff, colour: bool) -> list[str]:
    every = found.total("b")
    lines = [paint(f"weights of {found.a} in {found.b}", "1", colour)]
    for group, meaning in GROUPS.items():
        total, whole = found.total(group), found.total("a") if group == "left" else every
        if total.tensors or group == "carried":
            part = f"{100 * total.numbers / whole.numbers:.1f}%" if whole.numbers else "-"
            lines.append(
                f"  {group:<10} {total.tensors:>5} of {whole.tensors} tensors  "
                f"{scaled(total.numbers):>7} of {scaled(whole.numbers)} numbers  {part:>6}  {meaning}"
            )
    held = found.weights
    lines += _keys(
        "misshapen", [(m.key, f"{format_value(m.before)} -> {format_value(m.after)}") for m in held.misshapen], colour
    )
    known, gone = ({getattr(r, name) for r in held.renamed} for name in ("key", "old_key"))
    lines += _keys("new", [(t.key, format_value(t.shape)) for t in held.new if t.key not in known], colour)
    lines += _keys("left", [(t.key, format_value(t.shape)) for t in held.left if t.key not in gone], colour)
    if held.outside:
        lines += ["", f"not known here, inside classes from outside: {', '.join(held.outside)}"]
    if held.map:
        lines += ["", paint(f"could be carried by a map in {found.b}", "1", colour), *(f"  {x}" for x in held.map)]
    return lines


def _keys(title: str, keys: Sequence[tuple[str, str]], colour: bool) -> list[str]:
    rows = fold(keys)
    if not rows:
        return []
    width = max(len(path) for path, _, _ in rows[:MOST])
    lines = ["", paint(title, "1", colour), *(f"  {path.ljust(width)}  {text}" for path, text, _ in rows[:MOST])]
    hidden = sum(count for _, _, count in rows[MOST:])
    return [*lines, f"  and {hidden} more keys; --format json has them all"] if hidden else lines
