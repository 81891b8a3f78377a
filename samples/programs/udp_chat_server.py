"""A UDP chat server: passes what one client says on to all the others. One socket serves them all.

    python3 udp_chat_server.py              # on 127.0.0.1, port 8081, until Ctrl-C
    python3 udp_chat_server.py 0.0.0.0      # on every address

UDP has no connections, so the program keeps its own: a client's first datagram is its name and joins it,
an empty datagram takes it out again (that is the chat's own rule, UDP itself has no FIN).
"""

import argparse
import contextlib
import socket

parser = argparse.ArgumentParser(description="A UDP chat server for several clients.")
parser.add_argument("host", nargs="?", default="127.0.0.1", help="the address to receive on")
parser.add_argument("--port", type=int, default=8081, help="0 takes any free port")
options = parser.parse_args()

Address = tuple[str, int]
names: dict[Address, str] = {}  # who is in the room: (IP address, port) -> name


def say(line: str, *, but: Address | None = None) -> None:
    """Send a line to everybody in the room except the one who said it."""
    print(line, flush=True)
    for address in names:
        if address != but:
            server.sendto(line.encode("utf-8"), address)


with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, contextlib.suppress(KeyboardInterrupt):
    server.bind((options.host, options.port))
    host, port = server.getsockname()
    print(f"chat on {host}:{port}", flush=True)

    while True:
        # The sender's address and port tell the clients apart: the datagram itself says nothing of them.
        data, sender = server.recvfrom(65535)
        text = data.decode("utf-8", errors="replace")
        if sender not in names:
            names[sender] = text
            say(f"{text} 加入了聊天室")
        elif not data:
            say(f"{names.pop(sender)} 离开了聊天室")
        else:
            say(f"{names[sender]}: {text}", but=sender)
