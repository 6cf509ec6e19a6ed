import type { ModelComparison, Operation, RescoreMetadata } from '../../api/client';

type Kind = 'train' | 'compare' | 'rescore' | 'other';

interface Metadata {
  '@type'?: string;
  createTime?: string;
  progress?: number;
  step?: string;
}

const metadataOf = (operation: Operation): Metadata => (operation.metadata ?? {}) as Metadata;

/** What an operation does, by the type of what it tells about itself. */
export function kindOf(operation: Operation): Kind {
  const type = metadataOf(operation)['@type'] ?? '';
  if (type.endsWith('TrainMetadata')) return 'train';
  if (type.endsWith('CompareMetadata')) return 'compare';
  return type.endsWith('RescoreMetadata') ? 'rescore' : 'other';
}

export const progressOf = (operation: Operation): number => (operation.done ? 1 : (metadataOf(operation).progress ?? 0));
export const begunAt = (operation: Operation): string | undefined => metadataOf(operation).createTime;
export const stepOf = (operation: Operation): string => metadataOf(operation).step ?? '';

/** What a comparison found; absent until it is done well. */
export const comparisonOf = (operation: Operation): ModelComparison | undefined =>
  operation.done && kindOf(operation) === 'compare' && operation.response
    ? (operation.response as ModelComparison)
    : undefined;

/** Seconds that re-scoring will take still; undefined while nobody can tell. */
export const secondsLeft = (progress: RescoreMetadata | undefined): number | undefined =>
  progress?.secondsLeft === undefined ? undefined : Number(progress.secondsLeft);
