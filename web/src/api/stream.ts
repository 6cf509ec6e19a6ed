import { credential } from './credential.svelte';
import { EventParser, type StreamEvent } from './event_parser';
import type { Rpcs } from './generated';
import { httpCall } from './request';

export type StreamState = 'connecting' | 'live' | 'broken';

type Streaming = { [Name in keyof Rpcs]: Rpcs[Name]['streams'] extends true ? Name : never }[keyof Rpcs];

export interface StreamHandlers<Message> {
  onMessage: (message: Message) => void;
  onState?: (state: StreamState) => void;
}

// The server sends at least a heartbeat every 15 s. Silence beyond this is a lost connection that nobody noticed; an
// EventSource would not tell of heartbeats, hence fetch.
const silenceMs = 40_000;
const longestPauseMs = 30_000;

/** Reads one connection to its end. */
async function read(url: string, lastId: string, signal: AbortSignal, alive: () => void, onEvent: (event: StreamEvent) => void): Promise<void> {
  const headers: Record<string, string> = { accept: 'text/event-stream', ...credential.headers };
  if (lastId) headers['last-event-id'] = lastId;
  const response = await fetch(url, { headers, signal, cache: 'no-store' });
  if (response.status === 401) credential.wanted = true;
  if (!response.ok || !response.body) throw new Error(`stream: ${response.status}`);
  alive();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    parser.push(value).forEach(onEvent);
  }
}

/**
 * Follows a server stream until the returned function is called. Reconnects by itself with growing pauses, behind what it
 * has seen where the stream can say so, and rests while the page is hidden: a browser allows only six connections to a
 * server, for all its tabs together. What a stream begins with anew is up to the RPC: treat it as news of everything.
 */
export function follow<Name extends Streaming>(
  name: Name,
  request: () => Rpcs[Name]['request'],
  handlers: StreamHandlers<Rpcs[Name]['response']>,
): () => void {
  let controller: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let lastId = '';

  const close = () => {
    clearTimeout(timer);
    controller?.abort();
    controller = undefined;
  };
  const retry = () => {
    close();
    handlers.onState?.('broken');
    const pauseMs = Math.min(longestPauseMs, 1000 * 2 ** failures++);
    timer = setTimeout(open, pauseMs * (0.75 + Math.random() / 2));
  };
  const watchSilence = () => {
    clearTimeout(timer);
    timer = setTimeout(retry, silenceMs);
  };
  function open() {
    close();
    handlers.onState?.('connecting');
    const mine = (controller = new AbortController());
    const alive = () => {
      if (mine.signal.aborted) return;
      failures = 0;
      watchSilence();
      handlers.onState?.('live');
    };
    watchSilence();
    const onEvent = ({ data, id }: StreamEvent) => {
      if (mine.signal.aborted) return;
      lastId = id || lastId;
      handlers.onMessage(JSON.parse(data));
    };
    const ended = () => {
      if (!mine.signal.aborted) retry();
    };
    read(httpCall(name, request()).url, lastId, mine.signal, alive, onEvent).then(ended, ended);
  }
  const onVisibility = () => {
    if (document.hidden) close();
    else if (!controller) open();
  };
  document.addEventListener('visibilitychange', onVisibility);
  if (!document.hidden) open();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    close();
  };
}
