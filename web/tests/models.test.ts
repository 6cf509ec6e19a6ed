import { describe, expect, test } from 'vitest';
import type { Operation } from '../src/api/client';
import { metricsOf, share } from '../src/pages/models/metrics';
import { comparisonOf, kindOf, progressOf, secondsLeft } from '../src/pages/models/operation';
import { mayDo } from '../src/pages/models/rescore';

const typed = (name: string, rest: object = {}) => ({ '@type': `type.googleapis.com/auscult.v1.${name}`, ...rest });

describe('metrics of a version', () => {
  test('are empty where the JSON says nothing', () => {
    for (const json of [undefined, '', 'null', '7', '{', '"text"']) expect(metricsOf(json)).toEqual({});
    expect(metricsOf('{"right":3}').right).toBe(3);
  });

  test('are shares only of something', () => {
    expect([share(1, 0), share(undefined, 4), share(1, undefined), share(0, 4), share(1, 4)]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
      0.25,
    ]);
  });
});

describe('an operation', () => {
  test('is known by what it tells of itself', () => {
    expect(kindOf({})).toBe('other');
    expect(kindOf({ metadata: typed('TrainMetadata') })).toBe('train');
    expect(kindOf({ metadata: typed('RescoreMetadata') })).toBe('rescore');
  });

  test('is all done once it is done, and has not begun before it says so', () => {
    expect(progressOf({ metadata: typed('TrainMetadata') })).toBe(0);
    expect(progressOf({ metadata: typed('TrainMetadata', { progress: 0.4 }) })).toBe(0.4);
    expect(progressOf({ done: true, metadata: typed('TrainMetadata', { progress: 0.4 }) })).toBe(1);
  });

  test('has a comparison only where one ended well', () => {
    const done: Operation = { done: true, metadata: typed('CompareMetadata'), response: typed('ModelComparison', { alarmsGained: 2 }) };
    expect(comparisonOf(done)?.alarmsGained).toBe(2);
    expect(comparisonOf({ ...done, done: false })).toBeUndefined();
    expect(comparisonOf({ ...done, response: undefined, error: { code: 1 } })).toBeUndefined();
    expect(comparisonOf({ ...done, metadata: typed('TrainMetadata') })).toBeUndefined();
  });
});

describe('a re-scoring', () => {
  test('can only be done what its state allows', () => {
    expect(mayDo('STATE_RUNNING')).toEqual(['pause', 'cancel']);
    expect(mayDo('STATE_ADOPTED')).toEqual(['revert']);
    expect(mayDo(undefined)).toEqual([]);
  });

  test('says how long it takes only when somebody can tell', () => {
    expect(secondsLeft(undefined)).toBeUndefined();
    expect(secondsLeft({})).toBeUndefined();
    expect(secondsLeft({ secondsLeft: '0' })).toBe(0);
  });
});
