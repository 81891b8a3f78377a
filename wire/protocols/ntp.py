"""Network Time Protocol -- RFC 5905 section 7.3; control and private messages (modes 6, 7) keep their bytes."""

from datetime import datetime, timedelta

from ..schema import U8, U64, Bits, Bytes, Cases, Default, Named, Parts, Protocol, When, left, this
from ..types import Hex, Hex32, HexData, Raw, of

LEAPS = {0: "no warning", 1: "last minute of the day has 61 seconds", 2: "last minute of the day has 59 seconds", 3: "unknown"}
MODES = {1: "symmetric active", 2: "symmetric passive", 3: "client", 4: "server", 5: "broadcast", 6: "control", 7: "private"}
MAC_SIZES = (left == 4) | (left == 20) | (left == 24)  # no digest, MD5, SHA-1; a last extension has 28 bytes (RFC 7822 7.5)


class Time(Hex):  # seconds since 1900, and 2^-32 parts of one
    def about(self, value: int) -> str:
        return f"{datetime(1900, 1, 1) + timedelta(seconds=value / 2**32)} UTC" if value else "not set"


ntp = Protocol("ntp", "Network Time Protocol",
    "flags"              / Default(Parts(
        "li"             / Named(Bits(2), LEAPS)                  * "Leap Indicator",
        "vn"             / Bits(3)                                * "Version number",
        "mode"           / Named(Bits(3), MODES)                  * "Mode"), 0x23) * "Flags",
    Cases(this.flags & 7, {(6, 7): ("data" / Raw                  * "Data",)}, default=(
        "stratum"        / U8                                     * "Peer Clock Stratum",
        "ppoll"          / U8                                     * "Peer Polling Interval (log2 seconds)",
        "precision"      / U8                                     * "Peer Clock Precision (log2 seconds, signed)",
        "rootdelay"      / Hex32                                  * "Root Delay (2^-16 seconds)",
        "rootdispersion" / Hex32                                  * "Root Dispersion (2^-16 seconds)",
        "refid"          / of(HexData(), Bytes(4))                * "Reference ID",
        "reftime"        / of(Time(16), U64)                      * "Reference Timestamp",
        "org"            / of(Time(16), U64)                      * "Origin Timestamp",
        "rec"            / of(Time(16), U64)                      * "Receive Timestamp",
        "xmt"            / of(Time(16), U64)                      * "Transmit Timestamp",
        "ext"            / When((left > 0) & (MAC_SIZES == 0), Raw) * "Extension fields and what follows them",
        "keyid"          / When(MAC_SIZES, Hex32)                 * "Key ID",
        "mac"            / When(left > 0, Raw)                    * "Message Authentication Code")),
    over={"udp.port": 123}, rfc="RFC 5905 7.3",
    info=lambda ntp: f"NTP version {ntp.get('flags.vn')}, {ntp.show('flags.mode')}")  # fmt: skip
