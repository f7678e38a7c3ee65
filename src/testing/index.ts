/** Checks for parts of your own: a `SpeakerStore` that is not the folder of files. */
export { speakerStoreContract, type ContractCase } from './speaker-store-contract.js';
export type { SpeakerStore } from '../speakers/store/speaker-store.js';
