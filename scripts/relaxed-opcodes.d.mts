export function withFinalOpcodes(bytes: Buffer, drafts: number): Buffer;
export function writeFinalOpcodes(from: string, to: string): void;
