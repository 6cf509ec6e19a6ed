import type { Component } from 'svelte';

/** What the address says: "#/sites/demo/assets/pump-1?tab=points". */
export interface Location {
  path: string;
  query: URLSearchParams;
}

/**
 * A page's entry, default export of src/pages/<name>/route.ts. Patterns are paths with :parameters, "/sites/:site/assets/:asset";
 * the page gets the parameters as props.
 */
export interface Route {
  patterns: string[];
  load: () => Promise<{ default: Component<any> }>;
  /** Key in the common texts, and place, of the entry in the top bar. */
  navigation?: { text: 'nav_fleet' | 'nav_cases' | 'nav_plant' | 'nav_models'; order: number; href: string };
}

function parse(hash: string): Location {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  return { path: path.startsWith('/') ? path : `/${path}`, query: new URLSearchParams(query) };
}

class Router {
  #location = $state.raw<Location>(parse(window.location.hash));

  constructor() {
    window.addEventListener('hashchange', () => (this.#location = parse(window.location.hash)));
  }

  get location(): Location {
    return this.#location;
  }

  /** Goes to another address; `replace` keeps the present one out of the history. */
  go(href: string, { replace = false } = {}): void {
    if (replace) {
      history.replaceState(null, '', href);
      this.#location = parse(window.location.hash);
    } else {
      window.location.hash = href;
    }
  }

  /** Sets parameters of the present page's address without a step in the history; undefined removes one. */
  setQuery(changes: Record<string, string | undefined>): void {
    const query = new URLSearchParams(this.#location.query);
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined || value === '') query.delete(key);
      else query.set(key, value);
    }
    const text = query.toString();
    this.go(`#${this.#location.path}${text ? `?${text}` : ''}`, { replace: true });
  }
}

export const router = new Router();

/** Parameters of a path that fits the pattern, else undefined. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/\/$/, '').split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (let at = 0; at < wanted.length; ++at) {
    const step = wanted[at]!;
    if (step.startsWith(':')) parameters[step.slice(1)] = decodeURIComponent(given[at]!);
    else if (step !== given[at]) return undefined;
  }
  return parameters;
}

/** Address of a page: hrefOf('sites/demo/assets/pump-1', { tab: 'points' }); resource names are paths. */
export function hrefOf(path: string, query: Record<string, string | undefined> = {}): string {
  const parameters = new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]));
  const text = parameters.toString();
  return `#/${path.replace(/^\//, '')}${text ? `?${text}` : ''}`;
}
