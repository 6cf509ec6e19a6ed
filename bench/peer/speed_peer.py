"""Shaft speed around a nominal value, as a function of its own."""

import numpy as np

import record_peer
import shaft_peer


def find_speed(samples, rate_hz, nominal_hz, tolerance):
    """Mean shaft speed within +-tolerance (a share) of nominal_hz, from the record's own lines.

    `confidence` is 0..1, `variation_percent` NaN where it does not show.
    """
    samples = np.asarray(samples, np.float32)
    record = record_peer.RecordTransform(len(samples), rate_hz).analyse(samples)
    found = shaft_peer.searched_speed(record, nominal_hz * (1 - tolerance),
                                      nominal_hz * (1 + tolerance))
    if np.isnan(found.hz):
        return {"speed_hz": nominal_hz, "confidence": 0.0, "variation_percent": np.nan}
    return {"speed_hz": float(found.hz), "confidence": float(found.confidence),
            "variation_percent": float(found.variation_percent)}
