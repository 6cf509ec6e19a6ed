import type { Asset, Point, Quantity } from '../../api/client';
import { assetOf } from '../../api/names';

/** What is missing before a machine is watched as well as it could be, the most urgent first. */
export const todoKinds = [
  'no_points',
  'no_data',
  'stale',
  'unscorable',
  'no_speed',
  'no_bearing',
  'no_power',
  'no_baseline',
] as const;
export type TodoKind = (typeof todoKinds)[number];

export interface Todo {
  kind: TodoKind;
  /** Of the machine or point that lacks it. */
  name: string;
  /** Of no_baseline: how far learning has come, 0 to 1. */
  progress?: number;
}

const vibration: Quantity[] = ['QUANTITY_ACCELERATION', 'QUANTITY_VELOCITY', 'QUANTITY_DISPLACEMENT'];
const isVibration = (point: Point): boolean =>
  (point.channels ?? []).some((channel) => vibration.includes(channel.quantity ?? 'QUANTITY_UNSPECIFIED'));

function todosOfPoint(point: Point): Todo[] {
  const { condition, learningProgress = 0 } = point.health ?? {};
  const name = point.name!;
  switch (condition ?? 'CONDITION_NO_DATA') {
    case 'CONDITION_NO_DATA':
      return [{ kind: 'no_data', name }];
    case 'CONDITION_STALE':
      return [{ kind: 'stale', name }];
    case 'CONDITION_UNSCORABLE':
      return [{ kind: 'unscorable', name }];
    case 'CONDITION_LEARNING':
      return [{ kind: 'no_baseline', name, progress: learningProgress }];
    default:
      return [];
  }
}

// A speed that the records carry is as good as one that is known beforehand.
function lacksSpeed(asset: Asset, points: Point[]): boolean {
  if (asset.machine?.ratedSpeedRpm !== undefined) return false;
  return points.some((point) => !Number(point.health?.recordCount ?? 0) || point.health?.quality?.includes('no_speed'));
}

function todosOfAsset(asset: Asset, points: Point[]): Todo[] {
  const name = asset.name!;
  const { bearings = [], ratedPowerKw, foundation } = asset.machine ?? {};
  const shakes = points.some(isVibration);
  const todos: Todo[] = [];
  if (lacksSpeed(asset, points)) todos.push({ kind: 'no_speed', name });
  if (shakes && bearings.length === 0) todos.push({ kind: 'no_bearing', name });
  if (shakes && (ratedPowerKw === undefined || !foundation)) todos.push({ kind: 'no_power', name });
  return todos;
}

/** All that is missing, by urgency, then by name. Machines that only group others need nothing. */
export function todosOf(assets: Asset[], points: Point[]): Todo[] {
  const parents = new Set(assets.map((asset) => asset.parentAsset).filter(Boolean));
  const pointsOf = new Map<string, Point[]>();
  for (const point of points) {
    const owner = assetOf(point.name!);
    pointsOf.set(owner, [...(pointsOf.get(owner) ?? []), point]);
  }
  const todos = points.flatMap(todosOfPoint);
  for (const asset of assets) {
    const own = pointsOf.get(asset.name!) ?? [];
    if (own.length > 0) todos.push(...todosOfAsset(asset, own));
    else if (!parents.has(asset.name)) todos.push({ kind: 'no_points', name: asset.name! });
  }
  const rank = (todo: Todo) => todoKinds.indexOf(todo.kind);
  return todos.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}
