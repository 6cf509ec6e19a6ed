import type { Route } from '../../state/router.svelte';

const route: Route = {
  patterns: ['/sites/:site/assets/:asset/report'],
  load: () => import('./ReportPage.svelte'),
};

export default route;
