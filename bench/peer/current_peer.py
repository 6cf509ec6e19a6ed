"""Features of motor currents and voltages: what features/current_fill does."""

import functools

import numpy as np

import record_peer
import vibration_peer
from current_lines_peer import LineSpectrum, TAPS
from current_slip_peer import CLEAR_BINS, CONFIDENT, c_round, find_slip, slip_prior

f32 = np.float32
NAN = float("nan")

LINE_HALF_BINS = 2.5
HARMONICS = 40


def supply_line(record):
    """Frequency, RMS, THD in percent and RMS of harmonics 3, 5, 7 of the strongest line."""
    power, resolution_hz = record.power, record.resolution_hz
    first = int(np.ceil(max(5.0, 2 * LINE_HALF_BINS * resolution_hz) / resolution_hz))
    last = min(len(power) - 1, int(1000 / resolution_hz))
    if last < first:
        return None
    k = first + int(np.argmax(power[first:last + 1]))
    line_hz = k * resolution_hz
    if 1 <= k < len(power) - 1 and power[k] > 0:
        upwards = power[k + 1] >= power[k - 1]
        ratio = np.sqrt(float(power[k + 1] if upwards else power[k - 1]) / float(power[k]))
        offset = np.clip((2 * ratio - 1) / (ratio + 1), -0.5, 0.5)
        line_hz = (k + (offset if upwards else -offset)) * resolution_hz
    band = vibration_peer.BandPowers(record, 0)
    half_hz = LINE_HALF_BINS * resolution_hz
    nyquist_hz = resolution_hz * (len(power) - 1)
    fundamental = band(line_hz - half_hz, line_hz + half_hz)
    if not fundamental > 0.3 * band(0, nyquist_hz):
        return None
    orders = np.arange(2, HARMONICS + 1)
    orders = orders[orders * line_hz + half_hz <= nyquist_hz]
    harmonics = band(orders * line_hz - half_hz, orders * line_hz + half_hz)
    rms = dict(zip(orders, np.sqrt(harmonics)))
    return (line_hz, np.sqrt(fundamental), 100 * np.sqrt(harmonics.sum() / fundamental),
            [rms.get(order, NAN) for order in (3, 5, 7)], band, nyquist_hz)


def hann_bin(bins, k):
    return 0.5 * bins[k].astype(complex) - 0.25 * (bins[k - 1].astype(complex) + bins[k + 1])


def line_phasor(record, line_hz):
    position = line_hz / record.resolution_hz
    k = c_round(position)
    if k < 1 or k + 1 >= len(record.bins):
        return 0
    offset = position - k
    gain = np.sinc(offset) / (1 - offset * offset)
    phasor = hann_bin(record.bins, k) * 4 / (record.length * gain)
    return record.peak * phasor * np.exp(-1j * np.pi * offset)


def amplitude_variation(record, line_hz):
    centre = c_round(line_hz / record.resolution_hz)
    if centre <= 5 or centre + 5 >= len(record.bins):
        return NAN
    reach = np.arange(-4, 5)
    time = 0.2 + 0.6 * np.arange(25) / 24
    turns = np.exp(2j * np.pi * np.outer(time, reach))
    amplitude = np.abs(turns @ hann_bin(record.bins, centre + reach)) / np.sin(np.pi * time)**2
    return 100 * (amplitude.max() - amplitude.min()) / amplitude.mean()


def balance(phasors):
    """Unbalance, negative and zero sequence in percent, RMS of the positive sequence."""
    sizes = np.abs(phasors)
    mean = sizes.mean()
    if not mean > 0:
        return NAN, NAN, NAN, NAN
    turn = np.exp(2j * np.pi / 3 * np.array(((0, 1, 2), (0, 2, 1), (0, 0, 0))))
    one, other, zero = np.abs(turn @ phasors) / 3
    positive = max(one, other)
    return (100 * np.abs(sizes - mean).max() / mean, 100 * min(one, other) / positive,
            100 * zero / positive, positive / np.sqrt(2))


class ParkModulus:
    """|iD + j iQ| of three phases."""

    def __init__(self, records, supply_hz, transform):
        scale = f32(1 / max(record.peak for record in records))
        a, b, c = (scale * (record.samples - f32(record.mean)) for record in records)
        direct = f32(0.81649658) * a - f32(0.40824829) * (b + c)
        quadrature = f32(0.70710678) * (b - c)
        record = transform.analyse(np.sqrt(direct * direct + quadrature * quadrature))
        self.percent = 100 * record.peak / record.mean * 2 / (float(TAPS[0]) * record.length)
        self.spectrum = LineSpectrum(record.bins, record.resolution_hz, supply_hz, 2.5 * supply_hz)

    def of(self, line):
        return self.percent * np.exp(0.5 * line[1])


def stronger(lines):
    """The least below the supply; NaN where none is seen."""
    return min(lines, key=lambda line: np.inf if np.isnan(line[2]) else line[2])


def bar_lines(spectrum, slip, sure):
    names = ("sideband_low_db", "sideband_high_db", "sideband_low_2_db", "sideband_high_2_db",
             "sideband_low_excess_db", "third_sideband_db", "third_sideband_excess_db")
    distance_hz = 2 * slip * spectrum.supply_hz
    if not spectrum.there or not distance_hz >= CLEAR_BINS * spectrum.resolution_hz:
        return dict.fromkeys(names, NAN)
    half_hz = 0 if sure else 0.1 * distance_hz

    def at(order, distances):
        return spectrum.strongest(order * spectrum.supply_hz + distances * distance_hz,
                                  abs(distances) * half_hz)

    low = at(1, -1)
    third = max(at(3, -1), at(3, -2),
                key=lambda line: -np.inf if np.isnan(line[3]) else line[3])
    return dict(zip(names, (low[2], at(1, 1)[2], at(1, -2)[2], at(1, 2)[2], low[3], third[2],
                            third[3])))


def eccentricity_lines(spectrum, shaft_hz, sure, bars):
    supply_hz = spectrum.supply_hz
    half_hz = 0 if sure else 0.003 * shaft_hz
    low = spectrum.strongest(abs(supply_hz - shaft_hz), half_hz)
    high = spectrum.strongest(supply_hz + shaft_hz, half_hz)
    found = {"eccentricity_low_db": low[2], "eccentricity_high_db": high[2],
             "eccentricity_excess_db": 0.5 * (low[3] + high[3]),
             "slot_db": NAN, "slot_dynamic_db": NAN}
    if bars > 0 and sure:
        sides = (-supply_hz, supply_hz)
        found["slot_db"] = stronger(
            [spectrum.strongest(bars * shaft_hz + side) for side in sides])[2]
        found["slot_dynamic_db"] = stronger(
            [spectrum.strongest((bars + turn) * shaft_hz + side)
             for side in sides for turn in (-1, 1)])[2]
    return found


def clearest_family(spectrum, defect_hz):
    """dB below the supply and mean excess of |f -+ m fv| at the best slip within 1 %."""
    step = spectrum.resolution_hz / (2 * defect_hz)
    steps = np.arange(1, int(0.01 / step) + 2)
    steps = steps[steps * step <= 0.01]
    slips = np.concatenate(((0,), np.stack((-steps, steps), axis=1).ravel()))
    defects = defect_hz * (1 + slips * step)
    multiples = np.array((-1, 1, -2, 2))
    hz = np.abs(spectrum.supply_hz + multiples[:, None] * defects)
    below, excess = spectrum.excesses(hz)
    count = np.sum(~np.isnan(excess), axis=0)
    mean = np.where(count >= 2, np.nansum(excess, axis=0) / np.maximum(count, 1), -np.inf)
    best = int(np.argmax(mean))
    if not np.isfinite(mean[best]):
        return NAN, NAN
    return np.nanmin(below[:, best]), mean[best]


def bearing_lines(spectrum, shaft_hz, bearings):
    names = [f"bearing_{part}{kind}_db" for kind in ("", "_excess")
             for part in ("outer", "inner", "ball")]
    found = dict.fromkeys(["bearing_index", *names], NAN)
    if not spectrum.there or not shaft_hz > 0:
        return found
    largest = NAN
    for i, orders in enumerate(bearings):
        defects = (f32(orders["bpfo"]), f32(orders["bpfi"]), f32(2) * f32(orders["bsf"]))
        families = [clearest_family(spectrum, float(d) * shaft_hz) if d > 0 else (NAN, NAN)
                    for d in defects]
        excesses = [family[1] for family in families]
        if np.all(np.isnan(excesses)) or np.nanmax(excesses) <= largest:
            continue
        largest = np.nanmax(excesses)
        found = {"bearing_index": i,
                 **dict(zip(names, [family[0] for family in families] + excesses))}
    return found


def highest_line_hz(machine, supply_hz, shaft_hz):
    highest = 8 * supply_hz
    if machine["rotor_bars"] > 0 and machine["pole_pairs"] > 0:
        slots = (machine["rotor_bars"] + 1) / machine["pole_pairs"]
        highest = max(highest, (slots + 4) * supply_hz)
    for orders in machine["bearings"]:
        defect_hz = 1.02 * max(orders["bpfi"], 2 * orders["bsf"]) * shaft_hz
        if defect_hz > 0:
            highest = max(highest, supply_hz + 2 * defect_hz)
    return highest


def channel_features(record, line):
    """What one channel shows by itself; `line` is its supply line or None."""
    values = {name: value for name, value in vibration_peer.time_domain(record).items()
              if name in ("mean", "rms", "peak", "peak_to_peak", "crest_factor", "kurtosis",
                          "level_db")}
    if line is None:
        return values
    line_hz, rms, thd, harmonics, band, nyquist_hz = line
    values.update(line_frequency_hz=line_hz, thd_percent=thd,
                  line_db=vibration_peer.decibels(rms**2))
    for order, value in zip((3, 5, 7), harmonics):
        values[f"harmonic_{order}_db"] = vibration_peer.decibels(value**2)
    for name, low, high in (("below_line_db", 0.1 * line_hz, 0.9 * line_hz),
                            ("above_line_db", 1.1 * line_hz, 1.9 * line_hz),
                            ("high_band_db", 20 * line_hz, nyquist_hz)):
        wide = min(high, nyquist_hz) - low >= record.resolution_hz
        values[name] = vibration_peer.decibels(band(low, high)) if wide else NAN
    return values


@functools.lru_cache
def transform_for(sample_count, rate_hz):
    return record_peer.RecordTransform(sample_count, rate_hz)


class CurrentRecord:
    """One record in the making."""

    def __init__(self, samples, rate_hz, quantities, machine, conditions):
        self.machine, self.conditions, self.quantities = machine, conditions, quantities
        speed = conditions.get("speed_rpm")
        self.speed_rpm = NAN if speed is None else speed
        self.tolerance = conditions.get("speed_tolerance") or 0.0
        self.transform = transform_for(samples.shape[1], rate_hz)
        self.records = [self.transform.analyse(channel) for channel in samples]
        lines = [supply_line(record) for record in self.records]
        self.values = [channel_features(*pair) for pair in zip(self.records, lines)]
        self.line_hz = next((line[0] for line in lines if line is not None), 0)
        self.park = None
        first = next((i for i, line in enumerate(lines) if line is not None), len(lines))
        self.phasors = [line_phasor(record, self.line_hz) if i >= first else 0
                        for i, record in enumerate(self.records)]
        self.seen = [line is not None for line in lines]

    def features(self):
        for quantity in ("voltage", "current"):
            self.park = None
            self.fill_balance(quantity)
        if self.line_hz > 0:
            self.fill_lines()
        names = {name: None for values in self.values for name in values}
        return {name: [values.get(name, NAN) for values in self.values] for name in names}

    def fill_balance(self, quantity):
        channels = [i for i, other in enumerate(self.quantities) if other == quantity]
        if len(channels) != 3:
            return
        found = balance(np.array([self.phasors[i] for i in channels]))
        park_2f = NAN
        if self.line_hz > 0:
            self.park = ParkModulus([self.records[i] for i in channels], self.line_hz,
                                    self.transform)
            park_2f = self.park.of(self.park.spectrum.harmonic(2))
        names = ("unbalance_percent", "negative_sequence_percent", "zero_sequence_percent",
                 "positive_sequence_rms")
        for i in channels:
            self.values[i].update(zip(names, found), park_2f_percent=park_2f)

    def spectra(self):
        pole_pairs = self.machine["pole_pairs"]
        shaft_hz = (self.line_hz / pole_pairs if pole_pairs > 0 else
                    self.speed_rpm * (1 + self.tolerance) / 60)
        top_hz = highest_line_hz(self.machine, self.line_hz, shaft_hz)
        return [LineSpectrum(record.bins, record.resolution_hz, self.line_hz,
                             top_hz if seen else 0)
                for record, seen in zip(self.records, self.seen)]

    def rotor(self, spectra):
        """Slip, shaft speed in Hz and confidence."""
        levels = [spectrum.levels for spectrum, quantity in zip(spectra, self.quantities)
                  if quantity == "current" and spectrum.there]
        mean = sum(levels[1:], levels[0]) / f32(len(levels)) if levels else np.empty(0, f32)
        park = self.park.spectrum.levels if self.park is not None else np.empty(0, f32)
        sent = {"speed_rpm": self.speed_rpm, "speed_tolerance": self.tolerance}
        prior = slip_prior(self.machine, sent, self.line_hz)
        slip, confidence = find_slip(mean, park, self.line_hz / self.transform.resolution_hz,
                                     self.machine, prior)
        if not np.isnan(slip):
            return slip, self.line_hz * (1 - slip) / self.machine["pole_pairs"], confidence
        return slip, (self.speed_rpm / 60 if self.tolerance == 0 else NAN), confidence

    def fill_lines(self):
        spectra = self.spectra()
        slip, shaft_hz, confidence = self.rotor(spectra)
        sure = confidence >= CONFIDENT
        shared = {"slip": slip, "slip_confidence": confidence, "shaft_speed_rpm": 60 * shaft_hz,
                  "rotor_record_s": self.record_seconds(slip)}
        of_park = {"park_2sf_percent": NAN, "park_shaft_percent": NAN}
        if self.park is not None:
            for name, hz, share in (("park_2sf_percent", 2 * slip * self.line_hz, 0.1),
                                    ("park_shaft_percent", shaft_hz, 0.003)):
                of_park[name] = self.park.of(
                    self.park.spectrum.strongest(hz, 0 if sure else share * hz))
        for i, spectrum in enumerate(spectra):
            values = self.values[i]
            values.update(shared)
            if self.quantities[i] == "current":
                values.update(of_park)
            if self.seen[i]:
                values["amplitude_variation_percent"] = amplitude_variation(self.records[i],
                                                                            self.line_hz)
            values.update(bar_lines(spectrum, slip, sure))
            values.update(eccentricity_lines(spectrum, shaft_hz, sure,
                                             self.machine["rotor_bars"]))
            values.update(bearing_lines(spectrum, shaft_hz, self.machine["bearings"]))

    def record_seconds(self, slip):
        rated_rpm = self.machine.get("rated_speed_rpm")
        if np.isnan(slip) and rated_rpm is not None and self.machine["pole_pairs"] > 0:
            rated = 1 - float(f32(rated_rpm)) / 60 * self.machine["pole_pairs"] / self.line_hz
            slip = 0.35 * rated if rated > 0 else NAN
        return 6 / (2 * slip * self.line_hz)


def current_features(samples, rate_hz, quantities, machine, conditions):
    """`samples`: (channels, count). Name -> value of each channel."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return CurrentRecord(samples, rate_hz, quantities, machine, conditions).features()
