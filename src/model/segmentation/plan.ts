/**
 * pyannote/segmentation-3.0 (PyanNet of pyannote.audio): what its `state_dict` holds. Nothing in it varies: a network
 * of other sizes is another one, made for other classes.
 */
export const SEGMENTATION = {
  /** Of the first convolution: band-pass filters as cosines, then as sines. */
  filters: 80,
  filterTaps: 251,
  channels: 60,
  taps: 5,
  /** Of each direction of an LSTM layer. */
  units: 128,
  layers: 4,
  linear: 128,
  classes: 7,
} as const;

/** The two directions of an LSTM layer, as PyTorch ends their names. */
export const DIRECTIONS = ['', '_reverse'] as const;

/** Names (of pyannote's `state_dict`) and shapes of the canonical tensors, in order. */
export function segmentationShapes(): Map<string, readonly number[]> {
  const { filters, filterTaps, channels, taps, units, layers, linear, classes } = SEGMENTATION;
  const shapes = new Map<string, readonly number[]>();
  const add = (name: string, weight: readonly number[]): void => {
    shapes.set(`${name}.weight`, weight);
    shapes.set(`${name}.bias`, [weight[0]!]);
  };
  add('sincnet.wav_norm1d', [1]);
  shapes.set('sincnet.conv1d.0.filterbank.low_hz_', [filters / 2, 1]);
  shapes.set('sincnet.conv1d.0.filterbank.band_hz_', [filters / 2, 1]);
  shapes.set('sincnet.conv1d.0.filterbank.window_', [(filterTaps - 1) / 2]);
  add('sincnet.conv1d.1', [channels, filters, taps]);
  add('sincnet.conv1d.2', [channels, channels, taps]);
  add('sincnet.norm1d.0', [filters]);
  add('sincnet.norm1d.1', [channels]);
  add('sincnet.norm1d.2', [channels]);
  for (let layer = 0; layer < layers; layer++) {
    for (const direction of DIRECTIONS) {
      const end = `l${layer}${direction}`;
      shapes.set(`lstm.weight_ih_${end}`, [4 * units, layer === 0 ? channels : 2 * units]);
      shapes.set(`lstm.weight_hh_${end}`, [4 * units, units]);
      shapes.set(`lstm.bias_ih_${end}`, [4 * units]);
      shapes.set(`lstm.bias_hh_${end}`, [4 * units]);
    }
  }
  add('linear.0', [linear, 2 * units]);
  add('linear.1', [linear, linear]);
  add('classifier', [classes, linear]);
  return shapes;
}
