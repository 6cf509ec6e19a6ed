import type { Route } from '../../state/router.svelte';

const route: Route = {
  patterns: ['/sites/:site/assets/:asset/points/:point'],
  load: () => import('./PointPage.svelte'),
};

export default route;
