import { InvalidArgumentError } from 'commander';

/** An option that is a share, neither none nor all. */
export function share(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number > 0 && number < 1)) {
    throw new InvalidArgumentError('expected a share between 0 and 1, such as 0.05.');
  }
  return number;
}
