import en from '../../i18n/upload.en';
import zh from '../../i18n/upload.zh';
import { translator } from '../../i18n/index.svelte';

export const t = translator(en, zh);
