import './design/tokens.css';
import './design/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { language } from './i18n/index.svelte';
import { theme } from './state/theme.svelte';

language.apply();
theme.apply();
mount(App, { target: document.getElementById('app')! });
