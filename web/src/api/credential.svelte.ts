const storageKey = 'auscult.credential';

/**
 * What the caller shows the server: an API key or a token of the plant's sign-on. Kept by this tab alone, until it is
 * closed or signed out.
 */
class Credential {
  #secret = $state(sessionStorage.getItem(storageKey) ?? '');
  /** The server has refused a call for the lack of one, or for this one. */
  wanted = $state(false);

  get given(): boolean {
    return this.#secret !== '';
  }

  /** For the headers of a request. */
  get headers(): Record<string, string> {
    return this.#secret ? { authorization: `Bearer ${this.#secret}` } : {};
  }

  /** Every page starts anew with it. */
  give(secret: string): void {
    sessionStorage.setItem(storageKey, secret);
    location.reload();
  }

  forget(): void {
    sessionStorage.removeItem(storageKey);
    location.reload();
  }
}

export const credential = new Credential();
