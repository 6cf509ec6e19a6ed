"""Lines of a current: what features/current_lines does."""

import functools

import numpy as np

import envelope_peer
from current_slip_peer import c_round, is_clear

f32 = np.float32
NAN = float("nan")
DB_PER_NEPER = 10 / np.log(10)
EULER = f32(0.5772157)

TAPS = np.array((0.35875, 0.48829 / 2, 0.14128 / 2, 0.01168 / 2), f32)
LEAST_CYCLES = 12
LOBE_BINS, BRIDGE_BINS = 4, 6
FLOOR_BLOCK_BINS = 64
UNSEEN = (NAN, NAN, NAN, NAN)


class LineSpectrum:
    """Natural log of the Blackman-Harris power, and its level over the noise, up to `top_hz`."""

    def __init__(self, bins, resolution_hz, supply_hz, top_hz):
        self.resolution_hz, self.supply_hz = resolution_hz, supply_hz
        self.supply_bin = supply_hz / resolution_hz
        count = min(int(min(top_hz / resolution_hz, len(bins))), len(bins) - 3)
        self.there = self.supply_bin >= LEAST_CYCLES and count > self.supply_bin + 2 * BRIDGE_BINS
        self.levels = np.empty(0, f32)
        if not self.there:
            return
        x = bins[:count + 3]
        windowed = TAPS[0] * x[3:-3] - TAPS[1] * (x[2:-4] + x[4:-2])
        windowed += TAPS[2] * (x[1:-5] + x[5:-1])
        windowed -= TAPS[3] * (x[:-6] + x[6:])
        power = np.empty(count, f32)
        power[3:] = envelope_peer.powers(windowed)
        power[:3] = power[3]
        self.log = np.log(np.maximum(power, f32(1e-30)))
        floor = noise_floor(count)(self.bridged()[None, :])[0]
        self.levels = self.log - floor - EULER
        self.supply_log = 0.0
        self.supply_log = self.harmonic(1)[1]

    def bridged(self):
        bridged = self.log.copy()
        last = len(bridged) - 1
        orders = np.arange(1, int((last + BRIDGE_BINS + 1) / self.supply_bin) + 1)
        centres = np.floor(orders * self.supply_bin + 0.5).astype(int)
        centres = centres[centres - BRIDGE_BINS <= last]
        means = f32(0.5) * (self.log[centres - BRIDGE_BINS] +
                            self.log[np.minimum(centres + BRIDGE_BINS, last)])
        reach = np.arange(1 - BRIDGE_BINS, BRIDGE_BINS)
        covered = np.minimum(centres[:, None] + reach, last)
        bridged[covered] = means[:, None]
        return bridged

    def harmonic(self, order):
        if not self.there:
            return UNSEEN
        centre = c_round(order * self.supply_bin)
        return self.strongest_of(centre - 1, centre + 1)

    def strongest(self, hz, half_hz=0.0):
        """(Hz, log power, dB below the supply line, dB above the noise)."""
        centre = hz / self.resolution_hz
        if not self.there or not np.all(is_clear(centre, self.supply_bin)):
            return UNSEEN
        half = max(1.0, half_hz / self.resolution_hz)
        harmonic = np.floor(centre / self.supply_bin) * self.supply_bin
        low = max(centre - half, harmonic + LOBE_BINS)
        high = min(centre + half, harmonic + self.supply_bin - LOBE_BINS)
        return self.strongest_of(int(np.ceil(low)), int(np.floor(high)))

    def strongest_of(self, first, last):
        if first < 1 or last < first or last + 1 >= len(self.log):
            return UNSEEN
        k = first + int(np.argmax(self.log[first:last + 1]))
        below, here, above = (float(value) for value in self.log[k - 1:k + 2])
        curvature = below - 2 * here + above
        offset = 0.0
        if here >= below and here >= above and curvature < 0:
            offset = 0.5 * (below - above) / curvature
        log = here - 0.25 * (below - above) * offset
        return ((k + offset) * self.resolution_hz, log, DB_PER_NEPER * (self.supply_log - log),
                DB_PER_NEPER * (float(self.levels[k]) + log - here))

    def excesses(self, hz):
        """Of many lines at once, within one bin each: dB below the supply, dB above the noise."""
        centre = hz / self.resolution_hz
        harmonic = np.floor(centre / self.supply_bin) * self.supply_bin
        first = np.ceil(np.maximum(centre - 1, harmonic + LOBE_BINS)).astype(int)
        last = np.floor(np.minimum(centre + 1, harmonic + self.supply_bin - LOBE_BINS)).astype(int)
        seen = is_clear(centre, self.supply_bin) & (first >= 1) & (last >= first)
        seen &= last + 1 < len(self.log)
        k = np.where(seen, first, 1)
        for step in (1, 2):
            other = np.where(seen & (first + step <= last), first + step, k)
            k = np.where(self.log[other] > self.log[k], other, k)
        below, here, above = (self.log[k + i].astype(float) for i in (-1, 0, 1))
        curvature = below - 2 * here + above
        peak = (here >= below) & (here >= above) & (curvature < 0)
        offset = np.where(peak, 0.5 * (below - above) / np.where(peak, curvature, 1), 0)
        gain = -0.25 * (below - above) * offset
        down = DB_PER_NEPER * (self.supply_log - here - gain)
        up = DB_PER_NEPER * (self.levels[k].astype(float) + gain)
        return np.where(seen, down, NAN), np.where(seen, up, NAN)


@functools.lru_cache
def noise_floor(count):
    return envelope_peer.NoiseFloor(count, FLOOR_BLOCK_BINS)
