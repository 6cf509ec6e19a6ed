// Units that the reader wants values in, kept in the browser. What has no alternative is shown as the server sends it.

const storageKey = 'auscult.units';
export type UnitSystem = 'si' | 'g' | 'imperial';

const preferredUnits: Readonly<Record<UnitSystem, readonly string[]>> = {
  si: ['m/s2', 'mm/s', 'um'],
  g: ['g', 'mm/s', 'um'],
  imperial: ['g', 'in/s', 'mil'],
};

class Units {
  #system = $state<UnitSystem>((['g', 'imperial'] as const).find((system) => system === localStorage.getItem(storageKey)) ?? 'si');

  get system(): UnitSystem {
    return this.#system;
  }

  set system(system: UnitSystem) {
    this.#system = system;
    localStorage.setItem(storageKey, system);
  }

  /** One for each quantity, as the API names them. */
  get preferred(): readonly string[] {
    return preferredUnits[this.#system];
  }
}

export const units = new Units();
