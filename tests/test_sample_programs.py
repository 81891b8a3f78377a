"""The programs of samples/programs run against each other on the loopback and say what they should."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent.parent / "samples" / "programs"


@contextmanager
def program(name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """One of the programs, running; it is killed at the end if it has not ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-u", str(PROGRAMS / name), *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def type_line(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()


def port_of(server: subprocess.Popen[str]) -> str:
    """The port in a server's first line, "… on HOST:PORT"."""
    return line(server).rsplit(":", 1)[1]


def ended(process: subprocess.Popen[str]) -> str:
    """What it prints until it ends by itself."""
    return process.communicate(timeout=10)[0]


def test_tcp_pair_on_loopback() -> None:
    with program("tcp_server.py", "--port", "0") as server:
        with program("tcp_client.py", "--port", port_of(server)) as client:
            said = ended(client)
        heard = ended(server)
    assert "sent: hello 我是客户端!\nreceived: 你好 我是服务器!\n" in said
    assert "received: hello 我是客户端!\nsent: 你好 我是服务器!\n" in heard
    assert said.endswith("closed\n") and "recv() gave b''" in heard and heard.endswith("closed\n")


def test_tcp_pair_waits_for_enter() -> None:
    with program("tcp_server.py", "--port", "0", "--step") as server:
        with program("tcp_client.py", "--port", port_of(server), "--step") as client:
            type_line(server, "")
            type_line(client, "")
            type_line(client, "")
            assert ended(client).endswith("closed\n")
        type_line(server, "")
        assert ended(server).endswith("closed\n")


def test_tcp_client_says_that_nobody_listens() -> None:
    with socket.socket() as bound:  # bound, not listening: the port is surely closed
        bound.bind(("127.0.0.1", 0))
        with program("tcp_client.py", "--port", str(bound.getsockname()[1])) as client:
            assert ended(client).startswith("cannot connect to 127.0.0.1:")
            assert client.returncode == 1


@pytest.mark.skipif(sys.platform != "linux", reason="how long TIME-WAIT keeps a port differs between systems")
@pytest.mark.parametrize("first_reuses", [True, False])
def test_closing_first_keeps_the_port(first_reuses: bool) -> None:
    with program("closes_first_server.py", "--port", "0", *["--reuse"] * first_reuses) as server:
        port = port_of(server)
        with program("closes_first_client.py", "--port", port) as client:
            assert "received: 再见 我先关闭!" in ended(client)
        ended(server)
    with program("closes_first_server.py", "--port", port) as again:
        assert "Address already in use" in ended(again)
        assert again.returncode == 1
    with program("closes_first_server.py", "--port", port, "--reuse") as reuse:
        assert line(reuse).startswith("listening on") == first_reuses  # both sockets must have set it


def test_udp_pair_on_loopback() -> None:
    with program("udp_receiver.py", "--port", "0", "--count", "2") as receiver:
        with program("udp_sender.py", "127.0.0.1", "hello", "我是发送方!", "--port", port_of(receiver)) as sender:
            assert ended(sender) == "sent 5 bytes: hello\nsent 16 bytes: 我是发送方!\n"
        heard = ended(receiver)
    assert re.fullmatch(r"1: 5 bytes from 127.0.0.1:\d+: hello\n2: 16 bytes from .*: 我是发送方!\n", heard)


def test_udp_chat_with_two_clients_on_loopback() -> None:
    with program("udp_chat_server.py", "--port", "0") as server:
        port = ("--port", port_of(server))
        with program("udp_chat_client.py", "小明", *port) as ming:
            assert line(ming) == "小明 加入了聊天室"
            with program("udp_chat_client.py", "小红", *port) as hong:
                assert line(hong) == line(ming) == "小红 加入了聊天室"
                type_line(hong, "你好")
                assert line(ming) == "小红: 你好"
                ended(hong)  # the end of its input: it says good-bye
            assert line(ming) == "小红 离开了聊天室"
            ended(ming)
        assert [line(server) for _ in range(5)][-1] == "小明 离开了聊天室"


def test_udp_chat_client_says_that_nobody_is_there() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    with program("udp_chat_client.py", "小明", "--port", str(port)) as client:
        assert line(client) == f"nobody is at 127.0.0.1:{port}"
