"""Envelope spectra of bands and the levels of their lines, many bands at a time."""

import functools

import numpy as np
from scipy import fft

LOG_MEAN_OF_EXPONENTIAL = np.float32(0.5772157)
TINY = np.float32(1e-30)


def smooth_length_at_least(length):
    """The next length without a prime factor above 5."""
    return fft.next_fast_len(length, real=True)


def fast_length_at_least(length):
    """The same, from 4,096 on a multiple of 32."""
    found = fft.next_fast_len(length, real=True)
    while found >= 4096 and found % 32:
        found = fft.next_fast_len(found + 1, real=True)
    return found


def smooth_length_at_most(length):
    """The longest such length up to `length`."""
    while fft.next_fast_len(length, real=True) != length:
        length -= 1
    return length


def demodulation_bands(length, min_bins, full_band_only):
    """Levels of bands: (firsts, count) each, from the full band down to its eighths."""
    first = max(1, int(0.01 * length))
    width = max(1, int(0.485 * length) - first)
    levels = []
    for divisions in (1,) if full_band_only else (1, 2, 4, 8):
        count = width // divisions
        if divisions > 1 and count < min_bins:
            break
        levels.append(([first + i * count // 2 for i in range(2 * divisions - 1)], count))
    return levels


def powers(transform):
    """|X|^2 without the square root of abs."""
    return transform.real * transform.real + transform.imag * transform.imag


def pairs_added(values):
    return values[:, 0::2] + values[:, 1::2]


def squared_envelopes(spectrum, firsts, count, needed):
    """Squared envelopes of equally wide bands over their means, and by how much to average them."""
    factor = 1
    while count >= 2 * factor * 1.3 * needed:
        factor *= 2
    length = fast_length_at_least((2 * count + factor - 1) // factor)
    bins = np.zeros((len(firsts), length * factor), np.complex64)
    for row, first in zip(bins, firsts):
        row[:count] = spectrum[first:first + count]
    parts = fft.ifft(bins, axis=1, norm="forward", overwrite_x=True).view(np.float32)
    np.multiply(parts, parts, out=parts)
    squared = pairs_added(parts)
    means = squared.mean(axis=1, keepdims=True)
    empty = means <= 0
    if empty.any():
        squared[empty[:, 0]] = 1
        means[empty] = 1
    squared /= means
    return squared, factor, length


def averaged(squared, factor):
    """Of `factor` samples each, without the mean."""
    folded = 1
    while folded < factor:
        squared = pairs_added(squared)
        folded *= 2
    return squared * np.float32(1 / factor) - np.float32(1)


def averaged_log(squared, factor):
    """The same of the log; products of up to eight samples save logs."""
    log = squared + np.float32(0.001)
    folded = 1
    while folded < min(factor, 8):
        log = log[:, 0::2] * log[:, 1::2]
        folded *= 2
    np.log(log, out=log)
    while folded < factor:
        log = pairs_added(log)
        folded *= 2
    log -= log.mean(axis=1, keepdims=True)
    log *= np.float32(1 / factor)
    return log


def envelope_powers(envelopes, count, needed):
    length = envelopes.shape[1]
    present = min(needed, count, length // 2 + 1)
    power = powers(fft.rfft(envelopes, axis=1)[:, :present])
    power[:, 0] = power[:, 1]  # the mean was taken away
    return power


class NoiseFloor:
    """Winsorised means of the log over blocks, joined by straight lines, for one length."""

    def __init__(self, count, block_bins):
        blocks = max(1, count // block_bins)
        edges = np.arange(blocks + 1) * count // blocks
        self.starts = edges[:-1]
        sizes = np.diff(edges)
        self.scale = (1 / sizes).astype(np.float32)
        self.block_of = np.repeat(np.arange(blocks), sizes)
        centres = (edges[:-1] + edges[1:]) // 2
        below = np.clip(np.searchsorted(centres, np.arange(count), "right") - 1, 0, blocks - 1)
        above = np.minimum(below + 1, blocks - 1)
        gaps = np.maximum(centres[above] - centres[below], 1)
        self.below, self.above = below, above
        self.share = (np.clip(np.arange(count) - centres[below], 0, None) / gaps).astype(np.float32)
        self.share[above == below] = 0

    def __call__(self, log_power):
        means = np.add.reduceat(log_power, self.starts, axis=1) * self.scale
        centre = means[:, self.block_of]
        held = np.minimum(np.maximum(log_power, centre - np.float32(2.5)), centre + np.float32(1.5))
        means = np.add.reduceat(held, self.starts, axis=1) * self.scale
        low = means[:, self.below]
        return low + (means[:, self.above] - low) * self.share


@functools.lru_cache(maxsize=64)
def noise_floor(count, block_bins):
    return NoiseFloor(count, block_bins)


def raw_power(spectrum, first, count, needed):
    """Of the squared envelope of one band, and the length of the envelope."""
    squared, factor, length = squared_envelopes(spectrum, [first], count, needed)
    return envelope_powers(averaged(squared, factor), count, needed)[0], length


def smoothed(power, width):
    """Average over `width` bins up to a factor, shorter at the ends, by adding shifted copies."""
    count = power.shape[1]
    out = power.copy()
    for shift in range(1, min(width // 2, count - 1) + 1):
        out[:, :count - shift] += power[:, shift:]
        out[:, shift:] += power[:, :count - shift]
    ends = min(width // 2, count // 2)
    gain = (width / (width // 2 + 1 + np.arange(ends))).astype(np.float32)
    out[:, :ends] *= gain
    out[:, count - ends:] *= gain[::-1]
    return out


def kept_bins(bin_count, bins_per_order, other_shafts):
    """1 where a bin belongs to no harmonic of a shaft, else 0."""
    kept = np.ones(bin_count, np.float32)
    for spacing in [bins_per_order] + [s * bins_per_order for s in other_shafts]:
        if spacing < 12 and spacing != bins_per_order:
            continue
        harmonic = np.arange(int((1.3 * bin_count) / spacing) + 2)
        half = np.minimum(np.maximum(2.5, (0.003 + 0.0006 * harmonic) * spacing), 0.2 * spacing)
        begin = np.maximum(0, np.ceil(harmonic * spacing - half)).astype(int)
        end = np.minimum(bin_count, (harmonic * spacing + half).astype(int) + 1)
        for b, e in zip(begin[begin < bin_count], end):
            kept[b:e] = 0
    return kept


def finished_levels(log, kept, peak_held):
    """Holds peaks, clips, centres, masks."""
    if peak_held and log.shape[1] > 2:
        held = log.copy()
        np.maximum(held[:, 1:-1], log[:, :-2], out=held[:, 1:-1])
        np.maximum(held[:, 1:-1], log[:, 2:], out=held[:, 1:-1])
        log = held
    levels = np.minimum(np.maximum(log, np.float32(-0.5)), np.float32(4)) * kept
    means = levels.sum(axis=1, keepdims=True) / max(kept.sum(), np.float32(1))
    return levels - means * kept


class EnvelopeLevels:
    """Levels of log and squared envelopes of all bands of a whitened spectrum.

    log, squared: (bands + 1, bins), the mean over the bands last, or (1, bins) of one band alone.
    present: bins that each row has. kurtogram: first bin and number of bins of the band with the
    sparsest impacts, and its kurtosis.
    """

    def __init__(self, spectrum, bands, bins, bins_per_order, other_shafts):
        width = int(min(max(bins_per_order / 40, 3.0), 31.0)) | 1
        block_bins = int(max(48.0, 2 * bins_per_order))
        kept = kept_bins(bins, bins_per_order, other_shafts)
        groups = {}
        surest = -np.inf
        for firsts, count in bands:
            squared, factor, _ = squared_envelopes(spectrum, firsts, count, bins)
            kurtosis = np.square(squared).mean(axis=1) - np.float32(2)
            best = int(kurtosis.argmax())
            if kurtosis[best] - 4 / np.sqrt(count) > surest:
                surest = kurtosis[best] - 4 / np.sqrt(count)
                self.kurtogram = firsts[best], count, kurtosis[best]
            log_power = envelope_powers(averaged_log(squared, factor), count, bins)
            power = envelope_powers(averaged(squared, factor), count, bins)
            logs, squares = groups.setdefault(power.shape[1], ([], []))
            logs.append(log_power)
            squares.append(power)
        band_count = sum(len(firsts) for firsts, _ in bands)
        rows = band_count + 1 if band_count > 1 else 1
        self.log = np.zeros((rows, bins), np.float32)
        self.squared = np.zeros((rows, bins), np.float32)
        self.present = np.full(rows, bins)
        z_sum = np.zeros((2, bins), np.float32)
        seen = np.zeros(bins, np.float32)
        row = 0
        for present, (logs, squares) in groups.items():
            log_power = smoothed(np.concatenate(logs), width)
            stacked = np.concatenate([log_power] + squares)
            np.log(np.maximum(stacked, TINY, out=stacked), out=stacked)
            stacked -= noise_floor(present, block_bins)(stacked)
            stacked -= LOG_MEAN_OF_EXPONENTIAL
            end = row + len(log_power)
            if rows > 1:
                z = np.exp(stacked)
                z_sum[0, :present] += z[:len(log_power)].sum(axis=0)
                z_sum[1, :present] += z[len(log_power):].sum(axis=0)
                seen[:present] += len(log_power)
            self.log[row:end, :present] = finished_levels(
                stacked[:len(log_power)], kept[:present], False)
            self.squared[row:end, :present] = finished_levels(
                stacked[len(log_power):], kept[:present], True)
            self.present[row:end] = present
            row = end
        if rows > 1:
            z_mean = np.where(seen > 0, z_sum / np.maximum(seen, 1), np.float32(1))
            mean_log = np.log(np.maximum(z_mean, TINY))
            self.log[-1] = finished_levels(mean_log[:1], kept, False)[0]
            self.squared[-1] = finished_levels(mean_log[1:], kept, True)[0]
