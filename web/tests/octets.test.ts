import { expect, it } from 'vitest';
import { float32Of, secondsOf } from '../src/api/octets';

it('octets become numbers', () => {
  const floats = Buffer.from(new Float32Array([1.5, -2, NaN]).buffer).toString('base64');
  expect([...float32Of(floats)]).toEqual([1.5, -2, NaN]);
  const micros = Buffer.from(new BigInt64Array([1_793_199_504_424_779n]).buffer).toString('base64');
  expect(secondsOf(micros)[0]).toBeCloseTo(1_793_199_504.424779, 5);
  expect(float32Of(undefined).length).toBe(0);
});
