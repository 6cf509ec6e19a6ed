import { credential } from './credential.svelte';
import type { Rpcs } from './generated';
import { Problem, problemOf, wasAborted } from './problem';
import { httpCall } from './request';

export type * from './generated';
export { Problem, asProblem, wasAborted, type ProblemKind } from './problem';

export interface CallOptions {
  signal?: AbortSignal;
  /** Gives up after this time. */
  timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;

// Reading calls made while the same one is under way share its answer.
const underWay = new Map<string, Promise<unknown>>();

async function fetchJson(verb: string, url: string, body: string | undefined, options: CallOptions): Promise<unknown> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs);
  const signal = options.signal ? anyOf(options.signal, timeout) : timeout;
  let response: Response;
  try {
    const headers: Record<string, string> = { accept: 'application/json', ...credential.headers };
    if (body !== undefined) headers['content-type'] = 'application/json';
    response = await fetch(url, { method: verb, headers, body, signal });
  } catch (error) {
    if (options.signal?.aborted) throw new DOMException('given up', 'AbortError');
    if (timeout.aborted) throw new Problem('timeout', '');
    throw wasAborted(error) ? error : new Problem('offline', '');
  }
  if (response.status === 401) credential.wanted = true;
  // A development proxy or load balancer without a server behind it.
  if (response.status === 502) throw new Problem('offline', '', 502);
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? {} : response.json();
}

function anyOf(first: AbortSignal, second: AbortSignal): AbortSignal {
  const controller = new AbortController();
  for (const signal of [first, second]) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true, signal: controller.signal });
  }
  return controller.signal;
}

/**
 * Calls an RPC of the API: `await call('GetAssetHealth', { name })`. Throws Problem, or an AbortError where `signal` ended
 * it. Fields with default values are absent from answers, as proto3 JSON has it.
 */
export async function call<Name extends keyof Rpcs>(
  name: Name,
  request: Rpcs[Name]['request'],
  options: CallOptions = {},
): Promise<Rpcs[Name]['response']> {
  const { verb, url, body } = httpCall(name, request);
  type Answer = Promise<Rpcs[Name]['response']>;
  if (verb !== 'GET' || options.signal) return fetchJson(verb, url, body, options) as Answer;
  const shared = underWay.get(url) ?? fetchJson(verb, url, body, options).finally(() => underWay.delete(url));
  underWay.set(url, shared);
  return shared as Answer;
}

/** Every page of a list, one after the other: `for await (const page of pages('ListAssets', { parent }))`. */
export async function* pages<Name extends keyof Rpcs>(
  name: Name,
  request: Rpcs[Name]['request'],
  options: CallOptions = {},
): AsyncGenerator<Rpcs[Name]['response']> {
  let pageToken: string | undefined;
  do {
    const page = await call(name, { ...request, ...(pageToken ? { pageToken } : {}) }, options);
    yield page;
    pageToken = (page as { nextPageToken?: string }).nextPageToken;
  } while (pageToken);
}
