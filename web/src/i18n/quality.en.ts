// Quality flags of records (docs/features.md).
const texts = {
  clipped: 'clipped: the sensor or its amplifier is driven too far',
  constant: 'constant: the sensor gives no signal',
  dropout: 'dropouts: the signal is interrupted',
  offset_jump: 'a step in the signal',
  too_short_for_velocity: 'too short for velocity',
  too_short_for_lines: 'too short for lines of the shaft',
  no_speed: 'no speed known',
  speed_estimated: 'speed found in the record',
  speed_contradicted: 'the speed that was sent has no lines, another was used',
  tachometer_unusable: 'the tachometer tells no speed',
  mains_pickup: 'mains pickup: check cable and shield',
  ski_slope: 'ski slope: the sensor was disturbed',
  late: 'came late',
  stopped: 'stands still',
  repeated_block: 'a block of samples is repeated',
  lost_samples: 'samples were lost',
  rate_suspect: 'the sampling rate is doubtful',
};

export default texts;
