import { call, type Alarm, type Fault, type Finding } from '../../api/client';

export type Action = 'acknowledge' | 'assign' | 'comment' | 'shelve' | 'unshelve' | 'close';

/** What a person filled in; each action takes what it needs of it. */
export interface Answers {
  actor: string;
  comment: string;
  assignee: string;
  untilMs: number;
  finding: Finding;
  foundFault: Fault;
  workOrder: string;
}

/** Faults that a finding can name. */
export const findableFaults: Fault[] = [
  'FAULT_INNER_RACE', 'FAULT_OUTER_RACE', 'FAULT_BALL', 'FAULT_CAGE', 'FAULT_UNBALANCE', 'FAULT_MISALIGNMENT', 'FAULT_LOOSENESS',
  'FAULT_GEAR', 'FAULT_BROKEN_ROTOR_BAR', 'FAULT_ECCENTRICITY', 'FAULT_STATOR_WINDING', 'FAULT_ELECTRICAL', 'FAULT_OTHER',
];

/** Carries out an action on the case as it was seen: refused where somebody else changed it since. */
export function perform(action: Action, { name, etag }: Alarm, answers: Answers): Promise<Alarm> {
  const { actor, comment, assignee, untilMs, finding, foundFault, workOrder } = answers;
  const shared = { name, etag, actor };
  switch (action) {
    case 'acknowledge':
      return call('AcknowledgeAlarm', { ...shared, comment });
    case 'assign':
      return call('AssignAlarm', { ...shared, assignee, comment });
    case 'comment':
      return call('CommentAlarm', { ...shared, comment });
    case 'shelve':
      return call('ShelveAlarm', { ...shared, until: new Date(untilMs).toISOString(), comment });
    case 'unshelve':
      return call('ShelveAlarm', { ...shared, comment });
    case 'close': {
      const fault = finding === 'FINDING_FALSE_ALARM' || foundFault === 'FAULT_UNSPECIFIED' ? {} : { foundFault };
      return call('CloseAlarm', { ...shared, finding, comment, workOrder, ...fault });
    }
  }
}
