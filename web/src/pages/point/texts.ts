import en from '../../i18n/point.en';
import zh from '../../i18n/point.zh';
import { translator } from '../../i18n/index.svelte';

export const t = translator(en, zh);
