import { runProgram } from '../helpers.js';

/** Make a key and a certificate of its own for this machine, by OpenSSL, good for two days. */
export async function makeCertificate(certFile: string, keyFile: string): Promise<void> {
  const { code, stderr } = await runProgram('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  if (code !== 0) throw new Error(stderr);
}
