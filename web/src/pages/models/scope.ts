import { lastId } from '../../api/names';
import { plant, titleOf } from '../../state/plant.svelte';
import { t } from './texts';

/** A part of the plant as people call it. */
export function scopeTitle(scope: string | undefined): string {
  if (!scope || scope === 'sites/-') return t('everything');
  const depth = scope.split('/').length;
  if (depth === 2) return titleOf(plant.site(scope), scope);
  const asset = scope.split('/').slice(0, 4).join('/');
  const machine = titleOf(plant.asset(asset), asset);
  return depth > 4 ? `${machine}: ${lastId(scope)}` : machine;
}

/** A version of the model as people call it; without one, the active version. */
export function modelTitle(model: string | undefined): string {
  if (!model) return t('active_version');
  return lastId(model) === '0' ? t('physics') : t('model_n', { n: lastId(model) });
}
