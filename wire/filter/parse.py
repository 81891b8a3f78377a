"""From a filter's text to its tree; names and literals stay words until `check` looks at them."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import TypeAlias, cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken

from . import tree
from .errors import FilterError
from .literals import char, number, unquoted
from .tree import Node, Range, Span, Test, Value

DEEPEST = 50  # levels of nesting: more than anybody reads, less than Python's compiler allows

Piece: TypeAlias = "Token | Value | tree.Interval | Test"

# how an operator is written: (sign, whether every pair of values must hold); Wireshark 4.0's meaning
SIGNS = {
    "==": ("==", False), "eq": ("==", False), "any_eq": ("==", False),
    "!=": ("!=", True), "ne": ("!=", True), "all_ne": ("!=", True),
    "===": ("==", True), "all_eq": ("==", True),
    "!==": ("!=", False), "any_ne": ("!=", False), "~=": ("!=", False),
    "<": ("<", False), "lt": ("<", False), "<=": ("<=", False), "le": ("<=", False),
    ">": (">", False), "gt": (">", False), ">=": (">=", False), "ge": (">=", False),
    "contains": ("contains", False), "matches": ("matches", False), "~": ("matches", False),
}  # fmt: skip

# what people write who know other languages
FOREIGN = {
    "=": "==",
    "<>": "!=",
    "|": "||",
    "^": "^^",
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "XOR": "xor",
    "IN": "in",
}


def parse(text: str) -> Test:
    """The tree of a filter.  FilterError says what does not belong, and where."""
    if not text.strip():
        raise FilterError("an empty filter selects nothing: write what is to be there, as in ip", text, (0, 0))
    try:
        found = cast(Test, grammar().parse(text))
    except UnexpectedInput as error:
        raise unexpected(error, text) from None
    except SyntaxFault as fault:
        raise FilterError(str(fault), text, fault.span) from None
    limit(found, text)
    return found


@cache
def grammar() -> Lark:
    """The parser.  What lark makes of the grammar is kept where Python keeps this module compiled."""
    kept = False if sys.dont_write_bytecode else str(Path(cache_from_source(__file__)).with_suffix(".lark"))
    return Lark.open("grammar.lark", rel_to=__file__, parser="lalr", lexer="basic", transformer=Builder(), cache=kept)


def limit(root: Node, text: str) -> None:
    """FilterError where the tree is too deep for those who walk it by recursion."""
    level: list[Node] = [root]
    for _ in range(DEEPEST):
        level = [inner for node in level for inner in tree.children(node)]
        if not level:
            return
    raise FilterError(f"more than {DEEPEST} levels inside each other: take the filter apart", text, level[0].span)


class SyntaxFault(ValueError):
    """What is wrong in a word that has a form of its own."""

    def __init__(self, reason: str, span: Span) -> None:
        super().__init__(reason)
        self.span = span


def unexpected(error: UnexpectedInput, text: str) -> FilterError:
    """What lark says, in words."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return FilterError("the filter ends too early: something must follow", text, (len(text), len(text)))
    if isinstance(error, UnexpectedToken):
        span = span_of(error.token)
    else:
        at = error.pos_in_stream or 0
        span = (at, at + 1)
    if text[span[0]] in "\"'" and span[1] == span[0] + 1:
        return FilterError(f"the closing {text[span[0]]} is missing", text, (span[0], len(text)))
    if text[max(0, span[0] - 1) : span[1]] == "<>":
        span = (span[0] - 1, span[1])
    word = text[slice(*span)]
    hint = f": did you mean {FOREIGN[word]}?" if word in FOREIGN else ""
    if word == "$":
        hint = ": fields of a selected packet are for windows to select it in"
    return FilterError(f"{word} does not belong here{hint}", text, span)


def span_of(piece: Piece) -> Span:
    if isinstance(piece, Token):
        return piece.start_pos or 0, piece.end_pos or 0
    return piece.span


def around(pieces: Sequence[Piece]) -> Span:
    return span_of(pieces[0])[0], span_of(pieces[-1])[1]


class Builder(Transformer[Token, Test]):
    """Makes nodes of the grammar's rules, while lark parses."""

    # tests

    def disjunction(self, tests: list[Test]) -> Test:
        return tree.Or(tuple(tests), span=around(tests))

    def exclusion(self, tests: list[Test]) -> Test:
        return tree.Xor(tuple(tests), span=around(tests))

    def conjunction(self, tests: list[Test]) -> Test:
        return tree.And(tuple(tests), span=around(tests))

    def negation(self, pieces: list[Piece]) -> Test:
        return tree.Not(cast(Test, pieces[-1]), span=around(pieces))

    def bare(self, pieces: list[Piece]) -> Test:
        return tree.Bare(cast(Value, pieces[0]), span=around(pieces))

    def comparison(self, pieces: list[Piece]) -> Test:
        """`a < b < c` means `a < b and b < c`."""
        quantifier = str(pieces.pop(0)) if isinstance(pieces[0], Token) else ""
        values = cast("list[Value]", pieces[::2])
        signs = [str(piece) for piece in pieces[1::2]]
        tests = [compare(sign, left, right, quantifier)
                 for sign, left, right in zip(signs, values, values[1:], strict=False)]  # fmt: skip
        return tests[0] if len(tests) == 1 else tree.And(tuple(tests), span=around(values))

    def membership(self, pieces: list[Piece]) -> Test:
        span = around(pieces)
        every = str(pieces.pop(0)) == "all" if isinstance(pieces[0], Token) else False
        of, *items = pieces
        negated = isinstance(items[0], Token)
        found = tree.Member(cast(Value, of), tuple(cast("list[Value]", items[negated:])), every, span=span)
        return tree.Not(found, span=span) if negated else found

    def item(self, pieces: list[Value]) -> Value | tree.Interval:
        return pieces[0] if len(pieces) == 1 else tree.Interval(*pieces, span=around(pieces))

    # values

    def arithmetic(self, pieces: list[Piece]) -> Value:
        left, sign, right = pieces
        written = "&" if str(sign) == "bitwise_and" else str(sign)
        return tree.Arithmetic(written, cast(Value, left), cast(Value, right), span=around(pieces))

    def negative(self, pieces: list[Piece]) -> Value:
        return tree.Negative(cast(Value, pieces[1]), span=around(pieces))

    def positive(self, pieces: list[Piece]) -> Value:
        return cast(Value, pieces[1])

    def group(self, pieces: list[Value]) -> Value:
        return pieces[0]

    def field(self, tokens: list[Token]) -> Value:
        word, *rest = tokens
        layers: tuple[Range, ...] = ()
        if rest and rest[0].type == "LAYERS":
            layers = numbered_layers(rest.pop(0))
            word_span = (span_of(word)[0], span_of(tokens[1])[1])
        else:
            word_span = span_of(word)
        value: Value = tree.Word(str(word), layers, span=word_span)
        for token in rest:
            value = tree.Slice(value, ranges(token), span=(word_span[0], span_of(token)[1]))
        return value

    def call(self, pieces: list[Piece]) -> Value:
        name, *arguments = pieces
        return tree.Call(str(name), tuple(cast("list[Value]", arguments)), span=around(pieces))

    def text(self, tokens: list[Token]) -> Value:
        first, end = span_of(tokens[0])
        written = str(tokens[0])
        raw = written[0] in "rR"
        inside = written[2:-1] if raw else written[1:-1]
        try:
            return tree.Text(inside if raw else unquoted(inside), span=(first, end))
        except ValueError as error:
            raise SyntaxFault(str(error), (first, end)) from None

    def char(self, tokens: list[Token]) -> Value:
        try:
            return tree.Char(char(tokens[0][1:-1]), span=span_of(tokens[0]))
        except ValueError as error:
            raise SyntaxFault(str(error), span_of(tokens[0])) from None


def compare(written: str, left: Value, right: Value, quantifier: str) -> Test:
    sign, every = SIGNS[written]
    if quantifier:
        every = quantifier == "all"
    span = (left.span[0], right.span[1])
    if sign == "contains":
        return tree.Contains(left, right, every, span=span)
    if sign == "matches":
        return tree.Matches(left, right, every, span=span)
    return tree.Compare(sign, left, right, every, span=span)


# -- places in brackets ---------------------------------------------------------------

PLACE = re.compile(r"\s*(-?\w+)?\s*(?:([:-])\s*(-?\w+)?)?\s*")


def ranges(token: Token) -> tuple[Range, ...]:
    """`[i:length]`, `[i-last]`, `[i]`, `[:length]`, `[i:]`, and several of them with commas between."""
    try:
        return tuple(place(piece) for piece in str(token)[1:-1].split(","))
    except ValueError as error:
        raise SyntaxFault(str(error), span_of(token)) from None


def place(text: str) -> Range:
    """One range.  ValueError says what is wrong with it."""
    form = PLACE.fullmatch(text)
    first, between, last = form.groups(default="") if form else ("", "", "")
    if not (between == ":" or (first and not between) or (first and last)):
        raise ValueError(f"[{text}] is no range: write [first:length], [first-last] or [place]")
    start = number(first) if first else 0
    if between == ":" and not last:
        return Range(start, None)
    if between == ":":
        length = number(last)
        if length < 1:
            raise ValueError(f"[{text}]: a length is at least 1")
        if start < 0 < start + length:
            raise ValueError(f"[{text}]: it reaches beyond the end")
        return Range(start, start + length or None)
    end = number(last if between else first) + 1
    if end <= start and (start < 0) == (end <= 0):
        raise ValueError(f"[{text}]: the last place lies before the first")
    return Range(start, end or None)


def numbered_layers(token: Token) -> tuple[Range, ...]:
    """`#2` or `#[1-3]`: layers counted from 1."""
    written = str(token)[1:]
    found = ranges(Token(token.type, written if written[0] == "[" else f"[{written}]", token.start_pos,
                         end_pos=token.end_pos))  # fmt: skip
    if any(one.end is not None and 0 <= one.first < one.end <= 1 for one in found):
        raise SyntaxFault("layers are counted from 1, the outermost", span_of(token))
    return found
