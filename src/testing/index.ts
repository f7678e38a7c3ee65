/** Checks for parts of your own: a `SpeakerStore` that is not the folder of files. */
export { speakerStoreContract, type ContractCase } from './speaker-store-contract.js';
export type { Adaptation, Profile } from '../speakers/profile.js';
export type { DamagedProfile } from '../speakers/store/store-contents.js';
export type { StoreWarning } from '../speakers/store/store-exposure.js';
export type * from '../speakers/store/speaker-store.js';
