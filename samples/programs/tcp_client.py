"""A TCP client: connect, say hello, read the answer, close. It closes first, so it ends in TIME-WAIT.

    python3 tcp_client.py                   # to 127.0.0.1, port 8080
    python3 tcp_client.py 10.0.0.2 --step   # waits for Enter between its calls

With --step there is time to look at the states in another terminal: ss -tan 'sport = :8080 or dport = :8080'
"""

import argparse
import socket
import sys
from collections.abc import Callable

parser = argparse.ArgumentParser(description="A TCP client that says hello and closes first.")
parser.add_argument("host", nargs="?", default="127.0.0.1", help="the server's address")
parser.add_argument("--port", type=int, default=8080)
parser.add_argument("--step", action="store_true", help="wait for Enter between the calls")
options = parser.parse_args()
step: Callable[[str], object] = input if options.step else print

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:  # CLOSED: nothing has been sent yet
    # Sends a SYN (SYN-SENT), waits for SYN,ACK, sends ACK: the three-way handshake. Returns in ESTABLISHED.
    # We did not bind(): the kernel chooses our address and a free port of its ephemeral range.
    try:
        connection.connect((options.host, options.port))
    except OSError as error:  # "Connection refused" is a RST: the host is there, but nobody listens at that port
        sys.exit(f"cannot connect to {options.host}:{options.port}: {error.strerror}")
    local_host, local_port = connection.getsockname()
    step(f"connected from {local_host}:{local_port}; next: send")

    request = "hello 我是客户端!"  # 11 characters, but 22 bytes: UTF-8 takes three for each Chinese one
    connection.sendall(request.encode("utf-8"))
    print("sent:", request)

    # Read the answer before closing: close() with unread bytes sends RST, not FIN, and the rest is lost.
    reply = connection.recv(1024)
    print("received:", reply.decode("utf-8"), flush=True)
    step("next: close()")
# close() sent our FIN: FIN-WAIT-1; the server's ACK makes it FIN-WAIT-2, the server's own FIN makes it TIME-WAIT.
# The kernel does all that without this program: the socket is seen in ss long after the program's end.
print("closed")
