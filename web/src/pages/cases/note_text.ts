import type { AlarmNote } from '../../api/client';
import { summaryText } from '../../format/feature';
import { dateTime } from '../../format/time';
import { t } from './texts';

/** What a note says. Notes of the server and what it writes before a person's comment are told in the reader's language. */
export function noteText(note: AlarmNote, zone: string): string {
  const text = note.text ?? '';
  const shelved = note.action === 'shelved' ? /^until (\S+Z)(?:: (.*))?$/s.exec(text) : null;
  if (shelved) return join(`${t('shelved_until')} ${dateTime(shelved[1], zone)}`, shelved[2]);
  const assigned = note.action === 'assigned' ? /^to ([^:]+)(?:: (.*))?$/s.exec(text) : null;
  if (assigned) {
    const who = assigned[1] === 'nobody' ? t('nobody') : assigned[1]!;
    return join(`${t('assignee')} ${who}`, assigned[2]);
  }
  return note.actor ? text : summaryText(text);
}

const join = (first: string, comment: string | undefined): string => (comment ? `${first}: ${comment}` : first);
