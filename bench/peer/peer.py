"""The feature set of a record by numpy and scipy, as features/extract makes it.

Written with care: single precision, transforms of equal length in one call, and everything that
depends on the machine, the rate or the length alone is made once.
"""

import numpy as np

import bearing_peer
import current_peer
import record_peer
import shaft_peer
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
        self.middle = None  # transform of what bearings are judged by, where that is less than all

    def extract(self, samples):
        """`samples`: (channels, count). The speed in rpm and, for each channel, names and values."""
        quantities = self.case["quantities"]
        if quantities[0] in ("current", "voltage"):
            found = current_peer.current_features(samples, self.case["rate_hz"], quantities,
                                                  self.machine, self.case)
            return self.case["speed_rpm"], [dict(zip(found, values))
                                            for values in zip(*found.values())]
        records = [self.transform.analyse(channel) for channel in samples]
        speed = self.speed_of(records)
        if speed.angle is not None:
            raise NotImplementedError("records whose speed varies")
        scores = self.scores(records, speed)
        channels = []
        for record, quantity, score in zip(records, quantities, scores):
            values = vibration_peer.vibration_features(record, quantity, self.machine, speed.hz)
            values["speed_confidence"] = speed.confidence
            values["speed_variation_percent"] = speed.variation_percent
            values.update(score)
            channels.append(values)
        return 60 * speed.hz, channels

    def speed_of(self, records):
        """As sent, unless the record contradicts; else the one around the nominal speed that it shows."""
        sent_hz, tolerance = (self.case["speed_rpm"] or 0) / 60, self.case["speed_tolerance"]
        if sent_hz > 0 and tolerance == 0:
            return shaft_peer.checked_speed(records[0], sent_hz)
        if not sent_hz > 0:
            sent_hz, tolerance = self.machine["rated_speed_rpm"] / 60, NAMEPLATE_TOLERANCE
        found = [shaft_peer.searched_speed(record, sent_hz * (1 - tolerance),
                                           sent_hz * (1 + tolerance)) for record in records]
        best = max(found, key=lambda speed: np.nan_to_num(speed.confidence, nan=-1))
        return shaft_peer.ShaftSpeed(sent_hz, 0.0) if np.isnan(best.hz) else best

    def judged_part(self, record, speed):
        """Long records are judged by their middle."""
        enough = min(max(200 / speed.hz * self.case["rate_hz"], 1 << 18), 1 << 20)
        count = len(record.samples)
        used = min(count, int(enough))
        if used == count:
            return record
        if self.middle is None or self.middle.sample_count != used:
            self.middle = record_peer.RecordTransform(used, self.case["rate_hz"])
        first = (count - used) // 2
        return self.middle.analyse(record.samples[first:first + used])

    def scores(self, records, speed):
        """Of every channel; the first one sharpens the speed for all that follow."""
        scores = [{}] * len(records)
        if not self.machine["bearings"]:
            return scores
        for i, record in enumerate(records):
            if self.case["quantities"][i] == "displacement":
                continue
            part = self.judged_part(record, speed)
            found_hz, scores[i] = self.bearings.score(part.bins, part.length, self.case["rate_hz"],
                                                      speed.hz)
            if not speed.exact:
                speed.hz = found_hz
            speed.exact = True
        return scores
