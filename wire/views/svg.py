"""The few shapes of which our pictures are made, as SVG text. Colours suit light and dark paper alike."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

STYLE = """
    text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; }
    text { fill: #444; }
    .strong { font-weight: bold; fill: #1a66b3; }
    .dim { fill: #888; }
    .note { fill: #9a6700; }
    .bad { fill: #c0362c; font-weight: bold; }
    line, path { stroke: #888; stroke-width: 1.5; fill: none; }
    .arrow { stroke: #1a66b3; }
    .lost { stroke: #c0362c; stroke-dasharray: 6 4; }
    rect { fill: #fff; fill-opacity: 0.92; stroke: none; }
    .box { stroke: #1a66b3; stroke-width: 1.5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #ccc; } .strong { fill: #6cb2ff; } .dim { fill: #999; }
      .note { fill: #e3b341; } .bad { fill: #ff7b72; }
      .arrow, .box { stroke: #6cb2ff; } rect { fill: #111; }
    }
"""
HEAD = (
    '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 L10 5 L0 10 z" style="fill:#1a66b3;stroke:none"/></marker>'
)
CELL = 7.9  # pixels of a character


def document(width: float, height: float, title: str, shapes: Iterable[str]) -> str:
    """A whole picture, complete in itself."""
    body = "\n  ".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img">\n  <title>{escape(title)}</title>\n  <style>{STYLE}  </style>\n'
        f"  <defs>{HEAD}</defs>\n  {body}\n</svg>\n"
    )


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Words at a place; `anchor`: start, middle or end."""
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{style} xml:space="preserve">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "", head: bool = False) -> str:
    """A straight line, with an arrowhead at its end if asked for."""
    style = (f' class="{kind}"' if kind else "") + (' marker-end="url(#head)"' if head else "")
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{style}/>'


def path(corners: list[tuple[float, float]], kind: str = "", head: bool = False) -> str:
    """A line with corners, with an arrowhead at its end if asked for."""
    style = (f' class="{kind}"' if kind else "") + (' marker-end="url(#head)"' if head else "")
    return f'<path d="M{" L".join(f"{x:.1f} {y:.1f}" for x, y in corners)}"{style}/>'


def box(x: float, y: float, width: float, height: float, kind: str = "") -> str:
    """A rectangle."""
    style = f' class="{kind}"' if kind else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4"{style}/>'
