/** What a log has of a fault. */
export interface Fault {
  readonly type: string;
  readonly code?: string | undefined;
  readonly syscall?: string | undefined;
  readonly stack?: readonly string[];
  readonly cause?: Fault;
}

const MAX_CAUSES = 4;

/**
 * An error as it may be logged: what kind it is and where it arose. Its words stay out, and those of its causes: they
 * may name a speaker, or the file of one.
 */
export function faultOf(error: unknown, causes = MAX_CAUSES): Fault {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, syscall, cause } = error as NodeJS.ErrnoException;
  return {
    type: error.constructor.name,
    code,
    syscall,
    stack: framesOf(error),
    ...(cause === undefined || causes === 0 ? {} : { cause: faultOf(cause, causes - 1) }),
  };
}

/** The stack without the message that stands above it. */
function framesOf({ stack = '', message }: Error): string[] {
  const end = message === '' ? 0 : stack.lastIndexOf(message) + message.length;
  return stack
    .slice(end)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '));
}
