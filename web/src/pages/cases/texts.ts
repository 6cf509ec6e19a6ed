import en from '../../i18n/cases.en';
import zh from '../../i18n/cases.zh';
import { translator } from '../../i18n/index.svelte';

export const t = translator(en, zh);
