import type { AssetHealth, Fault } from '../api/client';
import { isIll } from '../components/condition';
import { t } from '../i18n/words';
import { contributionText, evidenceText } from './feature';
import { certainty } from './number';

const unnamed = new Set<Fault | undefined>([
  undefined,
  'FAULT_UNSPECIFIED',
  'FAULT_HEALTHY',
  'FAULT_OTHER',
  'FAULT_ABSTAIN',
  'FAULT_UNSCORABLE',
]);

/** True for a fault that the physics or the classifier calls by its name. */
export const namesFault = (fault: Fault | undefined): boolean => !unnamed.has(fault);

export interface Wrong {
  /** "Inner race defect" */
  title: string;
  /** Share of certainty, "93 %"; empty where none was said. */
  confidence: string;
  /** The strongest reason, one sentence. */
  reason: string;
}

// The health of an asset has no field for what departs most; its summary says it.
const departure = /(\S+) is [\d.]+ scatters above its baseline \(([+-][\d.]+) dB\)/;

function strongest(health: AssetHealth): string {
  const evidence = (health.evidence ?? []).find((one) => one.supports);
  if (evidence && namesFault(health.verdict)) return evidenceText(evidence);
  const said = departure.exec(health.summary ?? '');
  if (said) return contributionText({ feature: said[1], rise: Number(said[2]) });
  const reading = health.process?.contributions?.[0];
  if (reading) return contributionText(reading, true);
  return evidence ? evidenceText(evidence) : '';
}

/** What is wrong with a machine, in words; for one that is well or not known, what its condition means. */
export function whatIsWrong(health: AssetHealth | undefined): Wrong {
  const condition = health?.condition ?? 'CONDITION_UNSPECIFIED';
  if (!health || !isIll(condition)) return { title: '', confidence: '', reason: t.of(`${condition}_hint`, '') };
  const byProcess = health.process?.condition === condition && !namesFault(health.verdict);
  if (byProcess) return { title: t('process_departs'), confidence: '', reason: strongest(health) };
  if (namesFault(health.verdict)) {
    return { title: t(health.verdict!), confidence: certainty(health.confidence), reason: strongest(health) };
  }
  if (health.zone === 'ZONE_C' || health.zone === 'ZONE_D') {
    return { title: t('vibration_in_zone', { zone: t(health.zone) }), confidence: '', reason: strongest(health) };
  }
  return { title: t('FAULT_OTHER'), confidence: '', reason: strongest(health) };
}
