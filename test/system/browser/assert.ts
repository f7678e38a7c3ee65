/** What the contract uses of `node:assert/strict`, for browsers. */
import { assert } from 'chai';

export default {
  ok: assert.isOk.bind(assert),
  equal: assert.strictEqual.bind(assert),
  deepEqual: assert.deepStrictEqual.bind(assert),
  async rejects(promise: Promise<unknown>, check: (error: unknown) => boolean): Promise<void> {
    const outcome = await promise.then(
      () => ({ isRejected: false, error: undefined }),
      (error: unknown) => ({ isRejected: true, error }),
    );
    assert.isOk(outcome.isRejected, 'expected a rejection');
    assert.isOk(check(outcome.error));
  },
};
