import { t as common } from '../../i18n/words';
import type { HistoryEvent } from './history';
import { t } from './texts';

/** What happened, in a few words. */
export function eventTitle(event: HistoryEvent): string {
  const fault = common(event.fault && event.fault !== 'FAULT_UNSPECIFIED' ? event.fault : 'FAULT_OTHER');
  switch (event.kind) {
    case 'condition':
      return t('event_condition', {
        from: common(event.from ?? 'CONDITION_UNSPECIFIED'),
        to: common(event.condition ?? 'CONDITION_UNSPECIFIED'),
      });
    case 'alarm':
      return t('event_alarm', { fault });
    case 'alarm_closed':
      return t('event_alarm_closed', { fault });
    case 'maintenance':
      return t('event_maintenance', { text: event.text ?? '' });
    case 'baseline':
      return t('event_baseline', { version: event.version ?? 0, origin: t.of(`origin_${event.text}`, event.text) });
  }
}
