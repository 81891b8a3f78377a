"""A UDP receiver: prints every datagram that comes to its port, and never answers.

    python3 udp_receiver.py                      # on 127.0.0.1, port 10000, until Ctrl-C
    python3 udp_receiver.py 0.0.0.0 --count 3    # on every address, ends after three datagrams
"""

import argparse
import contextlib
import itertools
import socket

parser = argparse.ArgumentParser(description="Print the datagrams that arrive at a UDP port.")
parser.add_argument("host", nargs="?", default="127.0.0.1", help="the address to receive on")
parser.add_argument("--port", type=int, default=10000, help="0 takes any free port")
parser.add_argument("--count", type=int, help="end after this many datagrams")
options = parser.parse_args()

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, contextlib.suppress(KeyboardInterrupt):
    # bind() is all: no listen(), no accept(), no connection. One socket hears every sender.
    receiver.bind((options.host, options.port))
    host, port = receiver.getsockname()
    print(f"receiving on {host}:{port}", flush=True)

    for number in itertools.count(1) if options.count is None else range(1, options.count + 1):
        # One recvfrom() is one datagram, whole: UDP keeps the borders that TCP does not know.
        # It may be lost, doubled or overtaken on the way, and then nobody says so.
        data, (sender_host, sender_port) = receiver.recvfrom(65535)
        text = data.decode("utf-8", errors="replace")
        print(f"{number}: {len(data)} bytes from {sender_host}:{sender_port}: {text}", flush=True)
