import type { Route } from '../../state/router.svelte';

const route: Route = {
  patterns: ['/cases', '/sites/:site/alarms/:alarm'],
  load: () => import('./CasesPage.svelte'),
  navigation: { text: 'nav_cases', order: 2, href: '#/cases' },
};

export default route;
