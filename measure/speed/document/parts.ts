/** A program that measures one section of the document, and prints it. */
export interface Part {
  readonly title: string;
  readonly args: readonly string[];
  /** Added where `--quick` is given. */
  readonly quick?: readonly string[];
  /** On one core only, as far as the system lets us say so. */
  readonly isPinned?: true;
  /** Runs without AVX-512, and is left out where the processor cannot be made to deny it. */
  readonly isWithoutAvx512?: true;
}

/** In the order of the document. */
export function partsOf(audio: string): readonly Part[] {
  const chunk = (...args: string[]): string[] => ['measure/speed/chunk.ts', '--audio', audio, ...args];
  const streams = (...args: string[]): string[] => ['measure/speed/streams.ts', '--audio', audio, ...args];
  return [
    {
      title: 'ResNet34, one chunk, one thread',
      args: chunk('--record', 'resnet34'),
      quick: ['--repeats', '8'],
    },
    {
      title: 'ResNet34, one chunk, two threads',
      args: chunk('--threads', '2', '--repeats', '30', '--record', 'two threads'),
      quick: ['--repeats', '8'],
    },
    {
      title: 'ResNet34, one chunk, one thread, all runtimes without AVX-512 and AMX',
      args: chunk('--repeats', '20', '--record', 'no avx512'),
      quick: ['--repeats', '5'],
      isWithoutAvx512: true,
    },
    {
      title: 'The bundled model, one chunk, one thread',
      args: chunk('--model', 'models', '--repeats', '100', '--record', 'bundled'),
      quick: ['--repeats', '20'],
    },
    {
      title: 'Segmentation, one window of 10 s, one thread',
      args: ['measure/speed/segmentation.ts'],
      quick: ['--repeats', '8'],
    },
    {
      title: 'Segmentation, six windows at once, one thread',
      args: ['measure/speed/segmentation.ts', '--windows', '6', '--repeats', '12'],
      quick: ['--repeats', '4'],
    },
    { title: 'Loading', args: ['measure/speed/load.ts'] },
    {
      title: 'Live streams',
      args: streams('--record', 'streams resnet34'),
      quick: ['--rounds', '3', '--seconds', '3'],
      isPinned: true,
    },
    {
      title: 'Live streams, the bundled model',
      args: streams('--model', 'models', '--record', 'streams bundled'),
      quick: ['--rounds', '3', '--seconds', '3'],
      isPinned: true,
    },
    { title: 'Around the network', args: ['measure/speed/stages.ts'], quick: ['--rounds', '4'] },
    { title: 'What the time depends on', args: ['measure/speed/costs.ts'], quick: ['--repeats', '3'] },
    {
      title: 'Who of very many',
      args: ['measure/speed/speaker-index.ts'],
      quick: ['--sizes', '1000,100000'],
    },
    {
      title: 'The adaptive step',
      args: ['measure/speed/adaptive-step.ts', '--audio', audio],
      quick: ['--seconds', '60'],
    },
    { title: 'Accuracy in reduced precision', args: ['measure/speed/precision.ts', '--audio', audio] },
  ];
}
