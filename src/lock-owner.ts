import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process that holds a lock. */
export interface LockOwner {
  readonly pid: number;
  /** When the process began, as its machine counts; two processes that had one number one after the other differ here. */
  readonly began: string;
  /** The same for all processes that see each other's numbers; empty where that cannot be told. */
  readonly machine: string;
  readonly host: string;
}

const NAME = /^[0-9a-f]{16}\.(?<pid>\d+)\.(?<began>\d*)\.(?<machine>[0-9a-f]*)\.(?<host>.*)$/;

/** A name for a file that says who this process is; no two are the same. */
export function newOwnerName(): string {
  const { pid } = process;
  const host = hostname().replace(/[^\w.-]/g, '_');
  return [randomBytes(8).toString('hex'), pid, beganOf(pid) ?? '', machineId(), host.slice(0, 100)].join('.');
}

export function ownerOf(name: string): LockOwner | undefined {
  const parts = NAME.exec(name)?.groups;
  if (parts === undefined) return undefined;
  return { pid: Number(parts.pid), began: parts.began!, machine: parts.machine!, host: parts.host! };
}

/** `unknown` of a process of another machine or container, and on systems that cannot tell (all but Linux). */
export function stateOf({ pid, began, machine }: LockOwner): 'alive' | 'gone' | 'unknown' {
  if (machine === '' || machine !== machineId()) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and is another user's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
  }
  const now = beganOf(pid);
  return now === undefined || now === began ? 'alive' : 'gone';
}

/** Field 22 of /proc/PID/stat; the second, the program's name, may hold blanks and brackets. */
function beganOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Which boot of which kernel, and which of its process namespaces: a container counts processes of its own. */
function machineId(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const namespace = readlinkSync('/proc/self/ns/pid');
    return createHash('sha256').update(`${boot} ${namespace} ${hostname()}`).digest('hex').slice(0, 16);
  } catch {
    return '';
  }
}
