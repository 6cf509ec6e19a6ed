import type { Route } from '../../state/router.svelte';

const route: Route = {
  patterns: ['/models'],
  load: () => import('./ModelsPage.svelte'),
  navigation: { text: 'nav_models', order: 4, href: '#/models' },
};

export default route;
