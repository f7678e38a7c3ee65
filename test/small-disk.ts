import type * as FileSystems from 'node:fs/promises';
import { vi } from 'vitest';

/**
 * In the place of `node:fs/promises`: files can be written to until `disk.free` bytes are used up. A write that does not fit
 * takes what there is room for and says so, as the system does; the next fails. Use:
 * `vi.mock('node:fs/promises', async (original) => (await import('./small-disk.js')).smallDisk(disk, original))`.
 */
export interface Disk {
  free: number;
}

type FileSystem = typeof FileSystems;

export async function smallDisk(disk: Disk, original: () => Promise<FileSystem>): Promise<FileSystem> {
  const real = await original();
  const open = async (...args: Parameters<FileSystem['open']>): ReturnType<FileSystem['open']> => {
    const file = await real.open(...args);
    const write = file.write.bind(file) as (
      bytes: Uint8Array,
      offset: number,
      length: number,
      position: number | null,
    ) => ReturnType<typeof file.write>;
    const limited: typeof write = (bytes, offset, length, position) => {
      const room = Math.min(length, disk.free);
      if (length > 0 && room <= 0) return Promise.reject(noSpace());
      disk.free -= room;
      return write(bytes, offset, room, position);
    };
    return Object.assign(file, { write: limited });
  };
  // What goes around the handle would go around the bound.
  const writeFile = vi.fn(async (path: string, content: string | Uint8Array): Promise<void> => {
    const file = await open(path, 'w');
    try {
      const bytes = Buffer.from(content);
      const { bytesWritten } = await file.write(bytes, 0, bytes.length, 0);
      if (bytesWritten < bytes.length) throw noSpace();
    } finally {
      await file.close();
    }
  }) as unknown as FileSystem['writeFile'];
  return { ...real, open, writeFile };
}

function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    syscall: 'write',
  });
}
