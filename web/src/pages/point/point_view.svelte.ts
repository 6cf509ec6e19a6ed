// What the point page shows, held in the address so that a link or a reload shows the same.
import { router } from '../../state/router.svelte';
import { readAddress, writeAddress, type PointAddress, type Preferences } from './point_address';

const storageKey = 'auscult.charts';
const writePauseMs = 250;

function preferences(): Preferences {
  const usual: Preferences = { axis: 'linear', frequency: 'Hz' };
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>) };
  } catch {
    return usual;
  }
}

export class PointView {
  address: PointAddress;
  /** Query that the address below was read from or written as. */
  #known = router.location.query.toString();

  /** Made while the page's component initialises. */
  constructor(readonly defaultSeries: () => string[]) {
    this.address = $state(readAddress(router.location.query, preferences(), defaultSeries()));
    const path = router.location.path;
    // The address of the browser changes at most every so often: browsers refuse more.
    $effect(() => {
      const query = writeAddress($state.snapshot(this.address) as PointAddress, this.defaultSeries());
      const { axis, frequency } = this.address;
      const timer = setTimeout(() => {
        if (router.location.path !== path) return;
        localStorage.setItem(storageKey, JSON.stringify({ axis, frequency }));
        router.setQuery(query);
        this.#known = router.location.query.toString();
      }, writePauseMs);
      return () => clearTimeout(timer);
    });
    // Somebody followed a link to another picture of the same point.
    $effect(() => {
      const { query } = router.location;
      if (router.location.path !== path || query.toString() === this.#known) return;
      this.#known = query.toString();
      Object.assign(this.address, readAddress(query, preferences(), this.defaultSeries()));
    });
  }
}
