import en from '../../i18n/asset.en';
import zh from '../../i18n/asset.zh';
import { translator } from '../../i18n/index.svelte';

export const t = translator(en, zh);
