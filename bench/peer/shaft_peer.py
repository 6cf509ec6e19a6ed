"""How the shaft of a record turned, without a tachometer: what features/shaft_speed does."""

import dataclasses
import functools

import numpy as np
from scipy import fft, interpolate

import envelope_peer as envelope

HARMONIC_WEIGHTS = np.array((1.0, 0.9, 0.7, 0.5, 0.35, 0.25), np.float32)
HARMONICS = np.arange(1, 7)
HIGHEST_ORDER = 7
LEAST_TURNS = 8
STATE_STEP = 0.0005
NEAR, SAME, DOUBTED = 0.012, 0.02, 0.2
PLAIN_SCORE = 0.45 * 20
STEP_COST, JUMP_COST = np.float32(0.025), np.float32(8)
PATH_REACH = int(np.sqrt(JUMP_COST / STEP_COST))
REFINEMENT = 0.012 * np.arange(-120, 121) / 120
f32 = np.float32


class HarmonicLevels:
    """How far the lines of one spectrum, or of many, stand above the noise around them."""

    def __init__(self, power, bins, block_bins):
        log = np.log(np.maximum(np.atleast_2d(power)[:, :bins], envelope.TINY))
        log -= envelope.noise_floor(log.shape[1], block_bins)(log)
        self.levels = np.minimum(np.maximum(log, f32(-0.5)), f32(7))

    def scores(self, speeds, reach=0.0):
        """Weighted levels at the harmonics of speeds in bins: (spectra, speeds)."""
        position = speeds[:, None] * HARMONICS
        last = self.levels.shape[1] - 1
        below = position.astype(int)
        inside = np.where(below < last, HARMONIC_WEIGHTS, f32(0))
        below = np.minimum(below, last - 1)
        share = (position - below).astype(f32)
        low = self.levels[:, below]
        value = low + share * (self.levels[:, below + 1] - low)
        wide = reach * position > 0.5
        if wide.any():
            begin = (position * (1 - reach)).astype(int)
            end = np.minimum((position * (1 + reach)).astype(int) + 1, last)
            highest = self.levels[:, np.minimum(begin, last)]
            for offset in range(1, int((end - begin).max()) + 1):
                np.maximum(highest, self.levels[:, np.minimum(begin + offset, end)], out=highest)
            value = np.where(wide, highest, value)
        return np.einsum("ijk,jk->ij", value, inside)

    def highest(self, bin_hz, low_hz, high_hz):
        count = int(np.log(high_hz / low_hz) / np.log(1 + STATE_STEP)) + 1
        speeds = low_hz * (1 + STATE_STEP)**np.arange(count)
        return max(self.scores(speeds / bin_hz, 0.5 * STATE_STEP).max(), f32(0))


def summit(scores):
    """The middle of what stands around the top."""
    return summit_around(scores, int(scores.argmax()))


def summit_around(scores, top):
    foot = scores[top] - f32(0.5)
    below = np.flatnonzero(scores <= foot)
    at = np.searchsorted(below, top)
    first = below[at - 1] + 1 if at > 0 else 0
    last = below[at] if at < len(below) else len(scores)
    height = (scores[first:last] - foot).astype(np.float64)
    return float(np.dot(height, np.arange(first, last)) / height.sum())


def refined_speed(raw_power, envelope_power, bin_hz, speed_hz):
    """The speed within 1.2 % whose harmonics stand out most."""
    bins_per_order = speed_hz / bin_hz
    if bins_per_order < LEAST_TURNS:
        return speed_hz
    scores = f32(-4) * ((100 * REFINEMENT).astype(f32))**2
    speeds = bins_per_order * (1 + REFINEMENT)
    for power, weight in ((raw_power, f32(1)), (envelope_power, f32(0.5))):
        levels = HarmonicLevels(power, int(HIGHEST_ORDER * bins_per_order) + 2,
                                max(16, int(2 * bins_per_order)))
        scores += weight * levels.scores(speeds)[0]
    return speed_hz * (1 + 0.012 * (summit(scores) - 120) / 120)


class ShaftAngle:
    """Turns over time, a natural cubic spline or the integral of straight lines of speed."""

    def __init__(self, times, turns, speeds=None):
        if speeds is None:
            self.spline = interpolate.CubicSpline(times, turns, bc_type="natural")
        else:
            self.spline = interpolate.CubicHermiteSpline(times, turns, speeds)
        self.slope = self.spline.derivative()
        self.first, self.last = times[0], times[-1]

    def at(self, times):
        """Turns and speeds; beyond the knots the speed stays."""
        inside = np.clip(times, self.first, self.last)
        speeds = self.slope(inside)
        return self.spline(inside) + (times - inside) * speeds, speeds

    def variation_percent(self, duration_s):
        ends = self.at(np.array((0, duration_s)))[0]
        turns = ends[1] - ends[0]
        parts = int(min(32, turns / 2))
        if parts < 2:
            return np.nan
        each = np.diff(self.at(duration_s * np.arange(parts + 1) / parts)[0])
        return 100 * (each.max() - each.min()) * parts / turns


def at_uniform_angle(samples, rate_hz, angle):
    """The samples resampled by cubic pieces, and the mean speed."""
    last = len(samples) - 1
    (start, end), _ = angle.at(np.array((0, last / rate_hz)))
    per_sample = (end - start) / last
    wanted = start + per_sample * np.arange(last + 1)
    position = np.arange(last + 1, dtype=np.float64)
    for _ in range(4):
        turns, speed = angle.at(position / rate_hz)
        position = np.clip(position + (wanted - turns) * rate_hz / speed, 0, last)
    index = np.minimum(position.astype(int), last - 1)
    share = (position - index).astype(f32)
    before, left = samples[np.maximum(index - 1, 0)], samples[index]
    right, after = samples[index + 1], samples[np.minimum(index + 2, last)]
    bend = 2 * before - 5 * left + 4 * right - after
    twist = 3 * (left - right) + after - before
    return (left + f32(0.5) * share * (right - before + share * (bend + share * twist)),
            per_sample * rate_hz)


def low_record(record, highest_hz):
    """The part of a record below a frequency, and its rate."""
    wanted = min(2.2 * highest_hz / record.resolution_hz, record.length)
    count = 1 << (int(max(16.0, wanted)) - 1).bit_length()
    bins = np.zeros(count // 2 + 1, np.complex64)
    kept = min(len(record.bins), count // 2)
    bins[:kept] = record.bins[:kept]
    return fft.irfft(bins, count, norm="forward", overwrite_x=True), record.resolution_hz * count


@functools.lru_cache
def phase_taper(half):
    edge = np.minimum(1, (half + 1 - np.abs(np.arange(-half, half + 1))) / (0.25 * (half + 1)))
    return (0.5 - 0.5 * np.cos(np.pi * edge)).astype(f32)


def harmonic_angle(record, speed_hz, harmonic):
    """The angle told by the phase of one harmonic; None where it cannot be trusted."""
    line_hz = harmonic * speed_hz
    centre = int(np.floor(line_hz / record.resolution_hz + 0.5))
    half = int(min(0.06 * line_hz, 0.45 * speed_hz) / record.resolution_hz)
    if half < 6 or centre + half >= len(record.bins):
        return None
    count = 1 << (4 * half - 1).bit_length()
    bins = np.zeros(count, np.complex64)
    band = phase_taper(half) * record.bins[centre - half:centre + half + 1]
    bins[:half + 1] = band[half:]
    bins[-half:] = band[:half]
    margin = count // (2 * half) + 2
    analytic = fft.ifft(bins, norm="forward")[margin:count - margin]
    amplitude = np.abs(analytic)
    mean = amplitude.mean(dtype=np.float64)
    variance = np.square(amplitude).mean(dtype=np.float64) - mean * mean
    if not (amplitude.min() > 0.3 * mean and variance < 0.0625 * mean * mean):
        return None
    change = np.angle(analytic[1:] * analytic[:-1].conj()).astype(np.float64) / (2 * np.pi)
    if np.abs(change).max() > 0.2:
        return None
    times = np.arange(margin, count - margin) / (record.resolution_hz * count)
    turns = np.concatenate(((0.0,), np.cumsum(change)))
    return ShaftAngle(times, (centre * record.resolution_hz * times + turns) / harmonic)


@dataclasses.dataclass
class ShaftSpeed:
    hz: float
    confidence: float = np.nan
    variation_percent: float = np.nan
    exact: bool = False
    angle: ShaftAngle = None  # where the speed varies so much that orders need uniform angle


def checked_speed(record, speed_hz):
    """A measured speed, unless the lines of the record plainly contradict."""
    speed = ShaftSpeed(speed_hz, 1.0)
    if not record.peak > 0 or speed_hz * (1 - DOUBTED) < LEAST_TURNS * record.resolution_hz:
        return speed
    if contradicts(record, speed_hz):
        other = searched_speed(record, speed_hz * (1 - DOUBTED), speed_hz * (1 + DOUBTED))
        if other.confidence >= 0.45 and abs(other.hz / speed_hz - 1) > SAME:
            return other
    return followed(record, speed, None)


def contradicts(record, speed_hz):
    bin_hz = record.resolution_hz
    levels = HarmonicLevels(record.power, int(HIGHEST_ORDER * speed_hz * (1 + DOUBTED) / bin_hz) + 2,
                            max(16, int(2 * speed_hz / bin_hz)))
    own = levels.highest(bin_hz, speed_hz * (1 - NEAR), speed_hz * (1 + NEAR))
    if own >= PLAIN_SCORE:
        return False
    best = max(levels.highest(bin_hz, speed_hz * (1 - DOUBTED), speed_hz * (1 - SAME)),
               levels.highest(bin_hz, speed_hz * (1 + SAME), speed_hz * (1 + DOUBTED)))
    return best - own >= 7 and own < 0.45 * best


def followed(record, speed, path):
    """Whether the speed varies, and along which angle."""
    low, rate_hz = low_record(record, 1.1 * HIGHEST_ORDER * speed.hz)
    duration_s = 1 / record.resolution_hz
    constant = None
    most = 0.15
    angles = [(0, path)] + [(k, harmonic_angle(record, speed.hz, k)) for k in HARMONICS]
    for harmonic, angle in angles:
        if angle is None:
            continue
        variation = angle.variation_percent(duration_s)
        if not variation > 0.3:
            if speed.angle is None:
                speed.variation_percent = float(np.fmin(speed.variation_percent, variation))
            continue
        if constant is None:
            constant = line_shares(low, rate_hz, speed.hz)
        uniform, mean_hz = at_uniform_angle(low, rate_hz, angle)
        if harmonic > 0 and abs(mean_hz / speed.hz - 1) > NEAR:
            continue
        shares = line_shares(uniform, rate_hz, mean_hz)
        gain = mean_gain(constant, shares, 0)
        if harmonic == 0 or gain > most and mean_gain(constant, shares, harmonic) >= 0.15:
            most = max(most, gain)
            speed.angle, speed.variation_percent = angle, variation
    if speed.angle is not None:
        speed.exact = True
        start, end = speed.angle.at(np.array((0, duration_s)))[0]
        speed.hz = (end - start) / duration_s
    return speed


def mean_gain(constant, path, but):
    """Mean ln by which the lines that stand out are sharper, but for one harmonic (0 = all count)."""
    counts = (constant > 0) & (path > 0) & (HARMONICS != but)
    return float(np.log(path[counts] / constant[counts]).mean()) if counts.any() else 0.0


def line_shares(samples, rate_hz, speed_hz):
    """Share of what lies around each harmonic that stands in its line; 0 where none stands out."""
    bins = fft.rfft(samples)
    bins[0] = 0
    power = np.zeros(len(bins), f32)
    power[1:-1] = envelope.powers(f32(0.5) * bins[1:-1] - f32(0.25) * (bins[:-2] + bins[2:]))
    bins_per_order = speed_hz * len(samples) / rate_hz
    levels = HarmonicLevels(power, int(HIGHEST_ORDER * bins_per_order) + 2,
                            max(16, int(2 * bins_per_order))).levels[0]
    shares = np.zeros(len(HARMONICS), f32)
    for k in HARMONICS:
        centre, half = k * bins_per_order, min(0.06 * k, 0.45) * bins_per_order
        begin, end = int(centre - half), int(centre + half) + 1
        if half < 2 or end > len(power) - 2:
            break
        peak = begin + int(power[begin:end].argmax())
        if peak < len(levels) and levels[peak] >= 4:
            shares[k - 1] = power[peak - 1:peak + 2].sum() / power[begin:end].sum()
    return shares


@functools.lru_cache
def candidate_speeds(low_hz, high_hz):
    return low_hz * np.exp(STATE_STEP * np.arange(int(np.log(high_hz / low_hz) / STATE_STEP) + 1))


@functools.lru_cache
def hann_window(length):
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(f32)


def searched_speed(record, low_hz, high_hz):
    """By the record's own lines, between two speeds."""
    bin_hz = record.resolution_hz
    if low_hz < LEAST_TURNS * bin_hz:
        return ShaftSpeed(np.nan)
    highest_hz = HIGHEST_ORDER * high_hz
    (first,), count = envelope.demodulation_bands(record.length, 1, True)[0]
    envelope_power, _ = envelope.raw_power(record.bins, first, count, int(highest_hz / bin_hz) + 2)
    speeds = candidate_speeds(low_hz, high_hz)
    low, rate_hz = low_record(record, highest_hz)
    by_segment, middles = segment_scores(low, rate_hz, speeds)
    constant = by_segment.sum(axis=0)
    total = constant / f32(len(by_segment))
    bins = int(HIGHEST_ORDER * speeds[-1] / bin_hz) + 2
    block = max(16, int(2 * np.sqrt(speeds[0] * speeds[-1]) / bin_hz))
    for power, weight in ((record.power, f32(1)), (envelope_power, f32(0.5))):
        levels = HarmonicLevels(power, bins, block)
        total = total + weight * levels.scores(speeds / bin_hz, 0.5 * STATE_STEP)[0]
    best = fundamental(total)
    ratio = speeds / speeds[best]
    rivals = total[np.abs(ratio - np.round(ratio)) > 0.015 * ratio]
    lead = max(0.0, total[best] - rivals.max(initial=f32(0)))
    found_hz = low_hz * np.exp(STATE_STEP * summit_around(total, best))
    path_score, states = best_path(by_segment)
    path = None
    if path_score - constant.max() > 0.5 * len(by_segment) + 2:
        middle = [summit_around(scores, state) for scores, state in zip(by_segment, states)]
        knots = low_hz * np.exp(STATE_STEP * np.array(middle))
        lead += float(path_score - constant.max()) / len(by_segment)
        steps = 0.5 * (knots[1:] + knots[:-1]) * np.diff(middles)
        path = ShaftAngle(middles, np.concatenate(((0.0,), np.cumsum(steps))), knots)
    sharpened = refined_speed(record.power, envelope_power, bin_hz, found_hz)
    return followed(record, ShaftSpeed(sharpened, 1 - np.exp(-lead / 8)), path)


def segment_scores(low, rate_hz, speeds):
    """Scores of every speed in overlapping segments, and the times of their middles."""
    centre_hz = np.sqrt(speeds[0] * speeds[-1])
    wanted = int(max(1.0, max(2, 30 / centre_hz) * rate_hz * 1.41))
    length = min(1 << (wanted.bit_length() - 1), len(low))
    hop = max(1, length // 2)
    starts = np.arange(0, len(low) - length + 1, hop)
    segments = np.lib.stride_tricks.sliding_window_view(low, length)[starts]
    segments = (segments - segments.mean(axis=1, keepdims=True)) * hann_window(length)
    bin_hz = rate_hz / length
    levels = HarmonicLevels(envelope.powers(fft.rfft(segments, axis=1)),
                            int(HIGHEST_ORDER * speeds[-1] / bin_hz) + 2,
                            max(8, int(2 * centre_hz / bin_hz)))
    return levels.scores(speeds / bin_hz), (starts + 0.5 * length) / rate_hz


def fundamental(scores):
    """Of the best speed: half, a third or a quarter of it, where their lines are nearly as plain."""
    best = int(scores.argmax())
    for divisor in (4, 3, 2):
        at = best - int(np.floor(np.log(divisor) / STATE_STEP + 0.5))
        if at < 4:
            continue
        slower = at - 4 + int(scores[at - 4:at + 5].argmax())
        if scores[slower] >= f32(0.6) * scores[best]:
            return slower
    return best


def best_path(scores):
    """Viterbi over the segments: its score, and the state in each."""
    segments, states = scores.shape
    best, back = scores[0], np.zeros(scores.shape, int)
    index = np.arange(states)
    for segment in range(1, segments):
        top = int(best.argmax())
        value = np.full(states, best[top] - JUMP_COST)
        origin = np.full(states, top)
        for step in range(-PATH_REACH, PATH_REACH + 1):
            here = slice(max(0, -step), min(states, states - step))
            candidate = best[here.start + step:here.stop + step] - STEP_COST * f32(step * step)
            better = candidate > value[here]
            value[here][better] = candidate[better]
            origin[here][better] = (index[here] + step)[better]
        best, back[segment] = value + scores[segment], origin
    path = [int(best.argmax())]
    for segment in range(segments - 1, 0, -1):
        path.append(back[segment, path[-1]])
    return best.max(), np.array(path[::-1])
