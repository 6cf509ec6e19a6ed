import type { Rpcs } from './generated';
import { httpCall } from './request';

export type StreamState = 'connecting' | 'live' | 'broken';

type Streaming = { [Name in keyof Rpcs]: Rpcs[Name]['streams'] extends true ? Name : never }[keyof Rpcs];

export interface StreamHandlers<Message> {
  onMessage: (message: Message) => void;
  onState?: (state: StreamState) => void;
}

// The server sends something every 15 s. Silence beyond this is a lost connection that nobody noticed.
const silenceMs = 40_000;
const longestPauseMs = 30_000;

/**
 * Follows a server stream until the returned function is called. Reconnects by itself with growing pauses, and rests
 * while the page is hidden: a browser allows only six connections to a server, for all its tabs together.
 * What a reconnected stream begins with is up to the RPC: treat it as news of everything.
 */
export function follow<Name extends Streaming>(
  name: Name,
  request: () => Rpcs[Name]['request'],
  handlers: StreamHandlers<Rpcs[Name]['response']>,
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const retry = () => {
    close();
    handlers.onState?.('broken');
    const pauseMs = Math.min(longestPauseMs, 1000 * 2 ** failures++);
    timer = setTimeout(open, pauseMs * (0.75 + Math.random() / 2));
  };
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(retry, silenceMs);
  };
  function open() {
    close();
    handlers.onState?.('connecting');
    source = new EventSource(httpCall(name, request()).url);
    source.onopen = () => {
      alive();
      failures = 0;
      handlers.onState?.('live');
    };
    source.onmessage = (event: MessageEvent<string>) => {
      alive();
      if (event.data) handlers.onMessage(JSON.parse(event.data));
    };
    source.onerror = retry;
    alive();
  }
  const onVisibility = () => {
    if (document.hidden) close();
    else if (!source) open();
  };
  document.addEventListener('visibilitychange', onVisibility);
  if (!document.hidden) open();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    close();
  };
}
