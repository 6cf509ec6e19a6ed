import type { Contribution, Evidence } from '../api/client';
import en from '../i18n/features.en';
import zh from '../i18n/features.zh';
import { t as common } from '../i18n/words';
import { language, translator } from '../i18n/index.svelte';
import { fixed, number } from './number';
import { sentenceInChinese } from './sentences_zh';

const t = translator(en, zh);

const units: [RegExp, string][] = [
  [/_db$/, 'dB'],
  [/_mm_s$/, 'mm/s'],
  [/_m_s2$/, 'm/s²'],
  [/_um$/, 'µm'],
  [/_hz$/, 'Hz'],
  [/_percent$/, '%'],
  [/_deg$/, '°'],
  [/_rpm$/, 'rpm'],
  [/_m3_h$/, 'm³/h'],
  [/_bar$/, 'bar'],
  [/_kpa$/, 'kPa'],
  [/_kw$/, 'kW'],
  [/_c$/, '°C'],
  [/_a$/, 'A'],
  [/_v$/, 'V'],
];

/** Unit by the end of the name, as names of features and readings have it; "" for a number without unit. */
export const unitOfFeature = (feature: string): string => units.find(([end]) => end.test(feature))?.[1] ?? '';

function plainName(name: string): string {
  const band = /^(band|impulsiveness)_(\d+)_(\d+)_db$/.exec(name);
  if (band) return t(band[1] as 'band', { low: fixed(Number(band[2]), 0), high: fixed(Number(band[3]), 0) });
  const order = /^order_(\d+(?:_\d+)?)x_(mm_s|phase_deg)$/.exec(name);
  if (order) return t(order[2] === 'mm_s' ? 'order' : 'order_phase', { n: order[1]!.replace('_', '.') });
  const family = /^(bpfo|bpfi|ball|cage)_(existence|depth|band_depth|order)$/.exec(name);
  if (family) return t(`family_${family[2]}` as 'family_depth', { family: t(family[1] as 'bpfo') });
  return t.of(name, name.replaceAll('_', ' '));
}

/** "H/kurtosis" -> "Kurtosis, H"; what is not known is shown as it is. */
export function featureName(feature: string): string {
  const slash = feature.indexOf('/');
  if (slash < 0) return plainName(feature);
  return t('of_channel', { name: plainName(feature.slice(slash + 1)), channel: feature.slice(0, slash) });
}

/** What the verdict stands on, as one sentence in the reader's language, where that is known; else as the server says it. */
export function evidenceText(evidence: Evidence): string {
  const text = evidence.text ?? '';
  const translated = language.current === 'zh' ? sentenceInChinese(text) : undefined;
  return translated ?? text.charAt(0).toUpperCase() + text.slice(1);
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${number(value)}`;

/** "Peak level +24.7 dB". Features of a baseline depart in dB, process readings in their own unit. */
export function contributionText(contribution: Contribution, ofProcess = false): string {
  const feature = contribution.feature ?? '';
  const unit = ofProcess ? unitOfFeature(feature) : 'dB';
  return t('contribution', { name: featureName(feature), rise: `${signed(contribution.rise ?? 0)}\u202f${unit}` });
}

const departureSaid = /^(?:(.*); )?(\S+) is [\d.]+ scatters above its baseline \(([+-][\d.]+) dB\)$/s;
const verdictSaid = /^([a-z][a-z -]*), (\d+) %: (.*)$/s;
const unnamed = 'departs from its baseline in a way that no rule names';

/**
 * What the server wrote down of a record ("gear, 95 %: ...; band_500_800_db is ... above its baseline"), in the reader's
 * language as far as it is known.
 */
export function summaryText(text: string): string {
  if (language.current === 'en') return text.charAt(0).toUpperCase() + text.slice(1);
  const parts: string[] = [];
  let rest = text;
  const departure = departureSaid.exec(rest);
  if (departure) rest = departure[1] ?? '';
  const verdict = verdictSaid.exec(rest);
  if (verdict) {
    parts.push(`${common.of(`FAULT_${verdict[1]!.toUpperCase().replace(/[ -]/g, '_')}`, verdict[1]!)} ${verdict[2]}%`);
    rest = verdict[3]!;
  }
  if (rest === unnamed) parts.push(common('FAULT_OTHER'));
  else if (rest) parts.push(sentenceInChinese(rest) ?? rest);
  if (departure) parts.push(contributionText({ feature: departure[2], rise: Number(departure[3]) }));
  return parts.join('；');
}
