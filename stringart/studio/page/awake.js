// Keeping the screen of whoever winds awake.

import { h } from "./elements.js";

let /** @type {WakeLockSentinel?} */ lock = null;
let /** @type {HTMLVideoElement?} */ film = null;
let wanted = false;

/** Whether the screen stays awake: by a lock, or where that is not allowed by a film that plays. */
export async function stayAwake() {
  wanted = true;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => (lock = null));
    return true;
  } catch {
    return playFilm();
  }
}

async function playFilm() {
  // a page of another computer may not ask for the lock
  try {
    const canvas = h("canvas", { width: 2, height: 2 });
    canvas.getContext("2d")?.fillRect(0, 0, 2, 2);
    const style = "position:fixed;width:1px;height:1px;opacity:.01";
    film = h("video", { muted: true, playsinline: true, "aria-hidden": "true", style });
    film.srcObject = canvas.captureStream(1);
    document.body.append(film);
    await film.play();
    return true;
  } catch {
    return false;
  }
}

export function maySleep() {
  wanted = false;
  lock?.release().catch(() => {});
  film?.remove();
  film = null;
}
document.addEventListener("visibilitychange", () => {
  if (wanted && !lock && !film && document.visibilityState === "visible") stayAwake();
});
