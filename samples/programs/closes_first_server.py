"""A TCP server that closes first, so that TIME-WAIT stands at the server and keeps its port.

    python3 closes_first_server.py --reuse    # listens on 127.0.0.1, port 9999, and serves one client
    python3 closes_first_server.py            # started again within a minute: "Address already in use"
    python3 closes_first_server.py --reuse    # SO_REUSEADDR: starts nevertheless

In Linux both must have set it, the old socket in TIME-WAIT and the new one: a server sets it always, or in vain.
With --step it waits for Enter between its calls, so that ss -tan can be run meanwhile.
"""

import argparse
import socket
import sys
from collections.abc import Callable

parser = argparse.ArgumentParser(description="A TCP server that sends one line and closes first.")
parser.add_argument("host", nargs="?", default="127.0.0.1", help="the address to listen on")
parser.add_argument("--port", type=int, default=9999, help="0 takes any free port")
parser.add_argument("--reuse", action="store_true", help="set SO_REUSEADDR before bind()")
parser.add_argument("--step", action="store_true", help="wait for Enter between the calls")
options = parser.parse_args()
step: Callable[[str], object] = input if options.step else print

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
    if options.reuse:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((options.host, options.port))
    except OSError as error:
        # TIME-WAIT lasts a minute in Linux (2 MSL in RFC 9293): late segments of the old connection must die out
        # before anybody can take its place. SO_REUSEADDR says: I know, let me listen beside it.
        sys.exit(f"cannot bind {options.host}:{options.port}: {error.strerror} (ss -tan shows by what)")
    listening.listen()
    host, port = listening.getsockname()
    print(f"listening on {host}:{port}", flush=True)
    connection, (client_host, client_port) = listening.accept()
    with connection:  # ESTABLISHED
        connection.sendall("再见 我先关闭!".encode())  # UTF-8, as str.encode() does unless told otherwise
        step(f"{client_host}:{client_port} has been served; next: close()")
# close() sent our FIN: FIN-WAIT-1, FIN-WAIT-2 when it is acknowledged, TIME-WAIT when the client has closed too.
print("closed")
