export type ThemeChoice = 'system' | 'light' | 'dark';

const storageKey = 'auscult.theme';

function initial(): ThemeChoice {
  const stored = localStorage.getItem(storageKey);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

class Theme {
  #choice = $state<ThemeChoice>(initial());
  #systemIsDark = $state(false);

  constructor() {
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#systemIsDark = query.matches;
    query.addEventListener('change', (event) => {
      this.#systemIsDark = event.matches;
      this.apply();
    });
  }

  get choice(): ThemeChoice {
    return this.#choice;
  }

  set choice(choice: ThemeChoice) {
    this.#choice = choice;
    localStorage.setItem(storageKey, choice);
    this.apply();
  }

  /** What is shown: read it in an effect to redraw a canvas in the other colours. */
  get shown(): 'light' | 'dark' {
    if (this.#choice !== 'system') return this.#choice;
    return this.#systemIsDark ? 'dark' : 'light';
  }

  apply(): void {
    document.documentElement.dataset.theme = this.shown;
  }
}

export const theme = new Theme();
