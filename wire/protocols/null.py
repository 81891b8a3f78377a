"""BSD null: loopback and tunnels, an address family in the byte order of the writer -- tcpdump.org/linktypes LINKTYPE_NULL."""

from ..schema import U32, Cases, Named, Payload, Protocol, ahead16, swapped, this

# Families are small numbers: in network order the first half is zero.
null = Protocol("null", "Null/Loopback",
    Cases(ahead16 != 0, {
        True: (
    "family" / Named(swapped(U32), "null.family")   * "Family, low byte first",
        ),
    }, default=(
    "family" / Named(U32, "null.family")            * "Family, high byte first",
    )),
    # some writers put an EtherType there; Wireshark calls it null.type then
    Payload(by={"family": "null.family"}, also={"ethertype": this.family}),
    over={"linktype": 0},
    osi=2,
    checks=[
        (this.family < 0x10000, "{family} is no address family", "", "note"),
    ],
    meaning={
        "family": "Which protocol is inside, by the number that the capturing system has for its address family. There is no link-layer header on a loopback; BSD writes this in its own byte order",
    },
    title_of="{family}",
    info="family {family}",
)  # fmt: skip
