"""Guards of a route that others make needless: what follows from a size need not be asked again.

A route's guards are lines `if not (54 <= ip_stop <= size): return None`.  All of them have to hold before
a packet is made, so one that the bounds of its only variable settle can go.
"""

from __future__ import annotations

import ast
import re

RANGE = re.compile(r"if not \((\d+) <= (\w+)(?: <= (\w+))?\): return None")
SUM = re.compile(r"(\w+) = (\d+) \+ \(?(\w+)(?: - (\d+)\)?)?")
GUARD = re.compile(r"if (.*): return None")
PLAIN = (ast.BinOp, ast.BitAnd, ast.BitOr, ast.Compare, ast.Constant, ast.Expression, ast.Load, ast.Name, ast.Not,
         ast.Sub, ast.UnaryOp, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)  # fmt: skip
FAR, MOST = 1 << 40, 40  # beyond every number; parts of a guard that is looked at


def needed(lines: list[str]) -> list[str]:
    """The lines without guards that the others imply, and each lower bound said once."""
    bare = [line.strip() for line in lines]
    low, capped = bounds(bare), {found[2] for found in map(RANGE.fullmatch, bare) if found and found[3]}
    kept, said = [], set()
    for full, line in zip(lines, bare, strict=True):
        indent = full[: len(full) - len(line)]
        found = RANGE.fullmatch(line)
        if found:
            name, top = found[2], found[3]
            if (name, top) in said or (top is None and name in capped):
                continue
            said.add((name, top))
            line = f"if not ({low[name]} <= {name}{f' <= {top}' if top else ''}): return None"
        elif implied(line, low):
            continue
        kept.append(indent + line)
    return kept


def bounds(lines: list[str]) -> dict[str, int]:
    """The least that each variable is, where the guards hold."""
    low: dict[str, int] = {}
    for found in filter(None, map(RANGE.fullmatch, lines)):
        low[found[2]] = max(int(found[1]), low.get(found[2], 0))
    for _ in range(2):  # a bound of one is a bound of the next
        for found in filter(None, map(RANGE.fullmatch, lines)):
            if found[3] and not found[3].isdigit():
                low[found[3]] = max(low[found[2]], low.get(found[3], 0))
    for found in filter(None, map(SUM.fullmatch, lines)):
        if found[1] in low:
            rest = low[found[1]] - int(found[2]) + int(found[4] or 0)
            low[found[3]] = max(rest, low.get(found[3], 0))
    return low


def whole(node: ast.AST) -> bool:
    """Whether `&` and `|` stand between comparisons, and not between numbers, of which they would take bits."""
    if not isinstance(node, ast.BinOp) or isinstance(node.op, ast.Sub):
        return True
    sides = node.left, node.right
    return all(isinstance(side, ast.Compare) or (isinstance(side, ast.BinOp) and not isinstance(side.op, ast.Sub))
               for side in sides)  # fmt: skip


def implied(line: str, low: dict[str, int]) -> bool:
    """Whether a guard lets everything pass that is within the bounds.

    It compares one variable, plus or minus constants, with constants: between those numbers its answer
    does not change, so that it is enough to try the numbers beside them.
    """
    found = GUARD.fullmatch(line)
    if not found:
        return False
    tree = ast.parse(found[1], mode="eval")
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    if len(names) != 1 or not names <= low.keys() or len(nodes) > MOST:
        return False
    if not all(isinstance(node, PLAIN) and whole(node) for node in nodes):
        return False
    (name,), ask = names, compile(tree, "guard", "eval")
    corners = {0}
    for node in nodes:
        if isinstance(node, ast.Constant):
            corners |= {corner + int(str(node.value)) for corner in corners}
    corners |= {low[name], FAR}
    tries = {corner + step for corner in corners for step in (-1, 0, 1)}
    return not any(eval(ask, {name: number}) for number in tries if number >= low[name])
