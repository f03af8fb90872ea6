"""A report as one page for a browser: nothing is fetched, and it can be read without its script.

The page is ``templates/report/page.html.j2`` with ``page.css`` and ``page.js`` inside. A spec is a stranger's text:
all of it goes through the template's escaping or that of ``archspec/report/svg.py``, and the page's policy lets a
browser run no script but the page's own, and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from archspec.checksum import marked
from archspec.diagnostics.printable import printable
from archspec.report.blocks import Block, blocks_of
from archspec.report.chart import chart
from archspec.report.count import Tally
from archspec.report.drawing import described, draw
from archspec.report.flow import flow_of
from archspec.report.headline import MetricValue, basis, counts, notes, sizes, subject
from archspec.report.lines import Line, tree_of
from archspec.report.metrics import BY_LAYER, METRICS, percent, share
from archspec.report.model import Report
from archspec.report.parts import Part, parts_of
from archspec.report.svg import clean
from archspec.report.text import scaled
from archspec.resources import resource

if TYPE_CHECKING:
    from jinja2 import Template


_BLOCKS = 8
"""Modules that are drawn from inside, at most."""


@dataclass(frozen=True)
class Segment:
    """A piece of a stacked bar, as a share of the whole."""

    name: str
    share: float
    hue: int
    text: str


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(str(resource("templates", "report"))),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["clean"] = clean
    return environment.get_template("page.html.j2")


def page(report: Report, depth: int = 2) -> str:
    """The page; ``depth`` is how many levels of layers it shows at first. Same report, same text."""
    from markupsafe import Markup

    lines = tree_of(report.layers)
    parts = parts_of(report, lines)
    hues = {path: part.hue for part in parts for path in part.paths}
    tally = Tally()
    flow = flow_of(report.root, tally)
    script = resource("templates", "report", "page.js").read_text(encoding="utf-8")
    plot = chart(lines, parts)
    text = _template().render(
        report=report,
        doc=_one_line(report.root.doc),
        subject=subject(report),
        basis=basis(report),
        notes=notes(report),
        unmet=[item.message for item in report.unmet],
        metrics=counts(report),
        sizes=_sized(sizes(report)),
        drawing=Markup(draw(flow, described(flow), report.params, report.macs, hues)),
        flow_items=len(flow.items),
        blocks=[_block(block, tally) for block in _costliest_first(blocks_of(report.root, tally), lines)],
        chart=None if plot is None else Markup(plot),
        stacks=[_by_part(report, parts, name) for name in BY_LAYER],
        parts=[_part(report, part) for part in parts],
        operators=_operators(report),
        counted=scaled(report.fvcore),
        columns=[METRICS[name] for name in BY_LAYER],
        rows=[_row(report, line) for line in lines],
        deepest=max((line.level for line in lines), default=1),
        depth=depth,
        style=Markup(resource("templates", "report", "page.css").read_text(encoding="utf-8")),
        script=Markup(script),
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return marked(printable(text))


def _costliest_first(blocks: Sequence[Block], lines: Sequence[Line]) -> list[Block]:
    costs = {line.row.path: line.total.macs for line in lines}
    return sorted(blocks, key=lambda block: -costs.get(block.path, 0))[:_BLOCKS]


def _block(block: Block, tally: Tally) -> dict[str, Any]:
    from markupsafe import Markup

    drawn = draw(block.flow, described(block.flow), tally.parameters(block.node), tally.work(block.node).macs, {})
    return {"name": block.node.name, "path": block.path, "doc": _one_line(block.node.doc), "drawing": Markup(drawn)}


def _one_line(doc: str | None) -> str:
    return " ".join((doc or "").split())


def _by_part(report: Report, parts: Sequence[Part], metric: str) -> dict[str, Any]:
    whole = report.counts[metric]
    return {
        "name": metric,
        "total": scaled(whole),
        "segments": [
            Segment(part.name, share(part.counts[metric], whole), part.hue, percent(part.counts[metric], whole))
            for part in parts
            if part.counts[metric] > 0
        ],
    }


def _part(report: Report, part: Part) -> dict[str, Any]:
    cells = [(scaled(part.counts[name]), percent(part.counts[name], report.counts[name])) for name in BY_LAYER]
    return {"name": part.name, "hue": part.hue, "cells": cells}


def _operators(report: Report) -> list[dict[str, Any]]:
    ranked = sorted(report.by_operator.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "name": name,
            "count": count,
            "short": scaled(count),
            "segment": Segment(name, share(count, report.fvcore), 262 - 42 * index, percent(count, report.fvcore)),
        }
        for index, (name, count) in enumerate(ranked)
    ]


def _sized(metrics: Sequence[MetricValue]) -> list[tuple[MetricValue, float]]:
    most = max([metric.value for metric in metrics], default=0)
    return [(metric, share(metric.value, most)) for metric in metrics]


def _row(report: Report, line: Line) -> dict[str, Any]:
    row = line.row
    return {
        "line": line,
        "shapes": ["×".join(map(str, sizes[1:])) or "1" for sizes in (row.input_shape, row.output_shape)],
        "counts": list(row.counts.values()),
        "share": share(row.macs, report.macs),
    }
