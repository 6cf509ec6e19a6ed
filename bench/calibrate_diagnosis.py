#!/usr/bin/env python3
"""Calibrates the probabilities of the diagnosis on outcomes, and says how well they hold on rigs left out.

    auscult evaluate MANIFEST... --json > whole.json          # and with --pieces 4, 16
    detection_curve --records > simulated.json
    bench/calibrate_diagnosis.py whole.json pieces4.json ... simulated.json

Of every record the log-odds of each fault against none are taken from its ranking. What makes the truth most
probable is fitted: a factor on those below 0 (not called), a summand and a factor for those above (called), every truth of every rig weighing the same. Healthy and
faulty records weigh the same, as nobody knows how often the machines of a user are faulty. Factors of 1 and
a summand of 0 say that the constants in models/diagnosis.cc are the fitted ones. Needs numpy.
"""
import itertools
import json
import sys

import numpy as np

NONE = {"healthy", "abstain"}


def records_of(path):
    text = open(path).read()
    try:
        return json.loads(text)["records"]
    except (json.JSONDecodeError, KeyError):
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def load(paths):
    """(rig, log-odds by fault, truth) of every record whose ranking weighs faults against none."""
    samples = []
    for path in paths:
        for record in records_of(path):
            odds = {r["fault"]: np.log(max(float(r["probability"]), 1e-12)) for r in record["ranking"]}
            none = [odds.pop(name) for name in NONE if name in odds]
            if not none or not odds:
                continue
            samples.append((record["dataset"].split("/")[0], {f: o - none[0] for f, o in odds.items()}, record["truth"]))
    return samples


def weights_of(samples):
    """Every truth of every rig weighs the same, and all that is healthy as much as all that is faulty."""
    keys = [(rig, truth) for rig, _, truth in samples]
    counts = {key: keys.count(key) for key in set(keys)}
    sides = {side: sum((truth == "healthy") == side for _, truth in counts) for side in (False, True)}
    weights = np.array([1 / counts[key] / sides[key[1] == "healthy"] for key in keys])
    return weights / weights.sum()


def table_of(samples):
    """Log-odds as rows of equal length, none last; column of the truth, -1 where it is not ranked."""
    width = max(len(odds) for _, odds, _ in samples)
    logits = np.full((len(samples), width), -np.inf)
    truths = []
    for row, (_, odds, truth) in enumerate(samples):
        logits[row, : len(odds)] = list(odds.values())
        truths.append(-1 if truth == "healthy" else list(odds).index(truth) if truth in odds else -2)
    return logits, np.array(truths)


def probabilities(logits, below, offset, above):
    """Of each fault, and of none in the last column. Faults that are called keep odds of at least 1."""
    scaled = np.hstack([np.where(logits < 0, below * logits, offset + above * logits), np.zeros((len(logits), 1))])
    p = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def of_truth(p, truths):
    return np.where(truths == -2, 0, p[np.arange(len(p)), np.maximum(truths, -1)])


def loss(table, weights, constants):
    p = of_truth(probabilities(table[0], *constants), table[1])
    return -(weights * np.log(np.maximum(p, 1e-6))).sum()


def fit(samples):
    table, weights = table_of(samples), weights_of(samples)
    best = (np.inf, (1.0, 0.0, 1.0))
    belows, offsets, aboves = np.geomspace(0.1, 3, 12), np.linspace(0, 3, 10), np.geomspace(0.1, 3, 12)
    for step in (0.3, 0.1, 0.03):
        best = min((loss(table, weights, c), c) for c in itertools.product(belows, offsets, aboves))
        below, offset, above = best[1]
        belows, aboves = (x * np.linspace(1 - step, 1 + step, 5) for x in (below, above))
        offsets = np.maximum(0, offset + np.linspace(-step, step, 5))
    return best


def report(name, samples, constants):
    edges = [0, 0.5, 0.7, 0.85, 0.95, 1.0001]
    logits, truths = table_of(samples)
    p = probabilities(logits, *constants)
    said = p.max(axis=1)
    right = p.argmax(axis=1) == np.where(truths == -1, p.shape[1] - 1, truths)
    brier = (p**2).sum(axis=1) - 2 * of_truth(p, truths) + 1
    cells = []
    for low, high in zip(edges, edges[1:]):
        inside = (said >= low) & (said < high)
        cells.append(f"{said[inside].mean():.2f}: {right[inside].mean():.2f} ({inside.sum()})" if inside.any() else "-")
    print(f"| {name} | {len(samples)} | {brier.mean():.3f} | " + " | ".join(cells) + " |")


def main():
    samples = load(sys.argv[1:])
    rigs = sorted({rig for rig, _, _ in samples})
    value, constants = fit(samples)
    as_is = (1.0, 0.0, 1.0)
    print("all rigs: slope below the limit x {:.2f}, log-odds at it + {:.2f}, slope above x {:.2f};".format(*constants),
          f"log loss {value:.3f}, as it is {loss(table_of(samples), weights_of(samples), as_is):.3f}")
    print("| rig | records | Brier | said: right (records), below 0.5 | 0.5-0.7 | 0.7-0.85 | 0.85-0.95 | above 0.95 |")
    print("|---|---|---|---|---|---|---|---|")
    for rig in rigs:
        own = [s for s in samples if s[0] == rig]
        report(f"{rig}, as it is", own, as_is)
        if len(rigs) > 1:
            _, constants = fit([s for s in samples if s[0] != rig])
            report("{}, fitted without it ({:.2f}, {:.2f}, {:.2f})".format(rig, *constants), own, constants)


if __name__ == "__main__":
    main()
