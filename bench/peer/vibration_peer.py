"""Vibration features of a record apart from those of bearings."""

import functools

import numpy as np
from scipy import fft

import gear_peer
from envelope_peer import powers, smooth_length_at_least

BAND_EDGES_HZ = (20, 50, 100, 200, 315, 500, 800, 1250, 2000, 2500, 3150, 4000, 5000, 6300, 8000,
                 10000, 12500)
IMPULSIVENESS_BANDS_HZ = ((500, 2000), (2000, 4000), (4000, 7000), (7000, 12500), (1000, 12000))
DERIVATIVES_OF_DISPLACEMENT = {"acceleration": 2, "velocity": 1, "displacement": 0}
VELOCITY_HIGH_HZ, ACCELERATION_HIGH_HZ = 1000, 10000
MAIN_LOBE_BINS = 2
FEWEST_BINS = 32
f32 = np.float32
NAN = float("nan")


class BandPowers:
    """Mean squares between frequencies, of a power spectrum differentiated `times` times."""

    def __init__(self, record, times):
        power = record.power
        if times != 0:
            power = power * frequency_weights(len(power), record.resolution_hz, 2 * times)
        self.resolution_hz = record.resolution_hz
        self.scale = record.peak**2
        # Bin k reaches from k - 1/2 to k + 1/2: between those the sum runs in straight lines.
        self.sums = np.concatenate(((0.0,), np.cumsum(power, dtype=np.float64)))
        self.lowest = 0.5 if times != 0 else -0.5

    def __call__(self, low_hz, high_hz):
        ends = np.maximum(np.array((low_hz, high_hz)) / self.resolution_hz, self.lowest) + 0.5
        below, above = np.interp(ends, bin_edges(len(self.sums)), self.sums)
        return self.scale * (above - below)


@functools.lru_cache
def bin_edges(count):
    return np.arange(count, dtype=np.float64)


@functools.lru_cache
def frequency_weights(count, resolution_hz, exponent):
    omega = 2 * np.pi * resolution_hz * np.arange(count)
    omega[0] = 1
    weights = omega**exponent
    weights[0] = 0
    return weights


def vibration_features(record, quantity, machine, speed_hz):
    """`record`: a ChannelRecord. Names and values; `speed_hz` is that of the shaft."""
    values = time_domain(record)
    if not record.peak > 0:
        return values
    derivatives = DERIVATIVES_OF_DISPLACEMENT[quantity]
    bands = {times: BandPowers(record, times) for times in {0, 1 - derivatives, 2 - derivatives}}
    velocity, acceleration = bands[1 - derivatives], bands[2 - derivatives]
    values.update(octaves(record, bands[0]))
    values.update(highpass(record))
    values.update(narrow_bands(record))
    values.update(motion(record, derivatives, velocity, acceleration, speed_hz))
    values.update(lines(record, velocity, machine, speed_hz))
    values.update(gear_peer.gear_features(record, acceleration, machine["gears"], speed_hz))
    return values


def time_domain(record):
    d = record.centred
    square = d * d
    with np.errstate(divide="ignore", invalid="ignore"):
        rms = np.sqrt(np.mean(square, dtype=np.float64))
        mean_abs = np.mean(np.abs(d), dtype=np.float64)
        return {
            "mean": record.mean,
            "rms": rms * record.peak,
            "peak": record.peak,
            "peak_to_peak": record.highest - record.lowest,
            "crest_factor": 1 / rms,
            "skewness": np.vdot(square, d) / len(d) / rms**3,
            "kurtosis": np.vdot(square, square) / len(d) / rms**4,
            "shape_factor": rms / mean_abs,
            "impulse_factor": 1 / mean_abs,
            "level_db": decibels((rms * record.peak)**2),
            "peak_db": decibels(record.peak**2),
        }


def decibels(power):
    return 10 * np.log10(power) if power > 0 else NAN


def octaves(record, power):
    nyquist_hz = record.resolution_hz * (len(record.power) - 1)
    edges = np.minimum(np.array((*BAND_EDGES_HZ, nyquist_hz)), nyquist_hz)
    found = power(edges[:-1], edges[1:])
    ends = [f"{high}" for high in BAND_EDGES_HZ[1:]] + ["up"]
    resolved = np.diff(edges) >= record.resolution_hz
    return {
        f"band_{low}_{end}_db": decibels(value) if there else NAN
        for low, end, value, there in zip(BAND_EDGES_HZ, ends, found, resolved)
    }


@functools.lru_cache
def highpass_gain(length, rate_hz):
    """Gains of all bins, and the samples to leave out at either end."""
    corner_hz = min(1000, rate_hz / 8)
    bins = np.arange(length // 2 + 1) / (corner_hz * length / rate_hz)
    gain = np.where(bins <= 0.5, 0, np.where(bins < 1, 0.5 - 0.5 * np.cos(np.pi * (2 * bins - 1)), 1))
    return gain.astype(f32), min(int(4 * rate_hz / corner_hz), length // 8)


def highpass(record):
    gain, ends = highpass_gain(record.length, record.resolution_hz * record.length)
    kept = fft.irfft(record.bins * gain, record.length, overwrite_x=True)
    kept = kept[ends:record.length - ends]
    square = kept * kept
    mean_square = np.mean(square, dtype=np.float64)
    names = ("highpass_rms", "highpass_peak", "highpass_crest_factor", "highpass_kurtosis")
    if not mean_square > 1e-13:
        return dict.fromkeys(names, NAN)
    rms, peak = np.sqrt(mean_square), np.sqrt(float(square.max()))
    kurtosis = np.vdot(square, square) / len(square) / mean_square**2
    return dict(zip(names, (rms * record.peak, peak * record.peak, peak / rms, kurtosis)))


@functools.lru_cache
def analytic_band(low_hz, high_hz, length, rate_hz, end_periods):
    """First bin, number of bins, length of the inverse, samples to leave out at either end."""
    first = int(np.ceil(min(low_hz, rate_hz / 2) * length / rate_hz))
    count = int(np.floor(min(high_hz, rate_hz / 2) * length / rate_hz)) - first + 1
    oversampling = 2 if count < 1024 else 1
    size = smooth_length_at_least(max(1, oversampling * count))
    return first, count, size, min(end_periods * oversampling, size // 8)


def squared_envelope(record, first, count, size, ends):
    bins = np.zeros(size, np.complex64)
    np.multiply(record.bins[first:first + count], f32(2 / record.length), out=bins[:count])
    analytic = fft.ifft(bins, norm="forward", overwrite_x=True)
    return powers(analytic[ends:size - ends])


def narrow_bands(record):
    """Impulsiveness of bands, and what lies above 5 kHz."""
    rate_hz = record.resolution_hz * record.length
    values = {}
    for low_hz, high_hz in IMPULSIVENESS_BANDS_HZ:
        band = analytic_band(low_hz, high_hz, record.length, rate_hz, 4)
        value = NAN
        if band[1] >= FEWEST_BINS and band[1] * record.resolution_hz >= 0.4 * (high_hz - low_hz):
            squared = squared_envelope(record, *band)
            mean = np.mean(squared, dtype=np.float64)
            if mean > 4e-13:
                value = decibels(np.vdot(squared, squared) / len(squared) / mean**2 / 2)
        values[f"impulsiveness_{low_hz}_{high_hz}_db"] = value
    band = analytic_band(5000, np.inf, record.length, rate_hz, 64)
    rms = peak = NAN
    if band[1] >= FEWEST_BINS and rate_hz / 2 >= 6000:
        squared = squared_envelope(record, *band)
        mean = np.mean(squared, dtype=np.float64)
        if mean > 4e-13:
            rms, peak = np.sqrt(mean / 2), np.sqrt(squared.max())
    values["high_frequency_rms"] = rms * record.peak
    values["high_frequency_peak"] = peak * record.peak
    return values


@functools.lru_cache
def displacement_plan(length, rate_hz, low_hz, derivatives):
    """First and last bin, their gains, length of the inverse, reciprocal window, unit in um."""
    last = min(max(int(VELOCITY_HIGH_HZ * length / rate_hz), 1), length // 2 - 1)
    size = smooth_length_at_least(4 * (last + 1))
    first = int(np.ceil(low_hz * length / rate_hz))
    gains = (first / np.arange(first, last + 1))**derivatives
    if derivatives == 1:
        gains = gains * -1j
    turns = (size // 4 + np.arange(size // 2)) / size
    unwindow = 1 / (0.5 - 0.5 * np.cos(2 * np.pi * turns))
    unit = 1e6 / length / (2 * np.pi * first * rate_hz / length)**derivatives
    return first, last, gains.astype(np.complex64), size, unwindow.astype(f32), unit


def motion(record, derivatives, velocity, acceleration, speed_hz):
    names = ("velocity_rms_mm_s", "acceleration_rms_m_s2", "displacement_rms_um",
             "displacement_pp_um")
    low_hz = 2 if 60 * speed_hz <= 600 else 10
    nyquist_hz = record.resolution_hz * (len(record.power) - 1)
    if low_hz < 4 * record.resolution_hz or nyquist_hz < 800:
        return dict.fromkeys(names, NAN)
    first, last, gains, size, unwindow, unit = displacement_plan(
        record.length, record.resolution_hz * record.length, low_hz, derivatives)
    bins = np.zeros(size // 2 + 1, np.complex64)
    x = record.bins
    windowed = f32(0.5) * x[first:last + 1] - f32(0.25) * (x[first - 1:last] + x[first + 1:last + 2])
    np.multiply(windowed, gains, out=bins[first:last + 1])
    middle = fft.irfft(bins, size, norm="forward", overwrite_x=True)
    middle = middle[size // 4:size // 4 + size // 2] * unwindow
    return dict(zip(names, (
        1e3 * np.sqrt(velocity(low_hz, VELOCITY_HIGH_HZ)),
        np.sqrt(acceleration(low_hz, min(ACCELERATION_HIGH_HZ, nyquist_hz + record.resolution_hz / 2))),
        1e6 * np.sqrt(displacement_power(record, derivatives, low_hz)),
        unit * record.peak * (float(middle.max()) - float(middle.min())),
    )))


def displacement_power(record, derivatives, low_hz):
    low, high = low_hz / record.resolution_hz + 0.5, VELOCITY_HIGH_HZ / record.resolution_hz + 0.5
    first, last = int(low), min(int(high), len(record.power) - 1)
    weights = frequency_weights(len(record.power), record.resolution_hz, -2 * derivatives)
    weighed = record.power[first:last + 1] * weights[first:last + 1]
    missing = (low - first) * weighed[0] + (1 - min(high - last, 1)) * weighed[-1]
    return record.peak**2 * (np.sum(weighed) - missing)


def lines(record, velocity, machine, speed_hz):
    """Velocity RMS of lines: orders, twice the supply frequency, blades, belt."""
    lobe_hz = MAIN_LOBE_BINS * record.resolution_hz
    nyquist_hz = record.resolution_hz * (len(record.power) - 1)
    halves, wholes = np.arange(0.5, 4), np.arange(1.0, 6)
    blades = machine["blades"] or NAN
    belt = np.array((1, 2)) * (machine.get("belt_order") or NAN)
    orders = np.concatenate((halves, wholes, (blades,), belt))
    belt_spacing = np.minimum(belt[0], np.abs(belt - np.maximum(1, np.round(belt))))
    spacing = np.concatenate((np.full(4, 0.5), np.full(6, 1.0), belt_spacing)) * speed_hz
    at_hz = orders * speed_hz
    line_hz = machine["line_frequency_hz"] or NAN
    at_hz = np.append(at_hz, 2 * line_hz)
    spacing = np.append(spacing, line_hz)
    tolerance = np.full(len(at_hz), 0.015)
    tolerance[-1] = 0.005
    half = np.minimum(tolerance * at_hz + lobe_hz, spacing / 2)
    there = (half >= lobe_hz) & (at_hz + half <= nyquist_hz)
    found = np.full(len(at_hz), NAN)
    found[there] = 1e3 * np.sqrt(velocity((at_hz - half)[there], (at_hz + half)[there]))
    values = {f"order_{i}_5x_mm_s": found[i] for i in range(4)}
    values.update({f"order_{i + 1}x_mm_s": found[4 + i] for i in range(5)})
    values["blade_pass_mm_s"], values["line_2x_mm_s"] = found[9], found[12]
    values["belt_mm_s"] = found[10] if np.isnan(found[11]) else np.hypot(found[10], found[11])
    return values
