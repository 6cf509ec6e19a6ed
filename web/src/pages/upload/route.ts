import type { Route } from '../../state/router.svelte';

const route: Route = {
  patterns: ['/upload'],
  load: () => import('./UploadPage.svelte'),
};

export default route;
