import en from '../../i18n/plant.en';
import zh from '../../i18n/plant.zh';
import { translator } from '../../i18n/index.svelte';

export const t = translator(en, zh);
