#pragma once

#include <limits>
#include <string>
#include <vector>

namespace auscult::features {

inline constexpr float kNotKnown = std::numeric_limits<float>::quiet_NaN();

// Defect frequencies of a rolling bearing with a fixed outer ring, in orders of the shaft.
struct BearingOrders {
  float bpfo;  // ball pass frequency, outer race
  float bpfi;  // ball pass frequency, inner race
  float bsf;   // ball spin frequency; a ball defect strikes both races, so its line is at 2 x BSF
  float ftf;   // fundamental train (cage) frequency
};

struct BearingGeometry {
  int rolling_elements;
  float element_diameter_mm;
  float pitch_diameter_mm;
  float contact_angle_deg;
};

// r = (d/D) cos a; BPFO = n(1-r)/2, BPFI = n(1+r)/2, FTF = (1-r)/2, BSF = D(1-r^2)/(2d).
BearingOrders OrdersOf(const BearingGeometry& geometry);

// A bearing as mounted: which shaft order it runs at is folded into the orders.
struct MountedBearing {
  std::string name;  // "drive end", shown in the evidence
  std::string designation;
  BearingOrders orders;
};

struct Gear {
  std::string name;
  int teeth;
  float shaft_ratio = 1.0f;  // speed of its shaft over the reference shaft
};

// A belt, by the pulley on the reference shaft and the length of the belt.
struct BeltGeometry {
  float pulley_diameter_mm;  // pitch diameter
  float belt_length_mm;
};

// Turns of the belt for one turn of the shaft: pi x diameter / length.
float BeltOrderOf(const BeltGeometry& geometry);

enum class Foundation : unsigned char { kUnknown = 0, kRigid = 1, kFlexible = 2 };

// What is known of the machine around a measurement point; everything may be unknown. Orders are
// relative to the shaft whose speed the records carry.
struct Machine {
  float rated_power_kw = kNotKnown;
  Foundation foundation = Foundation::kUnknown;
  float rated_speed_rpm = kNotKnown;  // used as the nominal where a record carries no speed
  float line_frequency_hz = kNotKnown;
  int pole_pairs = 0;  // 0 = not an electric motor, or not known
  int rotor_bars = 0;
  int blades = 0;             // of a fan or pump impeller
  float belt_order = 0;       // turns of its belt for one of the shaft; 0 = no belt
  int tachometer_pulses = 1;  // in a turn of the shaft, of the channel that is a tachometer
  std::vector<MountedBearing> bearings;
  std::vector<Gear> gears;
};

// As given where a machine can have so many; 0, as where they are not known, else.
constexpr int PolePairs(const Machine& machine) {
  constexpr int kMost = 100;
  return machine.pole_pairs > 0 && machine.pole_pairs <= kMost ? machine.pole_pairs : 0;
}
constexpr int RotorBars(const Machine& machine) {
  constexpr int kMost = 1000;
  return machine.rotor_bars > 0 && machine.rotor_bars <= kMost ? machine.rotor_bars : 0;
}

}  // namespace auscult::features
