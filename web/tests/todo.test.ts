import { describe, expect, test } from 'vitest';
import type { Asset, Point } from '../src/api/client';
import { idFrom, isId, plantHref } from '../src/pages/plant/names';
import { todosOf } from '../src/pages/plant/todo';

const machine = { ratedSpeedRpm: 1480, ratedPowerKw: 30, foundation: 'FOUNDATION_RIGID', bearings: [{}] } as const;
const asset = (id: string, rest: Partial<Asset> = {}): Asset => ({
  name: `sites/a/assets/${id}`,
  machine: { ...machine, bearings: [{}] },
  ...rest,
});
const point = (owner: string, health: Point['health'], rest: Partial<Point> = {}): Point => ({
  name: `sites/a/assets/${owner}/points/de`,
  channels: [{ quantity: 'QUANTITY_ACCELERATION', unit: 'g' }],
  health: { recordCount: '9', ...health },
  ...rest,
});
const kinds = (assets: Asset[], points: Point[]) => todosOf(assets, points).map((todo) => todo.kind);
const well = { condition: 'CONDITION_NORMAL' } as const;

describe('the to-do list', () => {
  test('is empty where everything is known', () => {
    expect(kinds([asset('m')], [point('m', well)])).toEqual([]);
  });

  test('asks for nothing at machines that only group others', () => {
    const group = asset('line', { machine: undefined });
    const child = asset('m', { parentAsset: group.name });
    expect(kinds([group, child], [point('m', well)])).toEqual([]);
    expect(kinds([group], [])).toEqual(['no_points']);
  });

  test('names all that is missing, the most urgent first', () => {
    const bare = asset('m', { machine: undefined });
    expect(kinds([bare], [point('m', { recordCount: '0', condition: 'CONDITION_NO_DATA' })])).toEqual([
      'no_data',
      'no_speed',
      'no_bearing',
      'no_power',
    ]);
    expect(kinds([bare], [point('m', undefined)])[0]).toBe('no_data');
  });

  test('takes a speed that the records carry', () => {
    const unknown = asset('m', { machine: { ...machine, bearings: [{}], ratedSpeedRpm: undefined } });
    expect(kinds([unknown], [point('m', well)])).toEqual([]);
    expect(kinds([unknown], [point('m', { ...well, quality: ['no_speed'] })])).toEqual(['no_speed']);
  });

  test('asks no bearing of a machine whose current alone is measured', () => {
    const bare = asset('m', { machine: { ratedSpeedRpm: 1480 } });
    const current = point('m', well, { channels: [{ quantity: 'QUANTITY_CURRENT', unit: 'A' }] });
    expect(kinds([bare], [current])).toEqual([]);
  });

  test('says how far learning has come', () => {
    const learning = point('m', { condition: 'CONDITION_LEARNING', learningProgress: 0.4 });
    expect(todosOf([asset('m')], [learning])).toEqual([{ kind: 'no_baseline', name: learning.name, progress: 0.4 }]);
  });
});

describe('names', () => {
  test('become ids, whatever people write', () => {
    expect(idFrom('Kühlwasserpumpe 1 (Süd)')).toBe('kuhlwasserpumpe-1-sud');
    expect(idFrom('冷却水泵')).toBe('');
    expect(idFrom('--A--')).toBe('a');
    expect(isId(idFrom('x'.repeat(80)))).toBe(true);
    expect([isId('-a'), isId('A'), isId('a-'), isId('')]).toEqual([false, false, false, false]);
  });

  test('have a page in the plant', () => {
    expect(plantHref('sites/a')).toBe('#/plant/a');
    expect(plantHref('sites/a/assets/b/points/c')).toBe('#/plant/a/b/c');
  });
});
