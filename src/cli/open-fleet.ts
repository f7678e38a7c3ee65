import type { Fleet } from '../fleet/fleet.js';
import type { FleetSpeakerStore } from '../fleet/speakers/fleet-speaker-store.js';

const TRASH_MS = 7 * 24 * 3600 * 1000;

const open: Fleet[] = [];

/** The speakers of a fleet, of the group that its URL names. Rejects as `Fleet.open` does. */
export async function openFleetStore(url: string, keyFile: string | undefined): Promise<FleetSpeakerStore> {
  // NATS is loaded by whoever names a fleet alone.
  const { Fleet } = await import('../fleet/fleet.js');
  const { keySource } = await import('../speakers/store/key-source.js');
  const fleet = await Fleet.open(url);
  open.push(fleet);
  return fleet.speakers(fleet.connection.address.group, { keys: keySource({ keyFile }), trashMs: TRASH_MS });
}

/** Hang up, so that the program can end. */
export async function closeFleets(): Promise<void> {
  await Promise.all(open.splice(0).map((fleet) => fleet.close()));
}
