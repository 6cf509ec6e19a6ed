"""Gears in one record: mesh lines, and the synchronous average over the turns of each shaft."""

import functools

import numpy as np
from scipy import fft

from envelope_peer import smooth_length_at_least

MESH_HARMONICS = 3
MAIN_LOBE_BINS = 2
SIDE_BINS = 4
LEAST_TURNS = 8
FEWEST_TEETH = 6
SMALLEST_SHARE = 1e-3
NAN = float("nan")
CONDITION = ("gear_index", "gear_fm0", "gear_fm4", "gear_na4", "gear_residual_rms",
             "gear_sideband_energy_ratio")


def gear_features(record, acceleration, gears, speed_hz):
    """`acceleration`: the BandPowers of the record as an acceleration."""
    mesh = sidebands = NAN
    condition = dict.fromkeys(CONDITION, NAN)
    for index, gear in enumerate(gears):
        gear_hz = gear["shaft_ratio"] * speed_hz
        if gear["teeth"] <= 0 or gear_hz < 2 * MAIN_LOBE_BINS * record.resolution_hz:
            continue
        at_hz = mesh_lines(record, gear["teeth"], gear_hz)
        if len(at_hz) == 0:
            continue
        sides = np.arange(-2, 3) * gear_hz
        half = MAIN_LOBE_BINS * record.resolution_hz
        around = acceleration(at_hz[:, None] + sides - half, at_hz[:, None] + sides + half)
        power, beside = around[:, 2].sum(), around.sum() - around[:, 2].sum()
        if power > 0:
            mesh = np.fmax(mesh, np.sqrt(power))
            sidebands = np.fmax(sidebands, np.sqrt(beside / power))
        strongest = int(np.argmax(around[:, 2]))
        found_hz = at_hz[strongest] / ((strongest + 1) * gear["teeth"])
        found = gear_condition(record, found_hz / record.resolution_hz, gear["teeth"])
        most = condition["gear_fm4"]
        if found and not np.isnan(found[0]) and (np.isnan(most) or found[1] > most):
            condition = dict(zip(CONDITION, (index, *found)))
    return {"gear_mesh_m_s2": mesh, "gear_sideband_ratio": sidebands, **condition}


def mesh_lines(record, teeth, gear_hz):
    """Where the mesh harmonics are found, as far as Nyquist."""
    resolution_hz = record.resolution_hz
    nyquist_hz = resolution_hz * (len(record.power) - 1)
    found = []
    for harmonic in range(1, MESH_HARMONICS + 1):
        nominal_hz = harmonic * teeth * gear_hz
        search_hz = max(min(0.01 * nominal_hz, 0.4 * gear_hz), resolution_hz)
        if nominal_hz + search_hz + MAIN_LOBE_BINS * resolution_hz > nyquist_hz:
            break
        first = int(np.ceil((nominal_hz - search_hz) / resolution_hz))
        last = int(np.floor((nominal_hz + search_hz) / resolution_hz))
        at = first + int(np.argmax(record.power[first:last + 1]))
        found.append(interpolated(record.power, at) * resolution_hz)
    return np.array(found)


def interpolated(power, at):
    """Position of a Hann line by the ratio of its two largest bins, in bins."""
    below, centre, above = (float(p) for p in power[at - 1:at + 2])
    if not centre > 0:
        return at
    ratio = (max(below, above) / centre)**0.5
    offset = min(max((2 * ratio - 1) / (ratio + 1), -0.5), 0.5)
    return at + offset if above >= below else at - offset


def synchronous_lines(record, turns, count):
    """Peak amplitudes of orders 0..count of a shaft that turns `turns` times, mid-record phase."""
    position = np.arange(1, count + 1) * turns
    below = position.astype(int)
    offset = np.clip(position - below, 1e-4, 1 - 1e-4)
    sides = np.arange(1 - SIDE_BINS, SIDE_BINS + 1)
    x = offset[:, None] - sides
    weight = 1 / (x * (1 - x * x))
    total = (record.bins[below[:, None] + sides] * weight).sum(axis=1)
    sign = np.where(below % 2 == 0, 1, -1)
    lines = np.zeros(count + 1, np.complex128)
    lines[1:] = sign * np.sin(np.pi * offset) * total * (2 / (record.length * np.pi))
    return lines


@functools.lru_cache
def removed_lines(teeth, count, sidebands):
    distance = np.arange(count + 1) % teeth
    near = np.minimum(distance, teeth - distance) <= sidebands
    near[:teeth - sidebands] = False
    near[:3] = True
    return near


def shape(lines):
    """RMS, peak to peak and kurtosis of one turn."""
    size = smooth_length_at_least(4 * len(lines))
    bins = np.zeros(size // 2 + 1, np.complex64)
    bins[:len(lines)] = 0.5 * lines
    signal = fft.irfft(bins, size, norm="forward")
    square = signal * signal
    mean_square = np.mean(square, dtype=np.float64)
    fourth = np.vdot(square, square) / size
    kurtosis = fourth / mean_square**2 if mean_square > 0 else NAN
    return np.sqrt(mean_square), float(signal.max()) - float(signal.min()), kurtosis


def gear_condition(record, turns, teeth):
    """FM0, FM4, NA4, RMS of the residual and sideband energy ratio; None where not measurable."""
    if teeth < FEWEST_TEETH or not turns >= LEAST_TURNS:
        return None
    count = min(int(5.5 * teeth), int((record.length // 2 - SIDE_BINS) / turns))
    if count < teeth + 2:
        return None
    lines = synchronous_lines(record, turns, count)
    rms, peak_to_peak, _ = shape(lines)
    if not rms > 1e-6:
        return None
    least = SMALLEST_SHARE * rms
    amplitudes = np.abs(lines)
    meshes = amplitudes[teeth::teeth].sum()
    sides = min(6, (teeth - 1) // 2, count - teeth)
    beside = amplitudes[teeth - sides:teeth + sides + 1].sum() - amplitudes[teeth]
    residual_rms, _, na4 = shape(np.where(removed_lines(teeth, count, 0), 0, lines))
    difference_rms, _, fm4 = shape(np.where(removed_lines(teeth, count, 1), 0, lines))
    there = residual_rms > least
    return (peak_to_peak / meshes if meshes > least else NAN,
            fm4 if difference_rms > least else NAN,
            na4 if there else NAN,
            residual_rms * record.peak if there else NAN,
            beside / amplitudes[teeth] if amplitudes[teeth] > least else NAN)
