import en from './words.en';
import zh from './words.zh';
import { translator } from './index.svelte';

/** Words that several pages share, and the names of conditions, zones and faults. */
export const t = translator(en, zh);
