import { untrack } from 'svelte';

/** What screen readers are told without a change of focus: "Case acknowledged". */
class Announcer {
  text = $state('');

  say(text: string): void {
    // The same words twice are told twice. Not for an effect that says something to hear itself.
    this.text = untrack(() => this.text) === text ? `${text}\u00a0` : text;
  }
}

export const announcer = new Announcer();
