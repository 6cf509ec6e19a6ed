#include "features/quality.h"

#include <array>

namespace auscult::features {
namespace {

constexpr std::array kTexts = {
    QualityText{QualityFlag::kClipped, "clipped",
                "the signal reaches the end of the measuring range and is cut off there",
                "choose a larger range or a less sensitive sensor"},
    QualityText{QualityFlag::kConstant, "constant",
                "the signal does not vary at all: dead sensor or open wire",
                "check the sensor, its supply and its cable"},
    QualityText{
        QualityFlag::kDropout, "dropout",
        "values are repeated inside a live signal: lost samples, or a sender that is faster "
        "than its sensor",
        "check cable, connection and the sender's buffer, and send the rate at which the "
        "sensor really measures"},
    QualityText{
        QualityFlag::kOffsetJump, "offset_jump", "the mean steps inside the record",
        "check for a loose connector, and wait until the sensor has settled after power-on"},
    QualityText{QualityFlag::kTooShortForVelocity, "too_short_for_velocity",
                "the record is too short, or its rate too low, for the ISO 20816 velocity band",
                "record at least 0.4 s (2 s for shafts at or below 600 rpm) at 2 kHz or more"},
    QualityText{QualityFlag::kTooShortForLines, "too_short_for_lines",
                "the record holds too few shaft turns for bearing and order lines",
                "record at least 20 turns of the shaft"},
    QualityText{QualityFlag::kNoSpeed, "no_speed",
                "no shaft speed is known, so that nothing can be said in orders of it",
                "send speed_rpm with the record or set the machine's rated speed"},
    QualityText{QualityFlag::kSpeedEstimated, "speed_estimated",
                "the speed given was nominal; the one used was found in the record itself",
                "none needed; a speed measured with the record is surer"},
    QualityText{QualityFlag::kMainsPickup, "mains_pickup",
                "the mains frequency and its harmonics dominate the record",
                "check shielding and grounding of the sensor cable"},
    QualityText{QualityFlag::kSkiSlope, "ski_slope",
                "low-frequency energy as of a loose, saturated or unsettled sensor",
                "check the mounting of the sensor and let it settle before recording"},
    QualityText{QualityFlag::kLate, "late",
                "the record is older than the newest one of its point when it came",
                "none needed: it is stored and scored, and moves no alarm"},
    QualityText{QualityFlag::kStopped, "stopped", "the machine stood still during the record",
                "none needed: such records are neither learnt from nor alarmed on"},
    QualityText{QualityFlag::kRepeatedBlock, "repeated_block",
                "a block of samples occurs twice, bit for bit: a buffer was sent again",
                "check how driver and sender pass their buffers on, for lack of time to read them "
                "above all"},
    QualityText{QualityFlag::kLostSamples, "lost_samples",
                "the supply line jumps in phase: samples are missing or not evenly timed",
                "check for overruns of the sensor's buffer and for records joined from pieces"},
    QualityText{QualityFlag::kRateSuspect, "rate_suspect",
                "the supply is not found at the machine's line frequency: the sampling rate is "
                "likely wrong",
                "send the true rate: the one sent x the machine's line frequency / "
                "line_frequency_hz of this record; where an inverter feeds the motor, send the "
                "speed or leave the machine's line frequency out"},
    QualityText{
        QualityFlag::kSpeedContradicted, "speed_contradicted",
        "the record holds no lines of the speed sent as measured, and plain ones of another "
        "speed, which was used",
        "check where the speed comes from; send speed_tolerance where it is nominal"},
    QualityText{QualityFlag::kTachometerUnusable, "tachometer_unusable",
                "the tachometer's pulses are missing, too few or too irregular",
                "check the gap and the mark of the tachometer and its pulses in a turn; record at "
                "least 5 turns"},
};

}  // namespace

std::vector<QualityText> Describe(QualityFlags flags) {
  std::vector<QualityText> texts;
  for (const QualityText& text : kTexts) {
    if (Has(flags, text.flag)) texts.push_back(text);
  }
  return texts;
}

}  // namespace auscult::features
