"""Slip of a motor by all its lines: what features/current_slip does."""

import numpy as np

f32 = np.float32
NAN = float("nan")

CLEAR_BINS = 5
LEAST_SLIP, MOST_SLIP, MOST_UNKNOWN_SLIP = 0.002, 0.3, 0.1
CONFIDENT = 0.5
WEIGHTS = {"bars": 1.0, "third": 0.5, "eccentricity": 1.0, "slots": 1.5}


def c_round(x):
    """Halves away from zero, as in C, for x >= 0."""
    return int(np.floor(x + 0.5))


def is_clear(bins, supply_bin):
    return np.abs(bins - np.floor(bins / supply_bin + 0.5) * supply_bin) >= CLEAR_BINS


def slip_prior(machine, conditions, supply_hz):
    """(low, high, expected, measured), None where nothing is known."""
    if not machine["pole_pairs"] > 0:
        return None

    def slip_at(rpm):
        return 1 - float(f32(rpm)) / 60 * machine["pole_pairs"] / supply_hz

    speed = conditions["speed_rpm"]
    if speed is not None and not np.isnan(speed):
        expected = slip_at(speed)
        tolerance = float(f32(conditions["speed_tolerance"]))
        measured = tolerance == 0
        if measured and not LEAST_SLIP <= expected <= MOST_SLIP:
            return None
        half = (1 - expected) * max(tolerance, 0.005)
        return (max(expected - half, LEAST_SLIP), min(expected + half, MOST_SLIP), expected,
                measured)
    rated = machine.get("rated_speed_rpm")
    rated = slip_at(rated) if rated is not None else NAN
    known = LEAST_SLIP <= rated <= MOST_SLIP
    return LEAST_SLIP, min(2 * rated if known else MOST_UNKNOWN_SLIP, MOST_SLIP), NAN, False


class SlipEvidence:
    """Lines at (intercept + gradient x slip) x supply, by family."""

    def __init__(self, levels, park_levels, supply_bin, machine):
        self.supply_bin = supply_bin
        shaft = 1 / machine["pole_pairs"]
        lines = [("bars", levels, 1, -2), ("bars", levels, 1, 2), ("bars", park_levels, 0, 2),
                 ("third", levels, 3, -2), ("third", levels, 3, -4),
                 ("eccentricity", levels, 1 - shaft, shaft),
                 ("eccentricity", levels, 1 + shaft, -shaft)]
        bars = machine["rotor_bars"]
        if bars > 0:
            lines += [("slots", levels, bars * shaft + v, -bars * shaft) for v in (-3, -1, 1, 3)]
        self.lines = lines

    def level(self, line, slip):
        _, levels, intercept, gradient = line
        bins = (intercept + gradient * slip) * self.supply_bin
        seen = (bins >= 1) & (bins + 2 <= len(levels)) & is_clear(bins, self.supply_bin)
        if len(levels) < 2:
            return np.full(bins.shape, NAN)
        k = np.where(seen, bins, 0).astype(int)
        share = (bins - k).astype(f32)
        level = levels[k] + share * (levels[k + 1] - levels[k])
        level = np.where(level > 6, f32(6) + f32(0.1) * (level - f32(6)), np.maximum(level, -1))
        return np.where(seen, level, NAN)

    def support(self, slip):
        """Score, what noise would score, and families that are seen, by slip."""
        score, noise, families = (np.zeros(slip.shape) for _ in range(3))
        for family, weight in WEIGHTS.items():
            levels = np.array([self.level(line, slip) for line in self.lines if line[0] == family])
            if not len(levels):
                continue
            count = np.sum(~np.isnan(levels), axis=0)
            if family == "slots":
                top = -np.sort(-np.where(np.isnan(levels), -1, levels), axis=0)[:2]
                level = np.where(count > 1, top.sum(axis=0) / 2, np.nansum(levels, axis=0))
            else:
                level = np.nansum(levels, axis=0) / np.maximum(count, 1)
            score += np.where(count > 0, weight * level, 0)
            noise += np.where(count > 0, weight * 0.6, 0)
            families += (count > 0) & (level >= 2)
        return score, noise, families

    def refined(self, slip):
        for _ in range(2):
            product = square = 0.0
            for line in self.lines:
                if not float(self.level(line, np.array(slip))) >= 3:
                    continue
                gradient = line[3] * self.supply_bin
                at = (line[2] + line[3] * slip) * self.supply_bin
                product += gradient * (peak_near(line[1], at) - at)
                square += gradient * gradient
            if square > 0:
                slip += product / square
        return slip


def peak_near(levels, at):
    centre, last = c_round(at), len(levels) - 2
    first = max(1, centre - 2)
    best = first + int(np.argmax(levels[first:min(last, centre + 2) + 1]))
    below, here, above = levels[best - 1:best + 2]
    curvature = below - 2 * here + above
    if here < below or here < above or not curvature < 0:
        return at
    return best + float(f32(0.5) * (below - above) / curvature)


def find_slip(levels, park_levels, supply_bin, machine, prior):
    """Slip and its confidence."""
    if prior is None:
        return NAN, NAN
    low, high, expected, measured = prior
    if high < low or not len(levels):
        return (expected if measured else NAN), NAN
    evidence = SlipEvidence(levels, park_levels, supply_bin, machine)
    step = 0.5 / (supply_bin * max(4.0, machine["rotor_bars"] / machine["pole_pairs"]))
    slips = low + np.arange(int((high - low) / step) + 1) * step
    scores = evidence.support(slips)[0]
    half = max(expected - low, high - expected)
    if half > 0:
        scores -= ((slips - expected) / half)**2
    best = int(np.argmax(scores))
    slip = evidence.refined(slips[best])
    _, noise, families = evidence.support(np.array(slip))
    others = scores[np.abs(slips - slip) > 5 / (2 * supply_bin)]
    rival = max(float(noise), others.max(initial=-np.inf))
    confidence = 1 - np.exp(-max(0.0, scores[best] - rival) / 2)
    if families < 2:
        confidence *= 0.5
    if measured and confidence < 0.3:
        return expected, confidence
    return (slip if measured or confidence >= CONFIDENT else NAN), confidence
