// What a browser gives every page and Node does not have.
const kept = new Map<string, string>([['auscult.credential', 'ak_test']]);
globalThis.sessionStorage ??= {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
  removeItem: (key: string) => void kept.delete(key),
} as Storage;
