/** Where a file of the browser's build lies, and what a server calls it. */
export interface BrowserAsset {
  readonly from: string;
  readonly to: string;
}
export function buildBrowser(outdir?: string): Promise<string>;
export function buildWorker(entry: string, outfile: string): Promise<void>;
export function browserAssets(outdir?: string): BrowserAsset[];
export function sizes(file: string): { readonly raw: number; readonly gzipped: number };
