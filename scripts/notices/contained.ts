/** Code of others that a package carries in compiled form, of which its own licence file says nothing. */
export interface Component {
  readonly name: string;
  readonly licence: string;
  readonly copyright: string;
  readonly source: string;
  /** A file of texts/; or the package whose licence file is the same text. */
  readonly text: string;
}

const EMSCRIPTEN: Component = {
  name: 'Emscripten runtime and musl',
  licence: 'MIT',
  copyright:
    'Copyright (c) 2010-2014 Emscripten authors; Copyright (c) 2005-2020 Rich Felker and other musl authors',
  source: 'https://github.com/emscripten-core/emscripten',
  text: 'mit.txt',
};
const PUFF: Component = {
  name: 'puff',
  licence: 'Zlib',
  copyright: 'Copyright (C) 2002-2013 Mark Adler',
  source: 'https://github.com/madler/zlib',
  text: 'zlib.txt',
};
const OPUS: Component = {
  name: 'libopus',
  licence: 'BSD-3-Clause',
  copyright:
    'Copyright 2001-2023 Xiph.Org, Skype Limited, Octasic, Jean-Marc Valin, Timothy B. Terriberry, CSIRO, Gregory Maxwell, Mark Borgerding, Erik de Castro Lopo, Mozilla, Amazon',
  source: 'https://github.com/xiph/opus',
  text: 'opus.txt',
};

/** What is compiled into each package that holds WebAssembly or native code. One that is not here is refused. */
export const CONTAINED: Readonly<Record<string, readonly Component[]>> = {
  '@echogarden/speex-resampler-wasm': [EMSCRIPTEN],
  '@humansignal/audio-file-decoder': [
    {
      name: 'FFmpeg',
      licence: 'LGPL-2.1-or-later',
      copyright: 'Copyright (c) 2000 and later, the FFmpeg developers',
      source: 'https://github.com/humansignal/audio-file-decoder, https://ffmpeg.org',
      text: '@humansignal/audio-file-decoder',
    },
    EMSCRIPTEN,
  ],
  '@wasm-audio-decoders/common': [PUFF],
  '@wasm-audio-decoders/flac': [
    {
      name: 'libFLAC',
      licence: 'BSD-3-Clause',
      copyright: 'Copyright (C) 2000-2009 Josh Coalson; Copyright (C) 2011-2025 Xiph.Org Foundation',
      source: 'https://github.com/xiph/flac',
      text: 'xiph.txt',
    },
    EMSCRIPTEN,
  ],
  '@wasm-audio-decoders/ogg-vorbis': [
    {
      name: 'libvorbis',
      licence: 'BSD-3-Clause',
      copyright: 'Copyright (c) 2002-2020 Xiph.org Foundation; aoTuV: Copyright (c) 2003-2021 Aoyumi',
      source: 'https://github.com/xiph/vorbis',
      text: 'xiph.txt',
    },
    {
      name: 'libogg',
      licence: 'BSD-3-Clause',
      copyright: 'Copyright (c) 2002, Xiph.org Foundation',
      source: 'https://github.com/xiph/ogg',
      text: 'xiph.txt',
    },
    EMSCRIPTEN,
  ],
  '@wasm-audio-decoders/opus-ml': [OPUS, EMSCRIPTEN],
  'mpg123-decoder': [
    {
      name: 'mpg123',
      licence: 'LGPL-2.1-only',
      copyright: 'Copyright 1995 and later, the mpg123 project; initially written by Michael Hipp',
      source: 'https://github.com/eshaz/wasm-audio-decoders, https://www.mpg123.de',
      text: '@humansignal/audio-file-decoder',
    },
    EMSCRIPTEN,
  ],
  naudiodon: [
    {
      name: 'PortAudio',
      licence: 'MIT',
      copyright: 'Copyright (c) 1999-2011 Ross Bencina and Phil Burk',
      source: 'http://www.portaudio.com',
      text: 'mit.txt',
    },
  ],
  'ogg-opus-decoder': [OPUS, EMSCRIPTEN],
  'opus-decoder': [OPUS, EMSCRIPTEN],
  'segfault-handler': [
    {
      name: 'StackWalker',
      licence: 'BSD-3-Clause',
      copyright: 'Copyright (c) 2005-2013, Jochen Kalmbach',
      source: 'https://github.com/JochenKalmbach/StackWalker',
      text: 'stackwalker.txt',
    },
  ],
};

/** Weights that whospeaks itself carries in models/. */
export const MODELS: readonly Component[] = [
  {
    name: 'pyannote/segmentation-3.0 by Hervé Bredin, weights in models/segmentation, converted by sherpa-onnx',
    licence: 'MIT',
    copyright: 'Copyright (c) 2022 CNRS',
    source: 'https://huggingface.co/pyannote/segmentation-3.0',
    text: 'mit.txt',
  },
];

/** Who holds the copyright of packages that come without a licence file; their sources' first line says it. */
export const HOLDERS: Readonly<Record<string, string>> = {
  '@wasm-audio-decoders/common': 'Copyright 2021-2026 Ethan Halsall',
  '@wasm-audio-decoders/flac': 'Copyright 2021-2026 Ethan Halsall',
  '@wasm-audio-decoders/ogg-vorbis': 'Copyright 2021-2025 Ethan Halsall',
  '@wasm-audio-decoders/opus-ml': 'Copyright 2021-2026 Ethan Halsall',
  'mpg123-decoder': 'Copyright 2021-2025 Ethan Halsall',
  'ogg-opus-decoder': 'Copyright 2021-2026 Ethan Halsall',
  'opus-decoder': 'Copyright 2021-2026 Ethan Halsall',
};

/** Texts that a licence is an addition to. */
export const INCORPORATED: Readonly<Record<string, string>> = { 'LGPL-3.0-or-later': 'gpl-3.0.txt' };

/** Compiled into the addon: a development package to npm, and shipped. */
export const ADDON_HEADERS = 'node-addon-api';
