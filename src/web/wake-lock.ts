/** Keep a phone's screen on, where the browser can; returns what ends that. */
export function keepAwake(): () => void {
  const { wakeLock } = navigator as Partial<Navigator>;
  if (wakeLock === undefined) return () => undefined;
  let lock: WakeLockSentinel | undefined;
  let over = false;
  const hold = (): void => {
    if (document.visibilityState !== 'visible' || over) return;
    // Refused on a low battery; the page works without.
    wakeLock.request('screen').then(
      (held) => {
        if (over) void held.release();
        else lock = held;
      },
      () => undefined,
    );
  };
  hold();
  // The browser lets the lock go while the page is hidden.
  document.addEventListener('visibilitychange', hold);
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', hold);
    void lock?.release();
  };
}
