import type { Bearing } from '../api/client';
import { lastId } from '../api/names';

/** What stands on the ring, else the id. */
export const titleOfBearing = (bearing: Bearing): string => bearing.designation || lastId(bearing.name ?? '');
