"""Why two readings may differ: each reason has a name, a narrow rule, and a line in docs/differences.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from wire.packet import Layer, Packet
from wire.protocols import load

from .readings import Difference, ours, reader, theirs

Rule = Callable[[Difference], bool]

SPOKEN = "ethertype"  # stands in frame.protocols, and is no layer
SUMS, ENDS, DATA = "*.checksum.status", ("eth.padding", "eth.trailer"), ("data.data", "data.len")


@dataclass(frozen=True)
class Reason:
    """What explains differences in some fields, named by patterns."""

    name: str
    fields: tuple[str, ...]
    rule: Rule

    def explains(self, d: Difference) -> bool:
        return any(fnmatchcase(d.field, field) for field in self.fields) and self.rule(d)


REASONS: list[Reason] = []


def reason(*fields: str) -> Callable[[Rule], Rule]:
    """Adds a rule to the reasons, for fields of these names."""

    def add(rule: Rule) -> Rule:
        REASONS.append(Reason(rule.__name__, fields, rule))
        return rule

    return add


def first_damaged(packet: Packet) -> int:
    """The first layer that was cut or that its own header contradicts; the number of layers if all are sound."""
    for depth, layer in enumerate(packet.layers):
        if not layer.sound or any(
            note.code.startswith("cut.") or (note.severity == "error" and not note.code.startswith("checksum."))
            for note in (*layer.faults, *layer.notes)
        ):
            return depth
    return len(packet.layers)


def depth_of(packet: Packet, one: Layer) -> int:
    """Which layer a value is from: an option is of the layer that lists it; -1 for the frame as a whole."""
    return next((depth for depth, layer in enumerate(packet.layers)
                 if layer is one or any(inner is one for inner in layer.inner())), -1)  # fmt: skip


def within(d: Difference, *names: str) -> bool:
    return any(name in d.packet for name in names)


def spoken(text: str) -> list[str]:
    return [name for name in text.split(":") if name != SPOKEN]


def layers_of(d: Difference) -> tuple[list[str], list[str]]:
    """The layers that each of the two names, ours without what nobody claims."""
    mine = [layer.record.prefix[:-1] for layer in d.packet.layers if layer.name != "data"]
    return mine, spoken(d.said["frame.protocols"][0])


def apart(d: Difference) -> list[tuple[object, object]]:
    """The values that differ, where both list the same number of them."""
    if len(d.ours) != len(d.theirs):
        return []
    return [(own, other) for own, other in zip(d.ours, d.theirs, strict=True) if own != other]


# -- of any protocol ------------------------------------------------------------------


@reason("*")
def other_protocols(d: Difference) -> bool:
    """Our layers end in bytes where tshark goes on with a protocol that wire does not have."""
    mine, told = layers_of(d)
    known = {protocol.prefix[:-1] for protocol in load().values()}
    following = "".join(told[len(mine) : len(mine) + 1])
    unnamed = following == "ip" and mine[-1:] in (["udp"], ["tcp"])  # a tunnel that tshark does not name
    unknown = bool(following) and (following not in known or unnamed)
    return told[: len(mine)] == mine and unknown and (d.field == "frame.protocols" or d.theirs[: len(d.ours)] == d.ours)


def given_up(d: Difference) -> int:
    """The first layer in which tshark may have given up: a damaged one, a quoted one, or the one that it names."""
    marks = [first_damaged(d.packet), *(depth for depth, layer in enumerate(d.packet.layers) if layer.quoted)]
    if "_ws.malformed" in d.said or "_ws.unreassembled" in d.said:
        names = [layer.record.prefix[:-1] for layer in d.packet.layers]
        last = max(depth for depth, name in enumerate(names) if name in layers_of(d)[1])
        marks.append(last)
    return min(marks)


@reason("*")
def damaged(d: Difference) -> bool:
    """tshark drops a header that is cut or contradicts itself, and all inside it; here what was read stays."""
    first, left = given_up(d), list(d.theirs)
    if d.field == "frame.protocols":
        mine, told = layers_of(d)
        told = [name for name in told if name != "data"]
        return first < len(d.packet.layers) and mine[: len(told)] == told and len(told) >= first
    for layer, value in d.held:
        if left and left[0] == value:
            left.pop(0)
        elif depth_of(d.packet, layer) < first:
            return False
    return not left


@reason(*DATA, *ENDS, "sll.trailer")
def behind_damaged(d: Difference) -> bool:
    """Where a damaged header ends is anybody's guess: what is data behind it, what padding, what trailer."""
    return given_up(d) < len(d.packet.layers)


@reason("frame.protocols")
def nothing_inside(d: Difference) -> bool:
    """A header that carries nothing has no layer inside it; tshark names one all the same."""
    mine, told = layers_of(d)
    return len(told) == len(mine) + 1 and told[: len(mine)] == mine and not d.packet.payload


@reason(SUMS)
def sum_of_damaged(d: Difference) -> bool:
    """A checksum over bytes whose bounds are not certain is not judged here; tshark judges what it guesses."""
    return first_damaged(d.packet) < len(d.packet.layers) and all(
        own == 2 for own, _ in apart(d)) and bool(apart(d))  # fmt: skip


@reason(SUMS)
def sum_in_pieces(d: Difference) -> bool:
    """In cut packets, fragments and quotes a checksum is judged where a length says that all of the layer is there."""
    pieces = any(layer.quoted or layer.cut in ("capture", "fragment") for layer in d.packet.layers)
    return pieces and bool(apart(d)) and all(2 in pair for pair in apart(d))


@reason(SUMS)
def end_of_route(d: Difference) -> bool:
    """Where a source route ends counts in the pseudo header, also in quotes, and for the last of two routes."""
    routes = [layer for layer in d.packet.layers if layer.name == "ipv6.routing" and layer.quoted]
    listed = [option for ip in d.packet.all("ip") for option in ip.values.get("options", ())]
    options = [option for option in listed if "src_rt" in option.values]
    return bool(
        routes or len(options) > 1 or any(option.faults for option in options)) and bool(
        apart(d)) and all(set(pair) == {0, 1} for pair in apart(d))  # fmt: skip


@reason("udp.checksum.status")
def zero_in_quote(d: Difference) -> bool:
    """A UDP checksum of zero over IPv6 is not allowed, in a quoted packet neither."""
    return any(udp.quoted for udp in d.packet.all("udp")) and set(apart(d)) == {(4, 3)}


@reason("frame.protocols", *DATA)
def unclaimed(d: Difference) -> bool:
    """Bytes that nobody claims are `data` here, always; tshark's only where a dissector hands them on."""
    mine, told = layers_of(d)
    if d.field == "frame.protocols":
        return mine == told and d.packet.layers[-1].name == "data"
    return not d.theirs and "data" not in told


# -- links ----------------------------------------------------------------------------


@reason("frame.protocols", "ieee8021ad.*", "ieee8021ah.etype")
def two_service_tags(d: Difference) -> bool:
    """Two 802.1ad tags are two layers; Wireshark has one layer with an svid and a cvid."""
    return len(d.packet.all("ieee8021ad")) > 1


@reason("*")
def service_tag_with_length(d: Difference) -> bool:
    """Behind an 802.1ad tag, too, a number up to 1500 is a length, and LLC follows."""
    return any("len" in layer.values for layer in d.packet.all("ieee8021ad"))


def ending(d: Difference) -> str:
    """All that stands behind the payload, as hex digits."""
    return "".join(d.packet.layers[0].values.get(name, b"").hex() for name in ("padding", "trailer"))


@reason("eth.fcs*", *ENDS)
def guessed_check_sequence(d: Difference) -> bool:
    """tshark takes the last four bytes of a trailer for a frame check sequence; here the capture must say so."""
    guessed = "".join(text.removeprefix("0x") for text in d.said.get("eth.fcs", ()))
    told = "".join((*d.said.get("eth.padding", ()), *d.said.get("eth.trailer", ()), *d.said.get("vlan.trailer", ())))
    if d.field in ("eth.fcs", "eth.fcs.status"):
        return not d.ours and d.packet.fcs_len == 0
    return bool(guessed) and ending(d).endswith(told.replace(":", "") + guessed)


@reason(*ENDS, "sll.trailer")
def tag_trailers(d: Difference) -> bool:
    """What is left over inside a tag or LLC belongs to the frame: tshark calls it the tag's own trailer, or nothing."""
    if d.field == "sll.trailer":
        return not d.theirs and "llc" in d.packet
    told = "".join((*d.said.get("eth.padding", ()), *d.said.get("eth.trailer", ()), *d.said.get("vlan.trailer", ())))
    return within(d, "vlan", "ieee8021ad", "llc") and (
        ending(d).startswith(told.replace(":", "")) or ending(d).endswith(told.replace(":", "")))  # fmt: skip


@reason(*ENDS)
def padding_not_zero(d: Difference) -> bool:
    """Bytes that fill a frame up to 60 are padding, zero or not; tshark calls them a trailer if one is not zero."""
    padding = d.packet.layers[0].values.get("padding", b"")
    return any(padding) and "eth.padding" not in d.said and ending(d) == "".join(
        d.said.get("eth.trailer", ())).replace(":", "")  # fmt: skip


@reason("llc.pid")
def owners_identifier(d: Difference) -> bool:
    """SNAP's protocol identifier is `llc.pid`; tshark has a field for each organisation."""
    return not d.theirs


@reason("frame.protocols", "llc.*")
def raw_802_3(d: Difference) -> bool:
    """Two bytes of ones behind a length are LLC's global access points; tshark takes them for IPX without LLC."""
    return layers_of(d)[1][1:2] == ["ipx"] and d.packet.layers[1].values.get("dsap") == 0xFF


@reason("frame.time_epoch")
def fraction_beyond_a_second(d: Difference) -> bool:
    """A fraction of a second that is more than a second is added up; tshark prints it as it is, or drops it."""
    return int(float(d.ours[0])) > int(float(d.theirs[0].split(".")[0]))


# -- IP -------------------------------------------------------------------------------


@reason("ip.len")
def length_left_to_offload(d: Difference) -> bool:
    """A total length of 0 prints as 0; tshark prints the length that it worked out from the frame."""
    given = len(d.ours) == len(d.theirs) or (len(d.theirs) < len(d.ours) and given_up(d) < len(d.packet.layers))
    return given and 0 in d.ours and all(own in (other, 0) for own, other in zip(d.ours, d.theirs, strict=False))


@reason("ip.dst", "ip.addr", "ip.src_rt", "ip.rec_rt")
def source_route(d: Difference) -> bool:
    """`ip.dst` is the header's, a route is one list; tshark puts the route's end there, and sorts by the pointer."""
    routes = ("ip.src_rt", "ip.rec_rt", "ip.cur_rt", "ip.empty_rt")
    hops = {hop.hex() for ip in d.packet.all("ip") for option in ip.values.get("options", ())
            for hop in option.values.get("src_rt", option.values.get("rec_rt", ()))}  # fmt: skip
    if d.field in ("ip.dst", "ip.addr"):
        return bool(hops) and d.ours != d.theirs and set(d.theirs) <= hops | set(d.ours)
    read, own = reader("ip.dst"), {value for _, value in ours(d.packet, "ip.dst")}
    told = {read(text) for field in (*routes, "ip.dst") for text in d.said.get(field, ())}
    return own | hops == own | told or crooked(d)


def crooked(d: Difference) -> bool:
    """Whether a pointer of a route points to no address: tshark lists none of its addresses then."""
    pointers = [value for _, value in d.packet.all_of("ip.opt.ptr")]
    return d.field in ("ip.src_rt", "ip.rec_rt") and any(pointer < 4 or pointer % 4 for pointer in pointers)


KNOWN_IP_OPTIONS = {0, 1, 7, 11, 12, 25, 68, 82, 130, 131, 133, 134, 136, 137, 148, 149}


@reason("ip.opt.type", "ip.opt.len")
def unknown_ip_option(d: Difference) -> bool:
    """tshark prints no kind and no length of an IPv4 option that it does not know."""
    known = [value for layer, value in d.held if layer.values["kind"] in KNOWN_IP_OPTIONS]
    return known == d.theirs or (given_up(d) < len(d.packet.layers) and known[: len(d.theirs)] == d.theirs)


@reason("ip.opt.padding")
def padding_after_end(d: Difference) -> bool:
    """Bytes behind the end of the IPv4 options have a name here."""
    return not {149, 0}.isdisjoint(
        value for _, value in d.packet.all_of("ip.opt.type"))  # fmt: skip


# -- TCP ------------------------------------------------------------------------------


@reason("tcp.option_kind")
def end_of_options(d: Difference) -> bool:
    """The end of the option list ends it: what follows is padding; tshark reads each further zero as another end."""
    return d.ours[-1:] == [0] and d.theirs[: len(d.ours)] == d.ours and not any(
        d.theirs[len(d.ours) :])  # fmt: skip


@reason("tcp.options.sack_le", "tcp.options.sack_re")
def sack_relative(d: Difference) -> bool:
    """The oracles' SACK edges are relative to a number of the conversation: all of a frame by the same."""
    own = [value for name in ("sack_le", "sack_re") for _, value in d.packet.all_of(f"tcp.options.{name}")]
    told = [value for name in ("sack_le", "sack_re") for value in theirs(d.said, f"tcp.options.{name}")]
    shifts = {(one - other) % (1 << 32) for one, other in zip(own, told, strict=False)}
    return len(own) == len(told) and len(shifts) == 1


@reason("tcp.len")
def length_of_damaged(d: Difference) -> bool:
    """tshark counts the data of a segment before it looks whether its header can be right."""
    return any(not tcp.sound for tcp in d.packet.all("tcp")) and not d.ours


@reason("tcp.len")
def length_in_fragment(d: Difference) -> bool:
    """A first fragment has the segment data that it has; tshark prints no length."""
    pieces = any(d.packet.get(name) for name in ("ip.flags.mf", "ip.flags.mf#2", "ipv6.fraghdr.more"))
    return not d.theirs and (pieces or all(tcp.cut == "quote" for tcp in d.packet.all("tcp")))


# -- control messages -----------------------------------------------------------------


@reason("icmp.length", "icmp.unused", "icmpv6.length", "icmpv6.reserved")
def length_of_quote_zero(d: Difference) -> bool:
    """The byte that says how long the quoted packet is (RFC 4884) is read when zero, too; tshark has it as unused."""
    return within(d, "icmp", "icmpv6")


@reason("frame.protocols", "igmp.*")
def igmp_versions(d: Difference) -> bool:
    """IGMP is an extra: the second byte has one name here for each type, and tshark names the protocol twice."""
    if d.field == "frame.protocols":
        return spoken(d.theirs[0].replace("igmp:igmp", "igmp")) == layers_of(d)[0]
    kinds = {value for _, value in d.packet.all_of("igmp.type")}
    if d.field in ("igmp.max_resp", "igmp.reserved"):
        return bool(kinds)
    return not kinds <= {0x11, 0x12, 0x16, 0x17, 0x22}


@reason("icmp.*")
def other_messages(d: Difference) -> bool:
    """Of messages that wire only names (extended echo, say) all but type, code and checksum is data."""
    kinds = {value for _, value in d.packet.all_of("icmp.type")}
    return not d.ours and not kinds <= {*range(6), *range(8, 19)}


@reason("icmpv6.mld.qqi", "icmpv6.mld.maximum_response_delay")
def time_in_code(d: Difference) -> bool:
    """Codes that stand for a time (RFC 3810 section 5.1) are the wire's numbers; tshark works the time out."""
    return len(d.ours) >= len(d.theirs)


@reason("icmpv6.opt.route_info.flag.reserved")
def reserved_bits_together(d: Difference) -> bool:
    """The reserved bits on both sides of a route's preference are two fields; tshark has them as one."""
    return len(d.ours) == len(d.theirs)


@reason("icmp.pref_level")
def signed(d: Difference) -> bool:
    """A router's preference is shown as the wire's number; tshark shows it signed."""
    return all((own - other) % (1 << 32) == 0 for own, other in zip(d.ours, d.theirs, strict=True))


@reason(*DATA)
def guessed_timestamp(d: Difference) -> bool:
    """Whatever an echo carries is data; tshark takes its beginning for a time where that would be plausible."""
    return within(d, "icmp") and d.theirs in ([d.packet.payload[8:].hex()], [len(d.packet.payload) - 8])


@reason("icmp.ext*")
def behind_quote(d: Difference) -> bool:
    """tshark finds no extensions behind a quoted packet in which it gave up."""
    return given_up(d) < len(d.packet.layers) and d.theirs == d.ours[: len(d.theirs)]


@reason("ipv6.opt.*")
def option_by_kind(d: Difference) -> bool:
    """An IPv6 option is as long as its length says, with a fault if its kind needs more; tshark goes by the kind."""
    return any(option.faults for layer in d.packet.layers for option in layer.values.get("options", ()))


@reason("icmp.reserved", "icmp.ext.data", "icmp.ext.ctype")
def unnamed_there(d: Difference) -> bool:
    """Bytes for which tshark has a name elsewhere, but none here."""
    return len(d.ours) != len(d.theirs)


@reason("arp.isprobe", "arp.isgratuitous", "arp.isannouncement")
def arp_of_any_protocol(d: Difference) -> bool:
    """Probes and announcements are IPv4's (RFC 5227); tshark finds them in ARP for any protocol."""
    usual = "src.proto_ipv4" in d.packet["arp"] and "src.hw_mac" in d.packet["arp"]
    return not usual


@reason("ip.opt.sec_prot_auth_flags")
def authority_flags(d: Difference) -> bool:
    """The flags of a security option are all its bytes; tshark stops at one whose last bit says that it is the last."""
    left = "".join(d.theirs)
    for own in d.ours:
        while own and left and own[:2] == left[:2]:
            own, left = own[2:], left[2:]
    return not left


@reason("icmpv6.opt.prefix")
def short_prefix(d: Difference) -> bool:
    """A prefix of 8 bytes is 8 bytes; tshark fills it up to an address."""
    return [own.ljust(32, "0") for own in d.ours] == d.theirs


@reason("ip.version", "ipv6.version")
def cut_in_bits(d: Difference) -> bool:
    """Bit fields that make up whole bytes only together are read together: a cut among them leaves none."""
    return any("version" not in layer.values for layer in (*d.packet.all("ip"), *d.packet.all("ipv6")))


@reason("null.family")
def ethertype_as_family(d: Difference) -> bool:
    """BSD null: an EtherType in the place of the family keeps the field's name; tshark calls it `null.type`."""
    return not d.theirs and d.ours[0] > 1500


@reason("*")
def version_six_inside(d: Difference) -> bool:
    """Version 6 under IPv4's number: the header is IPv4's here, with a note; tshark reads IPv6."""
    return any(ip.values.get("version") == 6 for ip in d.packet.all("ip"))


@reason("ip.opt.sec_rfc791_hr", "ip.opt.sec_rfc791_tcc")
def bytes_as_text(d: Difference) -> bool:
    """Handling restrictions and control codes are bytes here, in tshark text up to the first zero."""
    return len(d.ours) >= len(d.theirs)


def explained(d: Difference) -> str:
    """The reason for a difference; nothing if there is none."""
    return next((one.name for one in REASONS if one.explains(d)), "")
