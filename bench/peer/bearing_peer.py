"""Defect families of bearings in one record: what features/bearing_family does."""

import numpy as np

import envelope_peer as envelope
from shaft_peer import refined_speed

HARMONICS = 6
SURROGATES = 160
FAMILIES = ("bpfo", "bpfi", "ball", "cage")
LOW_SHARE, HIGH_SHARE = 0.6, 1.5
NARROW_SLIP, WIDE_SLIP = 0.02, 0.045
BALL_SPREAD = 0.06  # orders that the line clusters of a ball reach to both sides
f32 = np.float32
LOWEST = np.finfo(f32).min


def nearest(x):
    """The nearest whole number; halves, on which many fall, go up whatever the arithmetic leaves."""
    return np.asarray(x + (0.5 + 1e-6)).astype(int)


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
        return np.clip(nearest(np.asarray(order) / self.step) - self.first, 0, self.size - 1)

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
            wanted = int(nearest(distance / (k * self.step)))
            below = self.margin - min(wanted, self.margin)
            above = self.margin + min(wanted, self.row_size - self.margin - self.size)
            total += self.rows[k - 1][:, below:below + self.size]
            total += self.rows[k - 1][:, above:above + self.size]
        return total * (f32(0.25) * self.weight)


class SlipSearch:
    """Highest points of many curves near orders, less a penalty for slip, in one pass for all."""

    def __init__(self, axis, surrogates):
        step, highest = axis.step, axis.order(axis.size - 1)
        self.axis = axis
        self.pooled = max(1, (int(nearest(WIDE_SLIP * highest / step)) + 15) // 16)
        self.blocks = (axis.size + self.pooled - 1) // self.pooled
        block = self.pooled * step
        orders = axis.order(0) + (np.arange(self.blocks) + 0.5) * block - 0.5 * step
        self.penalty = slip_penalty(orders, block).astype(f32)
        self.narrow = self.first_blocks(nearest(NARROW_SLIP * orders / block))
        self.wide = self.first_blocks(nearest(WIDE_SLIP * orders / block))
        self.positions = axis.index_of(surrogates)
        self.surrogate_blocks = self.positions // self.pooled

    @staticmethod
    def first_blocks(reaches):
        """The first block whose window reaches 1, 2, ... to each side."""
        return np.searchsorted(reaches, np.arange(1, reaches[-1] + 1))

    def load(self, curves):
        """Of (curves, size): highest points within the narrow and the wide slip, by block."""
        padded = np.full((len(curves), self.blocks * self.pooled), LOWEST)
        padded[:, :self.axis.size] = curves
        blocks = padded
        if self.pooled > 1:
            blocks = padded[:, ::self.pooled].copy()
            for i in range(1, self.pooled):
                np.maximum(blocks, padded[:, i::self.pooled], out=blocks)
        narrow = self.widened(blocks, self.narrow, blocks.copy())
        return narrow, self.widened(blocks, self.wide, narrow.copy())

    def widened(self, blocks, firsts, out):
        count = self.blocks
        for reach, first in enumerate(firsts, 1):
            penalty = self.penalty * f32(reach * reach)
            below, above = max(first, reach), count - reach
            np.maximum(out[:, below:], blocks[:, below - reach:above] - penalty[below:],
                       out=out[:, below:])
            if above > first:
                np.maximum(out[:, first:above], blocks[:, first + reach:] - penalty[first:above],
                           out=out[:, first:above])
        return out

    def position(self, curve, order, slip):
        begin, end = self.axis.index_of(order * (1 - slip)), self.axis.index_of(order * (1 + slip))
        distance = self.axis.order(np.arange(begin, end + 1)) - order
        return int(begin + (curve[begin:end + 1] - slip_penalty(order, distance)).argmax())


def slip_penalty(order, distance):
    return 0.1 * (100 * distance / order)**2


def robust_spread(values):
    """Median and 1.4826 MAD of each row."""
    middle = values.shape[1] // 2
    centre = np.partition(values, middle, axis=1)[:, middle]
    away = np.abs(values - centre[:, None])
    spread = f32(1.4826) * np.partition(away, middle, axis=1)[:, middle]
    return centre, np.maximum(spread, f32(0.1))


def existences(views, search, orders):
    """How far families stand out in their views (families, views, size): existence, position."""
    families, count, size = views.shape
    highest = search.load(views.reshape(-1, size))
    own = search.axis.index_of(orders) // search.pooled
    scores, centred = [], None
    for curves in highest:
        centre, spread = robust_spread(curves[:, search.surrogate_blocks])
        at_own = curves.reshape(families, count, -1)[np.arange(families), :, own]
        z = (at_own - centre.reshape(families, count)) / spread.reshape(families, count)
        scores.append(np.minimum(np.maximum(z, f32(-2)), f32(12)).mean(axis=1))
        if centred is None:
            shape = families, count, 1
            centred = ((views - centre.reshape(shape)) / spread.reshape(shape)).sum(axis=1)
    narrow, wide = scores[0], scores[1] - f32(0.7)
    return [(max(n, w), search.position(total * f32(1 / count), order,
                                        WIDE_SLIP if w > n else NARROW_SLIP))
            for n, w, total, order in zip(narrow, wide, centred, orders)]


def standardised(curves, positions):
    """Centre 0 and spread 1 over the surrogates, winsorised, of (..., size)."""
    values = curves[..., positions]
    if len(positions) == 0:
        return curves
    scale = f32(1 / len(positions))
    for _ in range(3):
        mean = values.sum(axis=-1, keepdims=True) * scale
        away = values - mean
        spread = np.sqrt(np.einsum("...i,...i->...", away, away) * scale)[..., None]
        spread = np.maximum(spread, f32(0.02))
        values = np.minimum(np.maximum(values, mean - 2 * spread), mean + 2 * spread)
    return (curves - mean) / spread


def spread_ball_lines(curves, step):
    """Mean of (..., size) over the reach of a cluster, in a power of two of steps; ends stay."""
    count = curves.shape[-1]
    most = min(int(2 * BALL_SPREAD / step), count)
    if most < 2:
        return curves
    sums, width = curves, 1
    while 2 * width <= most:
        sums = sums[..., :count - 2 * width + 1] + sums[..., width:count - width + 1]
        width *= 2
    spread = curves.copy()
    begin = width // 2
    spread[..., begin:begin + count - width + 1] = sums * f32(1 / width)
    return spread


class ModulationDepth:
    """How deeply families of lines modulate the power of the signal."""

    def __init__(self, power, length, bins_per_order, other_shafts):
        self.bins_per_order = bins_per_order
        self.shafts = [1.0] + list(other_shafts)
        log = np.log(np.maximum(power * f32(4 / length**2), envelope.TINY))
        floor = envelope.noise_floor(len(power), int(max(48.0, 2 * bins_per_order)))(log[None])[0]
        noise = np.exp(floor + envelope.LOG_MEAN_OF_EXPONENTIAL)
        self.sums = np.zeros((3, len(power) + 1))
        parts = np.array([np.exp(log), noise, noise * noise])
        np.cumsum(parts, axis=1, out=self.sums[:, 1:])
        # Wide lines leave out what lies on harmonics of a shaft.
        orders = np.arange(len(power)) / bins_per_order
        self.off_shaft = np.zeros_like(self.sums)
        np.cumsum(parts * ~self.on_shaft(orders, 1), axis=1, out=self.off_shaft[:, 1:])

    def on_shaft(self, orders, harmonic):
        on_shaft = np.zeros(np.shape(orders), bool)
        for shaft in self.shafts:
            multiple = orders / shaft
            on_shaft |= np.abs(multiple - np.round(multiple)) < 0.015 + 0.0006 * harmonic
        return on_shaft

    def deepest(self, orders, uncertainty, spread):
        """The deepest of five orders around each: depths, orders."""
        orders, uncertainty = np.asarray(orders), np.asarray(uncertainty)
        spread = np.asarray(spread)[:, None, None]
        shares = np.array([0, -1, -0.5, 0.5, 1])
        candidates = orders[:, None] + shares * uncertainty[:, None]
        harmonic = np.arange(1, HARMONICS + 1)
        lines = candidates[:, :, None] * harmonic
        on_shaft = self.on_shaft(lines, harmonic)
        centre = lines * self.bins_per_order
        half = np.maximum(2, (0.004 * centre).astype(int))
        half = np.maximum(half, (spread * self.bins_per_order).astype(int))
        begin = nearest(centre) - half
        end = begin + 2 * half + 1
        present = (begin >= 1) & (end < self.sums.shape[1])
        used = ~on_shaft & np.logical_and.accumulate(present | on_shaft, axis=2)
        begin, end = np.where(used, begin, 0), np.where(used, end, 0)
        line, noise, variance = np.where(spread > 0, self.off_shaft[:, end] - self.off_shaft[:, begin],
                                         self.sums[:, end] - self.sums[:, begin])
        depth = np.sqrt(np.maximum(0, line - noise - 2 * np.sqrt(variance)).sum(axis=2))
        best = depth.argmax(axis=1)
        row = np.arange(len(orders))
        return depth[row, best], candidates[row, best]


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
        power, envelope_length = envelope.raw_power(spectrum, bands[0][0][0], bands[0][1], needed)
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
        power, envelope_length = envelope.raw_power(spectrum, *levels.kurtogram[:2], axis.bin_count)
        band_depth = ModulationDepth(power, envelope_length, bins_per_order, self.other_shafts)
        scores = [self.score_bearing(i, levels, axis, (depth, band_depth)) for i in usable]
        accused = [max(accusations(score)) for score in scores]
        best = int(np.argmax(accused))
        return speed_hz, features_of(usable[best], scores[best], levels, bands, bins_per_order,
                                     bin_hz)

    def score_bearing(self, index, levels, axis, depths):
        """(families, 4): existence, depth, order, depth in the kurtogram band."""
        orders, bins_per_order = self.bearings[index], depths[0].bins_per_order
        found = [(*one, axis) for one in
                 self.race_existences(orders, self.surrogates[index][0], levels, axis)]
        ftf = orders["ftf"]
        cage = OrderAxis(bins_per_order, LOW_SHARE * ftf, HIGH_SHARE * ftf, 0)
        if ftf * bins_per_order >= 6 and cage.bin_count <= axis.bin_count:
            rows = [0, -1] if len(levels.log) > 1 else [0]
            both = np.concatenate([levels.log[rows], levels.squared[rows]])[:, :cage.bin_count]
            cage.load(both, [cage.bin_count] * len(both))
            search = SlipSearch(cage, self.surrogates[index][1])
            found.append((*existences(cage.means()[None], search, [ftf])[0], cage))
        at = [a.order(position) for _, position, a in found], [a.step for _, _, a in found]
        scores = np.full((4, 4), np.nan)
        present = slice(len(found))
        scores[present, 0] = [value for value, _, _ in found]
        spread = [BALL_SPREAD if name == "ball" else 0.0 for name in FAMILIES[:len(found)]]
        scores[present, 1], scores[present, 2] = depths[0].deepest(*at, spread)
        scores[present, 3] = depths[1].deepest(*at, spread)[0]
        return scores

    @staticmethod
    def race_existences(orders, surrogates, levels, axis):
        axis.load(np.concatenate([levels.log, levels.squared]), np.tile(levels.present, 2))
        mean = axis.means()
        search = SlipSearch(axis, surrogates)
        rows = len(levels.log)
        ball = spread_ball_lines(mean + axis.sidebands(orders["ftf"]), axis.step)
        curves = np.stack([mean, mean + axis.sidebands(1.0), ball])
        curves = standardised(curves, search.positions).reshape(3, 2, rows, axis.size)
        views = curves[:, :, :1]
        if rows > 1:
            bands = curves[:, :, :-1]
            quarter = (rows - 1 + 3) // 4
            top = np.partition(bands, rows - 1 - quarter, axis=2)[:, :, rows - 1 - quarter:]
            views = np.stack([bands[:, :, 0], top.max(axis=2), top.mean(axis=2),
                              bands.mean(axis=2), curves[:, :, -1]], axis=2)
        return existences(views.reshape(3, -1, axis.size), search, race_orders(orders))


def accusations(scores):
    """Of outer race, inner race and ball."""
    own = scores[:, 0] + 2 * np.minimum(scores[:, 1], 3)
    own = np.where(np.isnan(own), LOWEST, own)
    race = 0 if own[0] >= own[1] else 1
    cage = scores[3]
    if (cage[0] > 2.5 and cage[0] > 0.8 * scores[race, 0]
            and cage[1] > 0.8 * scores[race, 1]):
        own[2] = max(own[2], own[race] + cage[0] - 0.8 * scores[race, 0])
    return own[:3]


def best_band(order, levels, bands, bins_per_order, bin_hz):
    """Edges of the band whose levels are highest at an order, in Hz."""
    edges = [(first * bin_hz, (first + count) * bin_hz) for firsts, count in bands
             for first in firsts]
    at = nearest(np.arange(1, HARMONICS + 1) * bins_per_order * order)
    present = np.logical_and.accumulate(at < levels.present[:len(edges), None], axis=1)
    at = np.where(present, at, 0)
    row = np.arange(len(edges))[:, None]
    level = np.where(present, levels.log[row, at] + levels.squared[row, at], 0).sum(axis=1)
    count = present.sum(axis=1)
    return edges[int(np.where(count > 0, level / np.maximum(count, 1), -np.inf).argmax())]


def features_of(index, scores, levels, bands, bins_per_order, bin_hz):
    values = {"bearing_index": index}
    first, count, values["kurtogram_kurtosis"] = levels.kurtogram
    values["kurtogram_band_low_hz"] = first * bin_hz
    values["kurtogram_band_high_hz"] = (first + count) * bin_hz
    for name, (value, depth, order, band_depth) in zip(FAMILIES, scores):
        values[name + "_existence"] = value
        values[name + "_depth"] = depth
        values[name + "_band_depth"] = band_depth
        if name != "cage":
            values[name + "_order"] = order
    strongest = int(np.argmax(accusations(scores)))
    values["bearing_band_low_hz"], values["bearing_band_high_hz"] = best_band(
        scores[strongest, 2], levels, bands, bins_per_order, bin_hz)
    return values
