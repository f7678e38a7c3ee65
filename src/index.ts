export * from './errors.js';
export * from './stream/index.js';
export * from './fbank/index.js';
export * from './model/index.js';
export * from './native/index.js';
export * from './tracker/index.js';
export * from './identify.js';
export * from './evaluate/index.js';
