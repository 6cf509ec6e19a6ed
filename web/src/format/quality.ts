import en from '../i18n/quality.en';
import zh from '../i18n/quality.zh';
import { translator } from '../i18n/index.svelte';

const t = translator(en, zh);

/** A quality flag in words; one that is not known as it is. */
export const qualityText = (flag: string): string => t.of(flag, flag.replaceAll('_', ' '));
