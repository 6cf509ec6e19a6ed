"""Compares peer_bench with its numpy twin: compare.py PEER_BENCH [--quick] [--agreement].

Exits with 1 where values disagree or a record of 16,384 samples is less than 5 times faster, with
77 where numpy or scipy is missing. --agreement leaves the timing out.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
try:
    import numpy as np
    import peer
    import scipy
except ImportError as error:
    print(f"*** SKIPPED: {error}; install python3-numpy and python3-scipy ***")
    sys.exit(77)

TOLERANCE = 1e-4  # of the scale of each feature
OF_ORDER_ONE = ("skewness", "speed_confidence", "kurtogram_kurtosis")
BELOW_SUPPLY = ("sideband_", "third_", "eccentricity_", "slot_", "bearing_")
NEPER_DB = 20 / math.log(10)  # of which 1e-4 is that share of an amplitude
LEAST_RATIO = 5.0
JUDGED_SAMPLES = 16384  # the record that all figures of cost are given for
ROUND_SECONDS = 0.005


def scale_of(name, value, channel):
    """What 1e-4 is taken of. README.md holds the same table in words."""
    size = abs(value)
    if name.endswith("_excess_db"):
        return 10 * NEPER_DB
    if name.endswith("_db"):
        # The transform of a current leaves 1e-8 of the supply everywhere.
        weak = 1e-4 * 10**(value / 20) if name.startswith(BELOW_SUPPLY) else 0
        return NEPER_DB * (1 + weak)
    if name.endswith(("_existence", "_depth", "_percent")) or name in OF_ORDER_ONE:
        return max(size, 1.0)
    if name == "mean":
        return max(size, channel["rms"])
    return size


def disagreements(case, speed_rpm, channels):
    """Lines of text, one for each value that is not the same."""
    found = case["found"]
    lines = []

    def check(name, ours, theirs, scale):
        ours = math.nan if ours is None else ours
        theirs = float(theirs)
        if math.isnan(ours) and math.isnan(theirs):
            return
        if not abs(ours - theirs) <= TOLERANCE * scale:
            lines.append(f"{case['name']}: {name} is {ours:.9g} here, {theirs:.9g} with numpy")

    check("speed_rpm", found["speed_rpm"], speed_rpm, found["speed_rpm"] or 1)
    for i, (ours, theirs) in enumerate(zip(found["channels"], channels)):
        for name, value in ours.items():
            scale = scale_of(name, value, ours) if value is not None else 0
            check(f"{name} of channel {i}", value, theirs.get(name, math.nan), scale)
        for name in theirs.keys() - ours.keys():
            lines.append(f"{case['name']}: only numpy has {name}")
    return lines


class Library:
    """The C++ side, as a process that extracts one record for each line it is sent."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, "--serve", folder], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{program} did not start")

    def seconds(self, index):
        self.process.stdin.write(f"{index}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def seconds_of(work):
    """Of one call, over some milliseconds of them, after one that fills the caches."""
    work()
    start = time.perf_counter()
    count = 0
    while True:
        work()
        count += 1
        seconds = time.perf_counter() - start
        if seconds >= ROUND_SECONDS:
            return seconds / count


def timed(library, index, work, rounds):
    """Best microseconds of both, taken in turns so that a busy machine meets both alike."""
    ours = theirs = math.inf
    for _ in range(rounds):
        ours = min(ours, library.seconds(index))
        theirs = min(theirs, seconds_of(work))
    return 1e6 * ours, 1e6 * theirs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--agreement", action="store_true", help="values only, no timing")
    options = parser.parse_args()
    rounds = 5 if options.quick else 25
    wrong, figures = [], []
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, one thread")
    with tempfile.TemporaryDirectory() as folder:
        library = Library(options.program, folder)
        with open(os.path.join(folder, "cases.json"), encoding="utf-8") as file:
            cases = json.load(file)
        everything = np.fromfile(os.path.join(folder, "samples.f32"), np.float32)
        if not options.agreement:
            print(f"{'case':20} {'samples':>10} {'us':>10} {'us numpy':>10} {'ratio':>7}")
        for index, case in enumerate(cases):
            shape = len(case["quantities"]), case["sample_count"]
            samples = everything[case["offset"]:case["offset"] + math.prod(shape)].reshape(shape)
            twin = peer.Peer(case)
            wrong += disagreements(case, *twin.extract(samples))
            if options.agreement:
                continue
            ours, theirs = timed(library, index, lambda: twin.extract(samples), rounds)
            figures.append({"case": case["name"], "samples": shape[1], "channels": shape[0],
                            "us_per_record": ours, "us_numpy": theirs, "ratio": theirs / ours})
            print(f"{case['name']:20} {shape[0]} x {shape[1]:6} {ours:10.1f} {theirs:10.1f} "
                  f"{theirs / ours:7.2f}", flush=True)
        library.stop()
    for line in wrong:
        print(line)
    least = min((f["ratio"] for f in figures if f["samples"] == JUDGED_SAMPLES), default=math.inf)
    slow = [f["case"] for f in figures if f["ratio"] < LEAST_RATIO]
    if slow:
        print(f"less than {LEAST_RATIO:.0f} times faster: {', '.join(slow)}")
    if options.agreement:
        print(f"{len(cases)} records: {len(wrong)} values disagree")
    else:
        print(json.dumps({"bench": "peer", "disagreements": len(wrong),
                          f"least_ratio_{JUDGED_SAMPLES}": least, "cases": figures}))
    return 1 if wrong or least < LEAST_RATIO else 0


if __name__ == "__main__":
    sys.exit(main())
