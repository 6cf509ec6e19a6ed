"""One channel of a record, transformed once for every feature: what features/record_transform does."""

import dataclasses

import numpy as np
from scipy import fft

import envelope_peer


@dataclasses.dataclass
class ChannelRecord:
    samples: np.ndarray
    mean: float
    lowest: float
    highest: float
    centred: np.ndarray  # (samples - mean) / peak, single precision
    bins: np.ndarray  # rfft of the first `length` of them, bins[0] = 0
    power: np.ndarray  # one-sided Hann periodogram: mean square of each bin, over peak^2
    length: int
    resolution_hz: float

    @property
    def peak(self):
        return max(self.highest - self.mean, self.mean - self.lowest)


class RecordTransform:
    """For one record length and rate."""

    def __init__(self, sample_count, rate_hz):
        self.sample_count = sample_count
        self.length = envelope_peer.smooth_length_at_most(sample_count)
        self.resolution_hz = rate_hz / self.length

    def analyse(self, samples):
        mean = samples.mean(dtype=np.float64)
        lowest, highest = float(samples.min()), float(samples.max())
        peak = max(highest - mean, mean - lowest)
        centred = samples - np.float32(mean)
        if peak > 0:
            centred -= np.float32(mean - np.float64(np.float32(mean)))
            centred *= np.float32(1 / peak)
        bins = fft.rfft(centred[:self.length])
        bins[0] = 0
        return ChannelRecord(samples, mean, lowest, highest, centred, bins, self.hann_power(bins),
                             self.length, self.resolution_hz)

    def hann_power(self, bins):
        """The window as taps -1/4, 1/2, -1/4; past both ends stands the conjugate."""
        length = self.length
        even = length % 2 == 0
        around = np.empty_like(bins)
        around[1:-1] = bins[:-2] + bins[2:]
        around[0] = 2 * bins[1].real
        around[-1] = bins[-2] + np.conj(bins[-2] if even else bins[-1])
        windowed = np.float32(0.5) * bins - np.float32(0.25) * around
        power = envelope_peer.powers(windowed)
        power *= np.float32(2 / (length * length * 3 / 8))
        power[0] /= 2
        if even:
            power[-1] /= 2
        return power
