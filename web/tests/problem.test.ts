import { describe, expect, it } from 'vitest';
import { asProblem, problemOf } from '../src/api/problem';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

describe('problemOf', () => {
  it('tells what a person can do about a status', async () => {
    const kinds = await Promise.all([401, 403, 404, 409, 429, 503, 504, 500, 400, 418].map(async (status) => (await problemOf(answer(status, {}))).kind));
    expect(kinds).toEqual(['unauthenticated', 'forbidden', 'notFound', 'conflict', 'overloaded', 'overloaded', 'timeout', 'server', 'invalid', 'invalid']);
  });

  it('reads message, fields, delay and request id', async () => {
    const body = {
      error: {
        code: 400,
        status: 'INVALID_ARGUMENT',
        message: 'page_size is negative',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'page_size', description: 'is negative' }] },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2.5s' },
        ],
      },
    };
    const problem = await problemOf(answer(400, body, { 'x-request-id': 'r-7' }));
    expect(problem).toMatchObject({ kind: 'invalid', message: 'page_size is negative', code: 'INVALID_ARGUMENT', retryAfterSeconds: 2.5, requestId: 'r-7' });
    expect(problem.fields).toEqual([{ field: 'page_size', description: 'is negative' }]);
  });

  it('takes a refusal of the state for a conflict, whatever its number', async () => {
    expect((await problemOf(answer(400, { error: { status: 'FAILED_PRECONDITION' } }))).kind).toBe('conflict');
  });

  it('bears a body that is no JSON', async () => {
    expect((await problemOf(answer(503, '<html>busy</html>', { 'retry-after': '7' }))).retryAfterSeconds).toBe(7);
    expect(asProblem('odd')).toMatchObject({ kind: 'server', message: 'odd' });
  });
});
