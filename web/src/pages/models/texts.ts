import en from '../../i18n/models.en';
import zh from '../../i18n/models.zh';
import { translator } from '../../i18n/index.svelte';

export const t = translator(en, zh);
