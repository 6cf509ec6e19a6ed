import { afterEach, describe, expect, it, vi } from 'vitest';
import { call } from '../src/api/client';
import { credential } from '../src/api/credential.svelte';
import { follow } from '../src/api/stream';

type Sent = { headers: Record<string, string> };

describe('a credential', () => {
  afterEach(() => {
    credential.wanted = false;
    vi.unstubAllGlobals();
  });

  const answer = (status: number): Sent[] => {
    const sent: Sent[] = [];
    vi.stubGlobal('fetch', (_: string, request: Sent) => {
      sent.push(request);
      return Promise.resolve(new Response('{"error":{"message":"no"}}', { status }));
    });
    return sent;
  };

  it('goes with calls and streams', async () => {
    vi.stubGlobal('document', { hidden: false, addEventListener: () => {}, removeEventListener: () => {} });
    const sent = answer(200);
    await call('ListSites', {});
    follow('WatchAlarms', () => ({ parent: 'sites/-' }), { onMessage: () => {} })();
    expect(sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer ak_test', 'Bearer ak_test']);
    expect(credential.wanted).toBe(false);
  });

  it('is asked for when the server wants one, and for nothing else', async () => {
    answer(403);
    await expect(call('ListSites', { pageSize: 2 })).rejects.toMatchObject({ kind: 'forbidden' });
    expect(credential.wanted).toBe(false);
    answer(401);
    await expect(call('ListSites', { pageSize: 3 })).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect(credential.wanted).toBe(true);
  });
});
