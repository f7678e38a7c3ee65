export function buildStatic(outdir?: string): Promise<string>;
