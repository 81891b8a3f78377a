"""The screens that were drawn before anything was written, to the digit and the space."""

from __future__ import annotations

import pytest

from wire.analysis.relative import History
from wire.lab import craft
from wire.story import Story
from wire.views.ladder import ladder
from wire.views.layers import screen
from wire.views.lines import plain
from wire.views.summary import summary
from wire.views.telling import closing, reasons, title

NUMBERS = {"client.isn": 223, "server.isn": 521}

LADDER = """\
Three-way handshake; numbers as on the wire; the road takes 0.010 s each way

     time        client │ 10.0.0.1:40000           10.0.0.2:8080 │ server
    0.000        CLOSED │                                        │ CLOSED
    0.000               │                               listen() │ LISTEN
    0.000               │ connect()                              │
 1  0.000      SYN-SENT ├─ SYN  seq=223 ────────────────╮        │
    0.010               │  win=65535 mss=1460           ╰───────▶│ SYN-RECEIVED
 2  0.010               │        ╭──── SYN,ACK  seq=521 ack=224 ─┤
    0.020   ESTABLISHED │◀───────╯           win=65535 mss=1460  │
    0.020               │ connect() returns                      │
 3  0.020               ├─ ACK  seq=224 ack=522 ────────╮        │
    0.030               │  win=65535                    ╰───────▶│ ESTABLISHED
    0.030               │                       accept() returns │

3 segments, none lost. Both ends ESTABLISHED after 0.030 s.
"""

LOST = """\
 1  0.000      SYN-SENT ├─ SYN  seq=223 ──────────✗ lost         │ LISTEN
    1.000               │ RTO 1.000 s ran out: sent again        │
 2  1.000               ├─ SYN  seq=223 ────────────────╮        │
    1.010               │  win=65535 mss=1460           ╰───────▶│ SYN-RECEIVED
"""

EXPLAINED = """\
1  The client asks to open and says where its own numbering starts: 223.
   A SYN uses up one number, so its next one is 224.        RFC 9293 3.4, 3.5
2  The server agrees: ack = 223 + 1 = 224, the number it expects next. In the
   same segment it says where its own numbering starts: 521. The two could go
   apart; merged, three segments do the work of four.       RFC 9293 3.4.1, 3.5
3  The client acknowledges: ack = 521 + 1 = 522. Only now does the server know
   that its own number arrived. With two segments it would believe alone:
   see wire craft why-not-two.                              RFC 9293 3.5
"""

CHINESE = """\
1  客户端请求建立连接，并说明自己的初始序号是 223。
   SYN 占用一个序号，所以它的下一个序号是 224。             RFC 9293 3.4, 3.5
2  服务器同意：ack = 223 + 1 = 224，即下一个想收到的序号。
   同一个报文段还说明自己的初始序号是 521。两者可以分开发；
   合并以后，三个报文段就完成了四个的工作。                 RFC 9293 3.4.1, 3.5
3  客户端确认：ack = 521 + 1 = 522。到这时服务器才知道自己的序号已经送到。
   如果只有两次握手，服务器会单方面认为连接已经建立：
   见 wire craft why-not-two。                              RFC 9293 3.5
"""

HEX = [
    "02000000000202000000000108004500002c00014000400626c90a0000010a0000029c401f90000000df000000006002ffffc7740000020405b4",
    "02000000000102000000000208004500002c00014000400626c90a0000020a0000011f909c4000000209000000e06012ffffc55a0000020405b4",
    "02000000000202000000000108004500002800024000400626cc0a0000010a0000029c401f90000000e00000020a5010ffffdd170000",
]

SUMMARY = """\
  #     time            source   destination       proto len info
  1 0.000000 02:00:00:00:00:01 → ff:ff:ff:ff:ff:ff ARP    42 Who has 10.0.0.2? Tell 10.0.0.1
  2 0.020000 02:00:00:00:00:02 → 02:00:00:00:00:01 ARP    42 10.0.0.2 is at 02:00:00:00:00:02
  3 0.020000    10.0.0.1:40000 → 10.0.0.2:8080     TCP    58 [SYN] Seq=0 Win=65535 Len=0 MSS=1460
  4 0.040000     10.0.0.2:8080 → 10.0.0.1:40000    TCP    58 [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460
  5 0.040000    10.0.0.1:40000 → 10.0.0.2:8080     TCP    54 [ACK] Seq=1 Ack=1 Win=65535 Len=0
  6 0.041000    10.0.0.1:40000 → 10.0.0.2:8080     TCP    76 [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=22 "hello 我是客户端!"
  7 0.061000     10.0.0.2:8080 → 10.0.0.1:40000    TCP    54 [ACK] Seq=1 Ack=23 Win=65535 Len=0
  8 0.061000    10.0.0.1:40000 → 10.0.0.2:8080     TCP    54 [FIN, ACK] Seq=23 Ack=1 Win=65535 Len=0
  9 0.081000     10.0.0.2:8080 → 10.0.0.1:40000    TCP    54 [ACK] Seq=1 Ack=24 Win=65535 Len=0
 10 0.091000     10.0.0.2:8080 → 10.0.0.1:40000    TCP    54 [FIN, ACK] Seq=1 Ack=24 Win=65535 Len=0
 11 0.091000    10.0.0.1:40000 → 10.0.0.2:8080     TCP    54 [ACK] Seq=24 Ack=2 Win=65535 Len=0
"""

LAYERS = """\
Sending: every layer puts its header in front                              bytes
7-5 application               [szwwd|19rRNAwf8GVe6xyT9kJPIu5SlQc]             33
4 transport              [TCP][szwwd|19rRNAwf8GVe6xyT9kJPIu5SlQc]   20 + 33 = 53
3 network            [IP][TCP][szwwd|19rRNAwf8GVe6xyT9kJPIu5SlQc]   20 + 53 = 73
2 data link     [MAC][IP][TCP][szwwd|19rRNAwf8GVe6xyT9kJPIu5SlQc]   14 + 73 = 87
1 physical                                                              696 bits

On the road: the router takes [MAC] off, lowers the TTL, puts a new [MAC] on
                    MAC                                    TTL  IP checksum
  client to router  02:00:00:00:00:01 > 02:00:00:00:00:fe  64   0x7a99
  router to server  02:00:00:00:00:fd > 02:00:00:00:00:02  63   0x7b99
  the same all the way: 172.16.10.1 > 10.0.0.2, TCP checksum 0x67ed

Receiving: a hub reads no header, a switch [MAC], a router [MAC][IP], the server
all of them, one by one, until the 33 bytes are left.
"""


def drawn(story: Story, columns: int = 80) -> str:
    rows = [title(story), "", *plain(ladder(story, columns)), "", *closing(story)]
    return "\n".join(rows) + "\n"


def test_the_handshake() -> None:
    story = craft("handshake", NUMBERS)
    assert drawn(story) == LADDER
    assert [packet.raw.hex() for packet in story.packets] == HEX


def test_a_lost_syn() -> None:
    assert LOST in drawn(craft("lost-syn", {"client.isn": 223}))


@pytest.mark.parametrize(("language", "text"), [("en", EXPLAINED), ("zh", CHINESE)])
def test_reasons(language: str, text: str) -> None:
    assert "\n".join(plain(reasons(craft("handshake", NUMBERS), language))) + "\n" == text


def test_the_textbook_program_as_a_capture() -> None:
    packets = craft("hello").packets
    assert "\n".join(plain(summary(packets, History.over(packets)))) + "\n" == SUMMARY
    absolute = {
        3: "Seq=223",
        4: "Seq=521 Ack=224",
        6: "Seq=224 Ack=522",
        8: "Seq=246",
        9: "Ack=247",
        11: "Seq=247 Ack=523",
    }
    for number, numbers in absolute.items():
        assert numbers in packets[number - 1].info


def test_encapsulation() -> None:
    story = craft("encapsulation", {"data": "szwwd|19rRNAwf8GVe6xyT9kJPIu5SlQc"})
    assert story.layers is not None
    assert "\n".join(plain(screen(story.layers))) + "\n" == LAYERS
