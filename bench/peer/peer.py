"""The feature set of a record by numpy and scipy, as features/extract makes it.

Written with care: single precision, transforms of equal length in one call, and everything that
depends on the machine, the rate or the length alone is made once.
"""

import numpy as np

import bearing_peer
import record_peer
import vibration_peer

NAMEPLATE_TOLERANCE = 0.09


class Peer:
    """For the records of one point: one length, rate and machine."""

    def __init__(self, case):
        self.case = case
        self.machine = case["machine"]
        self.transform = record_peer.RecordTransform(case["sample_count"], case["rate_hz"])
        self.bearings = bearing_peer.BearingPeer(
            self.machine["bearings"], [g["shaft_ratio"] for g in self.machine["gears"]])

    def extract(self, samples):
        """`samples`: (channels, count). The speed in rpm and, for each channel, names and values."""
        records = [self.transform.analyse(channel) for channel in samples]
        if self.case["quantities"][0] in ("current", "voltage"):
            return self.case["speed_rpm"], [vibration_peer.time_domain(r) for r in records]
        speed_hz, confidence, scores = self.speed_and_scores(records)
        channels = []
        for record, quantity, score in zip(records, self.case["quantities"], scores):
            values = vibration_peer.vibration_features(record, quantity, self.machine, speed_hz)
            values["speed_confidence"] = confidence
            values.update(score)
            channels.append(values)
        return 60 * speed_hz, channels

    def prior(self):
        """What is known of the speed before the record is looked at: Hz, and the share it may be off."""
        if self.case["speed_rpm"]:
            return self.case["speed_rpm"] / 60, self.case["speed_tolerance"]
        return self.machine["rated_speed_rpm"] / 60, NAMEPLATE_TOLERANCE

    def speed_and_scores(self, records):
        """Scores of every channel, and the speed from the one that shows it best."""
        nominal_hz, tolerance = self.prior()
        speed_hz, confidence = nominal_hz, np.nan
        scores = [{}] * len(records)
        if not self.machine["bearings"] and tolerance == 0:
            return speed_hz, confidence, scores
        for i, record in enumerate(records):
            if self.case["quantities"][i] == "displacement":
                continue
            found_hz, scores[i] = self.bearings.score(record.bins, record.length,
                                                      self.case["rate_hz"], nominal_hz)
            if not 1 <= confidence:
                speed_hz, confidence = found_hz, 1.0
        return speed_hz, confidence, scores
