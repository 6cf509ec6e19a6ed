// Wheel, panning and touch on a plot area.
import type { Drag } from './plot';

export interface GestureTarget {
  zoom(factor: number, about: number): void;
  pan(share: number): void;
  valueAt(left: number): number;
  grab(x: number, tolerance: number): Drag | undefined;
}

const grabPixels = 6;
const clickPixels = 3;
const wheelPauseMs = 250;

/** When the wheel was last turned anywhere: a page that scrolls under the pointer must not begin to zoom a plot. */
let lastWheelMs = 0;
let wheelOwner: EventTarget | null = null;

export function attachGestures(area: HTMLElement, target: GestureTarget): void {
  area.addEventListener('wheel', (event) => onWheel(area, target, event), { passive: false });
  area.addEventListener('mousedown', (event) => onMouseDown(area, target, event), { capture: true });
  area.style.touchAction = 'pan-y';
  attachTouch(area, target);
}

/** True where this turn of the wheel began over `area`. */
export function ownsWheel(area: EventTarget, event: WheelEvent): boolean {
  if (event.timeStamp - lastWheelMs > wheelPauseMs) wheelOwner = area;
  lastWheelMs = event.timeStamp;
  return wheelOwner === area;
}

/** Called once by the page: turns of the wheel that begin elsewhere scroll to their end. */
export function watchPageWheel(): void {
  window.addEventListener(
    'wheel',
    (event) => {
      const overPlot = event.target instanceof Element && event.target.closest('[data-wheel-zoom]') !== null;
      if (overPlot) return;
      lastWheelMs = event.timeStamp;
      wheelOwner = window;
    },
    { passive: true, capture: true },
  );
}

function onWheel(area: HTMLElement, target: GestureTarget, event: WheelEvent): void {
  if (!ownsWheel(area, event)) return;
  event.preventDefault();
  const box = area.getBoundingClientRect();
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    target.pan(((event.deltaX || event.deltaY) / box.width) * 0.8);
    return;
  }
  target.zoom(wheelFactor(event), (event.clientX - box.left) / box.width);
}

export function wheelFactor(event: WheelEvent): number {
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 30 : event.deltaY;
  return Math.exp(Math.min(Math.max(pixels, -240), 240) * 0.0022);
}

/** A cursor under the pointer is dragged; with shift or the middle button the view is; else the selection begins. */
function onMouseDown(area: HTMLElement, target: GestureTarget, event: MouseEvent): void {
  const box = area.getBoundingClientRect();
  const at = (clientX: number): number => target.valueAt(clientX - box.left);
  const pans = event.button === 1 || (event.button === 0 && event.shiftKey);
  const tolerance = Math.abs(at(event.clientX + grabPixels) - at(event.clientX));
  const drag = event.button === 0 && !pans ? target.grab(at(event.clientX), tolerance) : undefined;
  if (!pans && !drag) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  let moves = false;
  let last = event.clientX;
  const move = (moved: MouseEvent): void => {
    moves ||= Math.abs(moved.clientX - event.clientX) > clickPixels;
    if (drag) drag(at(moved.clientX));
    else target.pan((last - moved.clientX) / box.width);
    last = moved.clientX;
  };
  const end = (): void => {
    window.removeEventListener('mousemove', move);
    window.removeEventListener('mouseup', end);
    area.classList.remove('dragging');
    if (moves) swallowClick(area);
  };
  area.classList.add('dragging');
  window.addEventListener('mousemove', move);
  window.addEventListener('mouseup', end);
}

/** What was dragged ends in a click that means nothing. */
function swallowClick(area: HTMLElement): void {
  const stop = (event: MouseEvent): void => event.stopImmediatePropagation();
  area.addEventListener('click', stop, { capture: true, once: true });
  setTimeout(() => area.removeEventListener('click', stop, { capture: true }), 0);
}

/** One finger moves, two zoom; up and down scrolls the page. */
function attachTouch(area: HTMLElement, target: GestureTarget): void {
  const fingers = new Map<number, number>();
  let spread = 0;
  area.addEventListener('pointerdown', (event) => {
    if (event.pointerType !== 'touch') return;
    fingers.set(event.pointerId, event.clientX);
    spread = spreadOf(fingers);
  });
  area.addEventListener('pointermove', (event) => {
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    fingers.set(event.pointerId, event.clientX);
    const box = area.getBoundingClientRect();
    if (fingers.size === 1) target.pan((before - event.clientX) / box.width);
    if (fingers.size === 2) {
      const now = spreadOf(fingers);
      const [a = 0, b = 0] = fingers.values();
      if (now > 10 && spread > 10) target.zoom(spread / now, ((a + b) / 2 - box.left) / box.width);
      spread = now;
    }
  });
  for (const name of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
    area.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
}

function spreadOf(fingers: ReadonlyMap<number, number>): number {
  const [a = 0, b = 0] = fingers.values();
  return Math.abs(a - b);
}
