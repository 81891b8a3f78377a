"""`wire decode -T fields`, `wire filter` and `wire stats`, as a user meets them."""

from __future__ import annotations

from pathlib import Path

import pytest

import wire

from .test_cli import HELLO, SAMPLES, run

CHAT, CUT = str(SAMPLES / "udp-chat-8081.pcapng"), str(SAMPLES / "tcp-hello-8080.cut.pcap")


def test_fields() -> None:
    done = run("decode", HELLO, "-T", "fields", "-e", "frame.number", "-e", "tcp.flags", "-Y", "tcp.flags.syn == 1")
    assert (done.returncode, done.stdout) == (0, "3\t0x0002\n4\t0x0012\n")


def test_fields_without_the_extra(tmp_path: Path) -> None:
    """The same text, packet by packet: packages that cannot be found are not needed."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\nfind = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name in ('numpy', 'pyarrow') else find(name, *rest)\n"
    )
    words = ["decode", HELLO, "-T", "fields", "-e", "ip.addr", "-e", "frame.time_epoch", "-E", "header=y", "-E", "quote=d"]
    here = str(Path(__file__).parent.parent.parent)
    assert run(*words, PYTHONPATH=f"{tmp_path}:{here}").stdout == run(*words).stdout != ""


def test_fields_need_numpy_alone(tmp_path: Path) -> None:
    """Without pyarrow they still come from columns: nothing makes packets."""
    pytest.importorskip("numpy")
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['pyarrow'] = None\n"
        "import wire.cli.fields as fields\n"
        "def lines(*rest): raise AssertionError('packet by packet')\n"
        "fields.lines = lines\n"
    )
    words = ["decode", HELLO, "-T", "fields", "-e", "ip.addr", "-e", "frame.time_epoch"]
    here = str(Path(__file__).parent.parent.parent)
    done = run(*words, PYTHONPATH=f"{tmp_path}:{here}")
    assert (done.returncode, done.stderr) == (0, "") and done.stdout == run(*words).stdout != ""


def test_fields_of_chosen_frames() -> None:
    done = run("decode", HELLO, "-T", "fields", "-e", "frame.number", "--frames", "2,5-6")
    assert done.stdout == "2\n5\n6\n"


def test_fields_that_are_wrong() -> None:
    for words, said in ((["-e", "ip.scr"], "did you mean"), ([], "needs fields"), (["-e", "ip.src", "-E", "quote=x"], "-E:"),
                        (["-e", "ip.src", "-Y", "ip.scr"], "-Y:")):  # fmt: skip
        done = run("decode", HELLO, "-T", "fields", *words)
        assert done.returncode == 2 and said in done.stderr


def test_a_display_filter_chooses_packets() -> None:
    assert run("decode", HELLO, "-Y", "arp", "-T", "jsonl").stdout.count('"type": "packet"') == 2


def test_filter_keeps_bytes_and_metadata(tmp_path: Path) -> None:
    out = tmp_path / "some.pcapng"
    done = run("filter", CHAT, "-Y", "udp.port == 8081", "-o", str(out))
    assert done.returncode == 0
    kept, every = list(wire.open(out)), [packet for packet in wire.open(CHAT) if "udp" in packet]
    assert [(p.raw, p.time, p.wire_len, p.comment) for p in kept] == [(p.raw, p.time, p.wire_len, p.comment) for p in every]
    assert f"{len(every)} of " in done.stderr


def test_filter_says_where_it_is_wrong(tmp_path: Path) -> None:
    done = run("filter", HELLO, "-Y", "tcp.flgs.syn == 1", "-o", str(tmp_path / "x.pcap"))
    assert done.returncode == 2 and "column 1" in done.stderr and "tcp.flags.syn" in done.stderr
    assert not (tmp_path / "x.pcap").exists()


def test_filter_of_a_damaged_capture(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(Path(HELLO).read_bytes()[:-3])
    done = run("filter", str(broken), "-Y", "tcp", "-o", str(tmp_path / "x.pcap"))
    assert done.returncode == 1 and "cut short" in done.stderr
    assert len(list(wire.open(tmp_path / "x.pcap"))) == 10


def test_stats() -> None:
    done = run("stats", HELLO)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "13 packets, 871 B"
    tcp = next(line for line in lines if line.split()[:1] == ["tcp"])
    assert tcp.split()[1:4] == ["11", "787", "B"] and "84.6%" in tcp
    assert any(line.startswith("10.0.0.1 ↔ 10.0.0.2") for line in lines)
    assert any("tcp.checksum" in line and "11 right" in line for line in lines)


def test_stats_of_chosen_packets() -> None:
    assert run("stats", HELLO, "-Y", "arp").stdout.startswith("2 packets, 84 B\n")


def test_query() -> None:
    sql = "select ip_src, count(*) as n from packets where tcp_flags_syn = 1 group by 1 order by 1"
    done = run("query", HELLO, sql)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [["ip_src", "n"], ["10.0.0.1", "1"], ["10.0.0.2", "1"]]


def test_query_that_is_wrong() -> None:
    done = run("query", HELLO, "selec 1")
    assert done.returncode == 2 and "syntax error" in done.stderr


def test_export(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "made.parquet"
    done = run("export", HELLO, "-o", str(out), "-e", "tcp.dstport", "-e", "ip.src", "-Y", "tcp.flags.syn == 1")
    assert done.returncode == 0 and "2 of 13 packets" in done.stderr
    assert pq.read_table(out).to_pylist() == [{"tcp_dstport": 8080, "ip_src": "10.0.0.1"},
                                              {"tcp_dstport": 40000, "ip_src": "10.0.0.2"}]  # fmt: skip


def test_export_of_several(tmp_path: Path) -> None:
    done = run("export", HELLO, CUT, "-o", str(tmp_path / "tables"), "-e", "frame.number", "-F", "csv")
    assert done.returncode == 0
    assert {path.name: path.read_text().count("\n") for path in (tmp_path / "tables").iterdir()} == {
        "tcp-hello-8080.pcap.csv": 14, "tcp-hello-8080.cut.pcap.csv": 14,
    }  # fmt: skip
    assert run("export", HELLO, CUT, "-o", str(tmp_path / "one.csv")).returncode == 2


def test_bulk_commands_say_what_to_install(tmp_path: Path) -> None:
    for name in ("pyarrow", "numpy"):
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError('no {name}', name='{name}')\n")
    here = str(Path(__file__).parent.parent.parent)
    for words in (["query", HELLO, "select 1"], ["export", HELLO, "-o", str(tmp_path / "x.csv")]):
        done = run(*words, PYTHONPATH=f"{tmp_path}:{here}")
        assert done.returncode == 1 and "pip install " in done.stderr and done.stderr.count("\n") == 1
