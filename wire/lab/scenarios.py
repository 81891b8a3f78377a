"""The scenarios, in the order of the lessons. Adding one is adding a few lines here.

Each end's keyword is its program (the words are in `wire.lab.actor`); `keys` are defaults as on the command line.
There is no segment here, and no number that an endpoint works out.
"""

from __future__ import annotations

from .scenario import scenario

# fmt: off

SERVER = "listen; accept"
REPLIES = "listen; accept; eof; close"
WAVE = "listen; accept; eof; wait 0.010; close"
BULK = {"data": "*7300"}
HELLO = {"data": "hello"}
PEERS = "A.ip=10.0.0.1 B.ip=10.0.0.2 A.port=40000 B.port=8080"

# Opening and closing

scenario("handshake", "Three-way handshake", client="connect", server=SERVER)
scenario("four-segment-close", "Closing takes four segments", client="connect; close", server=WAVE)
scenario("three-segment-close", "FIN and ACK merge: closing in three segments", "delack=0.040 finack=delayed",
         client="connect; close", server=REPLIES)
scenario("fin-on-data", "The FIN rides on the last data", client="connect; send $data; send $more; close",
         server=WAVE, data={"data": "the last ", "more": "words"})
scenario("half-close", "Half-close: one direction ends, the other goes on",
         client="connect; shutdown; recv; recv; eof; close",
         server="listen; accept; eof; send $data; wait 0.030; send $more; acked; close",
         data={"data": "still talking", "more": "and talking"})
scenario("session", "A whole session", client="connect; send $data; recv $reply; close",
         server="listen; accept; recv $data; send $reply; eof; close", data={"data": "hello", "reply": "hi"})
scenario("hello", "The textbook's TCP program", "arp=on client.isn=223 server.isn=521",
         client="connect; wait 0.001; send $data; acked; close", server=WAVE, data={"data": "hello 我是客户端!"})
scenario("simultaneous-open", "Simultaneous open", PEERS, A="connect", B="connect")
scenario("simultaneous-close", "Simultaneous close", client="connect; until 0.1; close",
         server="listen; accept; until 0.1; close")
scenario("refused", "Nobody listens: connection refused", client="connect", server="")
scenario("abort", "The application aborts", client="connect; send $data; acked; abort",
         server="listen; accept; recv; recv", data=HELLO)

# Loss

scenario("lost-syn", "The SYN is lost", "client.lose=1", client="connect", server=SERVER)
scenario("lost-syn-ack", "The SYN,ACK is lost", "server.lose=1", client="connect", server=SERVER)
scenario("lost-ack", "The third segment is lost, then data come", "client.lose=2", data=HELLO,
         client="connect; wait 0.050; send $data", server="listen; accept; recv",
         moral="The data carry the same acknowledgment, so they complete the handshake.")
scenario("lost-ack-silence", "The third segment is lost, and nothing follows", "client.lose=2", client="connect",
         server=SERVER, moral="The server repeats its SYN,ACK until it is acknowledged.")
scenario("lost-data", "Data are lost: retransmission after the timeout", "client.lose=3", data=HELLO,
         client="connect; send $data", server="listen; accept; recv")
scenario("fast-retransmit", "Three duplicate ACKs: fast retransmit with SACK", "client.lose=4 sack=on iw=5", data=BULK,
         client="connect; send $data; acked", server="listen; accept; recv $data")
scenario("reordering", "A segment is overtaken", "client.late=3:0.004", data={"data": "*2920"},
         client="connect; send $data; acked", server="listen; accept; recv $data")
scenario("duplication", "A segment arrives twice", "client.double=3", data=HELLO,
         client="connect; send $data; acked", server="listen; accept; recv")
scenario("lost-fin", "The FIN is lost", "client.lose=3", client="connect; close", server=REPLIES)
scenario("lost-last-ack", "The last ACK is lost: TIME-WAIT answers and starts again", "client.lose=4",
         client="connect; close", server=WAVE)
scenario("old-duplicate-syn", "An old duplicate SYN", f"{PEERS} A.isn=90,100 B.isn=300,400 A.late=1:0.02,2:0.05",
         A="open; wait 0.001; abort; wait 0.001; connect", B=SERVER)
scenario("half-open", "Half-open: the restarted side opens again", f"{PEERS} A.isn=99,400 B.isn=299,700",
         A="connect; wait 0.1; crash; wait 0.1; connect", B="listen; accept; recv; accept")
scenario("half-open-data", "Half-open: the living side sends data", f"{PEERS} A.isn=99 B.isn=299", data={"data": "*10"},
         A="connect; wait 0.1; crash", B="listen; accept; wait 0.2; send $data; recv")
scenario("syn-backlog", "The accept queue of a listener fills up", "until=0.5", server="listen",
         client="; wait 0.05; ".join(["open"] * 7),
         moral="listen(5) admits six: the accept queue takes one more than the backlog.")
scenario("syn-flood", "Half-open connections fill the SYN queue", "attacker.lose=2,4,6 until=0.9",
         attacker="open; wait 0.05; open; wait 0.05; open", server="listen 2", client="until 0.3; connect",
         moral="Whoever never sends the third segment keeps a place in the queue.")
scenario("why-not-two", "Why not two: an old SYN comes late", "client.late=1:1",
         client="open; wait 0.5; abort", server="listen",
         moral="With two segments the server would now be ESTABLISHED alone, with a client that wants nothing.")
scenario("why-not-four", "Why not four", client="connect", server=SERVER,
         moral="The server's ACK and its SYN could go apart, in four segments. Nothing would be gained.")
scenario("server-closes-first", "The server closes first and has the TIME-WAIT", client="connect; eof; close",
         server="listen; accept; wait 0.050; close")
scenario("process-exit", "The process ends: the kernel sends the FIN", client="connect; wait 0.050; exit", server=WAVE)
scenario("process-exit-unread", "The process ends with data unread: RST", "server.reads=off", data=HELLO,
         client="connect; send $data; eof", server="listen; accept; wait 0.050; exit")

# Flow control and options

scenario("zero-window", "The window closes: probe and update", "server.reads=off server.win=2920 nagle=off",
         data={"data": "*5000"}, client="connect; send $data; acked",
         server="listen; accept; wait 1.5; read; wait 1; read",
         moral="A closed window is probed, for the update that opens it is an ACK, and a lost ACK is not repeated.")
scenario("window-scale", "A window of more than 65535 bytes", "win=1000000 wscale=5", data=BULK,
         client="connect; send $data; acked", server="listen; accept; recv $data")
scenario("keep-alive", "Is the peer still there?", "client.keepalive=on until=14500",
         client="connect", server=SERVER)
scenario("keep-alive-dead", "The peer is gone: keep-alive gives up", "client.keepalive=on client.probes=3",
         client="connect; recv", server="listen; accept; wait 1; unplug")
scenario(
    "urgent",
    "Urgent data",
    client="connect; urgent $data; acked",
    server="listen; accept; recv",
    data={"data": "stop!"},
)
scenario("nagle", "Nagle: small writes wait for the ACK", data={"data": "a", "more": "b"},
         client="connect; send $data; wait 0.002; send $more; wait 0.002; send $more; acked",
         server="listen; accept; recv; recv")
scenario("nodelay", "TCP_NODELAY: every small write goes at once", "client.nagle=off", data={"data": "a", "more": "b"},
         client="connect; send $data; wait 0.002; send $more; wait 0.002; send $more; acked",
         server="listen; accept; recv; recv; recv")
scenario("delayed-ack", "Delayed ACK", "server.delack=0.040", data={"data": "*100", "more": "*2920"},
         client="connect; send $data; acked; send $more; acked", server="listen; accept; recv $data; recv $data $more")
scenario("small-writes", "Many small writes, one stream", "client.nagle=off server.reads=off",
         data={"a": "one ", "b": "two ", "c": "three"}, client="connect; send $a; send $b; send $c; acked",
         server="listen; accept; wait 0.100; read",
         moral="TCP is a stream: what was written in pieces may be read as one.")
scenario("large-write", "One large write, many segments", data={"data": "*5000"}, client="connect; send $data; acked",
         server="listen; accept; recv $data",
         moral="TCP is a stream: what was written at once may travel in many segments.")
scenario("port-in-time-wait", "A restarted server finds its port in TIME-WAIT",
         client="connect; eof; close",
         server="listen; accept; wait 0.050; close; wait 0.2; unlisten; wait 1; listen; wait 120; listen",
         moral="SO_REUSEADDR lets it listen at once, but only if the earlier run had set it too.")
scenario("reuse-address", "SO_REUSEADDR in both runs: the port is free at once",
         client="connect; eof; close",
         server="listen 5 reuse; accept; wait 0.050; close; wait 0.2; unlisten; wait 1; listen 5 reuse",
         moral="Set it before every bind() of a server: the connections in TIME-WAIT keep what their listener had set.")
scenario("reuse-too-late", "SO_REUSEADDR in the second run alone: the port stays in use",
         client="connect; eof; close",
         server="listen; accept; wait 0.050; close; wait 0.2; unlisten; wait 1; listen 5 reuse",
         moral="The connection in TIME-WAIT is of a socket without SO_REUSEADDR. Set too late, it changes nothing.")
scenario("fast-open", "TCP Fast Open: a cookie, and data in the next SYN", "tfo=on", data=HELLO,
         client="connect; close; wait 0.1; open $data; connected; close",
         server="listen; accept; eof; close; accept; recv; eof; close")
scenario("ecn", "Explicit congestion notification", "client.ecn=request server.ecn=accept client.mark=3",
         data={"data": "*1460", "more": "*1460"}, client="connect; send $data; acked; send $more; acked",
         server="listen; accept; recv $data $more")
scenario("slow-start", "Slow start: the congestion window doubles", "iw=1", data={"data": "*20440"},
         client="connect; send $data; acked", server="listen; accept; recv $data")

# IP, Ethernet, UDP

scenario("path-mtu", "Path MTU: a router says what is too big",
         "client.ip=172.16.10.1/24 server.mtu=1000 server.mss=1460",
         client="connect; send $data; acked", server="listen; accept; recv $data", data={"data": "*2000"})
scenario("fragments", "IPv4 fragments", "client.ip=172.16.10.1/24 df=off server.mtu=600", data={"data": "*1400"},
         client="sendto server $data", server="bind; recvfrom")
scenario("lost-fragment", "One fragment is lost, and the packet with it",
         "client.ip=172.16.10.1/24 df=off server.mtu=600 client.lose=1 client.fragment=2", data={"data": "*1400"},
         client="sendto server $data", server="bind; recvfrom",
         moral="IP repeats nothing: without one piece the receiver throws the others away after a while.")
scenario("ttl", "The TTL runs out", "client.ip=172.16.10.1/24 client.ttl=1", data=HELLO,
         client="bind; sendto server $data", server="bind; recvfrom")
scenario("arp", "ARP: who has this address?", "arp=on", data=HELLO,
         client="sendto server $data; wait 0.1; sendto server $data",
         server="bind; recvfrom; recvfrom")
scenario("gratuitous-arp", "Gratuitous ARP: this address is mine", A="gratuitous", B="", C="")
scenario("udp-exchange", "UDP: a question and an answer", data={"data": "question", "reply": "answer"},
         client="sendto server $data; recvfrom", server="bind; recvfrom; sendto client $reply")
scenario("udp-datagrams", "UDP: every datagram is one read", data={"a": "one ", "b": "two ", "c": "three"},
         client="sendto server $a; sendto server $b; sendto server $c", server="bind; recvfrom; recvfrom; recvfrom")
scenario("short-read", "UDP: a short read loses the rest", data={"a": "first datagram", "b": "second"},
         client="sendto server $a; sendto server $b", server="bind; recvfrom 5; recvfrom 5")
scenario("udp-closed-port", "UDP to a closed port", data=HELLO,
         client="sendto server $data; wait 0.1; associate server; send $data; recv", server="",
         moral="Linux tells an ICMP error to a UDP socket that called connect(). "
         "A socket that only calls sendto() hears nothing and waits.")
scenario("broadcast", "A broadcast datagram", "C.port=40001", A="sendto 255.255.255.255 $data", data=HELLO,
         B="bind 8080; recvfrom", server="bind; recvfrom", C="")
scenario("multicast", "A multicast datagram", A="sendto 239.1.2.3 $data", data=HELLO,
         server="join 239.1.2.3; bind; recvfrom", B="bind 8080")
scenario("udp-chat", "UDP: a chat among several clients", "server.port=8081",
         data={"alice": "hello", "bob": "hi"},
         alice="sendto server $alice; recvfrom",
         server="bind; recvfrom; sendto bob $alice; recvfrom; sendto alice $bob",
         bob="bind; recvfrom; sendto server $bob")
scenario("encapsulation", "The headers grow on the way down and shrink on the way up",
         "client.ip=172.16.10.1/24 client.isn=223 server.isn=521", data={"data": "szwwd|19rRNAwf8GVe6xyT9kJPIu5SlQc"},
         client="connect; send $data; acked", server="listen; accept; recv")
scenario("switch", "A switch floods, learns and forwards", "switch=on arp=on", data=HELLO,
         A="sendto C $data; wait 0.2; sendto 255.255.255.255 $data; wait 0.1; sendto 239.1.2.3 $data",
         B="", C="bind; recvfrom; sendto A $data")
