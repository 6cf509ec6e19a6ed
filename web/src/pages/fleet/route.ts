import type { Route } from '../../state/router.svelte';
import FleetPage from './FleetPage.svelte';

const route: Route = {
  patterns: [''],
  // Where nearly everybody begins: not worth a round trip of its own.
  load: () => Promise.resolve({ default: FleetPage }),
  navigation: { text: 'nav_fleet', order: 1, href: '#/' },
};

export default route;
