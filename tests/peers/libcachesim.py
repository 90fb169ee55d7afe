#!/usr/bin/env python3
"""lamarck-cache beside libCacheSim: the same traces, the same capacities, one after the other on the same machine.

    python3 tests/peers/libcachesim.py [--work DIR] [--runs 3] [--scale 1.0]

Installs the wheels `libcachesim` and `numpy` from PyPI into a virtual environment in DIR, makes the two reference traces with
the shared tool (10 million Zipf requests, 5 million of a made-up evolution; --scale makes them shorter), and runs every
policy that both have. Prints miss ratios of both and million requests per CPU second: the best of the runs, and how far the
worst was above it. Both take turns.

What is compared: CPU seconds of the process over the whole loop. libCacheSim reads records (24 bytes, memory mapped) as it
goes and looks up its hash table; we load and intern once, which is printed separately and shared by all policies and sizes.
Columns `M/s` are without our load, `with load` charges one load to one run, which is the worst case. Python adds nothing to
libCacheSim's loop, which is in C. Policies marked with ~ differ in variant, so their ratios need not agree: ARC's target moves
by sizes here, S3-FIFO's ghosts are counted in bytes, and GDSF has no rule of its own for oversized objects.

libCacheSim is GPL-3.0: it is run, not read, and nothing of it is in this project.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = ROOT / ".." / "shared" / "tools" / "gen_cache_trace.py"
# Our name, theirs, whether they are the same algorithm.
POLICIES = [
    ("fifo", "FIFO", True),
    ("lru", "LRU", True),
    ("sieve", "Sieve", True),
    ("clock", "Clock", True),
    ("s3-fifo", "S3FIFO", False),
    ("arc", "ARC", False),
    ("gdsf", "GDSF", False),
    ("belady", "Belady", True),
]
# Name, arguments of the tool, requests, capacity in bytes.
TRACES = [("zipf10m", "zipf", 10_000_000, 36_805_430_150), ("nas5m", "nas", 5_000_000, 1 << 30)]


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(trace, capacity, runs):
    """Runs inside the virtual environment: libCacheSim's part, as lines of JSON."""
    # This file has the module's name, and its folder comes first.
    sys.path = [folder for folder in sys.path if pathlib.Path(folder).resolve() != pathlib.Path(__file__).parent]
    import libcachesim

    for ours, theirs, _ in POLICIES:
        times = []
        for _ in range(runs):
            reader = libcachesim.TraceReader(
                trace=trace, trace_type=libcachesim.TraceType.ORACLE_GENERAL_TRACE
            )
            cache = getattr(libcachesim, theirs)(cache_size=capacity)
            before = cpu()
            misses, missed_bytes = cache.process_trace(reader)
            times.append(cpu() - before)
        line = {"policy": ours, "seconds": times, "misses": misses, "missed_bytes": missed_bytes}
        print(json.dumps(line), flush=True)


def lines(command, **options):
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def merge(measured):
    """The lines of all rounds by policy, with the seconds of all."""
    merged = {}
    for line in measured:
        merged.setdefault(line["policy"], {**line, "seconds": []})["seconds"] += line["seconds"]
    return merged


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=pathlib.Path, help="folder for the environment and the traces; kept")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the requests")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        trace, capacity, runs = arguments.measure
        return measure(trace, int(capacity), int(runs))
    if not TOOL.exists():
        print("skipped: the shared tool gen_cache_trace.py is not there")
        return None

    holder = None
    work = arguments.work
    if work is None:
        holder = tempfile.TemporaryDirectory()
        work = pathlib.Path(holder.name)
    work.mkdir(parents=True, exist_ok=True)
    python = work / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(work / "venv", with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "libcachesim", "numpy"], check=True)
    example = ["cargo", "build", "--quiet", "--release", "-p", "lamarck-cache", "--example", "replay"]
    subprocess.run(example, check=True, cwd=ROOT)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    replay = target / "release" / "examples" / "replay"

    for name, kind, requests, capacity in TRACES:
        requests = max(1000, int(requests * arguments.scale))
        capacity = max(1 << 20, int(capacity * (arguments.scale if kind == "zipf" else 1.0)))
        stem = work / f"{name}-{requests}"
        trace = stem.with_name(stem.name + ".oracleGeneral.bin")
        if not trace.exists():
            subprocess.run([python, TOOL, kind, str(requests), stem], check=True, stdout=subprocess.DEVNULL)
        names = [ours for ours, _, _ in POLICIES]
        # In turn, so that whatever else the machine does disturbs both alike.
        rounds = []
        for _ in range(arguments.runs):
            ours = lines([replay, trace, str(capacity), "1", *names])
            theirs = lines([python, __file__, "--measure", trace, str(capacity), "1"])
            rounds.append((ours, theirs))
        load = min((ours[0] for ours, _ in rounds), key=lambda line: line["load"])
        ours = merge(line for ours, _ in rounds for line in ours[1:])
        theirs = merge(line for _, theirs in rounds for line in theirs)
        print(f"\n{name}: {requests} requests, capacity {capacity} bytes, best of {arguments.runs} runs")
        speed = requests / load["load"] / 1e6
        print(f"our load {load['load']:.2f} s ({speed:.1f} M/s), next uses {load['next_use']:.2f} s, once")
        head = ["policy", "miss", "theirs", "bytes", "theirs", "M/s", "spread", "theirs", "spread", "ratio", "with load"]
        print(("{:<10}" + "{:>9}" * 4 + "{:>8}" * 6).format(*head[:10], "w/load"))
        same = {ours: same for ours, _, same in POLICIES}
        for line in ours.values():
            other = theirs[line["policy"]]
            # The clock of short runs (--scale) may not have moved.
            mine, best = max(min(line["seconds"]), 1e-6), max(min(other["seconds"]), 1e-6)
            print(
                f"{line['policy'] + ('' if same[line['policy']] else ' ~'):<10}"
                f"{line['misses']:>9.5f}{other['misses']:>9.5f}{line['missed_bytes']:>9.5f}{other['missed_bytes']:>9.5f}"
                f"{requests / mine / 1e6:>8.1f}{max(line['seconds']) / mine - 1:>8.0%}"
                f"{requests / best / 1e6:>8.2f}{max(other['seconds']) / best - 1:>8.0%}"
                f"{best / mine:>8.1f}{best / (mine + load['load']):>8.1f}"
            )
    if holder:
        holder.cleanup()
    return None


if __name__ == "__main__":
    sys.exit(main())
