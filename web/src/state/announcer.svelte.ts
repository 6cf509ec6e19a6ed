/** What screen readers are told without a change of focus: "Case acknowledged". */
class Announcer {
  text = $state('');

  say(text: string): void {
    // The same words twice are told twice.
    this.text = this.text === text ? `${text}\u00a0` : text;
  }
}

export const announcer = new Announcer();
