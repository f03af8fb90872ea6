"""A finding as the smallest spec that shows it."""

from __future__ import annotations

from tests.fuzz.agree import Difference, Roads, agree, header, opened
from tests.fuzz.campaign import Finding
from tests.fuzz.shrink import shrink


def smaller(finding: Finding, seconds: float = 60.0) -> str:
    """The text of a kept case: what was seen, the case, and the spec; as it was written where it cannot be smaller."""
    counted = finding.kind.startswith("counts")

    def kind(text: str) -> str | None:
        if finding.kind.startswith("at:"):
            found = opened(text, finding.params, finding.input_shape, finding.model)
            return None if found is None else found.kind
        other = agree(text, finding.params, finding.input_shape, None, Roads(counts=counted), finding.model)
        return None if other is None else other.kind if isinstance(other, Difference) else f"refused: {other.code}"

    def fails(text: str) -> bool:
        try:
            return kind(text) == finding.kind
        except Exception:
            return False

    text = shrink(finding.text, fails, seconds) if fails(finding.text) else finding.text
    words = "".join(f"# {line}\n" for line in finding.words.splitlines()[:12])
    return header(finding.model, finding.params, finding.input_shape) + f"# {finding.kind}\n{words}{text}"
