"""A small laboratory of network namespaces: hosts on a cable or on a switch, programs, captures, socket states.

Linux only, and needs root. Every namespace is made here, bears the prefix `wire-samples-`, and goes away at the end;
nothing outside of them is touched.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Self

PREFIX = "wire-samples-"
PROGRAMS = Path(__file__).parent / "programs"
PATIENCE = 15.0  # seconds to wait for a state or a line; the kernel sends a lost SYN again after 1 s
ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

# The hosts, by name: IPv4 address and MAC address (locally administered, so nobody owns them).
HOSTS = {
    "client": ("10.0.0.1", "02:00:00:00:00:01"),
    "server": ("10.0.0.2", "02:00:00:00:00:02"),
    "friend": ("10.0.0.3", "02:00:00:00:00:03"),
}

# What a fresh namespace takes from the machine is set to Linux's usual defaults, so that windows, options and ports
# come out alike everywhere. One ephemeral port is enough and makes it the same in every run.
SYSCTLS = (
    "net.ipv6.conf.all.disable_ipv6=1",  # no router solicitations and no MLD among the frames
    "net.ipv6.conf.default.disable_ipv6=1",
    "net.ipv4.tcp_rmem=4096 131072 6291456",
    "net.ipv4.tcp_wmem=4096 16384 4194304",
    "net.ipv4.tcp_ecn=2",
    "net.ipv4.ip_local_port_range=40000 40000",
)


def run(*command: str | Path) -> str:
    """Run a command to its end and return what it printed; a failure raises RuntimeError with its complaint."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode:
        raise RuntimeError(f"{' '.join(str(word) for word in command)}: {done.stderr.strip()}")
    return done.stdout


def until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait until the condition holds; TimeoutError says what was seen instead."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE:.0f} s in vain: {what()}")
        time.sleep(0.02)


class Running:
    """A process inside a namespace; what it prints (both streams) is in the file `printed`."""

    def __init__(self, host: str, command: Sequence[str], printed: Path) -> None:
        self.command = " ".join(command)
        self.printed = printed
        with printed.open("wb") as file:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", PREFIX + host, *command],
                stdin=subprocess.PIPE, stdout=file, stderr=subprocess.STDOUT, env=ENVIRONMENT,
            )  # fmt: skip

    def text(self) -> str:
        """All that was printed until now."""
        return self.printed.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> None:
        """Wait until the text has been printed."""
        until(lambda: text in self.text(), lambda: f"{self.command} did not print {text!r}, but {self.text()!r}")

    def type(self, line: str = "") -> None:
        """Type a line at its keyboard: just Enter unless said."""
        self._keyboard.write(f"{line}\n".encode())
        self._keyboard.flush()

    def end_of_input(self) -> None:
        """Type Ctrl-D."""
        self._keyboard.close()

    def finish(self) -> None:
        """Wait until it has ended by itself."""
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """End it, as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.finish()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.finish()

    @property
    def _keyboard(self) -> IO[bytes]:
        assert self.process.stdin is not None  # Popen was asked for a pipe
        return self.process.stdin


class Lab:
    """Hosts in namespaces of their own, joined by a veth pair (two of them) or by a switch (a bridge in a namespace).

    One host alone has only its loopback. On a switch the frames can be captured in the middle (host "switch",
    interface "br0") and be dropped there. Use it with `with`: it is taken down whatever happens.
    """

    def __init__(self, folder: Path, *hosts: str, switch: bool = False) -> None:
        self.folder = folder
        self.hosts = hosts
        self.switch = switch
        self.log: list[str] = []
        self._running: list[Running] = []
        self._captures: list[tuple[Running, Path]] = []

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except BaseException:
            self._take_down()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        time.sleep(0.2)  # the last acknowledgment may still be on its way
        self._take_down()

    # -- the network ---------------------------------------------------------------------------------------------

    def _set_up(self) -> None:
        for name in [*self.hosts, "switch"] if self.switch else self.hosts:
            run("ip", "netns", "add", PREFIX + name)
            for setting in SYSCTLS:
                run("ip", "netns", "exec", PREFIX + name, "sysctl", "-qw", setting)
            run("ip", "-n", PREFIX + name, "link", "set", "lo", "up")
        if self.switch:
            bridge = ("type", "bridge", "stp_state", "0", "mcast_snooping", "0")
            run("ip", "-n", PREFIX + "switch", "link", "add", "br0", *bridge)
            run("ip", "-n", PREFIX + "switch", "link", "set", "br0", "up")
            self._nft("add table bridge road; add chain bridge road forward { type filter hook forward priority 0; }")
            for name in self.hosts:
                self._cable(name, "switch", f"port-{name}")
                run("ip", "-n", PREFIX + "switch", "link", "set", f"port-{name}", "master", "br0")
        elif len(self.hosts) == 2:
            self._cable(*self.hosts, "eth0")
        for name in self.hosts if len(self.hosts) > 1 else ():
            address, mac = HOSTS[name]
            run("ip", "-n", PREFIX + name, "link", "set", "eth0", "address", mac)
            run("ip", "-n", PREFIX + name, "address", "add", f"{address}/24", "dev", "eth0")

    def _cable(self, one: str, other: str, other_end: str) -> None:
        """Join two namespaces by a veth pair: eth0 in the one, other_end in the other; plain frames, no offloads."""
        peer = ("peer", "name", other_end, "netns", PREFIX + other)
        run("ip", "link", "add", "eth0", "netns", PREFIX + one, "type", "veth", *peer)
        for name, interface in ((one, "eth0"), (other, other_end)):
            # Otherwise checksums are left to a card that does not exist, and segments are joined before the capture.
            off = [word for feature in ("rx", "tx", "tso", "gso", "gro") for word in (feature, "off")]
            run("ip", "netns", "exec", PREFIX + name, "ethtool", "-K", interface, *off)
            run("ip", "-n", PREFIX + name, "link", "set", interface, "up")

    def _nft(self, commands: str) -> None:
        run("ip", "netns", "exec", PREFIX + "switch", "nft", commands)

    def lose(self, rule: str = "") -> None:
        """From now on the switch drops the frames that the nft rule matches, and no others; "" is none."""
        add = f"; add rule bridge road forward {rule} drop" if rule else ""
        self._nft(f"flush chain bridge road forward{add}")  # both at once: nothing slips through between them
        self.log += [f"-- from now on the switch drops: {rule or 'nothing'}", ""]

    def _take_down(self) -> None:
        for running in reversed(self._running):
            running.stop()
        made = {line.split()[0] for line in run("ip", "netns", "list").splitlines()}
        for name in [*self.hosts, "switch"]:
            if PREFIX + name in made:
                run("ip", "netns", "delete", PREFIX + name)

    # -- what happens in it ----------------------------------------------------------------------------------------

    def start(self, host: str, program: str, *arguments: str) -> Running:
        """Start one of the programs on a host."""
        command = [sys.executable, "-u", str(PROGRAMS / program), *arguments]
        running = Running(host, command, self.folder / f"{len(self._running)}.printed")
        self._running.append(running)
        return running

    def capture(self, host: str, name: str, interface: str = "eth0", *options: str) -> Path:
        """Capture at a host with tcpdump into the folder, until the lab ends; returns the file's path."""
        path = self.folder / name
        # -Z root: the folder belongs to root. --immediate-mode and -U: every frame is in the file at once.
        command = ["tcpdump", "-Z", "root", "-n", "--immediate-mode", "-U", "-i", interface, "-w", str(path), *options]
        tcpdump = Running(host, command, path.with_suffix(".tcpdump"))
        self._running.append(tcpdump)
        self._captures.append((tcpdump, path))
        tcpdump.wait_for("listening on")
        return path

    def stage(self, title: str, *, command: str = "ss -tan", **expected: str) -> None:
        """Wait until each host's sockets are in the expected states ("" is none), then log what ss shows there."""
        seen: dict[str, str] = {}

        def arrived() -> bool:
            for host in expected:
                table = run("ip", "netns", "exec", PREFIX + host, *command.split())
                seen[host] = "\n".join(line.rstrip() for line in table.splitlines())
            return all(states(seen[host]) == sorted(wanted.split()) for host, wanted in expected.items())

        until(arrived, lambda: f"{title}: wanted {expected}, but {command} shows {seen}")
        self.log += [f"== {title}"]
        if self._captures:
            self.log += [f"   {self._frames()} frames captured so far"]
        for host, table in seen.items():
            self.log += [f"{host}# {command}", table]
        self.log += [""]

    def _frames(self) -> int:
        """How many frames the first capture holds."""
        return int(run("tcpdump", "--count", "-r", self._captures[0][1]).split()[0])

    def note(self, host: str, command: str, printed: str) -> None:
        """Log a command and what it printed."""
        self.log += [f"{host}$ {command}", printed.rstrip(), ""]


def states(table: str) -> list[str]:
    """The states in a table of ss, sorted."""
    return sorted(line.split()[0] for line in table.splitlines()[1:])


def missing_tools() -> list[str]:
    """The tools that are needed and not installed."""
    tools = ("ip", "ss", "sysctl", "ethtool", "nft", "tcpdump", "tshark", "editcap", "xxd", "hexdump", "od")
    return [tool for tool in tools if shutil.which(tool) is None]
