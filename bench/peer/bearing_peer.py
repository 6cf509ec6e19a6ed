"""Defect families of bearings in one record: what features/bearing_family does."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import envelope_peer as envelope

HARMONICS = 6
SURROGATES = 220
FAMILIES = ("bpfo", "bpfi", "ball", "cage")
LOW_SHARE, HIGH_SHARE = 0.6, 1.5
NARROW_SLIP, WIDE_SLIP = 0.02, 0.045
f32 = np.float32


def c_round(x):
    """Halves away from zero, as in C."""
    return np.floor(x + 0.5).astype(int)


def race_orders(orders):
    return np.array([orders["bpfo"], orders["bpfi"], f32(2) * f32(orders["bsf"])], np.float64)


def surrogate_orders(orders, low, high):
    """Orders that mean nothing on a machine with this bearing."""
    candidates = low + (high - low) * (np.arange(4 * SURROGATES) + 0.5) / (4 * SURROGATES)
    means = np.abs(candidates - np.round(candidates)) < 0.02
    for family in (*race_orders(orders), orders["ftf"]):
        for fraction in (1 / 3, 0.5, 2 / 3, 1.0, 1.5, 2.0, 3.0):
            means |= np.abs(candidates - fraction * family) < 0.02 * fraction * family
        for line in (family + 1, family - 1, family + orders["ftf"], family - orders["ftf"]):
            means |= np.abs(candidates - line) < 0.012 * abs(line)
    found = candidates[~means].astype(f32).astype(float)
    kept = min(len(found), SURROGATES)
    return found[np.arange(kept) * len(found) // kept] if kept else found


class OrderAxis:
    """Lines of families over the order of their fundamentals, in half bins."""

    def __init__(self, bins_per_order, low, high, reach):
        self.step = 1 / (2 * bins_per_order)
        self.first = max(1, int(np.ceil(low / self.step)))
        self.size = max(1, int(high / self.step) - self.first + 1)
        reach_steps = int(np.ceil(reach / self.step))
        self.margin = min(reach_steps, self.first)
        self.row_size = self.margin + self.size + reach_steps
        self.bin_count = (HARMONICS * (self.first - self.margin + self.row_size - 1) + 1) // 2 + 1

    def order(self, index):
        return (self.first + index) * self.step

    def index_of(self, order):
        return np.clip(c_round(np.asarray(order) / self.step) - self.first, 0, self.size - 1)

    def load(self, levels, present):
        """Rows of levels (rows, bins) laid out by harmonic: (harmonics, rows, row_size)."""
        start = self.first - self.margin
        steps = np.arange(start, start + self.row_size)
        self.rows = np.empty((HARMONICS, len(levels), self.row_size), f32)
        for k in range(1, HARMONICS + 1):
            np.take(levels, (k * steps + 1) // 2, axis=1, out=self.rows[k - 1], mode="clip")
        # Of each point of the axis, the harmonics that reach bins which exist.
        points = self.first + np.arange(self.size)
        harmonics = (2 * np.asarray(present)[:, None] - 2) // points
        self.weight = (1 / np.clip(harmonics, 1, HARMONICS)).astype(f32)

    def means(self):
        inner = self.rows[:, :, self.margin:self.margin + self.size]
        return inner.sum(axis=0) * self.weight

    def sidebands(self, distance):
        total = np.zeros_like(self.weight)
        for k in range(1, HARMONICS + 1):
            wanted = int(c_round(distance / (k * self.step)))
            below = self.margin - min(wanted, self.margin)
            above = self.margin + min(wanted, self.row_size - self.margin - self.size)
            total += self.rows[k - 1][:, below:below + self.size]
            total += self.rows[k - 1][:, above:above + self.size]
        return total * (f32(0.25) * self.weight)


class SlipWindows:
    """Highest points of curves near orders, less a penalty for slip."""

    def __init__(self, axis, orders):
        orders = np.asarray(orders, float)
        self.centre_index = axis.index_of(orders)
        self.centre = ((orders - axis.order(0)) / axis.step).astype(f32)
        self.factor = (0.1 * (100 * axis.step / orders)**2).astype(f32)
        self.narrow = self.window(axis, orders, NARROW_SLIP)
        self.wide = self.window(axis, orders, WIDE_SLIP)

    def window(self, axis, orders, slip):
        """First indices, and the penalty of each point: none is to win beyond the window."""
        begin = axis.index_of(orders * (1 - slip))
        end = axis.index_of(orders * (1 + slip)) + 1
        width = int((end - begin).max())
        index = begin[:, None] + np.arange(width)
        distance = index.astype(f32) - self.centre[:, None]
        penalty = self.factor[:, None] * distance * distance
        penalty[index >= end[:, None]] = np.inf
        return begin, penalty

    @staticmethod
    def penalised(curves, window):
        begin, penalty = window
        width = penalty.shape[1]
        padded = np.zeros((len(curves), curves.shape[1] + width), f32)
        padded[:, :curves.shape[1]] = curves
        return sliding_window_view(padded, width, axis=1)[:, begin] - penalty

    def highest(self, curves):
        """Narrow and wide: (curves, windows) each."""
        return (self.penalised(curves, self.narrow).max(axis=2),
                self.penalised(curves, self.wide).max(axis=2))

    def positions(self, curve, window):
        """Of a single window."""
        return int(window[0][0] + self.penalised(curve[None], window)[0, 0].argmax())


def robust_spread(values):
    """Median and 1.4826 MAD of each row."""
    middle = values.shape[1] // 2
    centre = np.partition(values, middle, axis=1)[:, middle]
    away = np.abs(values - centre[:, None])
    spread = f32(1.4826) * np.partition(away, middle, axis=1)[:, middle]
    return centre, np.maximum(spread, f32(0.1))


def existence(curves, surrogates, own):
    """How far the views of one family (views, size) stand out: existence, position."""
    narrow, wide = surrogates.highest(curves)
    own_narrow, own_wide = own.highest(curves)
    centre, spread = robust_spread(narrow)
    wide_centre, wide_spread = robust_spread(wide)
    narrow_z = np.clip((own_narrow[:, 0] - centre) / spread, -2, 12).mean()
    wide_z = np.clip((own_wide[:, 0] - wide_centre) / wide_spread, -2, 12).mean() - f32(0.7)
    total = ((curves - centre[:, None]) / spread[:, None]).mean(axis=0)
    window = own.wide if wide_z > narrow_z else own.narrow
    return max(narrow_z, wide_z), own.positions(total, window)


def standardised(curves, surrogates):
    """Centre 0 and spread 1 over the surrogates, winsorised."""
    values = curves[:, surrogates.centre_index]
    if values.shape[1] == 0:
        return curves
    for _ in range(3):
        mean = values.mean(axis=1, keepdims=True)
        spread = np.maximum(values.std(axis=1, keepdims=True), f32(0.02))
        values = np.clip(values, mean - 2 * spread, mean + 2 * spread)
    return (curves - mean) / spread


class ModulationDepth:
    """How deeply families of lines modulate the power of the signal."""

    def __init__(self, power, length, bins_per_order, other_shafts):
        self.bins_per_order = bins_per_order
        self.shafts = [1.0] + list(other_shafts)
        log = np.log(np.maximum(power * f32(4 / length**2), envelope.TINY))
        floor = envelope.NoiseFloor(len(power), int(max(48.0, 2 * bins_per_order)))(log[None])[0]
        noise = np.exp(floor + envelope.LOG_MEAN_OF_EXPONENTIAL)
        self.sums = np.zeros((3, len(power) + 1))
        np.cumsum([np.exp(log), noise, noise * noise], axis=1, out=self.sums[:, 1:])

    def deepest(self, orders, uncertainty):
        """The deepest of five orders around each: depths, orders."""
        orders, uncertainty = np.asarray(orders), np.asarray(uncertainty)
        shares = np.array([0, -1, -0.5, 0.5, 1])
        candidates = orders[:, None] + shares * uncertainty[:, None]
        harmonic = np.arange(1, HARMONICS + 1)
        lines = candidates[:, :, None] * harmonic
        on_shaft = np.zeros(lines.shape, bool)
        for shaft in self.shafts:
            multiple = lines / shaft
            on_shaft |= np.abs(multiple - np.round(multiple)) < 0.015 + 0.0006 * harmonic
        centre = lines * self.bins_per_order
        half = np.maximum(2, (0.004 * centre).astype(int))
        begin = c_round(centre) - half
        end = begin + 2 * half + 1
        present = (begin >= 1) & (end < self.sums.shape[1])
        used = ~on_shaft & np.logical_and.accumulate(present | on_shaft, axis=2)
        begin, end = np.where(used, begin, 0), np.where(used, end, 0)
        line, noise, variance = self.sums[:, end] - self.sums[:, begin]
        depth = np.sqrt(np.maximum(0, line - noise - 2 * np.sqrt(variance)).sum(axis=2))
        best = depth.argmax(axis=1)
        row = np.arange(len(orders))
        return depth[row, best], candidates[row, best]


HARMONIC_WEIGHTS = np.array([1.0, 0.9, 0.7, 0.5, 0.35, 0.25], f32)
REFINEMENT = 0.012 * np.arange(-120, 121) / 120


def refined_speed(raw_power, envelope_power, bin_hz, speed_hz):
    """The speed within 1.2 % whose harmonics stand out most."""
    bins_per_order = speed_hz / bin_hz
    if bins_per_order < 8:
        return speed_hz
    scores = f32(-4) * ((100 * REFINEMENT).astype(f32))**2
    positions = np.outer(bins_per_order * (1 + REFINEMENT), np.arange(1, 7))
    below = positions.astype(int)
    share = (positions - below).astype(f32)
    for power, weight in ((raw_power, f32(1)), (envelope_power, f32(0.5))):
        log = np.log(np.maximum(power[None, :int(7 * bins_per_order) + 2], envelope.TINY))
        floor = envelope.NoiseFloor(log.shape[1], max(16, int(2 * bins_per_order)))(log)
        levels = np.clip(log - floor, f32(-0.5), f32(7))[0]
        inside = np.logical_and.accumulate(below + 1 < len(levels), axis=1)
        index = np.where(inside, below, 0)
        at = levels[index]
        line = HARMONIC_WEIGHTS * (at + share * (levels[np.minimum(index + 1, len(levels) - 1)] - at))
        scores += weight * np.where(inside, line, 0).sum(axis=1)
    return speed_hz * (1 + REFINEMENT[scores.argmax()])


def hann_power(spectrum, bins):
    """Of the bins from 1 on; bin 0 repeats bin 1."""
    bins = min(bins, len(spectrum) - 1)
    power = np.zeros(bins, f32)
    power[1:] = envelope.powers(f32(0.5) * spectrum[1:bins] -
                                f32(0.25) * (spectrum[:bins - 1] + spectrum[2:bins + 1]))
    power[0] = power[1]
    return power


class BearingPeer:
    """Scores the families of the bearings of one machine. Keeps what depends on it alone."""

    def __init__(self, bearings, other_shafts):
        self.bearings = bearings
        self.other_shafts = [s for s in other_shafts if s > 0 and s != 1]
        self.surrogates = []
        for orders in bearings:
            races = race_orders(orders)
            self.surrogates.append(
                (surrogate_orders(orders, 1.05 * LOW_SHARE * races.min(),
                                  HIGH_SHARE * races.max() / 1.05),
                 surrogate_orders(orders, LOW_SHARE * orders["ftf"], HIGH_SHARE * orders["ftf"])))

    def score(self, spectrum, length, rate_hz, speed_hz):
        """`spectrum`: rfft of a record of `length` samples without its mean, in any unit.

        Gives the sharpened speed and, of the strongest bearing, its features.
        """
        bin_hz = rate_hz / length
        if speed_hz / bin_hz < 4:
            return speed_hz, {}
        usable = [i for i, orders in enumerate(self.bearings)
                  if HIGH_SHARE * race_orders(orders).max() < 0.4 * rate_hz / speed_hz]
        races = [race_orders(self.bearings[i]) for i in usable]
        highest = max((r.max() for r in races), default=0.0)
        bands = envelope.demodulation_bands(
            length, int(2.5 * highest * speed_hz / bin_hz), length < 3072)
        needed = int(max(1.1 * HARMONICS * highest, 8.0) * speed_hz / bin_hz) + 16
        squared, factor, envelope_length = envelope.squared_envelopes(spectrum, *bands[0], needed)
        power = envelope.envelope_powers(envelope.averaged(squared, factor), bands[0][1], needed)[0]
        speed_hz = refined_speed(hann_power(spectrum, int(8 * speed_hz / bin_hz) + 2), power, bin_hz,
                                 speed_hz)
        if not usable:
            return speed_hz, {}
        bins_per_order = speed_hz / bin_hz
        depth = ModulationDepth(power, envelope_length, bins_per_order, self.other_shafts)
        axis = OrderAxis(bins_per_order, LOW_SHARE * min(r.min() for r in races),
                         HIGH_SHARE * highest,
                         max(1.0, *(self.bearings[i]["ftf"] for i in usable)))
        with np.errstate(divide="ignore", invalid="ignore"):
            white = np.nan_to_num(spectrum * (1 / np.sqrt(envelope.powers(spectrum))))
        levels = envelope.EnvelopeLevels(white, bands, axis.bin_count, bins_per_order,
                                         self.other_shafts)
        scores = [self.score_bearing(i, levels, axis, depth, bins_per_order) for i in usable]
        accused = [max(accusations(score)) for score in scores]
        best = int(np.argmax(accused))
        return speed_hz, features_of(usable[best], scores[best], levels, bands, bins_per_order,
                                     bin_hz)

    def score_bearing(self, index, levels, axis, depth, bins_per_order):
        orders = self.bearings[index]
        found = list(self.race_existence(orders, self.surrogates[index][0], levels, axis))
        ftf = orders["ftf"]
        cage = OrderAxis(bins_per_order, LOW_SHARE * ftf, HIGH_SHARE * ftf, 0)
        if ftf * bins_per_order >= 6 and cage.bin_count <= axis.bin_count:
            rows = [0, -1] if len(levels.log) > 1 else [0]
            both = np.concatenate([levels.log[rows], levels.squared[rows]])[:, :cage.bin_count]
            cage.load(both, [cage.bin_count] * len(both))
            found.append((*existence(cage.means(), SlipWindows(cage, self.surrogates[index][1]),
                                     SlipWindows(cage, [ftf])), cage))
        depths, at = depth.deepest([a.order(position) for _, position, a in found],
                                   [a.step for _, _, a in found])
        scores = np.full((4, 3), np.nan, f32)
        for i, (value, _, _) in enumerate(found):
            scores[i] = value, depths[i], at[i]
        return scores

    def race_existence(self, orders, surrogates, levels, axis):
        axis.load(np.concatenate([levels.log, levels.squared]), np.tile(levels.present, 2))
        mean = axis.means()
        windows = SlipWindows(axis, surrogates)
        rows = len(levels.log)
        families = race_orders(orders)
        for family, sidebands in enumerate((None, 1.0, orders["ftf"])):
            curves = mean if sidebands is None else mean + axis.sidebands(sidebands)
            curves = standardised(curves, windows).reshape(2, rows, axis.size)
            views = curves[:, :1]
            if rows > 1:
                bands = curves[:, :-1]
                quarter = (rows - 1 + 3) // 4
                top = np.partition(bands, rows - 1 - quarter, axis=1)[:, rows - 1 - quarter:]
                views = np.stack([bands[:, 0], bands.max(axis=1), top.mean(axis=1),
                                  bands.mean(axis=1), curves[:, -1]], axis=1)
            yield (*existence(views.reshape(-1, axis.size), windows,
                              SlipWindows(axis, families[family:family + 1])), axis)


def accusations(scores):
    """Of outer race, inner race and ball."""
    own = scores[:, 0] + 2 * np.minimum(scores[:, 1], f32(3))
    own = np.where(np.isnan(own), np.finfo(f32).min, own)
    race = 0 if own[0] >= own[1] else 1
    cage = scores[3]
    if (cage[0] > 2.5 and cage[0] > f32(0.8) * scores[race, 0]
            and cage[1] > f32(0.8) * scores[race, 1]):
        own[2] = max(own[2], own[race] + cage[0] - f32(0.8) * scores[race, 0])
    return own[:3]


def best_band(order, levels, bands, bins_per_order, bin_hz):
    """Edges of the band whose levels are highest at an order, in Hz."""
    edges = [(first * bin_hz, (first + count) * bin_hz) for firsts, count in bands
             for first in firsts]
    at = c_round(np.arange(1, HARMONICS + 1) * bins_per_order * float(order))
    present = np.logical_and.accumulate(at < levels.present[:len(edges), None], axis=1)
    at = np.where(present, at, 0)
    row = np.arange(len(edges))[:, None]
    level = np.where(present, levels.log[row, at] + levels.squared[row, at], 0).sum(axis=1)
    with np.errstate(invalid="ignore"):
        mean = level / present.sum(axis=1)
    return edges[int(np.nanargmax(mean))]


def features_of(index, scores, levels, bands, bins_per_order, bin_hz):
    values = {"bearing_index": index}
    for name, (value, depth, order) in zip(FAMILIES, scores):
        values[name + "_existence"] = value
        values[name + "_depth"] = depth
        if name != "cage":
            values[name + "_order"] = order
    strongest = int(np.argmax(accusations(scores)))
    values["bearing_band_low_hz"], values["bearing_band_high_hz"] = best_band(
        scores[strongest, 2], levels, bands, bins_per_order, bin_hz)
    return values
