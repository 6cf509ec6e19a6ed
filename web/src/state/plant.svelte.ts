import { asProblem, call, pages, type Asset, type Problem, type Site } from '../api/client';
import { siteOf } from '../api/names';
import { alarmNews } from './alarm_news.svelte';

// All of a large plant is read again: not more often than this.
const refreshMs = 10_000;

/** Sites and assets by name: what the tree, the search and every heading need. Loaded once, reloaded on demand. */
class Plant {
  sites = $state.raw<Site[]>([]);
  assets = $state.raw<Asset[]>([]);
  problem = $state.raw<Problem | undefined>();
  loaded = $state(false);
  #assetByName = $derived(new Map(this.assets.map((asset) => [asset.name!, asset])));
  #siteByName = $derived(new Map(this.sites.map((site) => [site.name!, site])));
  #loading: Promise<void> | undefined;

  load(): Promise<void> {
    this.#loading ??= this.#read().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  /** Keeps the conditions fresh, until the returned function is called. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = alarmNews.listen(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void this.load();
      }, refreshMs);
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }

  async #read(): Promise<void> {
    try {
      const [sites, assets] = await Promise.all([listSites(), listAssets()]);
      this.sites = sites;
      this.assets = assets;
      this.problem = undefined;
      this.loaded = true;
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  asset(name: string): Asset | undefined {
    return this.#assetByName.get(name);
  }

  site(name: string): Site | undefined {
    return this.#siteByName.get(siteOf(name));
  }

  /** IANA zone of the plant that a resource belongs to. */
  timeZone(name: string): string {
    return this.site(name)?.timeZone || 'UTC';
  }
}

async function listSites(): Promise<Site[]> {
  const { sites = [], nextPageToken } = await call('ListSites', { pageSize: 1000 });
  if (!nextPageToken) return sites;
  const all = [...sites];
  for await (const page of pages('ListSites', { pageSize: 1000, pageToken: nextPageToken })) all.push(...(page.sites ?? []));
  return all;
}

async function listAssets(): Promise<Asset[]> {
  const all: Asset[] = [];
  for await (const page of pages('ListAssets', { parent: 'sites/-', pageSize: 1000 })) all.push(...(page.assets ?? []));
  return all;
}

export const plant = new Plant();

/** What people call it. */
export const titleOf = (named: { name?: string; displayName?: string } | undefined, name = ''): string => {
  const own = named?.name ?? name;
  return named?.displayName || own.slice(own.lastIndexOf('/') + 1);
};

const collator = new Intl.Collator(undefined, { numeric: true });

/** "Pump 9" before "Pump 10". */
export const byTitle = (a: { name?: string; displayName?: string }, b: { name?: string; displayName?: string }): number =>
  collator.compare(titleOf(a), titleOf(b));
