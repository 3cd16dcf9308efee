// Keeping the screen of whoever winds awake: for the player and for the studio's page.

let /** @type {WakeLockSentinel?} */ wakeLock = null;
let /** @type {HTMLVideoElement?} */ wakeFilm = null;
let staysAwake = false;

/** Whether the screen stays awake: by a lock, or where that is not allowed by a film that plays. */
export async function stayAwake() {
  staysAwake = true;
  try {
    const lock = await navigator.wakeLock.request("screen");
    if (!staysAwake) {
      lock.release().catch(() => {}); // it was given up while the browser thought about it
      return false;
    }
    wakeLock = lock;
    lock.addEventListener("release", () => {
      if (wakeLock === lock) wakeLock = null;
    });
    return true;
  } catch {
    return playFilm(); // a page of another computer may not ask for the lock
  }
}

async function playFilm() {
  try {
    const canvas = Object.assign(document.createElement("canvas"), { width: 2, height: 2 });
    canvas.getContext("2d")?.fillRect(0, 0, 2, 2);
    const values = { muted: true, playsInline: true, ariaHidden: "true", srcObject: canvas.captureStream(1) };
    wakeFilm = Object.assign(document.createElement("video"), values);
    wakeFilm.style.cssText = "position:fixed;width:1px;height:1px;opacity:.01";
    document.body.append(wakeFilm);
    await wakeFilm.play();
    return true;
  } catch {
    wakeFilm?.remove();
    wakeFilm = null;
    return false;
  }
}

export function maySleep() {
  staysAwake = false;
  wakeLock?.release().catch(() => {});
  wakeFilm?.remove();
  wakeFilm = null;
}

// a browser takes the lock away while another page is looked at
document.addEventListener("visibilitychange", () => {
  if (staysAwake && !wakeLock && !wakeFilm && document.visibilityState === "visible") stayAwake();
});
