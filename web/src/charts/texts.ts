import en from '../i18n/charts.en';
import zh from '../i18n/charts.zh';
import { translator } from '../i18n/index.svelte';

export const t = translator(en, zh);
