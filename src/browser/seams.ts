/**
 * What the browser has in the place of modules that belong to Node: each with the exports that the rest uses. The compiler
 * compares them here; scripts/build-browser.mjs puts them in their places. Nothing runs.
 */
import type * as NodeOthersTurn from '../clustering/others-turn.js';
import type * as NodeBytesBeside from '../model/bytes-beside.js';
import type * as NodeSha256 from '../model/sha256.js';
import type * as NodeLoadAddon from '../native/load-addon.js';
import type * as NodeOnnxEngine from '../native/onnx/onnx-engine.js';
import type * as NodePretrained from '../native/pretrained.js';
import type * as NodeThreads from '../native/threads.js';
import type * as NodeSnapshotDocument from '../snapshot/document.js';
import type * as NodeSpeex from '../stream/speex.js';
import type * as BytesBeside from './platform/bytes-beside.js';
import type * as LoadAddon from './platform/load-addon.js';
import type * as OnnxEngine from './platform/onnx-engine.js';
import type * as OthersTurn from './platform/others-turn.js';
import type * as Pretrained from './platform/pretrained.js';
import type * as Sha256 from './platform/sha256.js';
import type * as SnapshotDocument from './platform/snapshot-document.js';
import type * as Speex from './platform/speex.js';
import type * as Threads from './platform/threads.js';

/** Fails to compile where `Browser` cannot stand in for `Node`. */
type StandsIn<Node, Browser extends Node> = Browser;

/** The engine that is made, as its users see it: without its private fields. */
type Creates<Create extends (...args: never) => Promise<object>> = (
  ...args: Parameters<Create>
) => Promise<Pick<Awaited<ReturnType<Create>>, keyof Awaited<ReturnType<Create>>>>;

export type Seams = [
  StandsIn<Pick<typeof NodeLoadAddon, 'loadAddon'>, typeof LoadAddon>,
  StandsIn<typeof NodeThreads, typeof Threads>,
  StandsIn<typeof NodePretrained, typeof Pretrained>,
  StandsIn<{ OnnxEngine: { create: Creates<typeof NodeOnnxEngine.OnnxEngine.create> } }, typeof OnnxEngine>,
  StandsIn<typeof NodeSha256, typeof Sha256>,
  StandsIn<typeof NodeBytesBeside, typeof BytesBeside>,
  StandsIn<typeof NodeOthersTurn, typeof OthersTurn>,
  StandsIn<typeof NodeSnapshotDocument, typeof SnapshotDocument>,
  StandsIn<typeof NodeSpeex, typeof Speex>,
];
