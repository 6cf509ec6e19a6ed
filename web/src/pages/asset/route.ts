import type { Route } from '../../state/router.svelte';

const route: Route = {
  patterns: ['/sites/:site/assets/:asset'],
  load: () => import('./AssetPage.svelte'),
};

export default route;
