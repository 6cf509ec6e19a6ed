import en from '../../i18n/report.en';
import zh from '../../i18n/report.zh';
import { translator } from '../../i18n/index.svelte';

export const t = translator(en, zh);
