import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventParser } from '../src/api/event_parser';
import { follow, type StreamState } from '../src/api/stream';

describe('EventParser', () => {
  it('gives the same events however the text is cut', () => {
    const text = ': alive\n\nid: 7\ndata: {"a":1}\n\r\ndata:x\ndata: y\n\nevent: z\nid: 8\n\ndata: half';
    const whole = new EventParser().push(text);
    expect(whole).toEqual([{ data: '{"a":1}', id: '7' }, { data: 'x\ny', id: '7' }]);
    for (let at = 1; at < text.length; ++at) {
      const parser = new EventParser();
      expect([...parser.push(text.slice(0, at)), ...parser.push(text.slice(at))], String(at)).toEqual(whole);
    }
  });
});

interface Connection {
  headers: Record<string, string>;
  send: (text: string) => void;
  end: () => void;
  aborted: boolean;
}

describe('follow', () => {
  const connections: Connection[] = [];
  let page: { hidden: boolean; listener?: () => void };
  const settle = () => vi.advanceTimersByTimeAsync(0);

  beforeEach(() => {
    vi.useFakeTimers();
    connections.length = 0;
    page = { hidden: false };
    vi.stubGlobal('document', {
      get hidden() {
        return page.hidden;
      },
      addEventListener: (_: string, listener: () => void) => (page.listener = listener),
      removeEventListener: () => (page.listener = undefined),
    });
    vi.stubGlobal('fetch', (_: string, { headers, signal }: { headers: Record<string, string>; signal: AbortSignal }) => {
      let control: ReadableStreamDefaultController<Uint8Array>;
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void (control = controller) });
      const connection: Connection = {
        headers,
        aborted: false,
        send: (text) => control.enqueue(new TextEncoder().encode(text)),
        end: () => control.close(),
      };
      signal.addEventListener('abort', () => {
        connection.aborted = true;
        control.error(new DOMException('', 'AbortError'));
      });
      connections.push(connection);
      return Promise.resolve(new Response(body));
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('tells messages, and goes on behind the last of them after a break', async () => {
    const messages: unknown[] = [];
    const states: StreamState[] = [];
    const leave = follow('WatchAlarms', () => ({ parent: 'sites/-' }), {
      onMessage: (message) => messages.push(message),
      onState: (state) => states.push(state),
    });
    await settle();
    connections[0]!.send('id: t1\ndata: {"alarm":{"name":"a"}}\n\n');
    await settle();
    connections[0]!.end();
    await settle();
    expect(states.at(-1)).toBe('broken');
    await vi.advanceTimersByTimeAsync(2000);
    expect(connections.length).toBe(2);
    expect(connections[1]!.headers['last-event-id']).toBe('t1');
    expect(messages).toEqual([{ alarm: { name: 'a' } }]);
    leave();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(connections.length).toBe(2);
  });

  it('lives on heartbeats, and takes silence for a break', async () => {
    const leave = follow('WatchAlarms', () => ({ parent: 'sites/-' }), { onMessage: () => {} });
    await settle();
    for (let beat = 0; beat < 8; ++beat) {
      connections[0]!.send(':\n\n');
      await vi.advanceTimersByTimeAsync(15_000);
    }
    expect(connections.length).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connections[0]!.aborted).toBe(true);
    expect(connections.length).toBeGreaterThan(1);
    leave();
  });

  it('rests while the page is hidden', async () => {
    const leave = follow('WatchAlarms', () => ({ parent: 'sites/-' }), { onMessage: () => {} });
    await settle();
    page.hidden = true;
    page.listener!();
    expect(connections[0]!.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(connections.length).toBe(1);
    page.hidden = false;
    page.listener!();
    expect(connections.length).toBe(2);
    leave();
  });
});
