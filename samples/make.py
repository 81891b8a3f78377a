"""Make the samples again: run the programs in a laboratory of network namespaces and capture what they send.

    sudo python3 samples/make.py                  # all of them, about 15 seconds
    sudo python3 samples/make.py tcp-hello-8080   # one scene

Linux, root, and these packages: iproute2, procps, ethtool, nftables, tcpdump, tshark, xxd, bsdextrautils (hexdump).
Every scene writes NAME.pcap (and variants) and NAME.states.txt, and checks each state that it names before going on.
"""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from lab import Lab, missing_tools, run

SAMPLES = Path(__file__).parent
FROM_CLIENT = "ip saddr 10.0.0.1 tcp dport 8080"
FROM_SERVER = "ip saddr 10.0.0.2 tcp sport 8080"


def tcp_hello(folder: Path) -> list[str]:
    """A whole connection: handshake, one text each way, and the client closes first."""
    with Lab(folder, "client", "server") as lab:
        lab.capture("client", "tcp-hello-8080.pcap")
        lab.capture("server", "tcp-hello-8080.any.pcap", "any")
        lab.capture("server", "tcp-hello-8080.cut.pcap", "eth0", "-s", "64")
        server = lab.start("server", "tcp_server.py", "0.0.0.0", "--step")
        lab.stage("The server listens", client="", server="LISTEN")
        client = lab.start("client", "tcp_client.py", "10.0.0.2", "--step")
        lab.stage("The handshake is done", client="ESTAB", server="ESTAB LISTEN")
        server.type()
        client.type()
        client.wait_for("received:")
        lab.stage("Each has sent a text and read the other's", client="ESTAB", server="ESTAB LISTEN")
        client.type()
        lab.stage("The client has closed: half closed", client="FIN-WAIT-2", server="CLOSE-WAIT LISTEN")
        server.wait_for("the client has closed")
        server.type()
        lab.stage("The server has closed too", client="TIME-WAIT", server="")
    return lab.log


def tcp_hello_loopback(folder: Path) -> list[str]:
    """The same programs on one machine, as one runs them by hand: no ARP, and checksums left to a card."""
    with Lab(folder, "client") as lab:
        lab.capture("client", "tcp-hello-loopback.pcap", "lo")
        server = lab.start("client", "tcp_server.py", "--step")
        server.wait_for("listening")
        client = lab.start("client", "tcp_client.py", "--step")
        lab.stage("The handshake is done: both ends are here", client="ESTAB ESTAB LISTEN")
        server.type()
        client.type()
        client.wait_for("received:")
        client.type()
        lab.stage("The client has closed: half closed", client="CLOSE-WAIT FIN-WAIT-2 LISTEN")
        server.wait_for("the client has closed")
        server.type()
        lab.stage("The server has closed too", client="TIME-WAIT")
    return lab.log


def tcp_refused(folder: Path) -> list[str]:
    """Nobody listens at the port: the SYN is answered by a RST."""
    with Lab(folder, "client", "server") as lab:
        lab.capture("client", "tcp-refused-8080.pcap")
        client = lab.start("client", "tcp_client.py", "10.0.0.2")
        client.finish()
        lab.note("client", "python3 tcp_client.py 10.0.0.2", client.text())
        lab.stage("Nothing is left at either end", client="", server="")
    return lab.log


def tcp_lost(folder: Path) -> list[str]:
    """A switch between the two loses SYN, ACK, data, FIN and the last ACK in turn: every state stands long enough."""
    with Lab(folder, "client", "server", switch=True) as lab:
        lab.capture("client", "tcp-lost-8080.client.pcap")
        lab.capture("server", "tcp-lost-8080.server.pcap")
        server = lab.start("server", "tcp_server.py", "0.0.0.0", "--step")
        server.wait_for("listening")
        lab.lose(FROM_CLIENT)
        client = lab.start("client", "tcp_client.py", "10.0.0.2", "--step")
        lab.stage("The SYN is lost", client="SYN-SENT", server="LISTEN")
        lab.lose(f"{FROM_CLIENT} tcp flags & syn == 0")
        lab.stage("The SYN was sent again; the handshake's ACK is lost", client="ESTAB", server="LISTEN SYN-RECV")
        lab.lose()
        lab.stage("The SYN,ACK was sent again", client="ESTAB", server="ESTAB LISTEN")
        server.type()
        lab.lose(FROM_CLIENT)
        client.type()
        client.wait_for("sent:")
        lab.stage("The data is lost: 22 bytes wait in the client's Send-Q", client="ESTAB", server="ESTAB LISTEN")
        lab.lose()
        client.wait_for("received:")
        lab.stage("The data was sent again, and answered", client="ESTAB", server="ESTAB LISTEN")
        lab.lose(FROM_CLIENT)
        client.type()
        lab.stage("The client's FIN is lost", client="FIN-WAIT-1", server="ESTAB LISTEN")
        lab.lose()
        lab.stage("It was sent again", client="FIN-WAIT-2", server="CLOSE-WAIT LISTEN")
        server.wait_for("the client has closed")
        lab.lose(FROM_SERVER)
        server.type()
        lab.stage("The server's FIN is lost", client="FIN-WAIT-2", server="LAST-ACK")
        lab.lose(FROM_CLIENT)
        lab.stage("It was sent again; the last ACK is lost", client="TIME-WAIT", server="LAST-ACK")
        lab.lose()
        lab.stage("TIME-WAIT has acknowledged the FIN once more", client="TIME-WAIT", server="")
    return lab.log


def tcp_both_close(folder: Path) -> list[str]:
    """Both close before either has the other's FIN: CLOSING, and TIME-WAIT at both ends."""
    with Lab(folder, "client", "server", switch=True) as lab:
        lab.capture("client", "tcp-both-close-8080.client.pcap")
        lab.capture("server", "tcp-both-close-8080.server.pcap")
        server = lab.start("server", "tcp_server.py", "0.0.0.0")
        server.wait_for("listening")
        client = lab.start("client", "tcp_client.py", "10.0.0.2", "--step")
        client.type()
        client.wait_for("received:")
        lab.lose("tcp flags & fin == fin")
        client.type()
        server.stop()  # Ctrl-C: a process that ends closes what it has open
        lab.stage("Both have closed, and neither has the other's FIN", client="FIN-WAIT-1", server="FIN-WAIT-1")
        lab.lose(FROM_SERVER)
        lab.stage("The client's FIN was sent again and arrived", client="FIN-WAIT-1", server="CLOSING")
        lab.lose()
        lab.stage("Each has the other's FIN and ACK", client="TIME-WAIT", server="TIME-WAIT")
    return lab.log


def server_first(folder: Path) -> list[str]:
    """The server closes first: TIME-WAIT stands at the server and keeps its port. With nanoseconds."""
    with Lab(folder, "client", "server") as lab:
        lab.capture("client", "server-first-9999.pcap", "eth0", "--time-stamp-precision=nano")
        server = lab.start("server", "closes_first_server.py", "0.0.0.0", "--reuse", "--step")
        server.wait_for("listening")
        client = lab.start("client", "closes_first_client.py", "10.0.0.2", "--step")
        server.wait_for("has been served")
        lab.stage("The handshake is done, and the server has sent its line", client="ESTAB", server="ESTAB LISTEN")
        server.type()
        lab.stage("The server has closed: half closed", client="CLOSE-WAIT", server="FIN-WAIT-2")
        client.wait_for("received:")
        client.type()
        lab.stage("The client has closed too", client="", server="TIME-WAIT")
        again = lab.start("server", "closes_first_server.py", "0.0.0.0")
        again.finish()
        lab.note("server", "python3 closes_first_server.py 0.0.0.0", again.text())
        reuse = lab.start("server", "closes_first_server.py", "0.0.0.0", "--reuse")
        reuse.wait_for("listening")
        lab.note("server", "python3 closes_first_server.py 0.0.0.0 --reuse", reuse.text())
        lab.stage("With SO_REUSEADDR it listens beside TIME-WAIT", client="", server="LISTEN TIME-WAIT")
    return lab.log


def udp_one_way(folder: Path) -> list[str]:
    """Three datagrams one way: no handshake, no answer, no close."""
    with Lab(folder, "client", "server") as lab:
        lab.capture("client", "udp-one-way-10000.pcap")
        receiver = lab.start("server", "udp_receiver.py", "0.0.0.0", "--count", "3")
        lab.stage("The receiver is bound; UDP has no states", command="ss -uan", client="", server="UNCONN")
        lab.start("client", "udp_sender.py", "10.0.0.2", "hello 我是发送方!", "第二个", "3").finish()
        receiver.finish()
        lab.note("server", "python3 udp_receiver.py 0.0.0.0 --count 3", receiver.text())
    return lab.log


def udp_nobody(folder: Path) -> list[str]:
    """Nobody receives at the port: ICMP says so and quotes the datagram. The sender is not told."""
    with Lab(folder, "client", "server") as lab:
        lab.capture("client", "udp-nobody-10000.pcap")
        sender = lab.start("client", "udp_sender.py", "10.0.0.2")
        sender.finish()
        lab.note("client", "python3 udp_sender.py 10.0.0.2", sender.text())
        lab.stage("Nobody receives, at either end", command="ss -uan", client="", server="")
    return lab.log


def udp_chat(folder: Path) -> list[str]:
    """Three hosts on a switch, captured in the middle; made pcapng, with comments on frames."""
    with Lab(folder, "client", "server", "friend", switch=True) as lab:
        plain = lab.capture("switch", "udp-chat-8081.pcap", "br0")
        server = lab.start("server", "udp_chat_server.py", "0.0.0.0")
        server.wait_for("chat on")
        ming = lab.start("client", "udp_chat_client.py", "小明", "10.0.0.2")
        ming.wait_for("小明 加入了聊天室")
        hong = lab.start("friend", "udp_chat_client.py", "小红", "10.0.0.2")
        for member in (ming, hong):
            member.wait_for("小红 加入了聊天室")
        title = "One socket serves both clients; ESTAB says only that connect() noted the peer"
        lab.stage(title, command="ss -uan", client="ESTAB", server="UNCONN", friend="ESTAB")
        ming.type("你好, 小红!")
        hong.wait_for("你好, 小红!")
        hong.type("你好, 小明!")
        ming.wait_for("你好, 小明!")
        ming.end_of_input()
        hong.wait_for("小明 离开了聊天室")
        hong.end_of_input()
        server.wait_for("小红 离开了聊天室")
        for host, running in (("server", server), ("client", ming), ("friend", hong)):
            lab.note(host, f"python3 {running.command.split('programs/')[1]}", running.text())
    comments = {
        1: "ARP: a broadcast, so the switch floods it to every port",
        3: "小明 joins: the first datagram is the name",
    }
    words = [word for number, comment in comments.items() for word in ("-a", f"{number}:{comment}")]
    about = "UDP chat on port 8081, captured on the switch between three hosts"
    run("editcap", "-F", "pcapng", *words, "--capture-comment", about, plain, plain.with_suffix(".pcapng"))
    plain.unlink()
    return lab.log


SCENES: dict[str, Callable[[Path], list[str]]] = {
    "tcp-hello-8080": tcp_hello,
    "tcp-hello-loopback": tcp_hello_loopback,
    "tcp-refused-8080": tcp_refused,
    "tcp-lost-8080": tcp_lost,
    "tcp-both-close-8080": tcp_both_close,
    "server-first-9999": server_first,
    "udp-one-way-10000": udp_one_way,
    "udp-nobody-10000": udp_nobody,
    "udp-chat-8081": udp_chat,
}


def dump_as_text(folder: Path) -> None:
    """Write frames of tcp-hello-8080.pcap in the text formats that people paste."""
    capture = SAMPLES / "tcp-hello-8080.pcap"
    (SAMPLES / "hello.tcpdump-x.txt").write_text(run("tcpdump", "-n", "-X", "-r", capture))
    (SAMPLES / "handshake.tshark-x.txt").write_text(run("tshark", "-n", "-x", "-r", capture, "-Y", "frame.number <= 5"))

    # The one frame that carries the client's text: the first one with data.
    hello, frame = folder / "hello.pcap", folder / "hello"
    run("tshark", "-r", capture, "-Y", "tcp.srcport == 40000 && tcp.len > 0", "-F", "pcap", "-w", hello)
    frame.write_bytes(hello.read_bytes()[24 + 16 :])  # behind the file's header and the record's
    for name, command in {
        "hello.xxd.txt": ["xxd", "-g1"],
        "hello.hexdump-C.txt": ["hexdump", "-C"],
        "hello.od.txt": ["od", "-Ax", "-tx1z"],
        "hello.xxd-p.txt": ["xxd", "-p", "-c0"],
    }.items():
        (SAMPLES / name).write_text(run(*command, frame))
    (SAMPLES / "hello.xxd-i.txt").write_text(run("xxd", "-i", "-n", "hello", frame))


def versions() -> str:
    """What the samples were made with."""
    kernel = platform.release().split("-")[0]
    tcpdump = run("tcpdump", "--version").split()[2]
    iproute2 = run("ss", "-V").split("iproute2-")[1].split(",")[0].strip()
    return f"Linux {kernel}, tcpdump {tcpdump}, iproute2 {iproute2}"


def main(names: list[str]) -> None:
    """Make the scenes of these names, or all of them, and then the text dumps."""
    if unknown := set(names) - set(SCENES):
        sys.exit(f"no such scene: {', '.join(sorted(unknown))} (there are: {', '.join(SCENES)})")
    if missing := missing_tools():
        sys.exit(f"not installed: {', '.join(missing)} (this file's beginning names the packages)")
    if os.geteuid():
        sys.exit("network namespaces need root: sudo python3 samples/make.py")
    with tempfile.TemporaryDirectory() as place:
        for name in names or SCENES:
            folder = Path(place) / name
            folder.mkdir()
            log = SCENES[name](folder)
            for capture in sorted(folder.glob("*.pcap*")):
                shutil.copyfile(capture, SAMPLES / capture.name)
                print(capture.name)
            title = f"{name}: what ss showed at both ends, stage by stage ({versions()})"
            (SAMPLES / f"{name}.states.txt").write_text("\n".join([title, "", *log]), encoding="utf-8")
        dump_as_text(Path(place))


if __name__ == "__main__":
    main(sys.argv[1:])
