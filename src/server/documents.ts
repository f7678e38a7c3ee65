/** Placeholder until the next change in this file. */
export function apiDocuments(): Readonly<Record<string, unknown>> {
  return {};
}
