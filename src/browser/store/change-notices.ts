/** Tell every tab and worker of this origin, this one too. */
export function tellChange(name: string, revision: number): void {
  const channel = new BroadcastChannel(name);
  channel.postMessage(revision);
  channel.close();
}

/**
 * Call `onChange` at each change that is told. A tab that slept was told nothing: when it is shown again it reads which revision
 * there is.
 */
export function watchChanges(
  name: string,
  readRevision: () => Promise<number>,
  onChange: () => void,
): () => void {
  let seen: number | undefined;
  let isOver = false;
  const see = (revision: number): void => {
    const isNew = revision !== seen;
    seen = revision;
    if (isNew && !isOver) onChange();
  };
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: MessageEvent<number>) => {
    see(data);
  };
  const look = (): void => {
    if (document.visibilityState === 'hidden') return;
    // A store that cannot be read now says so to whoever reads it.
    readRevision().then(see, () => undefined);
  };
  const page = typeof document === 'undefined' ? undefined : document;
  readRevision().then(
    (revision) => (seen ??= revision),
    () => undefined,
  );
  page?.addEventListener('visibilitychange', look);
  page?.addEventListener('resume', look);
  return () => {
    isOver = true;
    channel.close();
    page?.removeEventListener('visibilitychange', look);
    page?.removeEventListener('resume', look);
  };
}
