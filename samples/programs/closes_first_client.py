"""The client of closes_first_server.py: reads until the server has closed, then closes too.

    python3 closes_first_client.py                   # to 127.0.0.1, port 9999
    python3 closes_first_client.py 10.0.0.2 --step   # waits for Enter before it closes: CLOSE-WAIT meanwhile
"""

import argparse
import socket
import sys
from collections.abc import Callable

parser = argparse.ArgumentParser(description="A TCP client that lets the server close first.")
parser.add_argument("host", nargs="?", default="127.0.0.1", help="the server's address")
parser.add_argument("--port", type=int, default=9999)
parser.add_argument("--step", action="store_true", help="wait for Enter before close()")
options = parser.parse_args()
step: Callable[[str], object] = input if options.step else print

try:
    connection = socket.create_connection((options.host, options.port))  # socket() and connect() in one call
except OSError as error:
    sys.exit(f"cannot connect to {options.host}:{options.port}: {error.strerror}")

with connection:  # ESTABLISHED
    # The end of the stream is the server's FIN, which recv() reports as no bytes: until then everything is ours.
    received = bytearray()
    while part := connection.recv(1024):
        received += part
    print("received:", received.decode("utf-8"), flush=True)

    # CLOSE-WAIT, for as long as this program likes. Many of these in ss mean: a program forgets to close().
    step("the server has closed; next: close()")
# close() sent our FIN: LAST-ACK, then CLOSED. No TIME-WAIT here: that is for the one who closes first.
print("closed")
