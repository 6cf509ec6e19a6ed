import en from './common.en';
import zh from './common.zh';
import { translator } from './index.svelte';

/** Words that several pages share, and the names of conditions, zones and faults. */
export const t = translator(en, zh);
