/** What client and server say to each other: docs/protocol.md in types. No dependency, for it is part of the browser's client. */
export * from './version.js';
export * from './close-codes.js';
export * from './audio-message.js';
export * from './words.js';
export type * from './client-messages.js';
export type * from './server-messages.js';
export type * from './http.js';
