import en from '../../i18n/fleet.en';
import zh from '../../i18n/fleet.zh';
import { translator } from '../../i18n/index.svelte';

export const t = translator(en, zh);
