// A program of its own: says what the mlx engine computes on, and whether it agrees with the cpu engine.
import { Engine } from '../../src/native/index.js';
import { cosine, randomArray, randomModel, randomSource, TINY } from '../../measure/random-model.js';

const features = randomArray(60 * 80, 2, randomSource(3));
const mlx = await Engine.create(randomModel(TINY), { engine: 'mlx' });
const cpu = await Engine.create(randomModel(TINY), { engine: 'cpu' });
console.log(mlx.device);
const [a, b] = [await mlx.embed(features, 60), await cpu.embed(features, 60)];
console.log(cosine(a, b) > 0.9999 ? 'same' : 'different');
