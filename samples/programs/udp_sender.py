"""A UDP sender: one datagram for each message, without asking whether anybody is there.

    python3 udp_sender.py                                  # to 127.0.0.1, port 10000
    python3 udp_sender.py 10.0.0.2 hello '我是发送方!'     # two datagrams
"""

import argparse
import socket

parser = argparse.ArgumentParser(description="Send messages as UDP datagrams.")
parser.add_argument("host", nargs="?", default="127.0.0.1", help="the receiver's address")
parser.add_argument("message", nargs="*", default=["hello 我是发送方!"])
parser.add_argument("--port", type=int, default=10000)
options = parser.parse_args()

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for message in options.message:
        # No handshake and no answer. sendto() returns when the datagram is on its way; whether it arrives, or whether
        # the other side says "port unreachable" (ICMP), this program never learns.
        size = sender.sendto(message.encode("utf-8"), (options.host, options.port))
        print(f"sent {size} bytes: {message}")
