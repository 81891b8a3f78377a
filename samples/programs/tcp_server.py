"""A TCP server for one client: accept, read, answer, and close after the client has closed.

    python3 tcp_server.py                   # listens on 127.0.0.1, port 8080
    python3 tcp_server.py 0.0.0.0 --step    # on every address; waits for Enter between its calls

With --step there is time to look at the states in another terminal: ss -tan 'sport = :8080 or dport = :8080'
"""

import argparse
import socket
from collections.abc import Callable

parser = argparse.ArgumentParser(description="A TCP server that serves one client and lets it close first.")
parser.add_argument("host", nargs="?", default="127.0.0.1", help="the address to listen on")
parser.add_argument("--port", type=int, default=8080, help="0 takes any free port")
parser.add_argument("--step", action="store_true", help="wait for Enter between the calls")
options = parser.parse_args()
step: Callable[[str], object] = input if options.step else print

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
    # May be started again while old connections of this port still stand in TIME-WAIT (see closes_first_server.py).
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((options.host, options.port))
    listening.listen()  # LISTEN. From here on the kernel shakes hands by itself, before anybody calls accept().
    host, port = listening.getsockname()
    print(f"listening on {host}:{port}", flush=True)

    # accept() gives a second socket, for this one client; the first one goes on listening.
    connection, (client_host, client_port) = listening.accept()
    with connection:  # ESTABLISHED, and the other one still LISTEN
        step(f"{client_host}:{client_port} has connected; next: recv()")

        # TCP carries a stream of bytes and knows no messages: recv() gives 1 to 1024 bytes, as many as are there.
        # This text is so short that it arrives in one piece; a real program reads until it has what it needs.
        request = connection.recv(1024)
        print("received:", request.decode("utf-8"))

        reply = "你好 我是服务器!"
        connection.sendall(reply.encode("utf-8"))  # not send(): that may take only a part
        print("sent:", reply, flush=True)

        # No bytes means that the client's FIN is here: it will send nothing more. We still could: CLOSE-WAIT.
        rest = connection.recv(1024)
        step(f"the client has closed, recv() gave {rest!r}; next: close()")
# close() sent our FIN: LAST-ACK, and CLOSED as soon as the client has acknowledged it.
print("closed")
