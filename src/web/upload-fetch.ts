/** `fetch` that tells how much of the body is sent, 0 to 1: the browser's own does not. The answer is read whole. */
export function uploadFetch(onSent: (share: number) => void): typeof fetch {
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const { method = 'GET', headers, body, signal } = init;
      const request = new XMLHttpRequest();
      request.open(method, input instanceof Request ? input.url : input);
      new Headers(headers).forEach((value, name) => {
        request.setRequestHeader(name, value);
      });
      request.responseType = 'blob';
      request.upload.onprogress = ({ loaded, total }) => {
        if (total > 0) onSent(loaded / total);
      };
      request.onload = () => {
        const { status } = request;
        const type = request.getResponseHeader('content-type');
        const answer = status === 204 ? null : (request.response as Blob);
        resolve(new Response(answer, { status, headers: type === null ? {} : { 'content-type': type } }));
      };
      request.onerror = () => {
        reject(new TypeError('the connection broke'));
      };
      request.onabort = () => {
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', () => {
        request.abort();
      });
      request.send(body as XMLHttpRequestBodyInit);
    });
}
