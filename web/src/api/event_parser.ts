export interface StreamEvent {
  data: string;
  /** Where the stream goes on after this event; "" where the server gave none. */
  id: string;
}

/** Takes text/event-stream (HTML, 9.2) in pieces of any length and gives the events that are complete. */
export class EventParser {
  #rest = '';
  #data: string[] = [];
  #id = '';

  push(piece: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) events.push({ data: this.#data.join('\n'), id: this.#id });
        this.#data = [];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') this.#data.push(value);
      else if (field === 'id') this.#id = value;
    }
    return events;
  }
}
