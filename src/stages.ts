/** The stages that `identify()` joins, one by one: pure classes, and the RxJS operators over them. */
export * from './stream/index.js';
export * from './fbank/index.js';
export * from './native/index.js';
export * from './speakers/index.js';
export * from './scoring/index.js';
export * from './tracker/index.js';
