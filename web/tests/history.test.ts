import { describe, expect, it } from 'vitest';
import type { Condition } from '../src/api/client';
import { conditionStretches, eventsOf } from '../src/pages/asset/history';

const at = (hour: number) => new Date(hour * 3_600_000).toISOString();

describe('conditionStretches', () => {
  const now = new Map<string, Condition>([['a', 'CONDITION_ALARM'], ['b', 'CONDITION_NORMAL']]);

  it('without changes is one stretch in the present condition', () => {
    expect(conditionStretches([], now, 0, 10)).toEqual([{ fromMs: 0, toMs: 10, condition: 'CONDITION_ALARM' }]);
  });

  it('follows the worst point, whatever the others do', () => {
    const changes = [
      { point: 'a', time: at(4), from: 'CONDITION_WATCH', to: 'CONDITION_ALARM' } as const,
      { point: 'a', time: at(2), from: 'CONDITION_NORMAL', to: 'CONDITION_WATCH' } as const,
      { point: 'b', time: at(3), from: 'CONDITION_WATCH', to: 'CONDITION_NORMAL' } as const,
    ];
    const found = conditionStretches([...changes], now, 0, 6 * 3_600_000);
    expect(found.map(({ condition, fromMs }) => [condition, fromMs / 3_600_000])).toEqual([['CONDITION_WATCH', 0], ['CONDITION_ALARM', 4]]);
  });
});

describe('eventsOf', () => {
  it('puts what happened in one row, newest first, and closes what was closed', () => {
    const events = eventsOf({
      changes: [{ point: 'p', time: at(1), from: 'CONDITION_NORMAL', to: 'CONDITION_WATCH' }],
      alarms: [{ name: 'sites/s/alarms/1', openTime: at(2), closeTime: at(5), fault: 'FAULT_GEAR' }],
      maintenance: [{ name: 'm', performedAt: at(4), description: 'oiled' }],
      baselines: [{ name: 'sites/s/assets/a/points/p/baselines/2', learntTo: at(3), version: 2, origin: 'run-in' }],
    });
    expect(events.map((event) => event.kind)).toEqual(['alarm_closed', 'maintenance', 'baseline', 'alarm', 'condition']);
    expect(events[2]!.point).toBe('sites/s/assets/a/points/p');
  });
});
