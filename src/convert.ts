/** Model files: find, download, read and write them. */
export * from './model/index.js';
