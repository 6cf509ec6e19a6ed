import type { Route } from '../../state/router.svelte';

const route: Route = {
  patterns: [''],
  load: () => import('./FleetPage.svelte'),
  navigation: { text: 'nav_fleet', order: 1, href: '#/' },
};

export default route;
