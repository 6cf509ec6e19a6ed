import { matchPath, type Route } from './state/router.svelte';

// Every page folder brings its own route.
const found = import.meta.glob<{ default: Route }>('./pages/*/route.ts', { eager: true });

export const routes: Route[] = Object.values(found).map((module) => module.default);

export interface Match {
  route: Route;
  parameters: Record<string, string>;
}

/** The route of a path; a fixed step goes before a parameter. */
export function routeOf(path: string): Match | undefined {
  let best: (Match & { fixed: number }) | undefined;
  for (const route of routes) {
    for (const pattern of route.patterns) {
      const parameters = matchPath(pattern, path === '/' ? '' : path);
      const fixed = -Object.keys(parameters ?? {}).length;
      if (parameters && (!best || fixed > best.fixed)) best = { route, parameters, fixed };
    }
  }
  return best;
}
