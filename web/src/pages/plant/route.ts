import type { Route } from '../../state/router.svelte';

const route: Route = {
  patterns: ['/plant', '/plant/:site', '/plant/:site/:asset', '/plant/:site/:asset/:point'],
  load: () => import('./PlantPages.svelte'),
  navigation: { text: 'nav_plant', order: 3, href: '#/plant' },
};

export default route;
