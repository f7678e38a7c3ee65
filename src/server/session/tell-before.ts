/** What an event waits for before it is sent: it resolves in the order of the calls, and never rejects. */
export type TellBefore = (id: number, text: string) => Promise<void>;

/** First `settled` (the commands before the event are kept), then `tell` (the stream that others read); null: nothing to wait for. */
export function tellBefore(
  tell: TellBefore | undefined,
  settled: (() => Promise<unknown>) | undefined,
): TellBefore | null {
  if (tell === undefined || settled === undefined) return tell ?? null;
  return async (id, text) => {
    await settled();
    await tell(id, text);
  };
}
