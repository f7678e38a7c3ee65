import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { fetchModelFile } from '../../src/browser/platform/fetch-model-file.js';

it('says with a code that the connection broke in the middle of a model', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half of it', () => response.destroy());
  });
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`;
  await expect(fetchModelFile(url)).rejects.toMatchObject({ code: 'model-download' });
});
