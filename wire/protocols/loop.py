"""OpenBSD loopback: as BSD null, but in network byte order -- tcpdump.org/linktypes LINKTYPE_LOOP.

Wireshark has both under the name `null`, and so have the fields here; `loop` is LINKTYPE_LOOP's own name.
"""

from ..schema import U32, Named, Payload, Protocol, this

loop = Protocol("loop", "Null/Loopback",
    "family" / Named(U32, "null.family")            * "Family",
    Payload(by={"family": "null.family"}),
    path="null",
    short="NULL",
    over={"linktype": 108},
    osi=2,
    checks=[
        (this.family < 0x10000, "{family} is no address family", "", "note"),
    ],
    meaning={
        "family": "Which protocol is inside, by the number that the capturing system has for its address family. OpenBSD writes it high byte first",
    },
    title_of="{family}",
    info="family {family}",
)  # fmt: skip
