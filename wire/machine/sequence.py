"""Sequence numbers: 32 bits on the wire, plain integers inside the machine.

Sequence space is a circle of 2**32 numbers (RFC 9293 3.4), on which "less than" has no meaning of its own. So the
machine never compares numbers from the wire. `unfold` takes such a number and returns the integer that is congruent
to it modulo 2**32 and nearest to a number that is already known (RCV.NXT, SND.UNA); from then on `<`, `+` and `-`
mean what they say, and the RFC's inequalities can be written down as they are printed. `fold` goes back to the wire.
"""

MODULUS = 1 << 32
HALF = 1 << 31


def fold(number: int) -> int:
    """The 32-bit number that stands in a header for `number` (RFC 9293 3.4: modulo 2**32)."""
    return number % MODULUS


def unfold(wire: int, near: int) -> int:
    """The integer congruent to the 32-bit `wire` that is nearest to `near`.

    Two numbers exactly half the circle apart have no order; `near - 2**31` is chosen, the older one.
    """
    return near + (wire - near + HALF) % MODULUS - HALF


def later(a: int, b: int, modulus: int = MODULUS) -> bool:
    """True if wire number `a` comes after `b` on a circle of `modulus` numbers (RFC 7323 5.2 uses the same for
    timestamps)."""
    return 0 < (a - b) % modulus < modulus // 2
