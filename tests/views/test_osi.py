"""The models side by side."""

from __future__ import annotations

import pytest

import wire
from wire.protocols import load
from wire.views.facts import is_real
from wire.views.osi import LEVELS, layers

from .screens import WIDTHS, assert_fits, text_of

SEVEN = ["application", "presentation", "session", "transport", "network", "data link", "physical"]


@pytest.mark.parametrize("columns", WIDTHS)
def test_fits(columns: int) -> None:
    assert_fits(layers(columns), columns)


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_layers_of_all_three_models(columns: int) -> None:
    lines = text_of(layers(columns)).split("\n\n")[0].splitlines()
    seven = [line[:16].strip() for line in lines if line[:1].isdigit()]
    five = [line[16:31].strip() for line in lines if line[16:17].isdigit()]
    four = [line[31:46].strip() for line in lines if line[31:32].isdigit()]
    assert seven == [f"{7 - index} {name}" for index, name in enumerate(SEVEN)]
    assert five == ["5 application", "4 transport", "3 network", "2 data link", "1 physical"]
    assert four == ["4 application", "3 transport", "2 internet", "1 link"]


def by_layer(columns: int) -> dict[str, str]:
    """What stands beside each of OSI's layers."""
    found: dict[str, str] = {}
    layer = ""
    for line in text_of(layers(columns)).split("\n\n")[0].splitlines()[1:]:
        layer = line[0] if line[:1].isdigit() else layer
        found[layer] = f"{found.get(layer, '')} {line[46:]}"
    return found


def test_our_protocols_stand_where_their_tables_say() -> None:
    """Each at its own layer and at no other; what stands in brackets is not ours."""
    said = by_layer(80)
    for name, protocol in load().items():
        if is_real(protocol):
            assert [layer for layer in said if name in said[layer].split()] == [str(protocol.osi)]
    assert not {"data", "frame"} & set(" ".join(by_layer(80).values()).split())
    assert "(HTTP)" in said["7"] and "router" in said["3"] and "switch" in said["2"] and "hub" in said["1"]


def test_examples_that_become_ours_leave_the_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "(DNS)" in by_layer(100)["7"]
    monkeypatch.setitem(wire.Protocol.known, "dns", wire.Protocol.known["ntp"])
    assert "(DNS)" not in by_layer(100)["7"]
    assert {level.osi for level in LEVELS} == set(range(1, 8))
