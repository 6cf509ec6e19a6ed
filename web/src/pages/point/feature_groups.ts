// Features in the groups that people look for them in.

export const featureGroups = ['health', 'overall', 'shape', 'shaft', 'bearing', 'gear', 'bands', 'current', 'other'] as const;
export type FeatureGroup = (typeof featureGroups)[number];

const rules: readonly [RegExp, FeatureGroup][] = [
  [/^(health|severity)$/, 'health'],
  [/^(velocity|displacement|acceleration)_|^(rms|peak|peak_to_peak|mean|level_db|peak_db|highpass_rms|highpass_peak|high_frequency_.*)$/, 'overall'],
  [/(crest_factor|kurtosis|skewness|shape_factor|impulse_factor)$|^impulsiveness_/, 'shape'],
  [/^(order_|line_2x|blade_|belt_|speed_)/, 'shaft'],
  [/^(bpfo|bpfi|ball|cage|bearing|kurtogram)_/, 'bearing'],
  [/^gear_/, 'gear'],
  [/^band_/, 'bands'],
  [/^(line_|thd|unbalance|negative|positive|zero|sideband|slip|harmonic|below|above|high_band|park|amplitude|eccentricity|slot|third|rotor|shaft_speed)/, 'current'],
];

/** Of "kurtosis" or "H/kurtosis". */
export function groupOf(feature: string): FeatureGroup {
  const name = feature.slice(feature.indexOf('/') + 1);
  return rules.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
}
