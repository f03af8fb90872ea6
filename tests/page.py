"""What a page says, read by the standard library's parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}


@dataclass
class Page(HTMLParser):
    """A parsed page: every tag closed in order, or an AssertionError.

    ``texts`` are the texts of elements by tag, ``tags`` the attributes of elements by tag, ``body`` the cells of the
    table of layers, ``words`` all text but that of style and script.
    """

    source: str
    texts: dict[str, list[str]] = field(default_factory=dict)
    tags: dict[str, list[dict[str, str | None]]] = field(default_factory=dict)
    body: list[list[str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.above: list[tuple[str, list[str]]] = []
        self.layers = False
        self.feed(self.source)
        self.close()
        assert self.above == [], "left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.setdefault(tag, []).append(dict(attrs))
        self.layers = self.layers if tag != "table" else dict(attrs).get("id") == "layers"
        if tag == "tr" and self.layers:
            self.body.append([])
        if tag not in VOID:
            self.above.append((tag, []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.setdefault(tag, []).append(dict(attrs))

    def handle_data(self, data: str) -> None:
        for tag, texts in self.above:
            if tag not in ("style", "script"):
                texts.append(data)
        if self.above and self.above[-1][0] not in ("style", "script"):
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        assert self.above, f"</{tag}> closes nothing"
        opened, texts = self.above.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"
        self.texts.setdefault(tag, []).append("".join(texts))
        if tag in ("td", "th") and self.layers:
            self.body[-1].append("".join(texts))
