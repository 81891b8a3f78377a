"""Regular expressions that are compiled when they are first used: a dump needs few of those that there are."""

import re
from typing import Any, AnyStr, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")


class _Pattern:
    """Becomes a compiled expression's methods as soon as one is asked for."""

    def __init__(self, text: Any, flags: int) -> None:
        self.text, self.flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.text, self.flags)
        vars(self).update({method: getattr(compiled, method) for method in _METHODS})
        return vars(self)[name]


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A regular expression to be searched, matched, split or replaced with."""
    return cast(re.Pattern[AnyStr], _Pattern(text, flags))
