import en from '../i18n/bearings.en';
import zh from '../i18n/bearings.zh';
import { translator } from '../i18n/index.svelte';

export const t = translator(en, zh);
