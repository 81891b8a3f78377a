"""Our endpoint and a kernel socket talk: `python -m tests.machine.kernel.judge client|server [seed]`.

To be run in a network namespace of its own (`unshare --net`), as root. Prints one JSON object: the states of both
ends at each stage, whether both streams came whole, and counts.
"""

import contextlib
import hashlib
import json
import random
import socket
import subprocess
import sys
import threading

from wire.machine import Endpoint, Host, State, settings

from .tun import KERNEL, OURS, OurHost, as_ss, kernel_state, open_tun

SIZE, AFTER, PORT, LOSS = 1 << 20, 100_000, 5000, 0.02
SETTLED = 8.0  # seconds: several retransmission timeouts


class KernelSocket:
    """A socket of the kernel, with threads that send and that read to the end."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.read = bytearray()
        self.ended = False
        self.threads: list[threading.Thread] = []

    def go(self, work: object, *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self.threads.append(thread)
        return thread

    def accept(self, listener: socket.socket) -> None:
        self.socket, _ = listener.accept()

    def connect(self) -> None:
        made = socket.socket()
        made.connect((OURS, PORT))
        self.socket = made

    def receive(self) -> None:
        assert self.socket is not None
        while data := self.socket.recv(65536):
            self.read += data
        self.ended = True

    def send(self, data: bytes) -> threading.Thread:
        assert self.socket is not None
        return self.go(self.socket.sendall, data)


def play(role: str, seed: int) -> dict[str, object]:
    """The whole conversation, our endpoint as `role`."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    ours = OurHost(open_tun("wire0"), Host("ours", OURS, settings("linux", seed=seed)), LOSS, seed)
    kernel = KernelSocket()
    read = bytearray()
    states: list[tuple[str, str, str]] = []
    chance = random.Random(seed)
    to_kernel, to_us = chance.randbytes(SIZE), chance.randbytes(SIZE)
    late = chance.randbytes(AFTER)

    def look(stage: str, endpoint: Endpoint, wanted: tuple[str, str]) -> None:
        """Wait until both ends are where they are to be, and note where they are."""
        with contextlib.suppress(RuntimeError):  # the test shows what it is instead
            ours.until(lambda: (as_ss(endpoint), kernel_state(PORT)) == wanted, SETTLED)
        states.append((stage, as_ss(endpoint), kernel_state(PORT)))

    def take(endpoint: Endpoint) -> int:
        if endpoint.readable:
            read.extend(endpoint.read(None, ours.now))
        return len(read)

    if role == "client":
        listener = socket.create_server((KERNEL, PORT))
        kernel.go(kernel.accept, listener)
        endpoint = ours.host.connect((KERNEL, PORT), ours.now)
        ours.until(lambda: kernel.socket is not None and endpoint.state is State.ESTABLISHED, SETTLED)
    else:
        ours.host.listen(PORT)
        kernel.go(kernel.connect)
        accepted: list[Endpoint] = []

        def opened() -> bool:
            one = ours.host.accept(PORT) if not accepted else None
            accepted.extend([one] if one is not None else [])
            return bool(accepted) and kernel.socket is not None

        ours.until(opened, SETTLED)
        endpoint = accepted[0]
    assert kernel.socket is not None
    look("open", endpoint, ("ESTAB", "ESTAB"))
    kernel.go(kernel.receive)
    kernel.send(to_us)
    endpoint.send(to_kernel, ours.now)
    ours.until(lambda: take(endpoint) == SIZE and len(kernel.read) == SIZE, 25)

    if role == "client":
        endpoint.shutdown("write", ours.now)
        look("half-closed", endpoint, ("FIN-WAIT-2", "CLOSE-WAIT"))
        kernel.send(late)
        ours.until(lambda: take(endpoint) == SIZE + AFTER and kernel.ended, SETTLED)
        kernel.socket.close()
        look("closed", endpoint, ("TIME-WAIT", ""))
    else:
        kernel.socket.shutdown(socket.SHUT_WR)
        look("half-closed", endpoint, ("CLOSE-WAIT", "FIN-WAIT-2"))
        endpoint.send(late, ours.now)
        ours.until(lambda: len(kernel.read) == SIZE + AFTER, SETTLED)
        endpoint.close(ours.now)
        ours.until(lambda: kernel.ended, SETTLED)
        look("closed", endpoint, ("CLOSED", "TIME-WAIT"))
    wanted_there, wanted_here = (to_kernel, to_us + late) if role == "client" else (to_kernel + late, to_us)
    return {
        "states": states,
        "kernel has all": digest(kernel.read) == digest(wanted_there),
        "we have all": digest(read) == digest(wanted_here),
        "counts": ours.counts,
        "errors": ours.errors,
        "seconds": round(ours.now / 1e9, 1),
    }


def digest(data: bytes | bytearray) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    print(json.dumps(play(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)))
