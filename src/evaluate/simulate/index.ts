export {
  simulate,
  type Conditions,
  type SimulatedConversation,
  type SimulateOptions,
  type Utterance,
} from './simulate.js';
export { wavBytes } from './wav.js';
export { Random } from '../../acoustics/random.js';
