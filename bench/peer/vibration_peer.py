"""Vibration features apart from bearings."""

import numpy as np


def vibration_features(record, quantity, machine, speed_hz):
    d = record.centred
    square = d * d
    rms = float(np.sqrt(square.mean(dtype=np.float64)))
    values = {
        "mean": record.mean,
        "rms": rms * record.peak,
        "peak": record.peak,
        "peak_to_peak": record.highest - record.lowest,
        "crest_factor": 1 / rms,
        "skewness": (square * d).mean(dtype=np.float64) / rms**3,
        "kurtosis": (square * square).mean(dtype=np.float64) / rms**4,
    }
    return values
