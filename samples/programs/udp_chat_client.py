"""A UDP chat client: what you type goes to everybody in the room, what others say is printed.

    python3 udp_chat_client.py 小明                      # to 127.0.0.1, port 8081; end with Ctrl-D
    python3 udp_chat_client.py 小红 10.0.0.2 --port 8081
"""

import argparse
import socket
import sys
import threading

parser = argparse.ArgumentParser(description="A UDP chat client.")
parser.add_argument("name", help="what the others see")
parser.add_argument("host", nargs="?", default="127.0.0.1", help="the chat server's address")
parser.add_argument("--port", type=int, default=8081)
options = parser.parse_args()


def print_what_comes() -> None:
    """Print datagrams for ever; it runs beside the main thread, which waits for the keyboard."""
    while True:
        try:
            print(client.recv(65535).decode("utf-8", errors="replace"), flush=True)
        except ConnectionRefusedError:
            print(NOBODY, flush=True)


# ICMP "port unreachable" came back. Only a connected UDP socket is told, by whichever call comes next.
NOBODY = f"nobody is at {options.host}:{options.port}"

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    # connect() sends nothing in UDP: it only notes the other side's address, so that send() needs none,
    # and that datagrams from anybody else are not delivered here.
    client.connect((options.host, options.port))
    client.send(options.name.encode("utf-8"))  # the first datagram: our name
    threading.Thread(target=print_what_comes, daemon=True).start()

    try:
        for line in sys.stdin:
            if text := line.rstrip("\n"):
                client.send(text.encode("utf-8"))
        client.send(b"")  # a datagram of 0 bytes is a datagram too, of UDP length 8: "I am leaving"
    except ConnectionRefusedError:
        sys.exit(NOBODY)
