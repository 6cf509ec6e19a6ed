const storageKey = 'auscult.person';

/** Who sits here, as notes and cases name people. Nobody is signed in: it is what was typed last. */
class Person {
  #name = $state(localStorage.getItem(storageKey) ?? '');

  get name(): string {
    return this.#name;
  }

  set name(name: string) {
    this.#name = name;
    localStorage.setItem(storageKey, name);
  }
}

export const person = new Person();
